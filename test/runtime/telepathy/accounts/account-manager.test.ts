import { type Bus, connect, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient, type AccountPropertyChanges } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import {
  ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnectionParameters } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  InvalidArgumentError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  type Accounts,
  type AccountsOptions,
  MemoryStore,
  type ServedManager,
  serveAccounts,
  serveConnectionManager,
} from "@dbus-codegen-ts/telepathy";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { gdbusCall } from "../../../e2e/foreign.ts";
import { CrashingBus } from "../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { Keepalive, ScriptedProtocol } from "./scripted-protocol.ts";

const MANAGER = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
const AVAILABLE: Presence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
const OFFLINE: Presence = { type: ConnectionPresenceType.Offline, status: "offline", statusMessage: "" };
const UNSET: Presence = { type: ConnectionPresenceType.Unset, status: "", statusMessage: "" };
const CONNECTION = "/im/telepathy1/Connection/scripted/local_test/Bob";
const RETRY = { minDelay: 20, maxDelay: 40 };

let daemon: PrivateBus;
let managerBus: Bus;
let accountsBus: Bus;
let client: Bus;
let protocol: ScriptedProtocol;
let keepalive: Keepalive;
let connections: ServedManager;
let store: MemoryStore;
let accounts: Accounts;
let manager: AccountManagerClient;

async function startManager(): Promise<void> {
  managerBus = await connect({ bus: daemon.address });
  keepalive = new Keepalive();
  connections = await serveConnectionManager(managerBus, {
    name: "scripted",
    protocols: [protocol],
    onConnection: (connection) => connection.addInterface(Keepalive.contract, keepalive),
  });
}

async function startAccounts(options: Partial<AccountsOptions> = {}): Promise<void> {
  accountsBus = await connect({ bus: daemon.address });
  accounts = await serveAccounts(accountsBus, { store, retry: RETRY, ...options });
}

beforeEach(async () => {
  daemon = await startPrivateBus();
  client = await connect({ bus: daemon.address });
  protocol = new ScriptedProtocol();
  store = new MemoryStore();
  await startManager();
  await startAccounts();
  manager = new AccountManagerClient(client, MANAGER);
});
afterEach(async () => {
  await accounts.close();
  await connections.close();
  for (const bus of [client, managerBus, accountsBus]) await bus.close();
  await daemon.stop();
});

async function create(
  properties: Parameters<AccountManagerClient["createAccount"]>[4] = { enabled: true },
  parameters: ConnectionParameters = { account: "Bob" },
): Promise<AccountClient> {
  const path = await manager.createAccount("scripted", "local-test", "Bob at test", parameters, properties);
  return new AccountClient(client, { destination: MANAGER.destination, path });
}

/** Everything that AccountPropertyChanged says, in order. */
async function changesOf(account: AccountClient): Promise<AccountPropertyChanges[]> {
  const heard: AccountPropertyChanges[] = [];
  await account.signals.accountPropertyChanged.subscribe((changes) => heard.push(changes));
  return heard;
}

async function statusIs(account: AccountClient, status: ConnectionStatus): Promise<void> {
  await eventually(async () => expect(await account.properties.connectionStatus.get()).toBe(status));
}

const { Connected, Connecting, Disconnected } = ConnectionStatus;
const { Requested, NetworkError, AuthenticationFailed, NoneSpecified } = ConnectionStatusReason;

