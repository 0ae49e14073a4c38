/** The output of `ip` does not have the format of `ip -json` of iproute2. */
export class IpOutputError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "IpOutputError";
  }
}

/** An address of an interface. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefixLength: number;
  /** Scope of the address: `global`, `link`, `host` or another. */
  readonly scope: string;
  /** Whether the address has a lifetime, as those of DHCP and router advertisements have. */
  readonly dynamic: boolean;
  /** Whether duplicate address detection has succeeded or was not necessary. */
  readonly usable: boolean;
  /** Whether new connections should use another address of the interface. */
  readonly deprecated: boolean;
  /** Whether this is a temporary address for privacy (RFC 8981). */
  readonly temporary: boolean;
}

/** A network interface with its addresses. */
export interface IpLink {
  readonly index: number;
  readonly name: string;
  /** Flags, such as `UP` (switched on) and `LOWER_UP` (carrier present). */
  readonly flags: readonly string[];
  /** Operational state (RFC 2863): `UP`, `DOWN`, `DORMANT` and others. */
  readonly operState: string;
  /** Type of hardware: `ether`, `loopback`, `ppp` and others. */
  readonly linkType: string;
  /** Permanent hardware address if known, otherwise the present one; empty without a hardware address. */
  readonly hardwareAddress: string;
  /** Type of a virtual interface, such as `veth`; undefined for hardware. */
  readonly kind: string | undefined;
  /** Name of the bridge or bond that the interface belongs to. */
  readonly master: string | undefined;
  /** Group of interfaces: `default`, another name or a number. */
  readonly group: string;
  /** Largest size of a packet in bytes. */
  readonly mtuBytes: number;
  readonly addresses: readonly IpAddress[];
}

/** A route over one interface. */
export interface IpRoute {
  readonly family: 4 | 6;
  /** Destination: `default`, an address or a prefix such as `192.0.2.0/24`. */
  readonly destination: string;
  readonly interface: string;
  readonly gateway: string | undefined;
  readonly metric: number;
  /** Origin: `kernel`, `dhcp`, `static` and others. */
  readonly protocol: string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Parses the output of `ip -json -details address show`. Throws IpOutputError. */
export function parseLinks(output: string): readonly IpLink[] {
  return objectsOf(parseJson(output)).map((link) => ({
    index: number(link, "ifindex"),
    name: text(link, "ifname"),
    flags: list(link, "flags").map(String),
    operState: text(link, "operstate"),
    linkType: text(link, "link_type"),
    hardwareAddress: optionalText(link, "permaddr") ?? optionalText(link, "address") ?? "",
    kind: isObject(link["linkinfo"]) ? optionalText(link["linkinfo"], "info_kind") : undefined,
    master: optionalText(link, "master"),
    group: optionalText(link, "group") ?? "default",
    mtuBytes: number(link, "mtu"),
    addresses: objectsOf(list(link, "addr_info")).flatMap(address),
  }));
}

/**
 * Parses the output of `ip -json -4 route show` or `-6`. Returns one route per interface of a multipath route.
 *
 * @throws IpOutputError
 */
export function parseRoutes(output: string, family: 4 | 6): readonly IpRoute[] {
  return objectsOf(parseJson(output)).flatMap((route) => {
    const hops = route["nexthops"] === undefined ? [route] : objectsOf(list(route, "nexthops"));
    return hops
      .filter((hop) => hop["dev"] !== undefined)
      .map((hop) => ({
        family,
        destination: text(route, "dst"),
        interface: text(hop, "dev"),
        gateway: optionalText(hop, "gateway"),
        metric: route["metric"] === undefined ? 0 : number(route, "metric"),
        protocol: optionalText(route, "protocol"),
      }));
  });
}

/**
 * Parses the output of `ip -json route get`. Returns the name of the interface of the route; undefined if there is no
 * route.
 */
export function parseRouteInterface(output: string): string | undefined {
  const [route] = objectsOf(parseJson(output));
  return route && optionalText(route, "dev");
}

/**
 * Parses the output of `ip -json -stats link show`. Returns the sum of received and sent packets by interface name.
 * Throws IpOutputError.
 */
export function parsePackets(output: string): ReadonlyMap<string, number> {
  return new Map(
    objectsOf(parseJson(output)).map((link) => {
      const stats = object(link, "stats64");
      return [text(link, "ifname"), number(object(stats, "rx"), "packets") + number(object(stats, "tx"), "packets")];
    }),
  );
}

function address(entry: JsonObject): IpAddress[] {
  const family = text(entry, "family");
  if (family !== "inet" && family !== "inet6") return [];
  return [
    {
      family: family === "inet" ? 4 : 6,
      address: text(entry, "local"),
      prefixLength: number(entry, "prefixlen"),
      scope: text(entry, "scope"),
      dynamic: entry["dynamic"] === true,
      usable: entry["tentative"] !== true && entry["dadfailed"] !== true,
      deprecated: entry["deprecated"] === true,
      temporary: entry["temporary"] === true,
    },
  ];
}

function parseJson(output: string): unknown {
  // Without results, some releases of iproute2 print nothing.
  if (output.trim() === "") return [];
  try {
    return JSON.parse(output);
  } catch (cause) {
    throw new IpOutputError("ip did not print JSON", { cause });
  }
}

/** Returns the objects of a list. Skips the empty objects that `ip` prints for entries that a filter excludes. */
function objectsOf(value: unknown): JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new IpOutputError("ip did not print a list of objects");
  return value.filter((entry) => Object.keys(entry).length > 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(from: JsonObject, key: string): JsonObject {
  const value = from[key];
  return isObject(value) ? value : fail(key, "an object");
}

function list(from: JsonObject, key: string): readonly unknown[] {
  const value = from[key];
  return Array.isArray(value) ? value : fail(key, "a list");
}

function text(from: JsonObject, key: string): string {
  return optionalText(from, key) ?? fail(key, "a text");
}

function optionalText(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return value === undefined || typeof value === "string" ? value : fail(key, "a text");
}

function number(from: JsonObject, key: string): number {
  const value = from[key];
  return typeof value === "number" ? value : fail(key, "a number");
}

function fail(key: string, expected: string): never {
  throw new IpOutputError(`ip printed no "${key}" that is ${expected}`);
}
