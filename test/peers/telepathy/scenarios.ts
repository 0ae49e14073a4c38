import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { LiveContacts } from "../../../runtime/telepathy/client/live-contacts.ts";
import type { ReadyConnection } from "../../../runtime/telepathy/client/ready-connection.ts";
import { findConnectionManagers, RemoteManager } from "../../../runtime/telepathy/client/remote-manager.ts";
import { RoomChannel } from "../../../runtime/telepathy/client/room-channel.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM } from "../../runtime/telepathy/protocols/irc/ngircd.ts";
import { GnomeKeyring, MISSING_KEYRING } from "../../runtime/telepathy/secrets/gnome-keyring.ts";
import { MISSING_INSPIRCD, MonitoringServer, RecordingPort } from "./inspircd.ts";
import { Session, until } from "./session.ts";

const PYTHON = "/usr/bin/python3";
const MC_TOOL = "/usr/bin/mc-tool";
const MISSION_CONTROL = "/usr/lib/telepathy/mission-control-5";
const IDLE = "/usr/lib/telepathy/telepathy-idle";
const HAZE = "/usr/lib/telepathy/telepathy-haze";
const TALKING_CLIENT = fileURLToPath(new URL("talking-client.py", import.meta.url));
const INTROSPECTED_CLIENT = fileURLToPath(new URL("introspected-client.py", import.meta.url));
const PRESENCE_CLIENT = fileURLToPath(new URL("presence-client.py", import.meta.url));
const INVITED_CLIENT = fileURLToPath(new URL("invited-client.py", import.meta.url));
const WATCHING_CLIENT = fileURLToPath(new URL("watching-client.py", import.meta.url));
const ROOM_CLIENT = fileURLToPath(new URL("room-client.py", import.meta.url));
const ROOT = "org.freedesktop.Telepathy";
const ACCOUNT_MANAGER = `${ROOT}.AccountManager`;

/** A line in the log of a program that reports a problem. */
const COMPLAINT = /-(?:WARNING|CRITICAL|ERROR) \*\*/;

/** A line with which an IRC client asks about other users. */
const QUESTION = /^(?:MONITOR|ISON|USERHOST|WHO)/;

