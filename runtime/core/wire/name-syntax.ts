import { MAX_NAME_LENGTH } from "./limits.ts";

const MEMBER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const INTERFACE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/;
const WELL_KNOWN = /^[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+$/;
const UNIQUE = /^:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;
const PATH = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;

const short = (name: string): boolean => name.length <= MAX_NAME_LENGTH;

/** Whether a text is a method, signal or property name. */
export const isMemberName = (name: string): boolean => short(name) && MEMBER.test(name);

/** Whether a text is an interface name: two or more elements separated by dots. */
export const isInterfaceName = (name: string): boolean => short(name) && INTERFACE.test(name);

/** Whether a text is an error name; the grammar is that of interface names. */
export const isErrorName = (name: string): boolean => isInterfaceName(name);

/** Whether a text is a unique (`:1.7`) or well-known (`net.connman`) bus name. */
export const isBusName = (name: string): boolean => short(name) && (WELL_KNOWN.test(name) || UNIQUE.test(name));

/** Whether a text is an object path. */
export const isObjectPath = (path: string): boolean => PATH.test(path);
