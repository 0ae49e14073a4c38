import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ContactPresence } from "../../../../../runtime/telepathy/protocols/irc/contact-presence.ts";
import type { ServerSupport } from "../../../../../runtime/telepathy/protocols/irc/isupport.ts";
import { runs } from "../../../../setup/runs.ts";
import { ScriptedSession } from "./scripted-session.ts";
import { type ServerFeatures, SimulatedIrcServer } from "./simulated-irc-server.ts";

let session: ScriptedSession;
let contacts: ContactPresence;
/** Reported presences: status and message by nickname. */
let reported: Record<string, string>[];

function start(support: Partial<ServerSupport> = {}): void {
  session = new ScriptedSession(support);
  reported = [];
  contacts = new ContactPresence(session, (presences) =>
    reported.push(Object.fromEntries([...presences].map(([nick, presence]) => [nick, shown(presence)]))),
  );
}

function shown({ status, statusMessage }: Presence): string {
  return statusMessage === "" ? status : `${status} ${statusMessage}`;
}

/** Returns the lines that the queries have sent by now. */
function takeSent(): readonly string[] {
  vi.advanceTimersByTime(0);
  return session.takeSent();
}

/** Passes lines of the server to the feature. Returns the presences that are reported. */
function receive(...lines: readonly string[]): readonly Record<string, string>[] {
  session.receive(contacts, ...lines);
  return reported.splice(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  start();
});
afterEach(() => {
  contacts.stop();
  vi.useRealTimers();
});

test("without interest nothing is sent, and presences are unknown whatever the server sends", () => {
  contacts.watch(["juliet", "nurse"]);
  const lines = [
    ":irc 303 Tester :juliet",
    ":irc 302 Tester :juliet=-u@h",
    ":irc 730 Tester :juliet!u@h",
    ":irc 731 Tester :juliet",
    ":irc 301 Tester juliet :asleep",
    ":juliet!u@h AWAY :asleep",
    ":juliet!u@h QUIT :bye",
    ":juliet!u@h NICK nurse",
  ];
  expect(receive(...lines)).toEqual([]);
  vi.runAllTimers();
  expect(takeSent()).toEqual([]);
  expect(shown(contacts.presence("juliet"))).toBe("unknown");
});

describe("a server with MONITOR", () => {
  beforeEach(() => start({ monitorLimit: 2 }));

  test("contacts are monitored while there is interest, and those beyond the limit of the server are polled", () => {
    contacts.watch(["juliet", "nurse", "paris"]);
    contacts.startReporting();
    expect(takeSent()).toEqual([
      "CAP REQ away-notify",
      "CAP REQ extended-monitor",
      "ISON paris",
      "MONITOR + juliet,nurse",
    ]);
    expect(receive(":irc 730 Tester :Juliet!u@h", ":irc 731 Tester :nurse", ":irc 303 Tester :")).toEqual([
      { juliet: "available" },
      { nurse: "offline" },
      { paris: "offline" },
    ]);
    contacts.stopReporting();
    expect(takeSent()).toEqual(["MONITOR C"]);
    expect(reported).toEqual([{ juliet: "unknown", nurse: "unknown", paris: "unknown" }]);
    vi.runAllTimers();
    expect(takeSent()).toEqual([]);
  });

  test("changes of the monitored contacts are sent in a few lines", () => {
    contacts.startReporting();
    takeSent();
    contacts.watch(["juliet"]);
    contacts.watch(["nurse"]);
    expect(takeSent()).toEqual(["MONITOR + juliet,nurse"]);
    expect(takeSent()).toEqual([]);
  });

  test("however often reporting is requested, it starts at most once in five seconds", () => {
    contacts.watch(["juliet"]);
    for (let count = 0; count < 100; count++) {
      contacts.startReporting();
      contacts.stopReporting();
    }
    contacts.startReporting();
    expect(takeSent()).toEqual(["CAP REQ away-notify", "CAP REQ extended-monitor"]);
    vi.advanceTimersByTime(5001);
    expect(session.takeSent()).toEqual(["CAP REQ away-notify", "CAP REQ extended-monitor", "MONITOR + juliet"]);
  });

  test("a limit that the server reports later is kept, and the contacts that it refuses are polled", () => {
    contacts.watch(["juliet", "nurse"]);
    contacts.startReporting();
    takeSent();
    receive(":irc 734 Tester 1 nurse :Monitor list is full.");
    expect(takeSent()).toEqual(["ISON nurse"]);
    contacts.watch(["paris"]);
    receive(":irc 303 Tester :Nurse");
    vi.advanceTimersByTime(2000);
    expect(takeSent()).toEqual(["ISON paris"]);
  });

  test("contacts are polled if the server does not know MONITOR", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    receive(":irc 421 Tester MONITOR :Unknown command");
    expect(takeSent().at(-1)).toBe("ISON juliet");
    contacts.stopReporting();
    expect(takeSent()).toEqual([]);
  });

  test("capabilities that the server refuses are not used", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    receive(":irc CAP Tester NAK :away-notify", ":irc CAP Tester NAK :extended-monitor", ":irc 730 Tester :juliet!u@h");
    receive(":irc 302 Tester :juliet=+u@h");
    takeSent();
    vi.advanceTimersByTime(62_000);
    expect(session.takeSent()).toEqual(["USERHOST juliet"]);
    contacts.stopReporting();
    expect(takeSent()).toEqual(["MONITOR C"]);
  });

  test("only contacts that are monitored are removed from the list of the server", () => {
    start({ monitorLimit: 1 });
    contacts.watch(Array.from({ length: 500 }, (_, index) => `c${index}`));
    contacts.startReporting();
    contacts.watch(["c0"]);
    vi.advanceTimersByTime(10_000);
    session.takeSent();
    contacts.watch(["new"]);
    vi.advanceTimersByTime(10_000);
    expect(session.takeSent().filter((line) => line.startsWith("MONITOR"))).toEqual([]);
  });

  test("a contact whose absence the server reports is queried only once", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    receive(":irc CAP Tester ACK :away-notify", ":irc CAP Tester ACK :extended-monitor");
    takeSent();
    expect(receive(":irc 730 Tester :juliet!u@h")).toEqual([{ juliet: "available" }]);
    expect(takeSent()).toEqual(["USERHOST juliet"]);
    expect(receive(":irc 302 Tester :juliet=-u@h")).toEqual([{ juliet: "away" }]);
    expect(receive(":juliet!u@h AWAY :asleep")).toEqual([{ juliet: "away asleep" }]);
    expect(receive(":juliet!u@h AWAY")).toEqual([{ juliet: "available" }]);
    vi.advanceTimersByTime(600_000);
    expect(takeSent()).toEqual([]);
    contacts.stopReporting();
    expect(takeSent()).toEqual(["MONITOR C", "CAP REQ -away-notify", "CAP REQ -extended-monitor"]);
  });
});