/** A test of this package with a program of the distribution. */
export interface Scenario {
  readonly name: string;
  /** Reason why the scenario cannot run here; undefined if it can. */
  readonly missing: string | undefined;
  /** Whether the scenario takes so long that only `npm run peers` runs it. */
  readonly isSlow?: boolean;
  /** Rejects if the programs do not work together. */
  run(): Promise<void>;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "mc-tool manages the accounts of our account manager",
    missing: missingFile(MC_TOOL, "telepathy-mission-control-5"),
    run: manageAccounts,
  },
  {
    name: "a client on TelepathyGLib's introspection data brings our account online",
    missing: missingFile(MC_TOOL, "telepathy-mission-control-5") ?? missingIntrospectionData(),
    run: useIntrospectedClient,
  },
  {
    name: "Mission Control brings a loopback account of our connection manager online and offline",
    missing: missingFile(MISSION_CONTROL, "telepathy-mission-control-5"),
    run: () => useMissionControl("loopback", ["string:account=romeo@example.org"], "romeo@example.org"),
  },
  {
    name: "Mission Control brings an IRC account of our connection manager online and offline",
    missing: missingFile(MISSION_CONTROL, "telepathy-mission-control-5") ?? missingIrcServer(),
    async run() {
      await using server = await IrcServer.start();
      const parameters = ["string:account=Romeo", "string:server=127.0.0.1", `uint:port=${server.port}`];
      await useMissionControl("irc", parameters, "romeo");
    },
  },
  {
    name: "mc-tool sets the presence of our IRC account, and a client on TelepathyGLib's introspection data sees presences",
    missing: missingFile(MC_TOOL, "telepathy-mission-control-5") ?? missingIntrospectionData() ?? missingIrcServer(),
    run: showPresences,
  },
  {
    name: "InspIRCd is asked about contacts only while a client on TelepathyGLib's introspection data is interested",
    missing: missingFile(MC_TOOL, "telepathy-mission-control-5") ?? missingIntrospectionData() ?? MISSING_INSPIRCD,
    // A change of nickname, and the end of an interest, take seconds.
    isSlow: true,
    run: monitorContacts,
  },
  {
    name: "two clients on TelepathyGLib's introspection data write to each other in a room of an IRC server",
    missing:
      missingFile(MISSION_CONTROL, "telepathy-mission-control-5") ?? missingIntrospectionData() ?? missingIrcServer(),
    run: meetInRoom,
  },
  {
    name: "a client on TelepathyGLib's introspection data accepts an invitation to a room",
    missing:
      missingFile(MISSION_CONTROL, "telepathy-mission-control-5") ?? missingIntrospectionData() ?? missingIrcServer(),
    run: acceptInvitation,
  },
  {
    name: "our client library joins a room of telepathy-idle",
    missing: missingFile(IDLE, "telepathy-idle") ?? missingIrcServer(),
    // telepathy-idle sends a line every two seconds.
    isSlow: true,
    run: joinForeignRoom,
  },
  {
    name: "two clients on TelepathyGLib's introspection data talk over our IRC connections",
    missing:
      missingFile(MISSION_CONTROL, "telepathy-mission-control-5") ?? missingIntrospectionData() ?? missingIrcServer(),
    run: talkPrivately,
  },
  {
    name: "our client library uses telepathy-idle",
    missing: missingFile(IDLE, "telepathy-idle") ?? missingIrcServer(),
    run: () => useForeignManager(IDLE, "idle", (port) => ({ account: "Romeo", server: "127.0.0.1", port }), renameUser),
  },
  {
    name: "our client library uses telepathy-haze",
    missing: missingFile(HAZE, "telepathy-haze") ?? missingIrcServer(),
    run: () =>
      useForeignManager(
        HAZE,
        "haze",
        (port) => ({
          account: "Romeo",
          server: "127.0.0.1",
          extra: { port: new Variant("q", port) },
        }),
        setAway,
      ),
  },
  {
    name: "our account manager sets the presence of an account of telepathy-haze",
    missing:
      missingFile(HAZE, "telepathy-haze") ?? missingFile(MC_TOOL, "telepathy-mission-control-5") ?? missingIrcServer(),
    run: setPresence,
  },
  {
    name: "our account manager stores passwords in gnome-keyring",
    missing: missingFile(MC_TOOL, "telepathy-mission-control-5") ?? MISSING_KEYRING,
    run: storePasswords,
  },
];

async function manageAccounts(): Promise<void> {
  await using session = await Session.start();
  await session.startOurs("--accounts", `${session.folder}/accounts`);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const shown = async (account: string, line: RegExp): Promise<void> => {
    await until(`mc-tool does not show ${line}`, async () => line.test(await tool("show", account)));
  };
  const created = await tool("add", "dbus_codegen/loopback", "My account", "string:account=romeo@example.org");
  const account = created.trim();
  assert.equal(account, "dbus_codegen/loopback/romeo_40example_2eorg0");
  assert.equal(await tool("list"), `${account}\n`);
  await shown(account, /^Display Name: My account$/m);
  await shown(account, /^ {6}\(string\) account = romeo@example\.org$/m);
  await tool("enable", account);
  await shown(account, /Enabled: enabled/);
  await tool("auto-connect", account, "on");
  await shown(account, /Connects: automatically/);
  await shown(account, /Normalized: romeo@example\.org/);
  await shown(account, /Current: available \(2\) ""/);
  await tool("auto-presence", account, "busy", "at work");
  await shown(account, /Automatic: busy \(6\) "at work"/);
  await tool("request", account, "away", "at lunch");
  await shown(account, /Requested: away \(3\) "at lunch"/);
  await shown(account, /Current: away \(3\) "at lunch"/);
  for (const [command, value, line] of [
    ["display", "Other name", /^Display Name: Other name$/m],
    ["nick", "Rom", /Nickname: Rom$/m],
    ["service", "my-service", /Service: my-service$/m],
    ["icon", "im-test", /Icon: im-test$/m],
  ] as const) {
    await tool(command, account, value);
    await shown(account, line);
  }
  assert.match(await tool("update", account, "string:account=juliet@example.org"), /mc-tool reconnect/);
  await tool("reconnect", account);
  await shown(account, /Normalized: juliet@example\.org/);
  assert.match(await tool("dump"), /Display Name: Other name/);
  await tool("request", account, "offline");
  await shown(account, /Current: offline \(1\)/);
  await tool("disable", account);
  await shown(account, /Enabled: disabled/);
  await tool("remove", account);
  await assert.rejects(tool("list"));
}

