import { describe, expect, test } from "vitest";
import { RoomsFixture } from "./rooms-fixture.ts";

/**
 * Behaviour, lines of the server, and events that they cause. The user is in `#room` with the operator ann and with
 * bob.
 */
const EVENTS: readonly (readonly [behaviour: string, lines: readonly string[], events: readonly string[]])[] = [
  ["a join", [":Eve!u@h JOIN #room"], ["#room +Eve by Eve"]],
  ["a join with extended-join", [":Eve!u@h JOIN #room account :Eve Smith"], ["#room +Eve by Eve"]],
  ["a join with a different spelling of the room", [":Eve!u@h JOIN :#ROOM"], ["#room +Eve by Eve"]],
  ["a join of another room is ignored", [":Eve!u@h JOIN #other"], []],
  ["a part", [":bob!u@h PART #room"], ["#room -bob by bob"]],
  ["a part with a message", [":bob!u@h PART #room :see you"], ["#room -bob by bob: see you"]],
  ["a part of several rooms", [":bob!u@h PART #other,#room :bye"], ["#room -bob by bob: bye"]],
  ["a kick", [":ann!u@h KICK #room bob :spam"], ["#room -bob by ann kicked: spam"]],
  [
    "a kick of several users",
    [":ann!u@h KICK #room bob,cat"],
    ["#room -bob by ann kicked", "#room -cat by ann kicked"],
  ],
  ["a kick by a server", [":irc.example KICK #room bob :split"], ["#room -bob kicked: split"]],
  ["a kick of the user", [":ann!u@h KICK #room me :out"], ["left #room by ann kicked: out"]],
  ["a quit", [":bob!u@h QUIT :Quit: bye"], ["gone bob by bob offline: Quit: bye"]],
  ["a quit without a message", [":bob!u@h QUIT"], ["gone bob by bob offline"]],
  ["a new nickname", [":bob!u@h NICK :robert"], ["renamed bob robert"]],
  ["a topic", [":ann!u@h TOPIC #room :Tea"], ['#room subject "Tea" by ann at 1000']],
  ["a removed topic", [":ann!u@h TOPIC #room :"], ['#room subject "" by ann at 1000']],
  [
    "a requested topic with its author",
    [":srv 332 me #room :Tea", ":srv 333 me #room ann!u@h 1234567890"],
    ['#room subject "Tea" by ? at ?', '#room subject "Tea" by ann at 1234567890'],
  ],
  ["an author who is a server", [":srv 333 me #room irc.example 5"], ['#room subject "" by ? at 5']],
  ["no topic", [":srv 331 me #room :No topic is set"], ['#room subject "" by ? at ?']],
  ["an operator", [":ann!u@h MODE #room +o me"], ["#room may invite,removeMembers,setSubject,configure"]],
  ["a half-operator of an unknown mode is ignored", [":ann!u@h MODE #room +h me"], ["#room may invite,setSubject"]],
  ["voice permits nothing", [":ann!u@h MODE #room +v me"], ["#room may invite,setSubject"]],
  ["another operator", [":ann!u@h MODE #room +oo bob cat"], ["#room may invite,setSubject"]],
  ["a topic for operators", [":ann!u@h MODE #room +t"], ["#room may invite"]],
  ["an invite-only room", [":ann!u@h MODE #room +i"], ["#room may setSubject"]],
  [
    "an operator of an invite-only room, with the parameters in order",
    [":ann!u@h MODE #room +bioklt-v *!*@x me secret 20 bob"],
    ["#room may invite,removeMembers,setSubject,configure"],
  ],
  [
    "modes as the server lists them",
    [":srv 324 me #room +ntlk 20 key"],
    [
      "#room may invite",
      '#room config {"inviteOnly":false,"limit":20,"moderated":false,"private":false,"passwordProtected":true,"password":"key"}',
    ],
  ],
  [
    "a key that the server hides",
    [":srv 324 me #room +ks"],
    [
      "#room may invite,setSubject",
      '#room config {"inviteOnly":false,"limit":0,"moderated":false,"private":true,"passwordProtected":true,"password":""}',
    ],
  ],
  ["modes of users are ignored", [":me MODE me +i"], []],
  ["an invitation", [":Eve!u@h INVITE me #Tea"], ["invited #tea by Eve"]],
  ["an invitation to a room where the user is", [":Eve!u@h INVITE me #room"], []],
  ["an invitation of another user", [":Eve!u@h INVITE bob #tea"], []],
  ["an invitation to something that is no room", [":Eve!u@h INVITE me tea"], []],
  [
    "the user joins a room without a request",
    [":me!u@h JOIN #tea", ":srv 353 me = #tea :me @ann", ":srv 366 me #tea :."],
    ["joined #tea ann", "#tea may invite,setSubject"],
  ],
  ["an error for a message is no error for a room", [":srv 404 me #room :Cannot send to channel"], []],
  [
    "lines without parameters",
    [
      "JOIN",
      "PART",
      "KICK",
      "NICK",
      "QUIT",
      "TOPIC",
      "MODE",
      "INVITE",
      "353",
      "366",
      "324",
      "332",
      "333",
      "471",
      "PONG",
    ],
    [],
  ],
];