test("from a new account to its connection, and back", async () => {
  const validity: unknown[] = [];
  await manager.signals.accountValidityChanged.subscribe((...args) => validity.push(args));
  const account = await create();
  const [path] = await manager.properties.validAccounts.get();
  expect(path).toBe("/im/telepathy1/Account/scripted/local_test/Bob0");
  expect(validity).toEqual([[path, true]]);
  expect(await account.properties.connection.get()).toBe("/");
  expect(await account.properties.currentPresence.get()).toEqual(OFFLINE);

  const heard = await changesOf(account);
  await account.properties.requestedPresence.set(AVAILABLE);
  // In one signal, and before Set returns.
  expect(heard[0]).toEqual({
    requestedPresence: AVAILABLE,
    changingPresence: true,
    connectionStatus: Connecting,
    connectionStatusReason: Requested,
  });
  await statusIs(account, Connected);
  await eventually(() => expect(heard.at(-1)).toEqual({ normalizedName: "bob" }));
  expect(heard.slice(1)).toEqual([
    { connection: CONNECTION },
    { connectionStatus: Connected, currentPresence: UNSET, changingPresence: false, hasBeenOnline: true },
    { normalizedName: "bob" },
  ]);

  heard.splice(0);
  await account.properties.requestedPresence.set(OFFLINE);
  await statusIs(account, Disconnected);
  await eventually(() => expect(heard).toHaveLength(2));
  expect(heard).toEqual([
    { requestedPresence: OFFLINE, changingPresence: true },
    { connection: "/", connectionStatus: Disconnected, currentPresence: OFFLINE, changingPresence: false },
  ]);
  expect(protocol.last.disconnected).toBe(true);
  expect(connections.connections).toBe(0);
  expect(await account.properties.hasBeenOnline.get()).toBe(true);
});

describe("creating", () => {
  test.each<[string, new (message: string) => DBusError, () => Promise<unknown>]>([
    ["no such manager", NotImplementedError, () => manager.createAccount("nobody", "x", "", {}, {})],
    ["no such protocol", NotImplementedError, () => manager.createAccount("scripted", "x", "", {}, {})],
    ["a name that is none", InvalidArgumentError, () => manager.createAccount("a.b", "x", "", {}, {})],
    ["a required parameter is missing", InvalidArgumentError, () => create({}, {})],
    [
      "an unknown parameter",
      InvalidArgumentError,
      () => create({}, { account: "x", extra: { colour: new Variant("s", "red") } }),
    ],
    [
      "a parameter of the wrong type",
      InvalidArgumentError,
      () => create({}, { extra: { account: new Variant("u", 1) } }),
    ],
    [
      "a property that is not supported",
      InvalidArgumentError,
      () => create({ extra: { "a.B.C": new Variant("s", "") } }),
    ],
    ["a presence that cannot be requested", InvalidArgumentError, () => create({ requestedPresence: UNSET })],
    ["automatically offline", InvalidArgumentError, () => create({ automaticPresence: OFFLINE })],
    ["a service that is none", InvalidArgumentError, () => create({ service: "two words" })],
  ])("%s is refused", async (_, error, call) => {
    await expect(call()).rejects.toBeInstanceOf(error);
    expect(await manager.properties.validAccounts.get()).toEqual([]);
    expect(await store.load()).toEqual([]);
  });

  test("two accounts of the same name are told apart, also when made at the same time", async () => {
    await Promise.all([create({}), create({})]);
    expect(await manager.properties.validAccounts.get()).toEqual([
      "/im/telepathy1/Account/scripted/local_test/Bob0",
      "/im/telepathy1/Account/scripted/local_test/Bob1",
    ]);
  });

  test("properties are taken, and every one that is listed", async () => {
    const given = { icon: "i", enabled: true, nickname: "n", service: "s", connectAutomatically: false } as const;
    const account = await create({ ...given, automaticPresence: AVAILABLE, hasBeenOnline: true });
    for (const key of ["icon", "enabled", "nickname", "service", "hasBeenOnline"] as const) {
      expect(await account.properties[key].get()).toBe(key === "hasBeenOnline" ? true : given[key]);
    }
    expect(await manager.properties.supportedAccountProperties.get()).toContain(
      "im.telepathy1.Account.RequestedPresence",
    );
  });

  test("with a presence it connects at once", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
  });
});

