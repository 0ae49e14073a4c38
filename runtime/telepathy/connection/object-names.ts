import { createHash } from "node:crypto";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { escapeIdentifier } from "./escape-identifier.ts";

/** What names of connections begin with. */
const CONNECTION_PREFIX = "im.telepathy1.Connection.";
/** What names of connection managers begin with. */
export const MANAGER_PREFIX = "im.telepathy1.ConnectionManager.";

const CONNECTION_PATH = /^\/im\/telepathy1\/Connection\/([^/]+)\/([^/]+)\/([A-Za-z_][A-Za-z0-9_]*)$/;

/** The longest bus name. */
const MAX_NAME = 255;
const HASH_LENGTH = 8;

/** Where an object is: a path, and the well-known name that goes with it. */
export interface Place {
  readonly destination: string;
  readonly path: string;
}

/** The parts of a connection's path. */
export interface ConnectionName {
  /** Name of the connection manager. */
  readonly manager: string;
  readonly protocol: string;
  /** An identifier without meaning. */
  readonly account: string;
}

/** Whether a text can name a connection manager: ASCII letters, digits and underscores, beginning with a letter. */
export function isManagerName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(text) && MANAGER_PREFIX.length + text.length <= MAX_NAME;
}

/** Whether a text can name a protocol: ASCII letters, digits and hyphens, beginning with a letter. */
export function isProtocolName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

/** The bus name that belongs to an object path. */
export function nameOfPath(path: string): string {
  return path.slice(1).replaceAll("/", ".");
}

/** The object path that belongs to a bus name. */
export function pathOfName(name: string): string {
  return `/${name.replaceAll(".", "/")}`;
}

/** Where a connection manager is. Throws InvalidArgumentError when the name is none. */
export function managerPlace(manager: string): Place {
  if (!isManagerName(manager)) {
    throw new InvalidArgumentError(`${JSON.stringify(manager)} is not the name of a connection manager`);
  }
  const destination = `${MANAGER_PREFIX}${manager}`;
  return { destination, path: pathOfName(destination) };
}

/** Where a connection manager has a protocol's object. Throws InvalidArgumentError when a name is none. */
export function protocolPlace(manager: string, protocol: string): Place {
  const { destination, path } = managerPlace(manager);
  return { destination, path: `${path}/${protocolElement(protocol)}` };
}

/**
 * Where a connection is. An account that would make the name too long is cut off and told apart by a hash.
 *
 * @param account - Any text that tells the accounts of the protocol apart.
 * @throws InvalidArgumentError when the manager or protocol is not a name, or there is no room for an account.
 */
export function connectionPlace({ manager, protocol, account }: ConnectionName): Place {
  managerPlace(manager);
  const prefix = `${CONNECTION_PREFIX}${manager}.${protocolElement(protocol)}.`;
  const room = MAX_NAME - prefix.length;
  if (room <= HASH_LENGTH + 1) throw new InvalidArgumentError("the names of manager and protocol are too long");
  const destination = prefix + shortened(escapeIdentifier(account), room);
  return { destination, path: pathOfName(destination) };
}

/** The parts of a connection's object path; undefined where it is none. */
export function parseConnectionPath(path: string): ConnectionName | undefined {
  const [, manager = "", element = "", account = ""] = CONNECTION_PATH.exec(path) ?? [];
  const protocol = element.replaceAll("_", "-");
  return isManagerName(manager) && isProtocolName(protocol) ? { manager, protocol, account } : undefined;
}

/** A protocol's name as part of a path or bus name. */
function protocolElement(protocol: string): string {
  if (isProtocolName(protocol)) return protocol.replaceAll("-", "_");
  throw new InvalidArgumentError(`${JSON.stringify(protocol)} is not the name of a protocol`);
}

function shortened(account: string, room: number): string {
  if (account.length <= room) return account;
  const hash = createHash("sha256").update(account).digest("hex").slice(0, HASH_LENGTH);
  return `${account.slice(0, room - HASH_LENGTH - 1)}_${hash}`;
}