test.each(EVENTS)("reports %s", (_, lines, events) => {
  const fixture = new RoomsFixture();
  fixture.join("me @ann bob");
  fixture.receive(...lines);
  expect(fixture.events).toEqual(events);
});

describe("joining", () => {
  test("the room is joined when its list is complete; other lines in between are applied to it", async () => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.receive(
      ":me!u@h JOIN #Room",
      ":srv 332 me #room :Tea",
      ":srv 333 me #room ann 50",
      ":srv 353 me = #room :@ann bob",
      ":cat!u@h JOIN #room",
      ":bob!u@h PART #room",
      ":srv 353 me = #room :@me dan eve",
      ":dan!u@h QUIT :bye",
      ":eve!u@h NICK eva",
    );
    expect(fixture.takeEvents()).toEqual(["gone dan by dan offline: bye", "renamed eve eva"]);
    fixture.receive(":srv 366 me #room :End of NAMES list");
    expect(await joined).toBe("joined");
    expect(fixture.events).toEqual([
      "joined #room ann,cat,eva",
      "#room may invite,removeMembers,setSubject,configure",
      '#room subject "Tea" by ann at 50',
    ]);
    expect(fixture.sent).toEqual(["JOIN #room", "MODE #room"]);
  });

  test.each([
    ["without prefixes", [], "ann bob me", "ann,bob"],
    ["with one prefix", [], "@ann +bob me", "ann,bob"],
    ["with several prefixes", ["PREFIX=(qaohv)~&@%+"], "~&@ann %+bob me", "ann,bob"],
    ["with hosts", [], "@ann!a@b bob!c@d me!e@f", "ann,bob"],
    ["with repeated and invalid names", [], "ann  ann ANN #x @ me", "ANN"],
  ])("the list of members is read %s", (_, isupport, names, members) => {
    const fixture = new RoomsFixture(undefined, isupport);
    void fixture.rooms.join("#room", "");
    fixture.receive(":me JOIN #room", `:srv 353 me = #room :${names}`, ":srv 366 me #room :.");
    expect(fixture.events[0]).toBe(`joined #room ${members}`);
  });

  test.each([
    ["471", "im.telepathy1.Error.Channel.Full"],
    ["473", "im.telepathy1.Error.Channel.InviteOnly"],
    ["474", "im.telepathy1.Error.Channel.Banned"],
    ["403", "im.telepathy1.Error.DoesNotExist"],
    ["405", "im.telepathy1.Error.NotAvailable"],
    ["437", "im.telepathy1.Error.NotAvailable"],
    ["477", "im.telepathy1.Error.PermissionDenied"],
    ["479", "im.telepathy1.Error.InvalidHandle"],
  ])("reply %s is the error %s", async (number, errorName) => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.receive(`:srv ${number} me #ROOM :the reason`);
    await expect(joined).rejects.toMatchObject({ errorName, message: "the reason" });
    // The room can be requested a second time.
    void fixture.rooms.join("#room", "");
    expect(fixture.takeSent()).toEqual(["JOIN #room", "JOIN #room"]);
  });

  test("without the right key the result is password-required; with it the user joins", async () => {
    const fixture = new RoomsFixture();
    for (const key of ["", "wrong"]) {
      const joined = fixture.rooms.join("#room", key);
      fixture.receive(":srv 475 me #room :Cannot join channel (+k)");
      expect(await joined).toBe("password-required");
    }
    const joined = fixture.rooms.join("#room", "right");
    fixture.receive(":me JOIN #room", ":srv 353 me = #room :me", ":srv 366 me #room :.", ":srv 324 me #room +k *");
    expect(await joined).toBe("joined");
    expect(fixture.takeSent()).toEqual(["JOIN #room", "JOIN #room wrong", "JOIN #room right", "MODE #room"]);
    expect(fixture.events.at(-1)).toContain('"password":"right"');
  });

  test.each(["a b", "a,b", ":a", "a\n", "ä".repeat(200)])("the key %j is rejected", async (key) => {
    const fixture = new RoomsFixture();
    await expect(fixture.rooms.join("#room", key)).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.InvalidArgument",
    });
    expect(fixture.sent).toEqual([]);
  });

  test("a request that the server forwards fails, and the user is in the other room", async () => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.receive(
      ":srv 470 me #room ##room :Forwarding to another channel",
      ":me JOIN ##room",
      ":srv 366 me ##room :.",
    );
    await expect(joined).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NotAvailable" });
    expect(fixture.events[0]).toBe("joined ##room ");
  });

  test("a join without an answer fails, and a list without an end counts as complete", async () => {
    const fixture = new RoomsFixture();
    const silent = fixture.rooms.join("#room", "");
    fixture.advance(60_000);
    await expect(silent).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NetworkError" });
    const listed = fixture.rooms.join("#room", "");
    fixture.receive(":me JOIN #room", ":srv 353 me = #room :me ann");
    fixture.advance(30_000);
    expect(await listed).toBe("joined");
    expect(fixture.events[0]).toBe("joined #room ann");
  });

  test("the end of the connection rejects pending joins and commands with Disconnected", async () => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.join("me", "#other");
    const invited = fixture.rooms.invite("#other", "ann");
    fixture.rooms.stop();
    const disconnected = { errorName: "im.telepathy1.Error.Disconnected" };
    await expect(joined).rejects.toMatchObject(disconnected);
    await expect(invited).rejects.toMatchObject(disconnected);
    await expect(fixture.rooms.join("#third", "")).rejects.toMatchObject(disconnected);
  });
});