async function useIntrospectedClient(): Promise<void> {
  await using session = await Session.start();
  await session.startOurs("--accounts", `${session.folder}/accounts`);
  const account = await session.run(
    MC_TOOL,
    "add",
    "dbus_codegen/loopback",
    "Romeo",
    "string:account=Romeo@example.org",
  );
  await session.run(MC_TOOL, "enable", account.trim());
  const output = await session.run(PYTHON, INTROSPECTED_CLIENT);
  assert.deepEqual(output.trim().split("\n"), [
    `account ${account.trim()} Romeo`,
    "status 1 reason 1",
    "status 0 reason 1",
    `connection dbus_codegen loopback /org/freedesktop/Telepathy/Connection/dbus_codegen/loopback/romeo_40example_2eorg`,
    "self romeo@example.org",
    "text channels True",
    "contact juliet@example.org",
    "status 2 reason 1",
  ]);
}

/** Creates an account in Mission Control and connects, disconnects and reconnects it. */
async function useMissionControl(protocol: string, parameters: readonly string[], identifier: string): Promise<void> {
  await using session = await Session.start();
  await session.startOurs();
  await session.start(MISSION_CONTROL, [], ACCOUNT_MANAGER);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const account = (await tool("add", `dbus_codegen/${protocol}`, "Romeo", ...parameters)).trim();
  const shown = async (line: RegExp): Promise<void> => {
    await until(`Mission Control does not show ${line}`, async () => line.test(await tool("show", account)));
  };
  const online = async (): Promise<void> => {
    await shown(/Current: available \(2\) ""/);
    await shown(new RegExp(`Normalized: ${identifier.replaceAll(".", "\\.")}$`, "m"));
  };
  await tool("enable", account);
  await tool("request", account, "available");
  await online();
  await tool("request", account, "away", "at lunch");
  await shown(/Current: away \(3\) "at lunch"/);
  // Neither protocol has this status: Mission Control and the connection manager choose others.
  await tool("request", account, "dnd", "at work");
  await shown(/Current: (?:busy \(6\)|away \(3\)) "at work"/);
  await tool("request", account, "offline");
  await shown(/Current: offline \(1\)/);
  await tool("request", account, "available");
  await online();
  const log = (): Promise<readonly string[]> => session.logOf(MISSION_CONTROL);
  const connections = async (): Promise<number> =>
    (await log()).filter((line) => line.includes("status_changed called from tp (0)")).length;
  const before = await connections();
  await tool("reconnect", account);
  await until("Mission Control does not reconnect", async () => (await connections()) > before);
  await online();
  const complaints = (await log()).filter((line) => COMPLAINT.test(line));
  assert.deepEqual(complaints, []);
}

