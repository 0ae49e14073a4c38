import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OwnPresence } from "../../../../../runtime/telepathy/protocols/irc/own-presence.ts";
import { ScriptedSession } from "./scripted-session.ts";

let session: ScriptedSession;
let own: OwnPresence;
/** Reported presences of the user: status and message. */
let reported: string[];

function start(support = {}): void {
  session = new ScriptedSession(support);
  reported = [];
  own = new OwnPresence(session, ({ status, statusMessage }: Presence) => reported.push(`${status} ${statusMessage}`));
}

beforeEach(() => {
  vi.useFakeTimers();
  start();
});
afterEach(() => {
  own.stop();
  vi.useRealTimers();
});

const NOWAWAY = ":irc 306 Tester :You have been marked as being away";
const UNAWAY = ":irc 305 Tester :You are no longer marked as being away";

describe("a request is sent, and reported when the server has confirmed it", () => {
  test.each([
    ["away", "at lunch", "AWAY :at lunch", NOWAWAY, ["away at lunch"]],
    ["away", "", "AWAY :away", NOWAWAY, ["away "]],
    ["away", " ", "AWAY :away", NOWAWAY, ["away  "]],
    ["away", "two\r\nlines\0", "AWAY :two lines ", NOWAWAY, ["away two lines "]],
    ["available", "", "AWAY", UNAWAY, []],
  ])("%s %j", async (status, message, sent, reply, expected) => {
    const answered = own.set(status, message);
    expect(session.takeSent()).toEqual([sent]);
    expect(reported).toEqual([]);
    session.receive(own, reply);
    await expect(answered).resolves.toBeUndefined();
    expect(reported).toEqual(expected);
  });
});

test("the message is cut to the length that the server permits, between characters", () => {
  start({ awayLength: 6 });
  void own.set("away", "ähöü!");
  expect(session.takeSent()).toEqual(["AWAY :ähö"]);
});

test("one request is sent at a time, and only the newest of those that wait", async () => {
  const first = own.set("away", "one");
  const second = own.set("away", "two");
  const third = own.set("available", "");
  expect(session.takeSent()).toEqual(["AWAY :one"]);
  session.receive(own, NOWAWAY);
  await first;
  expect(session.takeSent()).toEqual(["AWAY"]);
  session.receive(own, UNAWAY);
  await expect(Promise.all([second, third])).resolves.toBeDefined();
  expect(reported).toEqual(["away one", "available "]);
});

test("an absence that the server sets or ends is reported", () => {
  session.receive(own, NOWAWAY);
  session.receive(own, NOWAWAY);
  session.receive(own, UNAWAY);
  expect(reported).toEqual(["away ", "available "]);
});

test("a request fails if the server limits it or does not answer, and the next one is sent", async () => {
  const limited = own.set("away", "one");
  session.receive(own, ":irc 263 Tester WHO :Please wait", ":irc 263 Tester AWAY :Please wait");
  await expect(limited).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NotAvailable" });
  const silent = own.set("away", "two");
  const next = own.set("away", "three");
  vi.advanceTimersByTime(15_000);
  await expect(silent).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NetworkError" });
  expect(session.takeSent()).toEqual(["AWAY :one", "AWAY :two", "AWAY :three"]);
  own.stop();
  await expect(next).rejects.toMatchObject({ errorName: "im.telepathy1.Error.Disconnected" });
});