describe("leaving", () => {
  test("the room is left when the server confirms it", () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    fixture.rooms.leave("#room", "bye\nbye");
    fixture.rooms.leave("#room", "repeated");
    fixture.receive(":ann!u@h PART #room");
    expect(fixture.takeEvents()).toEqual(["#room -ann by ann"]);
    fixture.receive(":me!u@h PART #room :bye bye", ":cat!u@h JOIN #room");
    expect(fixture.events).toEqual(["left #room by me: bye bye"]);
    expect(fixture.sent).toEqual(["PART #room :bye bye"]);
  });

  test("a request to join waits until the room is left", async () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    fixture.rooms.leave("#room", "");
    const joined = fixture.rooms.join("#room", "");
    expect(fixture.takeSent()).toEqual(["PART :#room"]);
    fixture.receive(":me!u@h PART #room");
    expect(fixture.takeSent()).toEqual(["JOIN #room"]);
    fixture.receive(":me!u@h JOIN #room", ":srv 353 me = #room :me", ":srv 366 me #room :.");
    expect(await joined).toBe("joined");
  });

  test.each([
    [
      "succeeds late",
      [":me!u@h JOIN #room", ":srv 353 me = #room :me ann", ":srv 366 me #room :.", ":me!u@h PART #room"],
    ],
    ["fails", [":srv 473 me #room :invite only", ":srv 442 me #room :not there"]],
    ["fails, as PART does", [":srv 403 me #room :no such channel"]],
  ])("a cancelled request that %s does not open the room", async (_, lines) => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.rooms.leave("#room", "");
    await expect(joined).rejects.toMatchObject({ errorName: "im.telepathy1.Error.Cancelled" });
    fixture.receive(...lines);
    expect(fixture.takeEvents().filter((event) => event.startsWith("joined"))).toEqual([]);
    fixture.takeSent();
    void fixture.rooms.join("#room", "");
    expect(fixture.sent).toEqual(["JOIN #room"]);
  });

  test("a join fails if the user is removed before the list is complete", async () => {
    const fixture = new RoomsFixture();
    const joined = fixture.rooms.join("#room", "");
    fixture.receive(":me!u@h JOIN #room", ":ann!u@h KICK #room me :no");
    await expect(joined).rejects.toMatchObject({ errorName: "im.telepathy1.Error.NotAvailable" });
  });
});

