import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import {
  MemoryStore,
  type ServedAccountManager,
  type ServedManager,
  serveAccountManager,
  serveConnectionManager,
} from "@dbus-codegen-ts/telepathy";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { irc } from "../../../../runtime/telepathy/protocols/irc/irc.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { IrcPeer, IrcServer, MISSING_PROGRAM } from "../protocols/irc/ngircd.ts";
import { type ForeignClient, ForeignClients, hasForeignClients } from "./foreign-clients.ts";

// Statements of the chapter "Obtaining a Connection", with clients by dbus-python, in the dialect
// `telepathy-1-2012`. The table of
// all statements is runtime/telepathy/docs/statements.md.

const ROOT = "org.freedesktop.Telepathy";
const [ACCOUNT, ACCOUNTS, CONNECTION] = [`${ROOT}.Account`, `${ROOT}.AccountManager`, `${ROOT}.Connection`];
const [MANAGER, CHANNEL] = [`${ROOT}.ConnectionManager`, `${ROOT}.Channel`];
const [CONNECTED, CONNECTING, DISCONNECTED] = [0, 1, 2];
const REQUESTED = 1;
const [CONTACT, NORMAL, SELF] = [1, 0, 1];
const AVAILABLE = [2, "available", ""];
const AWAY = [3, "away", ""];
const OFFLINE = [1, "offline", ""];
const FLAGS = { required: 1, register: 2, hasDefault: 4, secret: 8, dbusProperty: 16 };

const targetOf = (name: string): Target => ({ destination: name, path: `/${name.replaceAll(".", "/")}` });