/** Lets two programs enter a room that has a key, through Mission Control and our connection manager. */
async function meetInRoom(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.startOurs();
  await session.start(MISSION_CONTROL, [], ACCOUNT_MANAGER);
  const login = async (nick: string): Promise<string> => {
    const parameters = [`string:account=${nick}`, "string:server=127.0.0.1", `uint:port=${server.port}`];
    const account = (await session.run(MC_TOOL, "add", "dbus_codegen/irc", nick, ...parameters)).trim();
    await session.run(MC_TOOL, "enable", account);
    await session.run(MC_TOOL, "request", account, "available");
    return account;
  };
  const accounts = [await login("Romeo"), await login("Juliet")] as const;
  await using owner = await IrcPeer.connectUser(server.port, "capulet");
  await owner.sendAndWait("JOIN #verona", "MODE #verona +k rose");
  const greeting = session.run(PYTHON, ROOM_CLIENT, accounts[0], "#Verona", "rose", "greet");
  await owner.waitFor(":Romeo!");
  const answer = session.run(PYTHON, ROOM_CLIENT, accounts[1], "#Verona", "rose", "answer");
  const [greeted, answered] = await Promise.all([greeting, answer]);
  assert.deepEqual(greeted.trim().split("\n"), [
    "wrong password: True",
    "right password: True",
    "joined #verona capulet,romeo",
    "added juliet",
    "received Good night! from juliet",
    "closed",
  ]);
  assert.deepEqual(answered.trim().split("\n"), [
    "wrong password: True",
    "right password: True",
    "joined #verona capulet,juliet,romeo",
    "received Good evening! from romeo",
    "removed romeo reason 0 message It is late",
    "closed",
  ]);
  const complaints = (await session.logOf(MISSION_CONTROL)).filter((line) =>
    /-(?:WARNING|CRITICAL|ERROR) \*\*/.test(line),
  );
  assert.deepEqual(complaints, []);
}

/**
 * Lets a user of the server invite a program to a room. The program gets the channel of the invitation from Mission
 * Control.
 */
async function acceptInvitation(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.startOurs();
  await session.start(MISSION_CONTROL, [], ACCOUNT_MANAGER);
  const parameters = ["string:account=Romeo", "string:server=127.0.0.1", `uint:port=${server.port}`];
  const account = (await session.run(MC_TOOL, "add", "dbus_codegen/irc", "Romeo", ...parameters)).trim();
  await session.run(MC_TOOL, "enable", account);
  await session.start(PYTHON, [INVITED_CLIENT], `${ROOT}.Client.Invited`);
  await session.run(MC_TOOL, "request", account, "available");
  await until("Romeo is not online", async () =>
    /Current: +available \(2\)/.test(await session.run(MC_TOOL, "show", account)),
  );
  await using owner = await IrcPeer.connectUser(server.port, "capulet");
  await owner.sendAndWait("JOIN #verona", "MODE #verona +i", "INVITE Romeo #verona");
  await owner.waitFor("PART #verona :bye");
  await until("the channel is not closed", async () => (await session.logOf(PYTHON)).includes("closed"));
  assert.deepEqual((await session.logOf(PYTHON)).slice(0, 5), [
    "invited #verona requested False by capulet",
    "members capulet",
    "pending romeo",
    "joined capulet,romeo",
    "closed",
  ]);
}

/** Joins a room of telepathy-idle with our client library, and meets a user there. */
async function joinForeignRoom(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.start(IDLE, [], `${ROOT}.ConnectionManager.idle`);
  const manager = new RemoteManager(session.bus, "idle", ROOT);
  const parameters = { account: "Romeo", server: "127.0.0.1", port: server.port };
  await using connection = await manager.connect("irc", parameters);
  await using room = await RoomChannel.join(session.bus, connection, "#verona");
  await using juliet = await IrcPeer.connectUser(server.port, "juliet");
  await juliet.sendAndWait("JOIN #verona");
  await until("juliet is not a member", async () => [...room.members.values()].includes("juliet"));
  const texts: string[] = [];
  room.listen({ messageReceived: ({ text, senderId }) => texts.push(`${senderId}: ${text}`) });
  juliet.send("PRIVMSG #verona :Good evening!");
  await until("the message is not received", async () => texts.length > 0);
  assert.deepEqual(texts, ["juliet: Good evening!"]);
  await room.send("Good night!");
  await juliet.waitFor("PRIVMSG #verona :Good night!");
  await room.leave("Good night");
  assert.equal((await room.closed)?.message, "Good night");
}