describe("setting", () => {
  test.each<[string, (account: AccountClient) => Promise<void>]>([
    ["Unset", (account) => account.properties.requestedPresence.set(UNSET)],
    [
      "Unknown",
      (account) => account.properties.requestedPresence.set({ ...UNSET, type: ConnectionPresenceType.Unknown }),
    ],
    ["Error", (account) => account.properties.requestedPresence.set({ ...UNSET, type: ConnectionPresenceType.Error })],
    ["offline as AutomaticPresence", (account) => account.properties.automaticPresence.set(OFFLINE)],
    ["a bad Service", (account) => account.properties.service.set("1")],
  ])("%s is refused, and nothing changes", async (_, set) => {
    const account = await create();
    const heard = await changesOf(account);
    await expect(set(account)).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(heard).toEqual([]);
  });

  test("names and switches are announced before Set returns, and stored", async () => {
    const account = await create();
    const heard = await changesOf(account);
    await account.properties.displayName.set("Robert");
    await account.properties.icon.set("im-irc");
    await account.properties.nickname.set("Bobby");
    await account.properties.service.set("google-talk");
    await account.properties.enabled.set(false);
    expect(heard).toEqual([
      { displayName: "Robert" },
      { icon: "im-irc" },
      { nickname: "Bobby" },
      { service: "google-talk" },
      { enabled: false },
    ]);
    const [stored] = await store.load();
    expect(stored?.settings).toMatchObject({ displayName: "Robert", nickname: "Bobby", enabled: false });
  });

  test("disabling disconnects, enabling connects again", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    await account.properties.enabled.set(false);
    await statusIs(account, Disconnected);
    await account.properties.enabled.set(true);
    await statusIs(account, Connected);
  });
});

describe("parameters", () => {
  test("an update says what waits for a reconnection, and Reconnect brings it about", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const update = { account: "Bob", password: "new", extra: { port: new Variant("u", 7000) } };
    expect([...(await account.updateParameters(update, []))].sort()).toEqual(["password", "port"]);
    expect(protocol.last.parameters.text("password")).toBeUndefined();
    await account.reconnect();
    await eventually(() => expect(protocol.opened).toHaveLength(2));
    await statusIs(account, Connected);
    expect(protocol.last.parameters.text("password")).toBe("new");
    expect(protocol.last.parameters.number("port")).toBe(7000);
    expect(await account.properties.parameters.get()).toEqual({ account: "Bob", password: "new", port: 7000 });
    const [stored] = await store.load();
    expect(stored?.settings.secrets).toEqual(new Map([["password", new Variant("s", "new")]]));
    expect(await account.updateParameters({}, ["port", "nonsense"])).toEqual(["port"]);
  });

  test("those that are properties of the connection reach it at once, where it has them", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const extra = { "org.example.Keepalive.Interval": new Variant("i", 60) };
    expect(await account.updateParameters({ extra }, [])).toEqual([]);
    expect(keepalive.properties.interval).toBe(60);
    expect(await account.updateParameters({}, ["org.example.Keepalive.Interval"])).toEqual([]);
    expect(keepalive.properties.interval).toBe(30);
    const missing = { "org.example.Nothing.There": new Variant("u", 1) };
    expect(await account.updateParameters({ extra: missing }, [])).toEqual(["org.example.Nothing.There"]);
    expect(protocol.opened).toHaveLength(1);
  });

  test("nothing waits while there is no connection, and what is wrong is refused", async () => {
    const account = await create({});
    expect(await account.updateParameters({ port: 7000 }, [])).toEqual([]);
    await expect(account.updateParameters({}, ["account"])).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await account.properties.parameters.get()).toEqual({ account: "Bob", port: 7000 });
  });
});

