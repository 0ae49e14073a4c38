import type { Difference } from "./compare.ts";

/** A difference from ConnMan that stays, with the reason. */
export interface KnownDifference {
  readonly title: string;
  readonly reason: string;
  readonly matches: (difference: Difference) => boolean;
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    title: "Properties.GetAll on a session",
    reason:
      "ConnMan's sessions have no interface org.freedesktop.DBus.Properties. The runtime serves the standard interfaces on " +
      "every object; without properties, the reply is empty.",
    matches: ({ expected = "", actual = "" }) => expected.startsWith("GetAll: ") || actual.startsWith("GetAll: "),
  },
  {
    title: "IPv4 or IPv6 of a service that has just been assigned",
    reason:
      "ConnMan changes the addresses of one IP family without an event while the other one is connected. The recorder sees " +
      "that at its next probe only, so that the replayed network changes them later.",
    matches: ({ expected, actual }) =>
      expected !== undefined && actual !== undefined && withoutAddresses(expected) === withoutAddresses(actual),
  },
];

function withoutAddresses(text: string): string {
  return text.replaceAll(/IPv[46]: a\{sv\} \{[^{}]*\}/g, "IP");
}
