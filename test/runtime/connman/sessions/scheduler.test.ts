import fc from "fast-check";
import { expect, test } from "vitest";
import { DIALECTS } from "../../../../runtime/connman/policy/dialects.ts";
import { DEFAULT_REQUEST } from "../../../../runtime/connman/policy/requested-settings.ts";
import { Scheduler } from "../../../../runtime/connman/sessions/scheduler.ts";
import { SessionRecord, termsOf } from "../../../../runtime/connman/sessions/session-record.ts";

const MINUTE = 60_000;

function session(mark: number, asked: { avoidHandover?: boolean; periodicConnect?: number }): SessionRecord {
  const circumstances = { dialect: DIALECTS["session-2011"], roamingAllowed: false, emergencyCall: false };
  const terms = termsOf(circumstances, mark, { ...DEFAULT_REQUEST, ...asked }, undefined);
  return new SessionRecord(`/${mark}`, ":1.1", mark, terms);
}

test("a hand-over is avoided for two minutes, attempts fall on whole multiples of their minutes", () => {
  const timetable = new Scheduler();
  const [held, often, seldom] = [
    session(1, { avoidHandover: true }),
    session(2, { periodicConnect: 2 }),
    session(3, { periodicConnect: 4 }),
  ];
  for (const record of [held, often, seldom]) timetable.enter(record, MINUTE);
  expect(timetable.next).toBe(2 * MINUTE);
  expect(timetable.take(2 * MINUTE)).toEqual({ handover: [], attempts: [often] });
  expect(timetable.next).toBe(3 * MINUTE);
  expect(timetable.take(3 * MINUTE)).toEqual({ handover: [held], attempts: [] });
  expect(timetable.take(4 * MINUTE)).toEqual({ handover: [], attempts: [often, seldom] });
  for (const record of [often, seldom]) timetable.leave(record);
  expect(timetable.next).toBeUndefined();
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
          timetable.leave(known);
          endsAt.delete(known);
        }
        if (!leaves) {
          const record = session(mark, { avoidHandover, periodicConnect });
          records.set(mark, record);
          timetable.enter(record, now);
          if (avoidHandover) endsAt.set(record, now + 2 * MINUTE);
        }
        for (const until = now + later; now < until; ) {
          now = Math.min(until, timetable.next ?? until);
          const { handover } = timetable.take(now);
          const due = [...endsAt].filter(([, moment]) => moment <= now).map(([record]) => record);
          expect([...handover]).toEqual(due);
          expect(due.every((record) => endsAt.get(record) === now)).toBe(true);
          for (const record of due) endsAt.delete(record);
        }
      }
    }),
  );
});
