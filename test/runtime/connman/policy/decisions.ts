import { DIALECTS, type Dialect, type DialectName } from "@dbus-codegen-ts/connman";
import { DBusError } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";

/** A test of one field of a dialect: an observation, and its results in session-2017, session-2011 and connman-1.41. */
export interface Decision {
  readonly when: string;
  /** Returns the result that shows the value of the field. */
  readonly observe: (dialect: Dialect) => unknown;
  readonly results: readonly [session2017: unknown, session2011: unknown, connman141: unknown];
}

const NAMES: readonly DialectName[] = ["session-2017", "session-2011", "connman-1.41"];

/** Fields of a dialect whose effects can be observed only on a bus. */
export type BusField = "callers" | "lastUpdate" | "refusals";

/**
 * Adds a test for each decision.
 *
 * @param decisions - Decisions by field of the dialect.
 */
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

/** Error that shows that a dialect refuses a session. */
export class Refused extends Error {}

/**
 * Returns the result of a function: "refused" if it throws `Refused`, and the error name if it throws a D-Bus error.
 */
export async function outcome(observe: () => unknown): Promise<unknown> {
  try {
    return await observe();
  } catch (error) {
    if (error instanceof Refused) return "refused";
    if (error instanceof DBusError) return error.errorName;
    throw error;
  }
}
