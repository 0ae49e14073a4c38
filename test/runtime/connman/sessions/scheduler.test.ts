import fc from "fast-check";
import { expect, test } from "vitest";
import { DIALECTS } from "../../../../runtime/connman/policy/dialects.ts";
import { defaultSettings } from "../../../../runtime/connman/policy/requested-settings.ts";
import { Scheduler } from "../../../../runtime/connman/sessions/scheduler.ts";
import { SessionRecord, effectiveSettings } from "../../../../runtime/connman/sessions/session-record.ts";

const MINUTE = 60_000;

function session(mark: number, asked: { avoidHandover?: boolean; periodicConnect?: number }): SessionRecord {
  const dialect = DIALECTS["session-2011"];
  const circumstances = { dialect, isRoamingAllowed: false, emergencyCall: false };
  const terms = effectiveSettings(circumstances, mark, { ...defaultSettings(dialect), ...asked }, undefined);
  return new SessionRecord(`/${mark}`, ":1.1", mark, terms);
}

test("a hand-over is avoided for two minutes, attempts fall on whole multiples of their minutes", () => {
  const timetable = new Scheduler();
  const [held, often, seldom] = [
    session(1, { avoidHandover: true }),
    session(2, { periodicConnect: 2 }),
    session(3, { periodicConnect: 4 }),
  ];
  for (const record of [held, often, seldom]) timetable.schedule(record, MINUTE);
  expect(timetable.nextDueMs).toBe(2 * MINUTE);
  expect(timetable.takeDue(2 * MINUTE)).toEqual({ handover: [], attempts: [often] });
  expect(timetable.nextDueMs).toBe(3 * MINUTE);
  expect(timetable.takeDue(3 * MINUTE)).toEqual({ handover: [held], attempts: [] });
  expect(timetable.takeDue(4 * MINUTE)).toEqual({ handover: [], attempts: [often, seldom] });
  for (const record of [often, seldom]) timetable.remove(record);
  expect(timetable.nextDueMs).toBeUndefined();
});

test("whoever wakes when it says so misses no moment, whatever sessions come and go", () => {
  const event = fc.record({
    mark: fc.nat(5),
    leaves: fc.boolean(),
    avoidHandover: fc.boolean(),
    periodicConnect: fc.nat(3),
    later: fc.nat(3 * MINUTE),
  });
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const timetable = new Scheduler();
      const records = new Map<number, SessionRecord>();
      const endsAt = new Map<SessionRecord, number>();
      let now = 0;
      for (const { mark, leaves, avoidHandover, periodicConnect, later } of events) {
        const known = records.get(mark);
        if (known !== undefined) {
          timetable.remove(known);
          endsAt.delete(known);
        }
        if (!leaves) {
          const record = session(mark, { avoidHandover, periodicConnect });
          records.set(mark, record);
          timetable.schedule(record, now);
          if (avoidHandover) endsAt.set(record, now + 2 * MINUTE);
        }
        for (const until = now + later; now < until; ) {
          now = Math.min(until, timetable.nextDueMs ?? until);
          const { avoidHandoverEnds } = timetable.takeDue(now);
          const due = [...endsAt].filter(([, moment]) => moment <= now).map(([record]) => record);
          expect([...avoidHandoverEnds]).toEqual(due);
          expect(due.every((record) => endsAt.get(record) === now)).toBe(true);
          for (const record of due) endsAt.delete(record);
        }
      }
    }),
  );
});
