import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ContactNames } from "../../../../../runtime/telepathy/protocols/irc/contact-names.ts";
import { NickSpellings } from "../../../../../runtime/telepathy/protocols/irc/nick-spellings.ts";
import { ScriptedSession } from "./scripted-session.ts";

let session: ScriptedSession;
let names: ContactNames;
let reported: unknown[];

function receive(...lines: readonly string[]): readonly unknown[] {
  session.receive(names, ...lines);
  return reported.splice(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  session = new ScriptedSession();
  reported = [];
  names = new ContactNames(session, {
    spellingsChanged: (nicks) => reported.push(Object.fromEntries(nicks)),
    renamed: (original, renamed) => reported.push(`${original} → ${renamed}`),
  });
});
afterEach(() => {
  names.stop();
  vi.useRealTimers();
});

test.each([
  [":Juliet!u@h PRIVMSG Tester :hello", [{ juliet: "Juliet" }]],
  [":Juliet!u@h NOTICE Tester :hello", [{ juliet: "Juliet" }]],
  [":Juliet!u@h JOIN #room", [{ juliet: "Juliet" }]],
  [":irc 730 Tester :Juliet!u@h,nurse!u@h,Paris!u@h", [{ juliet: "Juliet", paris: "Paris" }]],
  [":irc 303 Tester :Juliet nurse ", [{ juliet: "Juliet" }]],
  [":irc 353 Tester = #room :@Juliet +nurse Paris", [{ juliet: "Juliet", paris: "Paris" }]],
  [":juliet!u@h NICK Montague", ["juliet → montague", { montague: "Montague" }]],
  [":juliet!u@h NICK Juliet", [{ juliet: "Juliet" }]],
  [":Services.example NOTICE Tester :hello", []],
  [":1Bad!u@h PRIVMSG Tester :hello", []],
  [":juliet!u@h NICK 1bad", []],
  [":tester!u@h NICK Other", []],
])("the names in %s are reported", (line, expected) => {
  expect(receive(line)).toEqual(expected);
});

test("a spelling is reported when it changes, and is that of the server", () => {
  expect(receive(":Juliet!u@h PRIVMSG a :b", ":Juliet!u@h PRIVMSG a :b")).toEqual([{ juliet: "Juliet" }]);
  expect(names.spelling("juliet")).toBe("Juliet");
  expect(receive(":juliet!u@h PRIVMSG a :b")).toEqual([{ juliet: "juliet" }]);
  expect(names.spelling("juliet")).toBe("juliet");
  expect(names.spelling("unknown")).toBe("unknown");
});

test("at most ten changes of nicknames are reported in a second", () => {
  const changes = Array.from({ length: 1000 }, (_, index) => `:a${index}!u@h NICK a${index + 1}`);
  expect(receive(...changes)).toHaveLength(10);
  vi.advanceTimersByTime(1000);
  expect(receive(":a!u@h NICK b")).toEqual(["a → b"]);
});

test("if there are too many spellings, the oldest are removed", () => {
  const spellings = new NickSpellings(2, (nick) => nick.toLowerCase());
  for (const nick of ["A", "B", "A", "C", "plain"]) spellings.learn(nick);
  expect(["a", "b", "c", "plain"].map((nick) => spellings.spelling(nick))).toEqual(["A", "b", "C", "plain"]);
});