describe("what ends a connection", () => {
  test("a network error: the error is told, and the account comes back", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const heard = await changesOf(account);
    const name = "im.telepathy1.Error.ConnectionLost";
    protocol.last.host.disconnected(NetworkError, { name, details: { debugMessage: "ECONNRESET" } });
    await eventually(() => expect(protocol.opened).toHaveLength(2));
    await statusIs(account, Connected);
    expect(heard[0]).toEqual({
      connection: "/",
      connectionStatus: Connecting,
      connectionStatusReason: NetworkError,
      connectionError: name,
      connectionErrorDetails: { debugMessage: "ECONNRESET" },
      currentPresence: OFFLINE,
    });
    expect(await account.properties.connectionError.get()).toBe("");
  });

  test("a wrong password: it stays offline until the password is another", async () => {
    protocol.onConnect = ({ host, parameters }) => {
      if (parameters.text("password") === "right") host.connected("bob");
      else host.disconnected(AuthenticationFailed);
    };
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Disconnected);
    expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.AuthenticationFailed");
    expect(await account.properties.connectionStatusReason.get()).toBe(AuthenticationFailed);
    expect(await account.properties.changingPresence.get()).toBe(false);
    expect(await account.properties.requestedPresence.get()).toEqual(AVAILABLE);
    await account.updateParameters({ password: "right" }, []);
    await statusIs(account, Connected);
    expect(protocol.opened).toHaveLength(2);
  });

  test("somebody disconnects the connection: the account takes it for a wish", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const path = await account.properties.connection.get();
    await new ConnectionClient(client, { destination: path.slice(1).replaceAll("/", "."), path }).disconnect();
    await statusIs(account, Disconnected);
    expect(await account.properties.requestedPresence.get()).toEqual(OFFLINE);
    expect(await account.properties.connectionError.get()).toBe("");
  });

  test("the connection manager crashes: the account comes back when it does", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const heard = await changesOf(account);
    await managerBus.close();
    await eventually(() => expect(heard[0]).toMatchObject({ connection: "/", connectionStatusReason: NoneSpecified }));
    await startManager();
    await statusIs(account, Connected);
  });

  test("a connection manager that refuses the parameters is not asked again", async () => {
    const account = await create({ enabled: true }, { account: "" });
    vi.spyOn(protocol, "identifyAccount").mockImplementation(() => {
      throw new InvalidArgumentError("empty account");
    });
    await account.properties.requestedPresence.set(AVAILABLE);
    await statusIs(account, Disconnected);
    expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.InvalidArgument");
    expect(protocol.identifyAccount).toHaveBeenCalledTimes(1);
  });
});

describe("a channel request", () => {
  test("brings an enabled account online, with its AutomaticPresence", async () => {
    const account = await create();
    const path = "/im/telepathy1/Account/scripted/local_test/Bob0";
    expect(await accounts.ensureOnline(path)).toBe(CONNECTION);
    expect(await accounts.ensureOnline(path)).toBe(CONNECTION);
    expect(await account.properties.requestedPresence.get()).toEqual(AVAILABLE);
  });

  test("fails with the error of the connection, and for accounts that must not connect", async () => {
    protocol.onConnect = ({ host }) => host.disconnected(AuthenticationFailed);
    const account = await create();
    const path = "/im/telepathy1/Account/scripted/local_test/Bob0";
    const failure: unknown = await accounts.ensureOnline(path).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DBusError);
    expect(failure).toMatchObject({ errorName: "im.telepathy1.Error.AuthenticationFailed" });
    await account.properties.enabled.set(false);
    await expect(accounts.ensureOnline(path)).rejects.toBeInstanceOf(NotAvailableError);
    await expect(accounts.ensureOnline("/nothing")).rejects.toBeInstanceOf(NotAvailableError);
  });
});

describe("removing", () => {
  test("an account disconnects, is announced as gone, and is forgotten", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await statusIs(account, Connected);
    const heard: unknown[] = [];
    await account.signals.removed.subscribe(() => heard.push("removed"));
    await manager.signals.accountRemoved.subscribe((path) => heard.push(path));
    await account.remove();
    expect(heard).toEqual(["removed", "/im/telepathy1/Account/scripted/local_test/Bob0"]);
    expect(await manager.properties.validAccounts.get()).toEqual([]);
    expect(await store.load()).toEqual([]);
    await expect(account.properties.enabled.get()).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.UnknownObject",
    });
    await eventually(() => expect(connections.connections).toBe(0));
  });
});

