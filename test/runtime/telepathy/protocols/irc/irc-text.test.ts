import { ChannelTextMessageType as Type } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  formatIrcMessage,
  type IrcMessage,
  parseIrcMessage,
} from "../../../../../runtime/telepathy/protocols/irc/irc-message.ts";
import type { IrcSession } from "../../../../../runtime/telepathy/protocols/irc/irc-session.ts";
import { IrcText } from "../../../../../runtime/telepathy/protocols/irc/irc-text.ts";
import { DEFAULT_SUPPORT } from "../../../../../runtime/telepathy/protocols/irc/isupport.ts";
import { LineReader } from "../../../../../runtime/telepathy/protocols/irc/line-reader.ts";
import { splitText } from "../../../../../runtime/telepathy/protocols/irc/split-text.ts";
import type { TextHost } from "../../../../../runtime/telepathy/protocols/text-messages.ts";
import { IRC_LIMITS } from "../../../../../runtime/telepathy/quotas.ts";
import { anyText } from "../../../../setup/any-text.ts";

const { Contact, Room } = HandleType;

describe("messages of a server", () => {
  test.each<[string, Partial<IrcMessage> | undefined]>([
    [
      ":bob!b@h PRIVMSG me :hi  there ",
      { source: "bob", prefix: "bob!b@h", command: "PRIVMSG", params: ["me", "hi  there "] },
    ],
    ["@time=2026-01-01;x=y :irc 001 me", { source: "irc", command: "001", params: ["me"] }],
    ["privmsg  a   b", { source: "", command: "PRIVMSG", params: ["a", "b"] }],
    ["PRIVMSG me :a\u2028b", { command: "PRIVMSG", params: ["me", "a\u2028b"] }],
    ["PING :", { command: "PING", params: [""] }],
    ["PING", { command: "PING", params: [] }],
    [":a@h X", { source: "a", prefix: "a@h" }],
    [":irc 01 x", undefined],
    ["", undefined],
    [":only", undefined],
  ])("%j", (line, expected) => {
    if (expected === undefined) expect(parseIrcMessage(line)).toBeUndefined();
    else expect(parseIrcMessage(line)).toMatchObject(expected);
  });

  test("are parsed to the command and parameters that were formatted", () => {
    const word = fc.stringMatching(/^[a-z#][a-z:#]{0,5}$/);
    const last = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), last, (params, text) => {
        const line = formatIrcMessage("PRIVMSG", [...params, text]);
        expect(parseIrcMessage(line)?.params).toEqual([...params, text]);
      }),
    );
  });

  test.each([[["a b", "c"]], [["", "c"]], [[":a", "c"]], [["a", "b\nQUIT"]], [["a", "b\rQUIT"]]])(
    "parameters %j cannot be sent",
    (params) => expect(() => formatIrcMessage("PRIVMSG", params)).toThrow(TypeError),
  );

  test("lines that are not UTF-8 are decoded as ISO 8859-1", () => {
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line));
    reader.receive(Buffer.concat([Buffer.from("gr"), Buffer.from([0xfc, 0xdf]), Buffer.from("\r\ngrüß")]));
    reader.receive(Buffer.from("e\n"));
    expect(lines).toEqual(["grüß", "grüße"]);
  });
});

describe("splitText", () => {
  test.each<[string, number, string[]]>([
    ["one\ntwo\r\nthree\rfour\n\n", 100, ["one", "two", "three", "four"]],
    ["hello brave new world", 12, ["hello brave ", "new world"]],
    ["abcdefgh", 4, ["abcd", "efgh"]],
    ["äöü", 4, ["äö", "ü"]],
    ["a😀b😀", 4, ["a", "😀", "b", "😀"]],
    ["a😀b😀", 5, ["a😀", "b😀"]],
    ["\n\r\n", 10, []],
  ])("%j in lines of %i bytes", (text, maxBytes, lines) => expect(splitText(text, maxBytes)).toEqual(lines));

  test("loses nothing, cuts no character, and keeps the limit", () => {
    fc.assert(
      fc.property(anyText({ maxLength: 200 }), fc.integer({ min: 4, max: 40 }), (text, maxBytes) => {
        const lines = splitText(text, maxBytes);
        expect(lines.join("")).toBe(text.replace(/[\r\n]/g, ""));
        for (const line of lines) {
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxBytes);
          expect(Buffer.from(line).toString()).toBe(line);
        }
      }),
    );
  });
});

