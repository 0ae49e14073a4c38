import { inspect } from "node:util";
import { type Bus, connect, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient, type AccountPropertyChanges } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import {
  ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import {
  ConnectionManagerService,
  type ConnectionParameters,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  InvalidArgumentError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  type AccountManagerOptions,
  MemoryStore,
  type ServedAccountManager,
  type ServedManager,
  type StoredAccount,
  serveAccountManager,
  serveConnectionManager,
} from "@dbus-codegen-ts/telepathy";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { newAccountSettings } from "../../../../runtime/telepathy/accounts/account-settings.ts";
import { gdbusCall } from "../../../e2e/foreign.ts";
import { CrashingBus } from "../../../reliability/support.ts";
import { monitorBus } from "../../../setup/bus-monitor.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { KeepaliveService, PresenceService, ScriptedProtocol } from "./scripted-protocol.ts";

const MANAGER = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };
const AVAILABLE: Presence = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
const OFFLINE: Presence = { type: ConnectionPresenceType.Offline, status: "offline", statusMessage: "" };
const UNSET: Presence = { type: ConnectionPresenceType.Unset, status: "", statusMessage: "" };
const CONNECTION = "/im/telepathy1/Connection/scripted/local_test/Bob";
const MESSAGE_TYPES = ["invalid", "call", "reply", "error", "signal"];
const RETRY = { minDelay: 20, maxDelay: 40 };

let daemon: PrivateBus;
let managerBus: Bus;
let accountsBus: Bus;
let client: Bus;
let protocol: ScriptedProtocol;
let keepalive: KeepaliveService;
let connections: ServedManager;
let store: MemoryStore;
let accounts: ServedAccountManager;
let manager: AccountManagerClient;

async function startManager(): Promise<void> {
  managerBus = await connect({ bus: daemon.address });
  keepalive = new KeepaliveService();
  connections = await serveConnectionManager(managerBus, {
    name: "scripted",
    protocols: [protocol],
    onConnection: (connection) => connection.addInterface(KeepaliveService.interfaceName, keepalive),
  });
}

async function startAccounts(options: Partial<AccountManagerOptions> = {}): Promise<void> {
  accountsBus = await connect({ bus: daemon.address });
  accounts = await serveAccountManager(accountsBus, { store, retry: RETRY, ...options });
}

beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());
beforeEach(async () => {
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
});

async function create(
  properties: Parameters<AccountManagerClient["createAccount"]>[4] = { enabled: true },
  parameters: ConnectionParameters = { account: "Bob" },
): Promise<AccountClient> {
  const path = await manager.createAccount("scripted", "local-test", "Bob at test", parameters, properties);
  return new AccountClient(client, { destination: MANAGER.destination, path });
}

/** Records the arguments of all AccountPropertyChanged signals of an account. */
async function recordChanges(account: AccountClient): Promise<AccountPropertyChanges[]> {
  const received: AccountPropertyChanges[] = [];
  await account.signals.accountPropertyChanged.subscribe((changes) => received.push(changes));
  return received;
}

async function waitForStatus(account: AccountClient, status: ConnectionStatus): Promise<void> {
  await eventually(async () => expect(await account.properties.connectionStatus.get()).toBe(status));
  // The identifier of the user is read when the connection is connected.
  if (status === Connected)
    await eventually(async () => expect(await account.properties.normalizedName.get()).not.toBe(""));
}

const { Connected, Connecting, Disconnected } = ConnectionStatus;
const { Requested, NetworkError, AuthenticationFailed, NoneSpecified } = ConnectionStatusReason;