/** Connects an IRC account of a connection manager of the distribution with our client library. */
async function useForeignManager(
  program: string,
  name: string,
  parameters: (port: number) => Parameters<RemoteManager["connect"]>[1],
  use: (connection: ReadyConnection, contacts: LiveContacts) => Promise<void>,
): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.start(program, [], `${ROOT}.ConnectionManager.${name}`);
  const managers = await findConnectionManagers(session.bus);
  assert.ok(managers.some((manager) => manager.name === name && manager.root === ROOT && manager.isRunning));
  const manager = new RemoteManager(session.bus, name, ROOT);
  assert.ok((await manager.parameters("irc")).some((parameter) => parameter.name === "account"));
  await assert.rejects(manager.request("irc", {}), { errorName: "im.telepathy1.Error.InvalidArgument" });
  await using connection = await manager.connect("irc", parameters(server.port));
  const [self = 0] = await connection.handles(HandleType.Contact, ["Juliet"]);
  const [identifier = ""] = await connection.identifiers(HandleType.Contact, [self]);
  assert.equal(identifier.toLowerCase(), "juliet");
  assert.equal((await connection.contacts([self])).get(self)?.contactId, identifier);
  await using contacts = await connection.liveContacts([connection.selfHandle]);
  assert.equal(contacts.get(connection.selfHandle)?.alias.toLowerCase(), "romeo");
  await talkToUser(connection, server);
  await use(connection, contacts);
  await connection.disconnect();
  assert.equal((await connection.ended).isRequested, true);
}

async function renameUser(connection: ReadyConnection, contacts: LiveContacts): Promise<void> {
  await connection.names.rename("Montague");
  await until("the user has no new nickname", async () => contacts.get(connection.selfHandle)?.alias === "Montague");
  assert.equal(contacts.get(connection.selfHandle)?.identifier, "montague");
}

async function setAway(connection: ReadyConnection, contacts: LiveContacts): Promise<void> {
  await connection.presence.set({ type: ConnectionPresenceType.Away, status: "away", statusMessage: "at lunch" });
  await until("the user is not away", async () => {
    const { presence } = contacts.get(connection.selfHandle) ?? {};
    return presence?.type === ConnectionPresenceType.Away && presence.statusMessage === "at lunch";
  });
}

/** Sets the presence of an IRC account, and shows it and the presences of contacts in a client of the distribution. */
async function showPresences(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await using juliet = await IrcPeer.connectUser(server.port, "Juliet");
  await using nurse = await IrcPeer.connectUser(server.port, "Nurse");
  await nurse.sendAndWait("AWAY :asleep");
  await session.startOurs("--accounts", `${session.folder}/accounts`);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const parameters = ["string:account=Romeo", "string:server=127.0.0.1", `uint:port=${server.port}`];
  const account = (await tool("add", "dbus_codegen/irc", "Romeo", ...parameters)).trim();
  await tool("enable", account);
  await tool("request", account, "away", "at lunch");
  await until("mc-tool does not show the presence", async () =>
    (await tool("show", account)).includes('Current: away (3) "at lunch"'),
  );
  await juliet.sendAndWait("PRIVMSG Romeo :hello");
  await juliet.waitFor(" 301 Juliet Romeo :at lunch");
  const output = await session.run(PYTHON, PRESENCE_CLIENT, "Juliet", "Nurse", "Paris");
  // GLib writes debug messages to the same stream.
  assert.deepEqual(
    output
      .trim()
      .split("\n")
      .filter((line) => !line.includes("-DEBUG: ")),
    [
      "self romeo Romeo 3 away at lunch",
      "unknown: juliet 7, nurse 7, paris 7",
      "known: Juliet 2, Nurse 3, paris 1",
      "renamed montague Montague 3",
    ],
  );
}

