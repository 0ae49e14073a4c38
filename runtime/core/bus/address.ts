import { isAbsolute, join } from "node:path";
import { quoted } from "../wire/errors.ts";

/** A server address of a bus: a Unix socket, a TCP host and port, or a program. */
export type Address = UnixAddress | TcpAddress | ProgramAddress;

interface UnixAddress {
  readonly kind: "unix";
  /** Path of the socket; an abstract name begins with NUL. */
  readonly path: string;
  /** Id that the server must have; any id if absent. */
  readonly guid?: string;
}

interface TcpAddress {
  readonly kind: "tcp";
  /** Name or IP address. */
  readonly host: string;
  readonly port: number;
  /** IP version; any by default. */
  readonly family?: 4 | 6;
  /** Id that the server must have; any id if absent. */
  readonly guid?: string;
}

interface ProgramAddress {
  readonly kind: "unixexec";
  /** The program to start. The program passes messages between the bus and its standard input and output. */
  readonly command: ProgramCommand;
  /** Id that the server must have; any id if absent. */
  readonly guid?: string;
}

/** A program with its arguments. */
export interface ProgramCommand {
  /** Path, or name in the search path. */
  readonly path: string;
  /** Name that the program sees as its own; the path by default. */
  readonly argv0?: string;
  readonly args: readonly string[];
}

/** The entries of a list of server addresses. */
export interface AddressList {
  /** Addresses to which this runtime can connect, in the order in which to try them. */
  readonly addresses: readonly Address[];
  /** For each entry that cannot be used: a text with the reason. */
  readonly problems: readonly string[];
}

const SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket";
const ESCAPE = /(%[0-9A-Fa-f]{2})/g;
const GUID = /^[0-9a-f]{32}$/i;
const FAMILIES: ReadonlyMap<string | undefined, 4 | 6> = new Map([
  ["ipv4", 4],
  ["ipv6", 6],
]);
/** Keys of the transport `unix` that state the place of the socket. An address must have exactly one of them. */
const PLACES = ["path", "abstract", "runtime", "dir", "tmpdir"] as const;
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/** The reason why an entry of an address list cannot be used. */
class AddressError extends Error {}

/**
 * Returns the server addresses of a bus: those of the session or system bus from the environment, or `bus` itself.
 *
 * @throws Error if the session bus is requested and the environment does not contain its address.
 */
export function busAddress(bus: string, environment: NodeJS.ProcessEnv): string {
  if (bus === "system") return environment["DBUS_SYSTEM_BUS_ADDRESS"] || SYSTEM_BUS;
  if (bus !== "session") return bus;
  const address = environment["DBUS_SESSION_BUS_ADDRESS"];
  if (address) return address;
  if (environment["XDG_RUNTIME_DIR"]) return "unix:runtime=yes";
  throw new Error("there is no session bus: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
}

/**
 * Parses a list of server addresses (D-Bus specification, "Server Addresses"). An entry that is malformed or has another
 * transport than `unix`, `tcp` and `unixexec` is a problem and does not affect the others.
 */
export function parseAddresses(text: string, environment: NodeJS.ProcessEnv = process.env): AddressList {
  const addresses: Address[] = [];
  const problems: string[] = [];
  for (const entry of text.split(";").filter((part) => part !== "")) {
    try {
      addresses.push(parseAddress(entry, environment));
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      problems.push(`bus address ${quoted(entry)} ${error.message}`);
    }
  }
  if (addresses.length + problems.length === 0) problems.push("the bus address is empty");
  return { addresses, problems };
}

function parseAddress(text: string, environment: NodeJS.ProcessEnv): Address {
  const colon = text.indexOf(":");
  const transport = text.slice(0, Math.max(colon, 0));
  if (transport === "autolaunch") throw new AddressError("starts a bus, which this runtime does not support");
  const keys = parseKeys(text.slice(colon + 1));
  if (transport === "unix") return { kind: "unix", path: socketPath(keys, environment), ...guidOf(keys) };
  if (transport === "unixexec") return { kind: "unixexec", command: commandOf(keys), ...guidOf(keys) };
  if (transport !== "tcp") throw new AddressError("has a transport other than unix, tcp and unixexec");
  const port = Number(keys.get("port"));
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) throw new AddressError("has no valid port");
  return { kind: "tcp", host: keys.get("host") ?? "localhost", port, ...familyOf(keys), ...guidOf(keys) };
}

