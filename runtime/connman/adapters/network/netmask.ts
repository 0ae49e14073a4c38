/** Returns the netmask of a prefix length in dotted notation. */
export function netmaskOf(prefixLength: number): string {
  const octets = [0, 8, 16, 24].map((start) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefixLength - start))));
  return octets.join(".");
}

/** Returns the prefix length of a netmask in dotted notation; undefined if it is not a netmask. */
export function prefixLengthOf(netmask: string): number | undefined {
  const lengths = Array.from({ length: 33 }, (_, length) => length);
  return lengths.find((length) => netmaskOf(length) === netmask);
}