describe.skipIf(!hasForeignClients)("a client by dbus-python", () => {
  let python: ForeignClients;
  let daemon: PrivateBus;
  let service: Bus;
  let connections: ServedManager;
  let accounts: ServedAccountManager;
  let client: ForeignClient;
  beforeAll(() => {
    python = new ForeignClients();
  });
  afterAll(() => python[Symbol.dispose]());
  beforeEach(async () => {
    daemon = await startPrivateBus();
    service = await connect({ bus: daemon.address });
    const dialects = [DIALECTS["telepathy-0"]];
    connections = await serveConnectionManager(service, { name: "test", protocols: [loopback, irc], dialects });
    accounts = await serveAccountManager(service, { store: new MemoryStore(), dialects });
    client = await python.open(daemon.address);
  });
  afterEach(async () => {
    await client.close();
    await accounts.close();
    await connections.close();
    await service.close();
    await daemon.stop();
  });

  async function create(account: string, properties: object = {}): Promise<Target> {
    const parameters = { account: { type: "s", value: account } };
    const method = `${ACCOUNTS}.CreateAccount`;
    const args = ["test", "loopback", account, parameters, properties];
    const path = await client.call(targetOf(ACCOUNTS), method, "sssa{sv}a{sv}", ...args);
    return { destination: ACCOUNTS, path: String(path) };
  }

  const enabled = { [`${ACCOUNT}.Enabled`]: { type: "b", value: true } };
  const request = (account: Target, presence: readonly unknown[]): Promise<void> =>
    client.set(account, `${ACCOUNT}.RequestedPresence`, "(uss)", presence);
  const read = (account: Target, property: string): Promise<unknown> => client.get(account, `${ACCOUNT}.${property}`);
  const statusOf = (account: Target): Promise<unknown> => read(account, "ConnectionStatus");

  test("shares the accounts with all clients: they are listed in ValidAccounts at the well-known name and path", async () => {
    expect(await client.hasOwner("org.freedesktop.Telepathy.AccountManager")).toBe(true);
    const romeo = await create("romeo@example.org");
    const juliet = await create("juliet@example.org");
    const other = await python.open(daemon.address);
    const manager = { destination: ACCOUNTS, path: "/org/freedesktop/Telepathy/AccountManager" };
    expect(await other.get(manager, `${ACCOUNTS}.ValidAccounts`)).toEqual([romeo.path, juliet.path]);
    expect(await other.get(romeo, `${ACCOUNT}.DisplayName`)).toBe("romeo@example.org");
    await other.set(romeo, `${ACCOUNT}.DisplayName`, "s", "Romeo");
    expect(await read(romeo, "DisplayName")).toBe("Romeo");
    await other.call(romeo, `${ACCOUNT}.Remove`);
    expect(await client.get(manager, `${ACCOUNTS}.ValidAccounts`)).toEqual([juliet.path]);
    await other.close();
  });

  test("brings an account online and offline with RequestedPresence, if it is Enabled", async () => {
    const account = await create("romeo@example.org");
    await request(account, AVAILABLE);
    expect(await statusOf(account)).toBe(DISCONNECTED);
    expect(await read(account, "CurrentPresence")).toEqual(OFFLINE);
    await client.set(account, `${ACCOUNT}.Enabled`, "b", true);
    await expect.poll(() => statusOf(account)).toBe(CONNECTED);
    await expect.poll(() => read(account, "CurrentPresence")).toEqual(AVAILABLE);
    await request(account, OFFLINE);
    await expect.poll(() => statusOf(account)).toBe(DISCONNECTED);
    expect(await read(account, "CurrentPresence")).toEqual(OFFLINE);
  });

  test("gets the path of the connection from the account, and its bus name from the path", async () => {
    const account = await create("bob@example.com/telepathy", enabled);
    expect(await read(account, "Connection")).toBe("/");
    await request(account, AVAILABLE);
    await expect.poll(() => statusOf(account)).toBe(CONNECTED);
    const path = String(await read(account, "Connection"));
    expect(path).toBe(`/org/freedesktop/Telepathy/Connection/test/loopback/bob_40example_2ecom_2ftelepathy`);
    const connection = { destination: path.slice(1).replaceAll("/", "."), path };
    expect(await client.get(connection, `${CONNECTION}.Status`)).toBe(CONNECTED);
    await request(account, OFFLINE);
    await expect.poll(() => read(account, "Connection")).toBe("/");
  });

  test("sees an enabled account go online with its AutomaticPresence when a channel is requested", async () => {
    const account = await create("romeo@example.org", {
      ...enabled,
      [`${ACCOUNT}.AutomaticPresence`]: { type: "(uss)", value: AWAY },
    });
    expect(await read(account, "RequestedPresence")).toEqual(OFFLINE);
    await accounts.ensureOnline(account.path);
    expect(await read(account, "RequestedPresence")).toEqual(AWAY);
    expect(await statusOf(account)).toBe(CONNECTED);
    const disabled = await create("juliet@example.org");
    await expect(accounts.ensureOnline(disabled.path)).rejects.toThrow("disabled");
    expect(await read(disabled, "RequestedPresence")).toEqual(OFFLINE);
  });

  test("requests a connection without the account manager, and connects it with Connect", async () => {
    const parameters = { account: { type: "s", value: "bob@example.com" } };
    const method = `${MANAGER}.RequestConnection`;
    const reply = await client.call(targetOf(`${MANAGER}.test`), method, "sa{sv}", "loopback", parameters);
    const [destination = "", path = ""] = reply as string[];
    expect(path).toBe(`/${destination.replaceAll(".", "/")}`);
    const connection = { destination, path };
    await client.watch(connection);
    expect(await client.get(connection, `${CONNECTION}.Status`)).toBe(DISCONNECTED);
    expect(await client.take(connection)).toEqual([]);
    await client.call(connection, `${CONNECTION}.Connect`);
    expect((await client.take(connection)).filter(([member]) => member === "StatusChanged")).toEqual([
      ["StatusChanged", CONNECTING, REQUESTED],
      ["StatusChanged", CONNECTED, REQUESTED],
    ]);
  });

  /** Requests a connection of the connection manager, records its signals, and connects it. */
  async function open(account: string): Promise<Target> {
    const parameters = { account: { type: "s", value: account } };
    const method = `${MANAGER}.RequestConnection`;
    const reply = await client.call(targetOf(`${MANAGER}.test`), method, "sa{sv}", "loopback", parameters);
    const [destination = "", path = ""] = reply as string[];
    await client.watch({ destination, path });
    await client.call({ destination, path }, `${CONNECTION}.Connect`);
    await client.take({ destination, path });
    return { destination, path };
  }

  test("requests a text channel, sends a message and receives one", async () => {
    const connection = await open("romeo@example.org");
    const channelRequest = {
      [`${CHANNEL}.ChannelType`]: { type: "s", value: `${CHANNEL}.Type.Text` },
      [`${CHANNEL}.TargetHandleType`]: { type: "u", value: CONTACT },
      [`${CHANNEL}.TargetID`]: { type: "s", value: "juliet@example.org" },
    };
    const ensure = `${CONNECTION}.Interface.Requests.EnsureChannel`;
    const [, path] = (await client.call(connection, ensure, "a{sv}", channelRequest)) as [boolean, string, object];
    const announced = (await client.take(connection)).map(([member]) => member);
    expect(announced).toEqual(expect.arrayContaining(["NewChannels"]));
    const channel = { destination: connection.destination, path };
    await client.watch(channel);
    await client.call(channel, `${CHANNEL}.Type.Text.Send`, "us", NORMAL, "Wherefore art thou?");
    const received = (await client.take(channel)).filter(([member]) => member === "Sent" || member === "Received");
    expect(received).toEqual([
      ["Sent", expect.any(Number), NORMAL, "Wherefore art thou?"],
      ["Received", 1, expect.any(Number), 2, NORMAL, 0, "Wherefore art thou?"],
    ]);
    await client.call(channel, `${CHANNEL}.Type.Text.AcknowledgePendingMessages`, "au", [1]);
    expect(await client.call(channel, `${CHANNEL}.Type.Text.ListPendingMessages`, "b", false)).toEqual([]);
    await client.call(channel, `${CHANNEL}.Close`);
    expect((await client.take(connection)).map(([member]) => member)).toContain("ChannelClosed");
  });

  test("uses optional interfaces of a connection: presence and aliases", async () => {
    const connection = await open("romeo@example.org");
    const presence = `${CONNECTION}.Interface.SimplePresence`;
    const aliases = `${CONNECTION}.Interface.Aliasing`;
    const interfaces = await client.get(connection, `${CONNECTION}.Interfaces`);
    expect(interfaces).toEqual(expect.arrayContaining([presence, aliases]));
    await client.call(connection, `${presence}.SetPresence`, "ss", "away", "on the balcony");
    expect(await client.call(connection, `${presence}.GetPresences`, "au", [SELF])).toEqual({
      [String(SELF)]: [3, "away", "on the balcony"],
    });
    await client.call(connection, `${aliases}.SetAliases`, "a{us}", { [String(SELF)]: "Montague" });
    expect(await client.call(connection, `${aliases}.GetAliases`, "au", [SELF])).toEqual({
      [String(SELF)]: "Montague",
    });
    const changes = (await client.take(connection)).map(([member]) => member);
    expect(changes).toEqual(expect.arrayContaining(["PresencesChanged", "AliasesChanged"]));
  });

  test("reads the parameters of a protocol with their flags, types and defaults", async () => {
    const reply = await client.call(targetOf(`${MANAGER}.test`), `${MANAGER}.GetParameters`, "s", "irc");
    const parameters = new Map((reply as [string, number, string, unknown][]).map(([name, ...rest]) => [name, rest]));
    // Parameters with well-known names have the types that the manual declares.
    expect(parameters.get("account")).toEqual([FLAGS.required, "s", ""]);
    expect(parameters.get("server")).toEqual([FLAGS.required, "s", ""]);
    expect(parameters.get("port")?.slice(0, 2)).toEqual([0, "q"]);
    expect(parameters.get("require-encryption")).toEqual([FLAGS.hasDefault, "b", false]);
    expect(parameters.get("ident")?.slice(0, 2)).toEqual([0, "s"]);
    expect(parameters.get("fullname")?.slice(0, 2)).toEqual([0, "s"]);
    expect(parameters.get("password")?.slice(0, 2)).toEqual([FLAGS.secret, "s"]);
    // IRC supports neither registration nor calls.
    for (const name of ["register", "stun-server", "stun-port"]) expect(parameters.has(name)).toBe(false);
    const unknown = client.call(targetOf(`${MANAGER}.test`), `${MANAGER}.GetParameters`, "s", "jabber");
    await expect(unknown).rejects.toThrow(`${ROOT}.Error.NotImplemented`);
  });

  test.skipIf(MISSING_PROGRAM !== undefined)("reports the parameters ident and fullname to the server", async () => {
    await using server = await IrcServer.start();
    const texts = { account: "Romeo", server: "127.0.0.1", ident: "montague", fullname: "Romeo of Verona" };
    const parameters = {
      ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { type: "s", value }])),
      port: { type: "q", value: server.port },
    };
    const method = `${MANAGER}.RequestConnection`;
    const reply = await client.call(targetOf(`${MANAGER}.test`), method, "sa{sv}", "irc", parameters);
    const [destination, path] = reply as [string, string];
    await client.call({ destination, path }, `${CONNECTION}.Connect`);
    await expect.poll(() => client.get({ destination, path }, `${CONNECTION}.Status`)).toBe(CONNECTED);
    await using juliet = await IrcPeer.connectUser(server.port, "Juliet");
    juliet.send("WHOIS Romeo");
    await expect(juliet.waitFor(" 311 Juliet Romeo ~montague 127.0.0.1 * :Romeo of Verona")).resolves.toBeUndefined();
  });
});
