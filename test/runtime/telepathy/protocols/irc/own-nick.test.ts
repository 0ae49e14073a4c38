import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnNick } from "../../../../../runtime/telepathy/protocols/irc/own-nick.ts";
import { ScriptedSession } from "./scripted-session.ts";

let session: ScriptedSession;
let own: OwnNick;
let reported: string[];

/** Simulates a change of the user's nickname by the server. */
function change(nick: string): void {
  session.nick = nick;
  own.changed();
}

beforeEach(() => {
  vi.useFakeTimers();
  session = new ScriptedSession();
  reported = [];
  own = new OwnNick(session, { nickChanged: (nick) => reported.push(nick) });
});
afterEach(() => {
  own.stop();
  vi.useRealTimers();
});

test("a request resolves when the server has changed the nickname, possibly to a shorter one", async () => {
  const answered = own.request("VeryLongNickname");
  expect(session.takeSent()).toEqual(["NICK VeryLongNickname"]);
  change("VeryLongN");
  await expect(answered).resolves.toBeUndefined();
  expect(reported).toEqual(["VeryLongN"]);
});

test.each([
  ["431 Tester :No nickname given", "InvalidArgument"],
  ["432 Tester Other :Erroneous nickname", "InvalidArgument"],
  ["433 Tester Other :Nickname is already in use", "NotAvailable"],
  ["435 Tester Other #room :Cannot change nickname while banned", "PermissionDenied"],
  ["436 Tester Other :Nickname collision", "NotAvailable"],
  ["437 Tester Other :Nick is temporarily unavailable", "NotAvailable"],
  ["438 Tester Other :Nick change too fast", "NotAvailable"],
  ["447 Tester :Can not change nickname while on #room (+N)", "PermissionDenied"],
  ["484 Tester :Your connection is restricted", "PermissionDenied"],
  ["263 Tester NICK :Please wait a while and try again", "NotAvailable"],
])("the reply %s refuses a request with %s", async (reply, error) => {
  const answered = own.request("Other");
  session.receive(own, `:irc ${reply}`);
  const message = reply.slice(reply.indexOf(":") + 1);
  await expect(answered).rejects.toMatchObject({ errorName: `im.telepathy1.Error.${error}`, message });
  expect(reported).toEqual([]);
});

test.each(["437 Tester #room :Channel is temporarily unavailable", "263 Tester WHO :Please wait"])(
  "the reply %s does not concern the nickname",
  async (reply) => {
    const answered = own.request("Other");
    session.receive(own, `:irc ${reply}`);
    change("Other");
    await expect(answered).resolves.toBeUndefined();
  },
);

test.each(["", "1abc", "two words", "a\r\nQUIT", "#room", "x".repeat(201)])("%j is not requested", (nick) => {
  expect(() => own.request(nick)).toThrow(
    expect.objectContaining({ errorName: "im.telepathy1.Error.InvalidArgument" }),
  );
  expect(session.takeSent()).toEqual([]);
});

test("the present nickname is not requested, but another spelling is", async () => {
  await own.request("Tester");
  expect(session.takeSent()).toEqual([]);
  const answered = own.request("TESTER");
  expect(session.takeSent()).toEqual(["NICK TESTER"]);
  change("TESTER");
  await answered;
  expect(reported).toEqual(["TESTER"]);
});

test("requests are sent one after the other, and are refused while too many wait", async () => {
  const answers = Array.from({ length: 9 }, (_, index) => own.request(`nick${index}`));
  expect(() => own.request("nick9")).toThrow(
    expect.objectContaining({ errorName: "im.telepathy1.Error.NotAvailable" }),
  );
  expect(session.takeSent()).toEqual(["NICK nick0"]);
  session.receive(own, ":irc 433 Tester nick0 :in use");
  expect(session.takeSent()).toEqual(["NICK nick1"]);
  await expect(answers[0]).rejects.toThrow("in use");
  own.stop();
  for (const answer of answers.slice(1)) {
    await expect(answer).rejects.toMatchObject({ errorName: "im.telepathy1.Error.Disconnected" });
  }
});

test("a request without an answer fails", async () => {
  const answered = own.request("Other");
  vi.runAllTimers();
  await expect(answered).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NetworkError" });
});

test("only the last of several changes in a second is reported", async () => {
  for (const nick of ["one", "two", "three"]) change(nick);
  const requested = own.request("four");
  change("four");
  expect(reported).toEqual(["one"]);
  let isSettled = false;
  void requested.then(() => {
    isSettled = true;
  });
  await Promise.resolve();
  expect(isSettled).toBe(false);
  vi.advanceTimersByTime(1000);
  await requested;
  expect(reported).toEqual(["one", "four"]);
  vi.advanceTimersByTime(1000);
  expect(reported).toEqual(["one", "four"]);
});