/** Follows contacts that come, are away, change their nickname and go, on a server with MONITOR. */
async function monitorContacts(): Promise<void> {
  await using session = await Session.start();
  await using server = await MonitoringServer.start();
  await using port = await RecordingPort.open(server.port);
  await session.startOurs("--accounts", `${session.folder}/accounts`);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const parameters = ["string:account=Romeo", "string:server=127.0.0.1", `uint:port=${port.port}`];
  const account = (await tool("add", "dbus_codegen/irc", "Romeo", ...parameters)).trim();
  await tool("enable", account);
  const sent = (line: RegExp): Promise<void> =>
    until(`no line ${line} in ${port.lines}`, async () => port.lines.some((sentLine) => line.test(sentLine)));
  const request = async (presence: string, message: string, line: RegExp): Promise<void> => {
    await tool("request", account, presence, message);
    await sent(line);
  };
  const questions = (): readonly string[] => port.lines.filter((line) => QUESTION.test(line));
  let seen = 2;
  const shown = async (presence: string): Promise<void> => {
    const find = async (): Promise<number> => (await session.logOf(PYTHON)).indexOf(presence, seen);
    await until(`the client does not see ${presence}`, async () => (await find()) >= 0);
    seen = (await find()) + 1;
  };

  await tool("request", account, "available");
  await until("Romeo is not online", async () => /Current: +available \(2\)/.test(await tool("show", account)));
  const client = await session.start(PYTHON, [WATCHING_CLIENT, "Juliet", "Capulet"], `${ROOT}.Client.Watching`);
  assert.deepEqual((await session.logOf(PYTHON)).slice(0, 2).toSorted(), ["capulet 7 ", "juliet 7 "]);
  await using juliet = await IrcPeer.connectUser(server.port, "Juliet");
  // The client becomes interested when it sees this presence, which the server has confirmed before.
  await request("away", "at lunch", /^AWAY :at lunch$/);
  await shown("juliet 2 ");
  const before = port.lines.slice(0, port.lines.indexOf("AWAY :at lunch"));
  assert.deepEqual(
    before.filter((line) => QUESTION.test(line)),
    [],
  );
  assert.match(questions()[0] ?? "", /^MONITOR \+ (?:juliet,capulet|capulet,juliet)$/);
  await juliet.sendAndWait("AWAY :asleep");
  await shown("juliet 3 asleep");
  await juliet.sendAndWait("AWAY");
  await shown("juliet 2 ");
  await juliet.sendAndWait("NICK Capulet");
  await shown("capulet 2 ");
  await juliet.sendAndWait("AWAY :married");
  await shown("capulet 3 married");
  juliet.send("QUIT");
  await shown("capulet 1 ");
  const ended = once(client, "exit");
  await tool("request", account, "available");
  await ended;
  await sent(/^MONITOR C/);
  const count = questions().length;
  await using _ = await IrcPeer.connectUser(server.port, "Juliet");
  await request("away", "at supper", /^AWAY :at supper$/);
  assert.equal(questions().length, count);
}

/** Exchanges messages with another user of the server. */
async function talkToUser(connection: ReadyConnection, server: IrcServer): Promise<void> {
  await using other = await IrcPeer.connectUser(server.port, "Mercutio");
  const chat = await connection.chats.ensure("Mercutio");
  assert.equal(chat.properties.targetId.toLowerCase(), "mercutio");
  assert.equal(chat.isOurs, true);
  await chat.send("hello");
  await other.waitFor("PRIVMSG Mercutio :hello");
  other.send("PRIVMSG Romeo :hello yourself");
  const messages = chat.messages();
  const { value: message } = await messages.next();
  assert.equal(message?.text, "hello yourself");
  assert.equal(message.senderId.toLowerCase(), "mercutio");
  await chat.acknowledge([message]);
  assert.deepEqual(await chat.pending(), []);
  const end = messages.next();
  await chat.close();
  assert.equal((await end).done, true);
  assert.deepEqual(await connection.chats.list(), []);
}

