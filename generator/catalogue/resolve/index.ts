import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { AddressFamily } from "./generated/org.freedesktop.resolve1.Manager.ts";

/** Bus name and object path of systemd-resolved. */
export const RESOLVER = { destination: "org.freedesktop.resolve1", path: "/org/freedesktop/resolve1" } as const;

/** An address in the form of the resolver's methods. */
export interface RawAddress {
  /** Kind of the address. */
  readonly family: AddressFamily;
  /** The bytes of the address: 4 or 16. */
  readonly address: Uint8Array;
}

/** Number of bytes of an IPv6 address. */
const IPV6_BYTES = 16;

/**
 * Returns an address as text, such as `192.0.2.1` or `2001:db8::1`.
 *
 * @param address - 4 or 16 bytes.
 * @throws RangeError if the address has another length.
 */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  if (address.length !== IPV6_BYTES) throw new RangeError(`an address has 4 or 16 bytes, not ${address.length}`);
  const view = new DataView(address.buffer, address.byteOffset, IPV6_BYTES);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(2 * index).toString(16));
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

/**
 * Parses an IPv4 or IPv6 address: `link.setDNS([parseAddress("192.0.2.1")])`.
 *
 * @param text - An address without port and interface.
 * @throws TypeError if the text is not an address.
 */
export function parseAddress(text: string): RawAddress {
  if (isIPv4(text)) return { family: AddressFamily.IPv4, address: Uint8Array.from(text.split("."), Number) };
  if (!isIPv6(text) || text.includes("%")) throw new TypeError(`not an IP address: ${text}`);
  // The URL standard defines a normal form, in which only :: is abbreviated.
  const normal = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [before = [], after = []] = normal.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const missing = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const groups = [...before, ...missing, ...after].map((group) => Number.parseInt(group, 16));
  const bytes = groups.flatMap((group) => [group >> 8, group & 0xff]);
  return { family: AddressFamily.IPv6, address: Uint8Array.from(bytes) };
}
