import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import fc from "fast-check";
import { expect, test } from "vitest";

const QUOTAS = { perClient: 3, perUser: 5, total: 8 };

/** Returns the error that a function throws; `done` if it throws none. */
function outcome(call: () => void): string {
  try {
    call();
    return "done";
  } catch (error) {
    if (error instanceof LimitsExceededError) return error.message;
    throw error;
  }
}

test.each<[string, readonly Consumer[], string]>([
  ["a client", Array.from({ length: 4 }, () => ({ client: ":1.1", uid: 0 })), "a client may have 3 lamps"],
  ["a user", Array.from({ length: 6 }, (_, index) => ({ client: `:1.${index}`, uid: 0 })), "a user may have 5 lamps"],
  [
    "unknown users together",
    Array.from({ length: 6 }, (_, index) => ({ client: `:1.${index}`, uid: undefined })),
    "a user may have 5 lamps",
  ],
  ["all", Array.from({ length: 9 }, (_, index) => ({ client: `:1.${index}`, uid: index })), "there may be 8 lamps"],
])("the quota of %s is exact", (_case, consumers, message) => {
  const counts = new UsageCounts("lamps", QUOTAS);
  const outcomes = consumers.map((consumer) => outcome(() => counts.begin(consumer)));
  expect(outcomes).toEqual([...consumers.slice(1).map(() => "done"), message]);
});

test("the error of a quota is created once, because a flood of refused requests must cost little", () => {
  const counts = new UsageCounts("lamps", { ...QUOTAS, perClient: 0 });
  const refusals = [1, 2, 3].map((uid) => {
    try {
      return counts.begin({ client: ":1.1", uid });
    } catch (error) {
      return error;
    }
  });
  expect(new Set(refusals).size).toBe(1);
  expect(refusals[0]).toBeInstanceOf(LimitsExceededError);
});

test("counts are equal to those of a list of events, in any order", () => {
  const event = fc.record({
    kind: fc.constantFrom("begin", "end", "identify"),
    client: fc.integer({ min: 0, max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const counts = new UsageCounts("lamps", QUOTAS);
      let used: Consumer[] = [];
      for (const { kind, client: number } of events) {
        const client = `:1.${number}`;
        const uid = number % 2;
        const own = used.filter((other) => other.client === client);
        const isKnown = own.some((other) => other.uid !== undefined);
        const consumer = { client, uid: isKnown ? uid : undefined };
        if (kind === "begin") {
          const mayBegin =
            own.length < QUOTAS.perClient &&
            used.filter((other) => other.uid === consumer.uid).length < QUOTAS.perUser &&
            used.length < QUOTAS.total;
          expect(outcome(() => counts.begin(consumer)) === "done").toBe(mayBegin);
          if (mayBegin) used.push(consumer);
        } else if (kind === "end" && own[0] !== undefined) {
          counts.end(own[0]);
          used.splice(used.indexOf(own[0]), 1);
        } else if (kind === "identify" && own.length > 0 && !isKnown) {
          counts.identify({ client, uid }, own.length);
          used = used.map((other) => (other.client === client ? { client, uid } : other));
        }
      }
    }),
  );
});
