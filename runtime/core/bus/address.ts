/** A server address of a bus: a Unix socket or a TCP host and port. */
export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

const SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket";
const ESCAPE = /%([0-9A-Fa-f]{2})/g;

/**
 * Returns the server addresses of a bus: those of the session or system bus from the environment, or `bus` itself.
 *
 * @throws Error if the session bus is requested and the environment does not contain its address.
 */
export function busAddress(bus: string, environment: NodeJS.ProcessEnv): string {
  if (bus === "system") return environment["DBUS_SYSTEM_BUS_ADDRESS"] || SYSTEM_BUS;
  if (bus !== "session") return bus;
  const address = environment["DBUS_SESSION_BUS_ADDRESS"];
  if (!address) throw new Error("there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set");
  return address;
}

/**
 * Parses a list of server addresses (D-Bus specification, "Server Addresses"), in the order in which to try them.
 *
 * @throws Error that names an address that is invalid or has a transport other than `unix` and `tcp`.
 */
export function parseAddresses(text: string): readonly Address[] {
  const addresses = text
    .split(";")
    .filter((part) => part !== "")
    .map(parseAddress);
  if (addresses.length === 0) throw new Error("the bus address is empty");
  return addresses;
}

function parseAddress(text: string): Address {
  const colon = text.indexOf(":");
  const transport = text.slice(0, Math.max(colon, 0));
  const keys = parseKeys(text, text.slice(colon + 1));
  if (transport === "unix") {
    const abstract = keys.get("abstract");
    const path = keys.get("path") ?? (abstract === undefined ? undefined : `\0${abstract}`);
    if (path === undefined) throw new Error(`bus address "${text}" has neither path nor abstract`);
    return { kind: "unix", path };
  }
  if (transport === "tcp") {
    const port = Number(keys.get("port"));
    if (!Number.isInteger(port) || port < 1 || port > 0xffff)
      throw new Error(`bus address "${text}" has no valid port`);
    return { kind: "tcp", host: keys.get("host") ?? "localhost", port };
  }
  throw new Error(
    `bus address "${text}" is not one this runtime can connect to: unix:path=…, unix:abstract=… or tcp:host=…,port=…`,
  );
}

function parseKeys(address: string, text: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const pair of text.split(",")) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new Error(`bus address "${address}" is not of the form transport:key=value,…`);
    keys.set(pair.slice(0, equals), decodeEscapes(address, pair.slice(equals + 1)));
  }
  return keys;
}

function decodeEscapes(address: string, value: string): string {
  const bytes = Buffer.from(
    value.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
  if (value.replace(ESCAPE, "").includes("%")) throw new Error(`bus address "${address}" has a bad escape`);
  return bytes.toString("utf8");
}