describe("quotas", () => {
  const limits = { accountsPerClient: 2, accountsPerUser: 3, accounts: 4, accountTextLength: 10, parameterBytes: 40 };
  const other = (): AccountManagerClient => new AccountManagerClient(otherClient, MANAGER);
  let otherClient: Bus;
  beforeEach(async () => {
    await accounts.close();
    const settings = newAccountSettings("stored", new Map([["account", new Variant("s", "Bob")]]), new Map());
    await store.save({ name: { manager: "scripted", protocol: "local-test", id: "stored" }, settings });
    await startAccounts({ quotas: limits });
    otherClient = await connect({ bus: daemon.address });
  });
  afterEach(() => otherClient.close());

  const createAs = (creator: AccountManagerClient): Promise<string> =>
    creator.createAccount("scripted", "local-test", "", { account: "Bob" }, {});

  test("limit the accounts of a client and of a user; the removal of an account makes room", async () => {
    const created = await createAs(manager);
    await createAs(manager);
    await expect(createAs(manager)).rejects.toThrow("a client may have 2 accounts");
    await createAs(other());
    await expect(createAs(other())).rejects.toThrow("a user may have 3 accounts");
    await new AccountClient(client, { ...MANAGER, path: created }).remove();
    await createAs(other());
    expect(await manager.properties.validAccounts.get()).toHaveLength(4);
  });

  test("count the accounts that a user created before a restart, but not removed ones", async () => {
    const created = [await createAs(manager), await createAs(manager), await createAs(other())];
    await accounts.close();
    await startAccounts({ quotas: limits });
    await expect(createAs(manager)).rejects.toThrow("a user may have 3 accounts");
    await new AccountClient(client, { ...MANAGER, path: created[0] ?? "" }).remove();
    await createAs(manager);
    await expect(createAs(other())).rejects.toThrow("a user may have 3 accounts");
  });

  test("limit texts and parameters", async () => {
    const account = await create({}, { account: "Bob" }).catch((error: Error) => error.message);
    expect(account).toBe("a text may have at most 10 characters");
    const path = await createAs(manager);
    const small = new AccountClient(client, { ...MANAGER, path });
    const outcome = (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => "done",
        (error: Error) => error.message,
      );
    const long = "x".repeat(41);
    const tooLong = "a text may have at most 10 characters";
    const tooLarge = "the parameters may have at most 40 bytes in total";
    expect([
      await outcome(small.properties.displayName.set(long)),
      await outcome(small.properties.nickname.set("x".repeat(10))),
      await outcome(small.properties.requestedPresence.set({ ...AVAILABLE, statusMessage: long })),
      await outcome(small.updateParameters({ password: long }, [])),
      await outcome(small.updateParameters({ password: "x".repeat(20) }, [])),
      await outcome(small.updateParameters({ extra: { port: new Variant("u", 1) } }, [])),
      await outcome(manager.createAccount("scripted", "local-test", "", { account: long }, {})),
      await outcome(manager.createAccount("scripted", "local-test", "", { account: "B" }, { icon: long })),
    ]).toEqual([tooLong, "done", tooLong, tooLarge, "done", tooLarge, tooLarge, tooLong]);
  });
});

test("a connection manager that returns another path fails, and its path is not stored", async () => {
  class HostileManager extends ConnectionManagerService {
    requestConnection(): [string, string] {
      return ["im.telepathy1.Connection.hostile.local_test.Bob", `/${"x".repeat(1000)}`];
    }
  }
  await using hostile = await connect({ bus: daemon.address });
  const parameters = [{ name: "account", flags: 0, signature: "s", defaultValue: new Variant("s", "") }];
  await hostile.serve(
    "/im/telepathy1/ConnectionManager/hostile",
    new HostileManager({ interfaces: [], protocols: { "local-test": { parameters } } }),
  );
  await hostile.requestName("im.telepathy1.ConnectionManager.hostile");
  const path = await manager.createAccount("hostile", "local-test", "", { account: "Bob" }, { enabled: true });
  const account = new AccountClient(client, { ...MANAGER, path });
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(async () =>
    expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.InvalidArgument"),
  );
  expect((await store.load()).map(({ settings }) => settings.connection)).toEqual([""]);
});

test("changes that wait for a save are saved together, and removal is final", async () => {
  const saved: string[] = [];
  const stored = new Map<string, string>();
  let ready = Promise.resolve();
  await accounts.close();
  await startAccounts({
    store: {
      lock: () => store.lock(),
      load: async () => [],
      isUsed: () => false,
      save: async ({ name, settings }) => {
        await ready;
        saved.push(settings.displayName);
        stored.set(name.id, settings.displayName);
      },
      remove: async ({ id }) => {
        await ready;
        stored.delete(id);
      },
    },
  });
  const account = await create();
  /**
   * Calls a function whose calls change accounts. No change is saved until the account manager has handled all of
   * these calls.
   */
  const delayed = async (call: () => readonly Promise<unknown>[]): Promise<void> => {
    const { promise, resolve } = deferred<void>();
    ready = promise;
    const calls = call().map((result) => result.catch(() => undefined));
    // The calls of a client are handled in order.
    await manager.properties.validAccounts.get();
    resolve();
    await Promise.all(calls);
  };
  saved.length = 0;
  await delayed(() => Array.from({ length: 500 }, (_, index) => account.properties.displayName.set(`n${index}`)));
  expect(saved.length).toBeLessThanOrEqual(2);
  expect([...stored]).toEqual([["Bob0", "n499"]]);
  await delayed(() => [
    account.remove(),
    ...Array.from({ length: 10 }, (_, index) => account.properties.displayName.set(`m${index}`)),
  ]);
  await accounts.close();
  expect([...stored]).toEqual([]);
});

