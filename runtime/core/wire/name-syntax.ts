import { MAX_NAME_LENGTH } from "./limits.ts";

const MEMBER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const INTERFACE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/;
const WELL_KNOWN = /^[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+$/;
const UNIQUE = /^:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;
const PATH = /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/;

const isShort = (name: string): boolean => name.length <= MAX_NAME_LENGTH;

/** Returns whether a text is a method, signal or property name. */
export const isMemberName = (name: string): boolean => isShort(name) && MEMBER.test(name);

/** Returns whether a text is an interface name: two or more elements separated by dots. */
export const isInterfaceName = (name: string): boolean => isShort(name) && INTERFACE.test(name);

/** Returns whether a text is an error name, which has the grammar of an interface name. */
export const isErrorName = (name: string): boolean => isInterfaceName(name);

/** Returns whether a text is a unique (`:1.7`) or well-known (`net.connman`) bus name. */
export const isBusName = (name: string): boolean => isShort(name) && (WELL_KNOWN.test(name) || UNIQUE.test(name));

/** Returns whether a text is an object path. */
export const isObjectPath = (path: string): boolean => PATH.test(path);
