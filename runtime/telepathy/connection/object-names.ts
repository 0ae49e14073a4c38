import type { Target } from "@dbus-codegen-ts/runtime";
import { MAX_NAME_LENGTH } from "@dbus-codegen-ts/runtime/grammar";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { CANONICAL_ROOT, type Root } from "../dialects/dialect.ts";
import { escapeIdentifier } from "./escape-identifier.ts";

/** All roots, the canonical one first. */
export const ROOTS: readonly Root[] = [CANONICAL_ROOT, "org.freedesktop.Telepathy"];

const CONNECTION_PATH =
  /^\/(?:im\/telepathy1|org\/freedesktop\/Telepathy)\/Connection\/([^/]+)\/([^/]+)\/([A-Za-z_][A-Za-z0-9_]*)$/;

/** Number of UTF-16 code units of an invalid name that an error message contains. */
const MAX_REPORTED_LENGTH = 64;
/** Number of hexadecimal digits of the hash at the end of a truncated account name. */
const HASH_LENGTH = 8;

/** The three variable parts of a connection's object path (Telepathy specification, Connection). */
export interface ConnectionNameParts {
  /** Name of the connection manager, such as `gabble`. */
  readonly manager: string;
  /** Name of the protocol, such as `local-xmpp`. */
  readonly protocol: string;
  /** Text that is unique among the accounts of the protocol. In a parsed path, it is still escaped. */
  readonly account: string;
}

/**
 * Returns whether a text is a valid name of a connection manager: ASCII letters, digits and underscores, starting with
 * a letter (Telepathy specification, Connection_Manager_Name).
 */
export function isManagerName(text: string): boolean {
  const longest = Math.max(...ROOTS.map((root) => managerPrefix(root).length));
  return /^[A-Za-z][A-Za-z0-9_]*$/.test(text) && longest + text.length <= MAX_NAME_LENGTH;
}

/** Returns the prefix of the bus names of connection managers under a root. */
export function managerPrefix(root: Root): string {
  return `${root}.ConnectionManager.`;
}

/** Returns the root of an object path of Telepathy; undefined for other paths. */
export function rootOfPath(path: string): Root | undefined {
  return ROOTS.find((root) => path.startsWith(`${busNameToPath(root)}/`));
}

/**
 * Converts an object path of Telepathy to the path of the same object under another root. Other paths are returned
 * unchanged.
 */
export function pathIn(root: Root, path: string): string {
  const current = rootOfPath(path);
  return current === undefined ? path : busNameToPath(root) + path.slice(busNameToPath(current).length);
}

/**
 * Returns whether a text is a valid name of a protocol: ASCII letters, digits and hyphens, starting with a letter
 * (Telepathy specification, Protocol_Name).
 */
export function isProtocolName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(text);
}

/** Converts an object path to the corresponding bus name. */
export function pathToBusName(path: string): string {
  return path.slice(1).replaceAll("/", ".");
}

/** Converts a bus name to the corresponding object path. */
export function busNameToPath(name: string): string {
  return `/${name.replaceAll(".", "/")}`;
}

/**
 * Returns the bus name and object path of a connection manager.
 *
 * @throws InvalidArgumentError if the name is invalid.
 */
export function managerTarget(manager: string, root: Root = CANONICAL_ROOT): Target {
  if (!isManagerName(manager)) {
    throw new InvalidArgumentError(
      `${JSON.stringify(manager.slice(0, MAX_REPORTED_LENGTH))} is not the name of a connection manager`,
    );
  }
  const destination = `${managerPrefix(root)}${manager}`;
  return { destination, path: busNameToPath(destination) };
}

/**
 * Returns the bus name and object path of a Protocol object. A connection manager serves such an object for each of
 * its protocols.
 *
 * @throws InvalidArgumentError if a name is invalid.
 */
export function protocolTarget(manager: string, protocol: string, root: Root = CANONICAL_ROOT): Target {
  const { destination, path } = managerTarget(manager, root);
  return { destination, path: `${path}/${protocolPathElement(protocol)}` };
}

/**
 * Returns the bus name and object path of a connection. If the bus name would be too long, the account is truncated
 * and a hash is appended.
 *
 * @param parts.suffix - Letters, digits and underscores that distinguish several connections of the account.
 * @throws InvalidArgumentError if the name of the manager or protocol is invalid, or they leave too few characters
 * for the account.
 */
export function connectionTarget(
  { manager, protocol, account, suffix = "" }: ConnectionNameParts & { readonly suffix?: string },
  root: Root = CANONICAL_ROOT,
): Target {
  managerTarget(manager, root);
  const prefix = `${root}.Connection.${manager}.${protocolPathElement(protocol)}.`;
  const maxLength = MAX_NAME_LENGTH - prefix.length;
  if (maxLength <= HASH_LENGTH + 1) throw new InvalidArgumentError("the names of manager and protocol are too long");
  const destination = prefix + truncateWithHash(escapeIdentifier(account), maxLength - suffix.length) + suffix;
  return { destination, path: busNameToPath(destination) };
}

/** Parses the object path of a connection. Returns undefined if the path is invalid. */
export function parseConnectionPath(path: string): ConnectionNameParts | undefined {
  const [, manager = "", element = "", account = ""] = CONNECTION_PATH.exec(path) ?? [];
  const protocol = element.replaceAll("_", "-");
  return isManagerName(manager) && isProtocolName(protocol) ? { manager, protocol, account } : undefined;
}

/** Converts the name of a protocol to an element of object paths and bus names, in which hyphens are not allowed. */
function protocolPathElement(protocol: string): string {
  if (isProtocolName(protocol)) return protocol.replaceAll("-", "_");
  throw new InvalidArgumentError(
    `${JSON.stringify(protocol.slice(0, MAX_REPORTED_LENGTH))} is not the name of a protocol`,
  );
}

function truncateWithHash(account: string, maxLength: number): string {
  if (account.length <= maxLength) return account;
  // Loading this module takes much of the time of a start, and few names are that long.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const hash = createHash("sha256").update(account).digest("hex").slice(0, HASH_LENGTH);
  return `${account.slice(0, maxLength - HASH_LENGTH - 1)}_${hash}`;
}