describe("a server without MONITOR", () => {
  test("all contacts are queried in each period, each query after the reply to the one before", () => {
    const nicks = Array.from({ length: 60 }, (_, index) => `contact${index}`);
    contacts.watch(nicks);
    contacts.startReporting();
    const [, first, ...others] = takeSent();
    expect(first).toMatch(/^ISON contact0 contact1 /);
    expect(others).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(takeSent()).toEqual([]);
    receive(":irc 303 Tester :Contact1");
    expect(takeSent()).toEqual([]);
    vi.advanceTimersByTime(2000);
    const [second, ...more] = takeSent();
    expect(more).toEqual([]);
    receive(":irc 303 Tester :");
    expect(`${first} ${second?.slice("ISON ".length)}`).toBe(`ISON ${nicks.join(" ")}`);
    vi.advanceTimersByTime(2000);
    expect(takeSent()).toEqual(["USERHOST contact1"]);
    receive(":irc 302 Tester :Contact1*=-u@h");
    expect(shown(contacts.presence("contact1"))).toBe("away");
    expect(shown(contacts.presence("contact2"))).toBe("offline");
    vi.advanceTimersByTime(62_000);
    expect(takeSent()).toEqual([first]);
  });

  test("a query without a reply is repeated in the next period, and a late reply is ignored", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    vi.advanceTimersByTime(15_000);
    expect(receive(":irc 303 Tester :juliet")).toEqual([]);
    takeSent();
    vi.advanceTimersByTime(60_000);
    expect(takeSent()).toEqual(["ISON juliet"]);
  });

  test("no query is sent after the server has rejected ISON and USERHOST as unknown", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    receive(":irc 421 Tester ISON :Unknown command", ":irc 421 Tester USERHOST :Unknown command");
    takeSent();
    contacts.watch(["nurse"]);
    vi.advanceTimersByTime(600_000);
    expect(takeSent()).toEqual([]);
    expect(shown(contacts.presence("juliet"))).toBe("unknown");
  });

  test("a contact that changes the nickname is watched under the new nickname", () => {
    contacts.watch(["juliet"]);
    contacts.startReporting();
    receive(":irc 303 Tester :juliet");
    expect(receive(":juliet!u@h NICK Montague")).toEqual([{ juliet: "offline", montague: "available" }]);
    takeSent();
    vi.advanceTimersByTime(10_000);
    expect(session.takeSent()).toEqual(["ISON montague"]);
  });

  test("RPL_AWAY, NICK and QUIT change the presences of watched contacts", () => {
    contacts.watch(["juliet", "nurse"]);
    contacts.startReporting();
    receive(":irc 303 Tester :juliet");
    expect(receive(":irc 301 Tester juliet :asleep")).toEqual([{ juliet: "away asleep" }]);
    expect(receive(":irc 301 Tester nurse :asleep")).toEqual([]);
    expect(receive(":juliet!u@h NICK Nurse")).toEqual([{ juliet: "offline", nurse: "away asleep" }]);
    expect(receive(":nurse!u@h NICK NURSE", ":nurse!u@h NICK 1bad")).toEqual([]);
    expect(receive(":nurse!u@h QUIT :bye")).toEqual([{ nurse: "offline" }]);
    expect(receive(":stranger!u@h AWAY :asleep", ":stranger!u@h QUIT")).toEqual([]);
  });
});

