import { isIPv4 } from "node:net";
import { Variant } from "@dbus-codegen-ts/runtime";
import type { IPv4 } from "../policy/service.ts";

/**
 * Reads the value of IPv4.Configuration that a client sets. With the methods `dhcp` and `off`, addresses are ignored.
 *
 * @returns undefined if it is not a dictionary with a known method and, for `manual`, a valid address.
 */
export function readIPv4Configuration({ signature, value }: Variant): IPv4 | undefined {
  if (signature !== "a{sv}") return undefined;
  const method = textOf(value, "Method");
  if (method === "dhcp" || method === "off" || method === "auto") return { method };
  if (method !== "manual") return undefined;
  const [address, netmask, gateway] = ["Address", "Netmask", "Gateway"].map((name) => textOf(value, name));
  if (address === undefined || !isIPv4(address)) return undefined;
  if (netmask !== undefined && !isNetmask(netmask)) return undefined;
  // connmanctl sends an empty text for a missing gateway.
  if (gateway !== undefined && gateway !== "" && !isIPv4(gateway)) return undefined;
  return { method, address, ...(netmask !== undefined && { netmask }), ...(gateway ? { gateway } : {}) };
}

function textOf(dictionary: unknown, key: string): string | undefined {
  const value: unknown = Object.hasOwn(Object(dictionary), key) ? Reflect.get(Object(dictionary), key) : undefined;
  return value instanceof Variant && typeof value.value === "string" ? value.value : undefined;
}

/** Returns whether a text is a netmask: in binary, ones followed by zeros. */
function isNetmask(text: string): boolean {
  if (!isIPv4(text)) return false;
  const bits = text
    .split(".")
    .map((octet) => Number(octet).toString(2).padStart(8, "0"))
    .join("");
  return !bits.includes("01");
}
