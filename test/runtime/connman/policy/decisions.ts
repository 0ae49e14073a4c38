import { DIALECTS, type Dialect, type DialectName } from "@dbus-codegen-ts/connman";
import { DBusError } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";

/** A field of a dialect with its observable results in session-2017, session-2011 and connman-1.41. */
export interface Decision {
  readonly when: string;
  /** Returns the observed result. */
  readonly observe: (dialect: Dialect) => unknown;
  readonly results: readonly [session2017: unknown, session2011: unknown, connman141: unknown];
}

const NAMES: readonly DialectName[] = ["session-2017", "session-2011", "connman-1.41"];

/** Fields whose results are observable only on a bus. */
export type BusField = "callers" | "lastUpdate" | "refusals";

/** Tests decisions by the field of the dialect. */
export function testDecisions(decisions: Readonly<Record<string, Decision>>): void {
  describe.each(Object.entries(decisions))("%s", (_field, { when, observe, results }) => {
    test.each(NAMES.map((name, index) => ({ name, expected: results[index] })))(
      `$name: ${when}: $expected`,
      async ({ name, expected }) => {
        expect(await outcome(() => observe(DIALECTS[name]))).toEqual(expected);
      },
    );
  });
}

/** Error of a session that a dialect refuses. */
export class Refused extends Error {}

/** Returns the result of a function: "refused" for `Refused`, and the name of an error of D-Bus. */
export async function outcome(observe: () => unknown): Promise<unknown> {
  try {
    return await observe();
  } catch (error) {
    if (error instanceof Refused) return "refused";
    if (error instanceof DBusError) return error.errorName;
    throw error;
  }
}