describe("another run", () => {
  test("has the same accounts, and those that connect automatically do", async () => {
    await create({ enabled: true, connectAutomatically: true });
    await create({ enabled: true });
    await accounts.close();
    await accountsBus.close();
    expect(connections.connections).toBe(0);
    await startAccounts();
    const [first, second, ...more] = await manager.properties.validAccounts.get();
    expect(more).toEqual([]);
    const [automatic, manual] = [first, second].map(
      (path) => new AccountClient(client, { destination: MANAGER.destination, path: path ?? "/" }),
    );
    if (automatic === undefined || manual === undefined) throw new Error("two accounts were expected");
    await statusIs(automatic, Connected);
    expect(await manual.properties.connectionStatus.get()).toBe(Disconnected);
  });

  test("after a crash takes back the connection that was left behind", async () => {
    const account = await create({ enabled: true, connectAutomatically: true });
    await statusIs(account, Connected);
    await accountsBus.close();
    expect(connections.connections).toBe(1);
    await startAccounts();
    await statusIs(account, Connected);
    expect(protocol.opened).toHaveLength(2);
    expect(protocol.opened[0]?.disconnected).toBe(true);
  });

  test("without the connection manager has invalid accounts, until it is there", async () => {
    await create({ enabled: true, connectAutomatically: true });
    await accounts.close();
    await accountsBus.close();
    await connections.close();
    await startAccounts();
    const path = "/im/telepathy1/Account/scripted/local_test/Bob0";
    expect(await manager.properties.invalidAccounts.get()).toEqual([path]);
    await managerBus.close();
    await startManager();
    const account = new AccountClient(client, { destination: MANAGER.destination, path });
    await statusIs(account, Connected);
    expect(await account.properties.valid.get()).toBe(true);
  });

  test("there is no second account manager", async () => {
    const other = await connect({ bus: daemon.address });
    const opened = vi.spyOn(store, "load");
    await expect(serveAccounts(other, { store })).rejects.toBeInstanceOf(NotAvailableError);
    expect(opened).not.toHaveBeenCalled();
    await other.close();
  });
});

test("the bus crashes and comes back: so does the account, with one connection", async () => {
  await using crashing = await CrashingBus.start();
  const reconnect = { minDelay: 10, maxDelay: 50 };
  await using ours = await connect({ bus: crashing.address, reconnect });
  await using theirs = await connect({ bus: crashing.address, reconnect });
  await using served = await serveConnectionManager(theirs, { name: "scripted", protocols: [protocol] });
  await using other = await serveAccounts(ours, { store: new MemoryStore(), retry: RETRY });
  const remote = new AccountManagerClient(theirs, MANAGER);
  const properties = { enabled: true, requestedPresence: AVAILABLE };
  const path = await remote.createAccount("scripted", "local-test", "", { account: "Bob" }, properties);
  const account = new AccountClient(theirs, { destination: MANAGER.destination, path });
  await statusIs(account, Connected);
  await crashing.crash();
  await crashing.restart();
  await eventually(() => expect(protocol.opened).toHaveLength(2));
  expect(await other.ensureOnline(path)).toBe(CONNECTION);
  expect(served.connections).toBe(1);
});

test("a foreign client makes an account, brings it online, and reads what became of it", async () => {
  const { destination, path } = MANAGER;
  const call = (object: string, method: string, ...args: readonly string[]): Promise<string> =>
    gdbusCall(daemon.address, destination, object, method, ...args);
  const parameters = "{'account': <'Bob'>, 'port': <uint32 7000>}";
  const properties = "{'im.telepathy1.Account.Enabled': <true>}";
  const create = ["scripted", "local-test", "Bob at test", parameters, properties];
  const account = "/im/telepathy1/Account/scripted/local_test/Bob0";
  expect(await call(path, `${destination}.CreateAccount`, ...create)).toBe(`(objectpath '${account}',)`);
  const property = (name: string): Promise<string> =>
    call(account, "org.freedesktop.DBus.Properties.Get", "im.telepathy1.Account", name);
  const presence = "<(uint32 2, 'available', '')>";
  await call(account, "org.freedesktop.DBus.Properties.Set", "im.telepathy1.Account", "RequestedPresence", presence);
  await eventually(async () => expect(await property("ConnectionStatus")).toBe("(<uint32 0>,)"));
  expect(await property("Connection")).toBe(`(<objectpath '${CONNECTION}'>,)`);
  expect(await property("CurrentPresence")).toBe("(<(uint32 0, '', '')>,)");
  expect(await property("Parameters")).toContain("'port': <uint16 7000>");
});

test("what cannot be stored is an error to whoever set it, and told", async () => {
  const account = await create();
  vi.spyOn(store, "save").mockRejectedValue(new Error("disk full"));
  const { errorName } = NotAvailableError;
  await expect(account.properties.nickname.set("x")).rejects.toMatchObject({ errorName });
  await expect(create()).rejects.toMatchObject({ errorName });
  expect(await manager.properties.validAccounts.get()).toHaveLength(1);
});