test("an account that cannot be served is reported, and the others are served", async () => {
  await accounts.close();
  const name = { manager: "scripted", protocol: "local-test", id: "Bob0" };
  const good = {
    name,
    settings: newAccountSettings("good", new Map([["account", new Variant("s", "Bob")]]), new Map()),
  };
  const last = { ...good, name: { ...name, id: "last" } };
  const stored: readonly StoredAccount[] = [{ ...good, name: { ...name, id: "a.b" } }, good, good, last];
  const errors: string[] = [];
  await startAccounts({
    store: {
      lock: () => store.lock(),
      load: async () => stored,
      isUsed: () => false,
      save: async () => undefined,
      remove: async () => undefined,
    },
    onStoreError: (error, account) => errors.push(`${account}: ${error instanceof Error ? error.name : error}`),
  });
  const prefix = "/im/telepathy1/Account/scripted/local_test";
  expect(await manager.properties.validAccounts.get()).toEqual([`${prefix}/Bob0`, `${prefix}/last`]);
  expect(errors).toEqual(["scripted/local-test/a.b: InvalidArgumentError", "scripted/local-test/Bob0: Error"]);
});

test("a new account is connected and disconnected by its requested presence", async () => {
  const validity: unknown[] = [];
  await manager.signals.accountValidityChanged.subscribe((...args) => validity.push(args));
  const account = await create();
  const [path] = await manager.properties.validAccounts.get();
  expect(path).toBe("/im/telepathy1/Account/scripted/local_test/Bob0");
  expect(validity).toEqual([[path, true]]);
  expect(await account.properties.connection.get()).toBe("/");
  expect(await account.properties.currentPresence.get()).toEqual(OFFLINE);

  const received = await recordChanges(account);
  await account.properties.requestedPresence.set(AVAILABLE);
  // All changes are in one signal, which is received before Set returns.
  expect(received[0]).toEqual({
    requestedPresence: AVAILABLE,
    changingPresence: true,
    connectionStatus: Connecting,
    connectionStatusReason: Requested,
  });
  await waitForStatus(account, Connected);
  await eventually(() => expect(received.at(-1)).toEqual({ normalizedName: "bob" }));
  expect(received.slice(1)).toEqual([
    { connection: CONNECTION },
    { connectionStatus: Connected, currentPresence: UNSET, changingPresence: false, hasBeenOnline: true },
    { normalizedName: "bob" },
  ]);

  received.splice(0);
  await account.properties.requestedPresence.set(OFFLINE);
  await waitForStatus(account, Disconnected);
  await eventually(() => expect(received).toHaveLength(2));
  expect(received).toEqual([
    { requestedPresence: OFFLINE, changingPresence: true },
    { connection: "/", connectionStatus: Disconnected, currentPresence: OFFLINE, changingPresence: false },
  ]);
  expect(protocol.last.disconnected).toBe(true);
  expect(connections.connectionCount).toBe(0);
  expect(await account.properties.hasBeenOnline.get()).toBe(true);
});