/** A command: name, call, lines that it sends, error reply of the server, and the error of the call. */
type Command = readonly [
  name: string,
  run: (fixture: RoomsFixture) => unknown,
  sent: readonly string[],
  reply: string,
  errorName: string,
];

const COMMANDS: readonly Command[] = [
  [
    "invite",
    ({ rooms }) => rooms.invite("#room", "eve"),
    ["INVITE eve #room"],
    "401 me eve :No such nick",
    "DoesNotExist",
  ],
  [
    "remove",
    ({ rooms }) => rooms.remove("#room", "ann", "spam"),
    ["KICK #room ann :spam"],
    "482 me #room :You're not channel operator",
    "PermissionDenied",
  ],
  [
    "remove without a message",
    ({ rooms }) => rooms.remove("#room", "ann", ""),
    ["KICK #room :ann"],
    "441 me ann #room :They aren't there",
    "NotAvailable",
  ],
  [
    "set the subject",
    ({ rooms }) => rooms.setSubject("#room", "Tea time"),
    ["TOPIC #room :Tea time"],
    "482 me #room :no",
    "PermissionDenied",
  ],
  [
    "remove the subject",
    ({ rooms }) => rooms.setSubject("#room", ""),
    ["TOPIC #room :"],
    "442 me #room :no",
    "NotAvailable",
  ],
  [
    "configure",
    ({ rooms }) => rooms.configure("#room", { inviteOnly: true }),
    ["MODE #room +i"],
    "482 me #room :no",
    "PermissionDenied",
  ],
];

