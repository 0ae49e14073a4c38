import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IrcContacts } from "../../../../../runtime/telepathy/protocols/irc/irc-contacts.ts";
import { parseIrcMessage } from "../../../../../runtime/telepathy/protocols/irc/irc-message.ts";
import { IrcDispatcher } from "../../../../../runtime/telepathy/protocols/irc/irc-session.ts";
import { runs } from "../../../../setup/runs.ts";
import { SILENT_HOST } from "../../silent-host.ts";
import { ScriptedSession } from "./scripted-session.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const COMMANDS = [
  ..."263 301 302 303 305 306 353 421 431 432 433 435 436 437 438 447 484 730 731 734".split(" "),
  ..."AWAY CAP JOIN KILL NICK NOTICE PRIVMSG QUIT".split(" "),
];

const nick = fc.constantFrom("juliet", "nurse", "paris", "tester");
const word = fc.oneof(
  nick,
  fc.constantFrom(
    "*",
    "#room",
    "=",
    "NAK",
    "ACK",
    "AWAY",
    "MONITOR",
    "ISON",
    "juliet!u@h,nurse",
    "juliet*=-u",
    "=",
    "-",
  ),
  fc.string({ maxLength: 6 }).map((text) => text.replace(/[\0\r\n]/g, "")),
);
const line = fc
  .tuple(fc.constantFrom("", ":irc ", ":juliet!u@h ", ":tester!u@h "), fc.constantFrom(...COMMANDS), fc.array(word))
  .map(([prefix, command, words]) => `${prefix}${command} ${words.join(" ")}`);

test("no lines of a server or calls of clients lead to an exception or an invalid line, and all calls are answered", async () => {
  const action = fc.oneof(
    line,
    fc.tuple(fc.constant("watch"), fc.array(nick)),
    fc.tuple(fc.constantFrom("start", "stop", "rename", "away", "available"), fc.array(nick, { minLength: 1 })),
    fc.integer({ min: 0, max: 70_000 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      vi.clearAllTimers();
      const session = new ScriptedSession({ monitorLimit: 2 });
      const contacts = new IrcContacts(session, SILENT_HOST);
      const dispatcher = new IrcDispatcher(contacts.features);
      const answers: Promise<unknown>[] = [];
      const request = (call: () => Promise<void>): void => {
        answers.push((async () => call())().catch((error: unknown) => expect(error).toHaveProperty("errorName")));
      };
      for (const step of actions) {
        if (typeof step === "number") vi.advanceTimersByTime(step);
        else if (typeof step === "string") {
          const message = parseIrcMessage(step);
          if (message !== undefined) dispatcher.dispatch(message);
        } else {
          const [kind, names] = step;
          const [name = ""] = names;
          if (kind === "watch") contacts.watch(names);
          else if (kind === "start") contacts.startReporting();
          else if (kind === "stop") contacts.stopReporting();
          else if (kind === "rename") request(() => contacts.requestRename(name));
          else request(() => contacts.setPresence(kind, name));
        }
        for (const sent of session.takeSent()) expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(510);
      }
      for (const feature of contacts.features) feature.stop?.();
      expect(vi.getTimerCount()).toBe(0);
      await Promise.all(answers);
    }),
    { numRuns: runs(100) },
  );
});