describe("CreateAccount", () => {
  test.each<[string, new (message: string) => DBusError, () => Promise<unknown>]>([
    ["an unknown manager", NotImplementedError, () => manager.createAccount("nobody", "x", "", {}, {})],
    ["an unknown protocol", NotImplementedError, () => manager.createAccount("scripted", "x", "", {}, {})],
    ["an invalid manager name", InvalidArgumentError, () => manager.createAccount("a.b", "x", "", {}, {})],
    ["a missing parameter", InvalidArgumentError, () => create({}, {})],
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
    ["an unsupported property", InvalidArgumentError, () => create({ extra: { "a.B.C": new Variant("s", "") } })],
    ["a presence that cannot be requested", InvalidArgumentError, () => create({ requestedPresence: UNSET })],
    ["Offline as AutomaticPresence", InvalidArgumentError, () => create({ automaticPresence: OFFLINE })],
    ["an invalid service name", InvalidArgumentError, () => create({ service: "two words" })],
  ])("refuses %s", async (_, error, call) => {
    await expect(call()).rejects.toBeInstanceOf(error);
    expect(await manager.properties.validAccounts.get()).toEqual([]);
    expect(await store.load()).toEqual([]);
  });

  test("accounts of the same name have different paths, also when created concurrently", async () => {
    await Promise.all([create({}), create({})]);
    expect(await manager.properties.validAccounts.get()).toEqual([
      "/im/telepathy1/Account/scripted/local_test/Bob0",
      "/im/telepathy1/Account/scripted/local_test/Bob1",
    ]);
  });

  test("applies all supported properties", async () => {
    const given = { icon: "i", enabled: true, nickname: "n", service: "s", connectAutomatically: false } as const;
    const account = await create({ ...given, automaticPresence: AVAILABLE, hasBeenOnline: true });
    for (const key of ["icon", "enabled", "nickname", "service", "hasBeenOnline"] as const) {
      expect(await account.properties[key].get()).toBe(key === "hasBeenOnline" ? true : given[key]);
    }
    expect(await manager.properties.supportedAccountProperties.get()).toContain(
      "im.telepathy1.Account.RequestedPresence",
    );
  });

  test("connects immediately if a presence is requested", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
  });
});

describe("setting a property", () => {
  test.each<[string, (account: AccountClient) => Promise<void>]>([
    ["Unset", (account) => account.properties.requestedPresence.set(UNSET)],
    [
      "Unknown",
      (account) => account.properties.requestedPresence.set({ ...UNSET, type: ConnectionPresenceType.Unknown }),
    ],
    ["Error", (account) => account.properties.requestedPresence.set({ ...UNSET, type: ConnectionPresenceType.Error })],
    ["Offline as AutomaticPresence", (account) => account.properties.automaticPresence.set(OFFLINE)],
    ["an invalid Service", (account) => account.properties.service.set("1")],
  ])("refuses %s and changes nothing", async (_, set) => {
    const account = await create();
    const received = await recordChanges(account);
    await expect(set(account)).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(received).toEqual([]);
  });

  test("announces the change before Set returns, and stores it", async () => {
    const account = await create();
    const received = await recordChanges(account);
    await account.properties.displayName.set("Robert");
    await account.properties.icon.set("im-irc");
    await account.properties.nickname.set("Bobby");
    await account.properties.service.set("google-talk");
    await account.properties.enabled.set(false);
    expect(received).toEqual([
      { displayName: "Robert" },
      { icon: "im-irc" },
      { nickname: "Bobby" },
      { service: "google-talk" },
      { enabled: false },
    ]);
    const [stored] = await store.load();
    expect(stored?.settings).toMatchObject({ displayName: "Robert", nickname: "Bobby", enabled: false });
  });

  test("disabling disconnects, and enabling connects", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    await account.properties.enabled.set(false);
    await waitForStatus(account, Disconnected);
    await account.properties.enabled.set(true);
    await waitForStatus(account, Connected);
  });
});