/** Lets two programs that use Mission Control and our connection manager write to each other. */
async function talkPrivately(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.startOurs();
  await session.start(MISSION_CONTROL, [], ACCOUNT_MANAGER);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const online = async (name: string): Promise<string> => {
    const parameters = [`string:account=${name}`, "string:server=127.0.0.1", `uint:port=${server.port}`];
    const account = (await tool("add", "dbus_codegen/irc", name, ...parameters)).trim();
    await tool("enable", account);
    await tool("request", account, "available");
    const shown = (): Promise<string> => tool("show", account);
    await until(`${name} is not online`, async () => (await shown()).includes(`Normalized: ${name.toLowerCase()}`));
    return account;
  };
  const [romeo, juliet] = [await online("Romeo"), await online("Juliet")];
  await session.start(PYTHON, [TALKING_CLIENT, juliet, "romeo"], `${ROOT}.Client.Listener`);
  const output = await session.run(PYTHON, TALKING_CLIENT, romeo, "juliet", "good morrow", "farewell");
  assert.deepEqual(output.trim().split("\n"), [
    "channel TextChannel juliet requested True",
    "message normal juliet you wrote: good morrow",
    "message normal juliet you wrote: farewell",
    "closed",
  ]);
  const heard = (await session.logOf(PYTHON)).filter((line) => /^(?:channel|message) /.test(line));
  assert.deepEqual(heard, [
    "channel TextChannel romeo requested False",
    "message normal romeo good morrow",
    "message normal romeo farewell",
  ]);
  const complaints = (await session.logOf(MISSION_CONTROL)).filter((line) => COMPLAINT.test(line));
  assert.deepEqual(complaints, []);
}

async function setPresence(): Promise<void> {
  await using session = await Session.start();
  await using server = await IrcServer.start();
  await session.startOurs("--accounts", `${session.folder}/accounts`);
  await session.start(HAZE, [], `${ROOT}.ConnectionManager.haze`);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const parameters = ["string:account=Romeo", "string:server=127.0.0.1", `uint:port=${server.port}`];
  const account = (await tool("add", "haze/irc", "Romeo", ...parameters)).trim();
  await tool("enable", account);
  for (const [status, current] of [
    ["available", 'available (2) ""'],
    ["away", "away (3)"],
    ["available", 'available (2) ""'],
    ["offline", 'offline (1) ""'],
  ] as const) {
    await tool("request", account, status);
    await until(`mc-tool does not show ${current}`, async () =>
      (await tool("show", account)).includes(`Current: ${current}`),
    );
  }
}

async function storePasswords(): Promise<void> {
  await using session = await Session.start();
  const flags = ["--accounts", `${session.folder}/accounts`];
  const passwordFiles = (): Promise<readonly string[]> => readdir(`${session.folder}/accounts/secrets`);
  const tool = (...args: readonly string[]): Promise<string> => session.run(MC_TOOL, ...args);
  const ours = await session.startOurs(...flags);
  const parameters = ["string:account=Romeo", "string:server=127.0.0.1", "string:password=geheim"];
  const account = (await tool("add", "dbus_codegen/irc", "Romeo", ...parameters)).trim();
  assert.equal((await passwordFiles()).length, 1);
  await using keyring = await GnomeKeyring.start(session.bus, session.address);
  await until("the password is not moved to the keyring", async () => (await passwordFiles()).length === 0);
  assert.equal(await keyring.tool("lookup", "account", account.replaceAll("/", ".")), "geheim");
  await session.end(ours);
  await session.startOurs(...flags);
  assert.match(await tool("show", account), /^ {6}\(string\) password = geheim$/m);
  await tool("update", account, "string:password=neu");
  assert.equal(await keyring.tool("lookup", "account", account.replaceAll("/", ".")), "neu");
  await tool("remove", account);
  await assert.rejects(keyring.tool("lookup", "account", account.replaceAll("/", ".")));
}

function missingFile(file: string, debianPackage: string): string | undefined {
  return existsSync(file) ? undefined : `needs the Debian package ${debianPackage}`;
}

function missingIrcServer(): string | undefined {
  return MISSING_PROGRAM === undefined ? undefined : `needs ${MISSING_PROGRAM}`;
}

function missingIntrospectionData(): string | undefined {
  try {
    execFileSync(PYTHON, ["-c", "import gi; gi.require_version('TelepathyGLib', '0.12')"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "needs the Debian packages python3-gi and gir1.2-telepathyglib-0.12";
  }
}
