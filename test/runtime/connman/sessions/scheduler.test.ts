import fc from "fast-check";
import { expect, test } from "vitest";
import { DIALECTS } from "../../../../runtime/connman/policy/dialects.ts";
import { defaultSettings, type RequestedSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import { Scheduler } from "../../../../runtime/connman/sessions/scheduler.ts";
import { effectiveSettings, SessionRecord } from "../../../../runtime/connman/sessions/session-record.ts";

const MINUTE_MS = 60_000;

function session(mark: number, settings: Partial<RequestedSettings>): SessionRecord {
  const dialect = DIALECTS["session-2011"];
  const shared = { dialect, isRoamingAllowed: false, emergencyCall: false };
  const effective = effectiveSettings(shared, mark, { ...defaultSettings(dialect), ...settings }, undefined);
  return new SessionRecord(`/${mark}`, ":1.1", mark, effective);
}

test("AvoidHandover ends after two minutes, attempts to connect are due at multiples of their interval", () => {
  const scheduler = new Scheduler();
  const [avoiding, everyTwoMinutes, everyFourMinutes] = [
    session(1, { avoidHandover: true }),
    session(2, { periodicConnect: 2 }),
    session(3, { periodicConnect: 4 }),
  ];
  for (const record of [avoiding, everyTwoMinutes, everyFourMinutes]) scheduler.schedule(record, MINUTE_MS);
  expect(scheduler.nextDueMs).toBe(2 * MINUTE_MS);
  expect(scheduler.takeDue(2 * MINUTE_MS)).toEqual({ avoidHandoverEnds: [], connectAttempts: [everyTwoMinutes] });
  expect(scheduler.nextDueMs).toBe(3 * MINUTE_MS);
  expect(scheduler.takeDue(3 * MINUTE_MS)).toEqual({ avoidHandoverEnds: [avoiding], connectAttempts: [] });
  expect(scheduler.takeDue(4 * MINUTE_MS)).toEqual({
    avoidHandoverEnds: [],
    connectAttempts: [everyTwoMinutes, everyFourMinutes],
  });
  for (const record of [everyTwoMinutes, everyFourMinutes]) scheduler.remove(record);
  expect(scheduler.nextDueMs).toBeUndefined();
});

test("a caller that takes due sessions at nextDueMs misses none, whatever sessions are added and removed", () => {
  const event = fc.record({
    mark: fc.nat(5),
    isRemoved: fc.boolean(),
    avoidHandover: fc.boolean(),
    periodicConnect: fc.nat(3),
    elapsedMs: fc.nat(3 * MINUTE_MS),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const scheduler = new Scheduler();
      const records = new Map<number, SessionRecord>();
      const endTimes = new Map<SessionRecord, number>();
      let now = 0;
      for (const { mark, isRemoved, avoidHandover, periodicConnect, elapsedMs } of events) {
        const previous = records.get(mark);
        if (previous !== undefined) {
          scheduler.remove(previous);
          endTimes.delete(previous);
        }
        if (!isRemoved) {
          const record = session(mark, { avoidHandover, periodicConnect });
          records.set(mark, record);
          scheduler.schedule(record, now);
          if (avoidHandover) endTimes.set(record, now + 2 * MINUTE_MS);
        }
        for (const until = now + elapsedMs; now < until; ) {
          now = Math.min(until, scheduler.nextDueMs ?? until);
          const { avoidHandoverEnds } = scheduler.takeDue(now);
          const due = [...endTimes].filter(([, end]) => end <= now).map(([record]) => record);
          expect([...avoidHandoverEnds]).toEqual(due);
          expect(due.every((record) => endTimes.get(record) === now)).toBe(true);
          for (const record of due) endTimes.delete(record);
        }
      }
    }),
  );
});