describe("UpdateParameters", () => {
  test("returns the parameters that require a reconnection, and Reconnect applies them", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const update = { account: "Bob", password: "new", extra: { port: new Variant("u", 7000) } };
    expect([...(await account.updateParameters(update, []))].sort()).toEqual(["password", "port"]);
    expect(protocol.last.parameters.getString("password")).toBeUndefined();
    await account.reconnect();
    await eventually(() => expect(protocol.opened).toHaveLength(2));
    await waitForStatus(account, Connected);
    expect(protocol.last.parameters.getString("password")).toBe("new");
    expect(protocol.last.parameters.getNumber("port")).toBe(7000);
    expect(await account.properties.parameters.get()).toEqual({ account: "Bob", password: "new", port: 7000 });
    const [stored] = await store.load();
    expect(stored?.settings.secrets).toEqual(new Map([["password", new Variant("s", "new")]]));
    expect(await account.updateParameters({}, ["port", "nonsense"])).toEqual(["port"]);
  });

  test("neither signals nor errors nor reported failures contain a secret", async () => {
    const [first, second, third] = ["secret-1", "secret-2", "secret-3"];
    await using monitor = await monitorBus(daemon.address);
    const account = await create({ enabled: true }, { account: "Bob", password: first });
    await account.properties.requestedPresence.set(AVAILABLE);
    await waitForStatus(account, Connected);
    const changes = await recordChanges(account);
    await account.updateParameters({ password: second }, []);
    await account.updateParameters({ account: "Rob", password: third }, []);
    await expect(account.updateParameters({ extra: { password: new Variant("as", [third]) } }, [])).rejects.toThrow(
      "parameter password takes type s, got as",
    );
    await expect(account.updateParameters({ extra: { unknown: new Variant("s", third) } }, [])).rejects.toThrow(
      "unknown parameter: unknown",
    );
    await account.reconnect();
    await waitForStatus(account, Connected);
    expect(changes.flatMap(({ parameters }) => parameters ?? [])).toEqual([{ account: "Bob" }, { account: "Rob" }]);
    // The property Parameters contains the secrets, as in Mission Control.
    expect(await account.properties.parameters.get()).toEqual({ account: "Rob", password: third });
    const kindsWithSecret = (): readonly string[] => {
      const containing = monitor.messages.filter(({ body }) => /secret-[123]/.test(inspect(body, { depth: null })));
      return [...new Set(containing.map(({ type, member = "" }) => `${MESSAGE_TYPES[type]} ${member}`.trim()))].sort();
    };
    const expected = ["call CreateAccount", "call RequestConnection", "call UpdateParameters", "reply"];
    await eventually(() => expect(kindsWithSecret()).toEqual(expected));
  });

  test("sets parameters that are properties of the connection, if the connection has them", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const extra = { "org.example.Keepalive.Interval": new Variant("i", 60) };
    expect(await account.updateParameters({ extra }, [])).toEqual([]);
    expect(keepalive.properties.interval).toBe(60);
    expect(await account.updateParameters({}, ["org.example.Keepalive.Interval"])).toEqual([]);
    expect(keepalive.properties.interval).toBe(30);
    const missing = { "org.example.Nothing.There": new Variant("u", 1) };
    expect(await account.updateParameters({ extra: missing }, [])).toEqual(["org.example.Nothing.There"]);
    expect(protocol.opened).toHaveLength(1);
  });

  test("requires no reconnection without a connection, and refuses invalid parameters", async () => {
    const account = await create({});
    expect(await account.updateParameters({ port: 7000 }, [])).toEqual([]);
    await expect(account.updateParameters({}, ["account"])).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await account.properties.parameters.get()).toEqual({ account: "Bob", port: 7000 });
  });
});

describe("the end of a connection", () => {
  test("a network error is in ConnectionError, and the account reconnects", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const received = await recordChanges(account);
    const name = "im.telepathy1.Error.ConnectionLost";
    protocol.last.host.disconnected(NetworkError, { name, details: { debugMessage: "ECONNRESET" } });
    await eventually(() => expect(protocol.opened).toHaveLength(2));
    await waitForStatus(account, Connected);
    expect(received[0]).toEqual({
      connection: "/",
      connectionStatus: Connecting,
      connectionStatusReason: NetworkError,
      connectionError: name,
      connectionErrorDetails: { debugMessage: "ECONNRESET" },
      currentPresence: OFFLINE,
    });
    expect(await account.properties.connectionError.get()).toBe("");
  });

  test("a wrong password keeps the account offline until the password changes", async () => {
    protocol.onConnect = ({ host, parameters }) => {
      if (parameters.getString("password") === "right") host.connected("bob");
      else host.disconnected(AuthenticationFailed);
    };
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Disconnected);
    expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.AuthenticationFailed");
    expect(await account.properties.connectionStatusReason.get()).toBe(AuthenticationFailed);
    expect(await account.properties.changingPresence.get()).toBe(false);
    expect(await account.properties.requestedPresence.get()).toEqual(AVAILABLE);
    await account.updateParameters({ password: "right" }, []);
    await waitForStatus(account, Connected);
    expect(protocol.opened).toHaveLength(2);
  });

  test("after a disconnection by a client, the requested presence is Offline", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const path = await account.properties.connection.get();
    await new ConnectionClient(client, { destination: path.slice(1).replaceAll("/", "."), path }).disconnect();
    await waitForStatus(account, Disconnected);
    expect(await account.properties.requestedPresence.get()).toEqual(OFFLINE);
    expect(await account.properties.connectionError.get()).toBe("");
  });

  test("the account reconnects when a crashed connection manager is running", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const received = await recordChanges(account);
    await managerBus.close();
    await eventually(() =>
      expect(received).toContainEqual(
        expect.objectContaining({ connection: "/", connectionStatusReason: NoneSpecified }),
      ),
    );
    await startManager();
    await waitForStatus(account, Connected);
  });

  test("refused parameters are not retried", async () => {
    const account = await create({ enabled: true }, { account: "" });
    vi.spyOn(protocol, "identifyAccount").mockImplementation(() => {
      throw new InvalidArgumentError("empty account");
    });
    await account.properties.requestedPresence.set(AVAILABLE);
    await waitForStatus(account, Disconnected);
    expect(await account.properties.connectionError.get()).toBe("im.telepathy1.Error.InvalidArgument");
    expect(protocol.identifyAccount).toHaveBeenCalledTimes(1);
  });
});

