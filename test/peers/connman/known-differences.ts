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
    title: "an Update without AllowedBearers after a change of it",
    reason:
      "ConnMan compares the address of the new list with that of the old one, which it has freed. If the new list gets the " +
      "same memory, about once in 25 changes, nothing is reported. Ours always reports the change.",
    matches: ({ expected, actual = "" }) =>
      withoutBearers(actual) === (expected ?? "Update a{sv} {}") && actual !== expected,
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

function withoutBearers(text: string): string {
  return text.replace(/(, | )AllowedBearers: as \[[^\]]*\]/, "").replace("{ }", "{}");
}

function withoutAddresses(text: string): string {
  return text.replaceAll(/IPv[46]: a\{sv\} \{[^{}]*\}/g, "IP");
}