describe("texts", () => {
  let sent: string[];
  let events: unknown[];
  let text: IrcText;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    events = [];
    const session: IrcSession = {
      nick: "me",
      support: DEFAULT_SUPPORT,
      fold: (name) => name.toLowerCase(),
      isSelf: (nick) => nick.toLowerCase() === "me",
      send: (command, ...params) => void sent.push(formatIrcMessage(command, params)),
    };
    const host: TextHost = {
      messageReceived: (message) => events.push(message),
      deliveryFailed: (failure) => events.push(failure),
    };
    text = new IrcText(session, host, { whenListed: (_room, action) => action() });
  });
  afterEach(() => {
    text.stop();
    vi.useRealTimers();
  });

  function receive(line: string): void {
    const message = parseIrcMessage(line);
    if (message !== undefined) text.handlers[message.command]?.(message);
  }

  const bob = { type: Contact, identifier: "bob" };
  test.each<[string, unknown]>([
    [":bob!b@h PRIVMSG me :hi", { chat: bob, sender: "bob", type: Type.Normal, text: "hi" }],
    [":bob!b@h NOTICE me :hi", { chat: bob, sender: "bob", type: Type.Notice, text: "hi" }],
    [":bob!b@h PRIVMSG me :\x01ACTION waves\x01", { chat: bob, sender: "bob", type: Type.Action, text: "waves" }],
    [":bob!b@h PRIVMSG me :\x01ACTION waves", { chat: bob, sender: "bob", type: Type.Action, text: "waves" }],
    [
      ":bob!b@h PRIVMSG me :\x02b\x0304,12red\x0f\x04ff0000x\ty",
      { chat: bob, sender: "bob", type: Type.Normal, text: "bredx\ty" },
    ],
    [
      ":bob!b@h PRIVMSG #room :hi",
      { chat: { type: Room, identifier: "#room" }, sender: "bob", type: Type.Normal, text: "hi" },
    ],
    [
      ":bob!b@h NOTICE @#room :hi",
      { chat: { type: Room, identifier: "#room" }, sender: "bob", type: Type.Notice, text: "hi" },
    ],
    [":ME!m@h PRIVMSG bob :from elsewhere", { chat: bob, sender: "ME", type: Type.Normal, text: "from elsewhere" }],
    [
      ":NickServ!s@services. NOTICE me :x",
      { chat: { type: Contact, identifier: "NickServ" }, sender: "NickServ", type: Type.Notice, text: "x" },
    ],
  ])("%j is received", (line, expected) => {
    receive(line);
    expect(events).toEqual([expected]);
  });

  test.each([
    ":irc.example.org NOTICE me :*** Looking up your hostname",
    ":bob!b@h PRIVMSG me :\x01VERSION\x01",
    ":bob!b@h PRIVMSG me :\x01DCC SEND x 1 2 3\x01",
    ":bob!b@h NOTICE me :\x01VERSION x\x01",
    "NOTICE AUTH :x",
  ])("%j is neither shown nor answered", (line) => {
    receive(line);
    expect([events, sent]).toEqual([[], []]);
  });

  test.each<[Type, string, string[]]>([
    [Type.Normal, "hi there", ["PRIVMSG bob :hi there"]],
    [Type.Normal, "one\n\ntwo", ["PRIVMSG bob :one", "PRIVMSG bob :two"]],
    [Type.Normal, ":)", ["PRIVMSG bob ::)"]],
    [Type.Action, "waves\nleaves", ["PRIVMSG bob :\x01ACTION waves\x01", "PRIVMSG bob :\x01ACTION leaves\x01"]],
    [Type.Notice, "hi", ["NOTICE bob :hi"]],
    [Type.Normal, "\x01VERSION\x01", ["PRIVMSG bob :VERSION"]],
  ])("type %i: %j is sent", (type, content, lines) => {
    text.send(bob, { type, text: content });
    expect(sent).toEqual(lines);
  });

  test("a long text fits into messages of 512 bytes with the longest user and host name", () => {
    const content = "😀 äöü ".repeat(100);
    text.send(bob, { type: Type.Action, text: content });
    expect(sent.length).toBeGreaterThan(2);
    for (const line of sent) {
      expect(Buffer.byteLength(`:me!${"u".repeat(20)}@${"h".repeat(63)} ${line}\r\n`)).toBeLessThanOrEqual(512);
    }
    const contents = sent.map((line) => line.slice("PRIVMSG bob :\x01ACTION ".length, -1));
    expect(contents.join("")).toBe(content);
  });

  test("a text without a line is refused", () => {
    expect(() => text.send(bob, { type: Type.Normal, text: "\n\x01\n" })).toThrow("empty");
  });

  test("lines beyond a burst are sent one by one, and too many are refused", () => {
    const lines = Array.from({ length: IRC_LIMITS.sendBurst + 3 }, (_, number) => `line ${number}`);
    text.send(bob, { type: Type.Normal, text: lines.join("\n") });
    expect(sent).toHaveLength(IRC_LIMITS.sendBurst);
    vi.advanceTimersByTime(IRC_LIMITS.sendIntervalMs);
    expect(sent).toHaveLength(IRC_LIMITS.sendBurst + 1);
    expect(() => text.send(bob, { type: Type.Normal, text: "x\n".repeat(IRC_LIMITS.waitingLines) })).toThrow(
      "at most 200 are permitted",
    );
    vi.advanceTimersByTime(60 * IRC_LIMITS.sendIntervalMs);
    expect(sent).toEqual(lines.map((line) => `PRIVMSG bob :${line}`));
    text.send(bob, { type: Type.Normal, text: lines.join("\n") });
    expect(sent).toHaveLength(lines.length + IRC_LIMITS.sendBurst);
  });

  test("texts whose lines wait when the connection ends are returned once, and none of their lines is sent", () => {
    const long = Array.from({ length: IRC_LIMITS.sendBurst + 2 }, (_, number) => `line ${number}`).join("\n");
    for (const content of ["sent", long, "later"]) text.send(bob, { type: Type.Normal, text: content });
    text.stop();
    const unsent = [long, "later"].map((content) => ({ chat: bob, type: Type.Normal, text: content }));
    expect(text.takeUnsent()).toEqual(unsent);
    expect(text.takeUnsent()).toEqual([]);
    vi.advanceTimersByTime(60 * IRC_LIMITS.sendIntervalMs);
    expect(sent).toHaveLength(IRC_LIMITS.sendBurst);
  });

  test("an error of the server about a recent recipient is a delivery failure; others belong to other commands", () => {
    const error = ":irc 401 me Bob :No such nick or channel name";
    receive(error);
    expect(events).toEqual([]);
    text.send(bob, { type: Type.Normal, text: "hi" });
    receive(error);
    receive(":irc 404 me #room :Cannot send to channel");
    expect(events).toEqual([
      {
        chat: { type: Contact, identifier: "Bob" },
        reason: 1,
        errorName: "im.telepathy1.Error.Offline",
        isPermanent: false,
        debugMessage: "No such nick or channel name",
      },
    ]);
    vi.advanceTimersByTime(IRC_LIMITS.sendErrorWithinMs + 1);
    receive(error);
    expect(events).toHaveLength(1);
  });
});