test("the user is not watched", () => {
  contacts.watch(["tester"]);
  contacts.startReporting();
  expect(takeSent()).toEqual(["CAP REQ away-notify"]);
});

test("beyond 500 contacts, the ones used longest ago become unknown and are not monitored any more", () => {
  start({ monitorLimit: Infinity });
  const nicks = Array.from({ length: 500 }, (_, index) => `c${index}`);
  contacts.watch(nicks);
  contacts.startReporting();
  vi.advanceTimersByTime(10_000);
  receive(":irc 730 Tester :c0!u@h,c1!u@h");
  session.takeSent();
  reported.splice(0);
  contacts.watch(["c0", "new"]);
  expect(reported).toEqual([{ c1: "unknown" }]);
  vi.advanceTimersByTime(10_000);
  expect(session.takeSent().filter((line) => !/c499|USERHOST/.test(line))).toEqual(["MONITOR - c1", "MONITOR + new"]);
  contacts.watch(Array.from({ length: 2000 }, (_, index) => `d${index}`));
  vi.advanceTimersByTime(60_000);
  const added = session.takeSent().filter((line) => line.startsWith("MONITOR +"));
  expect(added.join().match(/\bd\d+/g)).toHaveLength(500);
});

describe("with any server, users and clients", () => {
  const nick = fc.integer({ min: 0, max: 25 }).map((index) => `Nick${index}`);
  const action = fc.oneof(
    fc.record({ kind: fc.constantFrom("join", "quit", "watch", "away", "back"), nick }),
    fc.record({ kind: fc.constantFrom("start", "stop", "wait"), nick: fc.constant("") }),
  );
  const features: fc.Arbitrary<ServerFeatures> = fc.record(
    {
      monitorLimit: fc.integer({ min: 0, max: 20 }),
      capabilities: fc.subarray(["away-notify", "extended-monitor"]),
      unknown: fc.subarray(["CAP", "MONITOR"]),
    },
    { requiredKeys: [] },
  );

  test("nothing is sent without interest, queries are rare, and presences become those of the server", () => {
    fc.assert(
      fc.property(features, fc.array(action, { maxLength: 60 }), (supported, actions) => {
        start({ monitorLimit: supported.monitorLimit === undefined ? 0 : 20 });
        const server = new SimulatedIrcServer(session, supported);
        const watched = new Set<string>();
        let isInterested = false;
        let lastQuestionAt = -Infinity;
        /** Last reported presence of each contact. */
        const received = new Map<string, string>();
        const exchange = (lines: readonly string[]): void => {
          session.receive(contacts, ...lines);
          for (let sent = session.takeSent(); sent.length > 0; sent = session.takeSent()) {
            for (const line of sent) {
              expect(Buffer.byteLength(line)).toBeLessThanOrEqual(510);
              if (/^(?:ISON|USERHOST)/.test(line)) {
                expect(Date.now() - lastQuestionAt).toBeGreaterThanOrEqual(2000);
                lastQuestionAt = Date.now();
              }
              session.receive(contacts, ...server.answer(line));
            }
          }
          for (const changes of reported.splice(0)) {
            for (const [name, presence] of Object.entries(changes)) received.set(name, presence);
          }
        };
        const wait = (seconds: number): void => {
          for (let second = 0; second < seconds; second++) {
            vi.advanceTimersByTime(1000);
            exchange([]);
          }
        };
        const steps: Readonly<Record<string, (name: string) => readonly string[]>> = {
          join: (name) => server.join(name),
          quit: (name) => server.quit(name),
          away: (name) => server.setAway(name, "away"),
          back: (name) => server.setAway(name, undefined),
          watch: (name) => {
            watched.add(name.toLowerCase());
            contacts.watch([name.toLowerCase()]);
            return [];
          },
          start: () => {
            isInterested = true;
            contacts.startReporting();
            return [];
          },
          stop: () => {
            isInterested = false;
            contacts.stopReporting();
            return [];
          },
          wait: () => {
            wait(7);
            return [];
          },
        };
        for (const { kind, nick: name } of actions) {
          const lines = steps[kind]?.(name) ?? [];
          if (!isInterested && kind !== "stop" && kind !== "wait") expect(session.takeSent()).toEqual([]);
          exchange(lines);
        }
        wait(isInterested ? 200 : 0);
        for (const name of watched) {
          const user = server.users.get(name);
          const online = user?.awayMessage === undefined ? "available" : "away";
          const expected = !isInterested ? "unknown" : user === undefined ? "offline" : online;
          const { status } = contacts.presence(name);
          expect(`${name} ${status}`).toBe(`${name} ${expected}`);
          expect((received.get(name) ?? "unknown").split(" ")[0]).toBe(expected);
        }
        contacts.stop();
      }),
      { numRuns: runs(60) },
    );
  });
});