type Keys = ReadonlyMap<string, string>;

function socketPath(keys: Keys, environment: NodeJS.ProcessEnv): string {
  const [place, ...others] = PLACES.filter((key) => keys.has(key));
  if (place === undefined) throw new AddressError("has neither path nor abstract nor runtime");
  if (others.length > 0) throw new AddressError(`has both ${place} and ${others[0]}`);
  const value = keys.get(place) ?? "";
  if (place === "dir" || place === "tmpdir") {
    throw new AddressError(`has ${place}, which is for servers: a client needs path, abstract or runtime`);
  }
  if (place === "path" && value !== "") return value;
  if (place === "abstract" && value !== "") return `\0${value}`;
  if (place !== "runtime") throw new AddressError(`has an empty ${place}`);
  if (value !== "yes") throw new AddressError(`has a runtime other than yes`);
  const folder = environment["XDG_RUNTIME_DIR"] ?? "";
  if (!isAbsolute(folder)) throw new AddressError("needs XDG_RUNTIME_DIR, which is not set to an absolute path");
  return join(folder, "bus");
}

function commandOf(keys: Keys): ProgramCommand {
  const path = keys.get("path");
  if (!path) throw new AddressError("has no path");
  const args: string[] = [];
  for (let arg = keys.get("argv1"); arg !== undefined; arg = keys.get(`argv${args.length + 1}`)) args.push(arg);
  const argv0 = keys.get("argv0");
  return { path, args, ...(argv0 !== undefined && { argv0 }) };
}

function guidOf(keys: Keys): { readonly guid?: string } {
  const guid = keys.get("guid");
  if (guid === undefined) return {};
  if (!GUID.test(guid)) throw new AddressError("has a guid that is not 32 hexadecimal digits");
  return { guid: guid.toLowerCase() };
}

function familyOf(keys: Keys): { readonly family?: 4 | 6 } {
  if (!keys.has("family")) return {};
  const family = FAMILIES.get(keys.get("family"));
  if (family === undefined) throw new AddressError("has a family other than ipv4 and ipv6");
  return { family };
}

function parseKeys(text: string): Keys {
  const keys = new Map<string, string>();
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new AddressError("is not of the form transport:key=value,…");
    const key = pair.slice(0, equals);
    if (keys.has(key)) throw new AddressError(`has the key ${quoted(key)} twice`);
    keys.set(key, decodeEscapes(pair.slice(equals + 1)));
  }
  return keys;
}

/** Returns a value in which all bytes that need an escape have one. */
export function escapeValue(value: string): string {
  const bytes = Buffer.from(value).toString("latin1");
  return bytes.replace(/[^-0-9A-Za-z_/.*]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Returns a value in which each escape is replaced by the byte that it encodes. */
function decodeEscapes(value: string): string {
  // A split by a pattern with a group returns the escapes at odd indexes.
  const parts = value.split(ESCAPE);
  const bytes = parts.map((part, index) => {
    if (index % 2 === 1) return Buffer.from(part.slice(1), "hex");
    if (part.includes("%")) throw new AddressError("has a bad escape");
    return Buffer.from(part);
  });
  const decoded = decodeUtf8(Buffer.concat(bytes));
  if (decoded === undefined || decoded.includes("\0"))
    throw new AddressError("has a value that is not UTF-8 or contains NUL");
  return decoded;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