describe("ensureOnline", () => {
  test("brings an enabled account online with its AutomaticPresence", async () => {
    const account = await create();
    const path = "/im/telepathy1/Account/scripted/local_test/Bob0";
    expect(await accounts.ensureOnline(path)).toBe(CONNECTION);
    expect(await accounts.ensureOnline(path)).toBe(CONNECTION);
    expect(await account.properties.requestedPresence.get()).toEqual(AVAILABLE);
  });

  test("rejects with the error of the connection, and for disabled or missing accounts", async () => {
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

describe("Remove", () => {
  test("disconnects, announces the removal and deletes the stored account", async () => {
    const account = await create({ enabled: true, requestedPresence: AVAILABLE });
    await waitForStatus(account, Connected);
    const received: unknown[] = [];
    await account.signals.removed.subscribe(() => received.push("removed"));
    await manager.signals.accountRemoved.subscribe((path) => received.push(path));
    await account.remove();
    expect(received).toEqual(["removed", "/im/telepathy1/Account/scripted/local_test/Bob0"]);
    expect(await manager.properties.validAccounts.get()).toEqual([]);
    expect(await store.load()).toEqual([]);
    await expect(account.properties.enabled.get()).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.UnknownObject",
    });
    await eventually(() => expect(connections.connectionCount).toBe(0));
  });
});

describe("a restarted account manager", () => {
  test("has the same accounts and connects those with ConnectAutomatically", async () => {
    await create({ enabled: true, connectAutomatically: true });
    await create({ enabled: true });
    await accounts.close();
    await accountsBus.close();
    expect(connections.connectionCount).toBe(0);
    await startAccounts();
    const [first, second, ...others] = await manager.properties.validAccounts.get();
    expect(others).toEqual([]);
    const [automatic, manual] = [first, second].map(
      (path) => new AccountClient(client, { destination: MANAGER.destination, path: path ?? "/" }),
    );
    if (automatic === undefined || manual === undefined) throw new Error("two accounts were expected");
    await waitForStatus(automatic, Connected);
    expect(await manual.properties.connectionStatus.get()).toBe(Disconnected);
  });

  test("disconnects stale connections after a crash", async () => {
    const account = await create({ enabled: true, connectAutomatically: true });
    await waitForStatus(account, Connected);
    await accountsBus.close();
    expect(connections.connectionCount).toBe(1);
    await startAccounts();
    await waitForStatus(account, Connected);
    expect(protocol.opened).toHaveLength(2);
    expect(protocol.opened[0]?.disconnected).toBe(true);
  });

  test("has invalid accounts until their connection manager is running", async () => {
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
    await waitForStatus(account, Connected);
    expect(await account.properties.valid.get()).toBe(true);
  });

  test("a second account manager is refused", async () => {
    const other = await connect({ bus: daemon.address });
    const opened = vi.spyOn(store, "load");
    await expect(serveAccountManager(other, { store })).rejects.toBeInstanceOf(NotAvailableError);
    expect(opened).not.toHaveBeenCalled();
    await other.close();
  });
});

test("after a crash of the bus the account reconnects with one connection", async () => {
  await using crashing = await CrashingBus.start();
  const reconnect = { minDelay: 10, maxDelay: 50 };
  await using ours = await connect({ bus: crashing.address, reconnect });
  await using theirs = await connect({ bus: crashing.address, reconnect });
  await using served = await serveConnectionManager(theirs, { name: "scripted", protocols: [protocol] });
  await using other = await serveAccountManager(ours, { store: new MemoryStore(), retry: RETRY });
  const remote = new AccountManagerClient(theirs, MANAGER);
  const properties = { enabled: true, requestedPresence: AVAILABLE };
  const path = await remote.createAccount("scripted", "local-test", "", { account: "Bob" }, properties);
  const account = new AccountClient(theirs, { destination: MANAGER.destination, path });
  await waitForStatus(account, Connected);
  await crashing.crash();
  await crashing.restart();
  await eventually(() => expect(protocol.opened).toHaveLength(2));
  expect(await other.ensureOnline(path)).toBe(CONNECTION);
  expect(served.connectionCount).toBe(1);
});

test("gdbus creates an account, brings it online and reads its properties", async () => {
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

test("an error of the store is the reply to the caller, and what was not stored is not visible", async () => {
  const account = await create();
  const changes = await recordChanges(account);
  const save = vi.spyOn(store, "save").mockRejectedValue(new Error("disk full"));
  const { errorName } = NotAvailableError;
  await expect(account.properties.nickname.set("x")).rejects.toMatchObject({ errorName });
  await expect(account.properties.connectAutomatically.set(true)).rejects.toMatchObject({ errorName });
  await expect(account.updateParameters({ account: "other" }, [])).rejects.toMatchObject({ errorName });
  expect([await account.properties.nickname.get(), await account.properties.connectAutomatically.get()]).toEqual([
    "",
    false,
  ]);
  expect(await account.properties.parameters.get()).toMatchObject({ account: "Bob" });
  expect(await account.properties.requestedPresence.get()).toEqual(OFFLINE);
  expect(changes).toEqual([]);
  // Setting the present value requires no save.
  await account.properties.nickname.set("");
  await expect(create()).rejects.toMatchObject({ errorName });
  expect(await manager.properties.validAccounts.get()).toHaveLength(1);
  save.mockRestore();
  await Promise.all([account.properties.nickname.set("y"), account.updateParameters({ account: "Alice" }, [])]);
  const [stored] = await store.load();
  expect([stored?.settings.nickname, stored?.settings.parameters.get("account")?.value]).toEqual(["y", "Alice"]);
});

test("concurrent updates of different parameters are all stored", async () => {
  const account = await create();
  const updates = [account.updateParameters({ port: 7000 }, []), account.updateParameters({ account: "Alice" }, [])];
  await Promise.all(updates);
  expect(await account.properties.parameters.get()).toMatchObject({ account: "Alice", port: 7000 });
});

test("the requested presence is set on the connection, and the reported one is shown", async () => {
  const presence = new PresenceService();
  await connections.close();
  connections = await serveConnectionManager(managerBus, {
    name: "scripted",
    protocols: [protocol],
    onConnection: (connection) => connection.addInterface(Presence1.name, presence),
  });
  const account = await create({ enabled: true, requestedPresence: AVAILABLE });
  await waitForStatus(account, Connected);
  const current = (): Promise<Presence> => account.properties.currentPresence.get();
  await eventually(async () => expect(await current()).toEqual(AVAILABLE));
  const requests: readonly [Presence, Presence][] = [
    [
      { type: ConnectionPresenceType.Away, status: "lunch", statusMessage: "back at one" },
      { type: ConnectionPresenceType.Away, status: "away", statusMessage: "back at one" },
    ],
    [AVAILABLE, AVAILABLE],
  ];
  for (const [requested, reported] of requests) {
    await account.properties.requestedPresence.set(requested);
    await eventually(async () => expect(await current()).toEqual(reported));
  }
  // A status that the user cannot have is replaced by a similar one.
  const busy = { type: ConnectionPresenceType.Busy, status: "busy", statusMessage: "" };
  await account.properties.requestedPresence.set(busy);
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(() => expect(presence.set.length).toBeGreaterThan(5));
  // The presence is set before the connection is connected and a second time afterwards, because managers may ignore
  // the first.
  const statuses = ["available", "available", "away", "available", "away", "available"];
  expect(presence.set.map(([status]) => status)).toEqual(statuses);
  presence.signals.presencesChanged(new Map([[1, { ...AVAILABLE, statusMessage: "x".repeat(5000) }]]));
  presence.signals.presencesChanged(new Map([[2, busy]]));
  await account.properties.requestedPresence.set(OFFLINE);
  await eventually(async () => expect(await current()).toEqual(OFFLINE));
});