describe("commands", () => {
  test.each(COMMANDS)(
    "%s: sends its lines and returns the result of the server",
    async (_, run, sent, reply, error) => {
      for (const isRejected of [false, true]) {
        const fixture = new RoomsFixture();
        fixture.join("me ann");
        const result = Promise.resolve(run(fixture));
        result.catch(() => undefined);
        const [ping = ""] = fixture.sent.slice(-1);
        expect(fixture.sent.slice(0, -1)).toEqual(sent);
        if (isRejected) fixture.receive(`:srv ${reply}`);
        fixture.receive(`:srv PONG srv :${ping.slice("PING ".length)}`);
        if (isRejected) await expect(result).rejects.toMatchObject({ errorName: `im.telepathy1.Error.${error}` });
        else await result;
      }
    },
  );

  test("each of several commands gets its result", async () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    const results = Promise.allSettled(["a", "b", "c"].map((topic) => fixture.rooms.setSubject("#room", topic)));
    const tokens = fixture.sent.flatMap((line) => (line.startsWith("PING ") ? line.slice(5) : []));
    fixture.receive(`:srv PONG srv ${tokens[0]}`, ":srv 482 me #room :no", `:srv PONG srv ${tokens[2]}`);
    expect((await results).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("an invited contact who is in the room already is no error", async () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    const invited = fixture.rooms.invite("#room", "ann");
    fixture.receive(":srv 443 me ann #room :is already on channel", `:srv PONG srv ${fixture.sent.at(-1)?.slice(5)}`);
    await invited;
  });

  test.each([
    [{ limit: 5, moderated: false }, "", ["-m", "+l 5"]],
    [{ limit: 0, private: true }, "+p", ["-l"]],
    [{ private: false }, "+sp", ["-s", "-p"]],
    [{ password: "new" }, "", ["+k new"]],
    [{ password: "new" }, "+k old", ["-k old", "+k new"]],
    [{ password: "old", passwordProtected: true }, "+k old", []],
    [{ passwordProtected: false }, "+k *", ["-k *"]],
    [{ password: "" }, "+k old", ["-k old"]],
  ])("settings %j in a room with modes %j", (changes, modes, expected) => {
    const fixture = new RoomsFixture();
    fixture.join("@me");
    fixture.receive(`:srv 324 me #room ${modes}`);
    void Promise.resolve(fixture.rooms.configure("#room", changes)).catch(() => undefined);
    expect(fixture.sent.filter((line) => line.startsWith("MODE"))).toEqual(
      expected.map((mode) => `MODE #room ${mode}`),
    );
  });

  test.each([
    [{ password: "a b" }, "InvalidArgument"],
    [{ passwordProtected: true }, "InvalidArgument"],
    [{ title: "Tea" }, "NotImplemented"],
  ])("settings %j are rejected as %s", (changes, error) => {
    const fixture = new RoomsFixture();
    fixture.join("@me");
    expect(() => fixture.rooms.configure("#room", changes)).toThrow(
      expect.objectContaining({ errorName: `im.telepathy1.Error.${error}` }),
    );
    expect(fixture.sent).toEqual([]);
  });

  test("a topic of several lines, or too long a topic, is rejected", () => {
    const fixture = new RoomsFixture();
    fixture.join("@me");
    for (const topic of ["a\nb", "ä".repeat(200)]) expect(() => fixture.rooms.setSubject("#room", topic)).toThrow();
  });
});

describe("netsplits", () => {
  const split = (...nicks: string[]): string[] => nicks.map((nick) => `:${nick}!u@h QUIT :hub.example leaf.example`);

  test("members leave in one change, and come back in one change", () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann bob cat");
    fixture.receive(...split("ann", "bob"));
    expect(fixture.events).toEqual([]);
    fixture.advance(200);
    expect(fixture.takeEvents()).toEqual(["gone ann,bob separated: hub.example leaf.example"]);
    fixture.receive(":ann!u@h JOIN #room", ":bob!u@h JOIN #room", ":eve!u@h JOIN #room");
    expect(fixture.takeEvents()).toEqual(["#room +ann,bob separated", "#room +eve by eve"]);
  });

  test("other events are reported in the order of the lines", () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann bob cat");
    fixture.receive(...split("ann"), ":bob!u@h PART #room", ...split("cat"), ":dan!u@h QUIT :a.example c.example");
    fixture.receive(":eve!u@h QUIT :bye", ":ann!u@h JOIN #room", ...split("ann"));
    fixture.advance(200);
    expect(fixture.events).toEqual([
      "gone ann separated: hub.example leaf.example",
      "#room -bob by bob",
      "gone cat separated: hub.example leaf.example",
      "gone dan separated: a.example c.example",
      "gone eve by eve offline: bye",
      "#room +ann separated",
      "gone ann separated: hub.example leaf.example",
    ]);
  });

  test.each([
    "Quit: hub.example leaf.example",
    "hub.example",
    "hub.example hub.example",
    "hello world",
    "a.b c.d e",
    ". ..",
  ])("%j is no netsplit", (message) => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    fixture.receive(`:ann!u@h QUIT :${message}`);
    expect(fixture.events).toEqual([`gone ann by ann offline: ${message}`]);
  });

  test("a user who comes back much later is reported like any other who joins", () => {
    const fixture = new RoomsFixture();
    fixture.join("me ann");
    fixture.receive(...split("ann"));
    fixture.advance(31 * 60_000);
    fixture.takeEvents();
    fixture.receive(":ann!u@h JOIN #room");
    expect(fixture.events).toEqual(["#room +ann by ann"]);
  });
});
