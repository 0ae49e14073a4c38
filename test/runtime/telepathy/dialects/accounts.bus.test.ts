import { connect } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType } from "@dbus-codegen-ts/stubs/generic-types";
import { AccountClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Account";
import { AccountManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.AccountManager";
import { ConnectionStatus } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { AccountClient as AccountClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Account";
import { AccountManagerClient as AccountManagerClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.AccountManager";
import { AccountClient as AccountClient2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Account";
import { AccountManagerClient as AccountManagerClient2013 } from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.AccountManager";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryStore } from "../../../../runtime/telepathy/accounts/memory-store.ts";
import { serveAccountManager } from "../../../../runtime/telepathy/accounts/serve-account-manager.ts";
import type { Dialect } from "../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { serveConnectionManager } from "../../../../runtime/telepathy/service/connection-manager.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";

const { "telepathy-1-2012": older, "telepathy-1-2013": newer, "telepathy-0": released } = DIALECTS;
const AVAILABLE = { type: ConnectionPresenceType.Available, status: "available", statusMessage: "" };
const ACCOUNT = { account: "Bob" };
const SUFFIX = "Account/test/scripted_one/Bob0";
const OLD_NAMES = {
  destination: "org.freedesktop.Telepathy.AccountManager",
  path: "/org/freedesktop/Telepathy/AccountManager",
};
const NEW_NAMES = { destination: "im.telepathy1.AccountManager", path: "/im/telepathy1/AccountManager" };

let daemon: PrivateBus;
beforeEach(async () => {
  daemon = await startPrivateBus();
});
afterEach(() => daemon.stop());

/** Starts a connection manager named `test`, an account manager and a client on a private bus. */
async function start(managerDialects: readonly Dialect[], accountDialects: readonly Dialect[]) {
  const [service, client] = [await connect({ bus: daemon.address }), await connect({ bus: daemon.address })];
  const protocol = new ScriptedProtocol({ connect: ({ host }) => host.connected("bob") });
  const manager = await serveConnectionManager(service, {
    name: "test",
    protocols: [protocol],
    dialects: managerDialects,
  });
  const store = new MemoryStore();
  const accounts = await serveAccountManager(service, { store, dialects: accountDialects });
  const dispose = async (): Promise<void> => {
    await accounts.close();
    await manager.close();
    for (const bus of [service, client]) await bus.close();
  };
  return { client, protocol, accounts, store, [Symbol.asyncDispose]: dispose };
}

test("telepathy-1-2013 lists usable accounts and announces usability", async () => {
  await using fixture = await start([newer], [newer]);
  const manager = new AccountManagerClient2013(fixture.client, NEW_NAMES);
  const events: unknown[] = [];
  await manager.signals.accountUsabilityChanged.subscribe((...args) => events.push(args));
  const path = await manager.createAccount("test", "scripted-one", "Bob", ACCOUNT, { enabled: true });
  expect(path).toBe(`/im/telepathy1/${SUFFIX}`);
  expect(await manager.properties.usableAccounts.get()).toEqual([path]);
  expect(await manager.properties.unusableAccounts.get()).toEqual([]);
  const account = new AccountClient2013(fixture.client, { ...NEW_NAMES, path });
  expect(await account.properties.usable.get()).toBe(true);
  await account.properties.requestedPresence.set(AVAILABLE);
  await eventually(async () =>
    expect(await account.properties.connectionStatus.get()).toBe(ConnectionStatus.Connected),
  );
  await eventually(async () => expect(await account.properties.normalizedName.get()).toBe("bob"));
  expect(events).toEqual([[path, true]]);
});

test("an account has an object in each dialect, and one state", async () => {
  await using fixture = await start([older, released], [older, released]);
  const [manager, manager0] = [
    new AccountManagerClient(fixture.client, NEW_NAMES),
    new AccountManagerClient0(fixture.client, OLD_NAMES),
  ];
  const path = await manager0.createAccount("test", "scripted-one", "Bob", ACCOUNT, { enabled: true });
  expect(path).toBe(`/org/freedesktop/Telepathy/${SUFFIX}`);
  expect(await manager0.properties.validAccounts.get()).toEqual([path]);
  expect(await manager.properties.validAccounts.get()).toEqual([`/im/telepathy1/${SUFFIX}`]);
  const supported = await manager0.properties.supportedAccountProperties.get();
  expect(supported.every((name) => name.startsWith("org.freedesktop.Telepathy.Account."))).toBe(true);

  const account = new AccountClient(fixture.client, { ...NEW_NAMES, path: `/im/telepathy1/${SUFFIX}` });
  const account0 = new AccountClient0(fixture.client, { ...OLD_NAMES, path });
  await account.properties.displayName.set("Robert");
  expect(await account0.properties.displayName.get()).toBe("Robert");
  const connected = await fixture.accounts.ensureOnline(path);
  expect(connected).toBe("/im/telepathy1/Connection/test/scripted_one/Bob");
  expect(await account.properties.connection.get()).toBe(connected);
  expect(await account0.properties.connection.get()).toBe(
    "/org/freedesktop/Telepathy/Connection/test/scripted_one/Bob",
  );
  fixture.protocol.last.host.disconnected(3);
  await eventually(async () =>
    expect([await account.properties.connectionError.get(), await account0.properties.connectionError.get()]).toEqual([
      "im.telepathy1.Error.AuthenticationFailed",
      "org.freedesktop.Telepathy.Error.AuthenticationFailed",
    ]),
  );
  await expect(account0.properties.automaticPresence.set({ ...AVAILABLE, type: 1 })).rejects.toMatchObject({
    errorName: "org.freedesktop.Telepathy.Error.InvalidArgument",
  });
  await account0.remove();
  expect(await manager.properties.validAccounts.get()).toEqual([]);
});

test("accounts that an account supersedes are stored, and have the paths of each dialect", async () => {
  await using fixture = await start([older, released], [older, released]);
  const manager0 = new AccountManagerClient0(fixture.client, OLD_NAMES);
  const former = (suffix: string): string => `/org/freedesktop/Telepathy/Account/test/irc/${suffix}`;
  const properties = { supersedes: [former("a")] };
  const path = await manager0.createAccount("test", "scripted-one", "Bob", ACCOUNT, properties);
  const account0 = new AccountClient0(fixture.client, { ...OLD_NAMES, path });
  expect(await account0.properties.supersedes.get()).toEqual([former("a")]);
  const changes: unknown[] = [];
  await account0.signals.accountPropertyChanged.subscribe((changed) => changes.push(changed));
  const canonicalChanges: unknown[] = [];
  const account = new AccountClient(fixture.client, { ...NEW_NAMES, path: `/im/telepathy1/${SUFFIX}` });
  await account.signals.accountPropertyChanged.subscribe((changed) => canonicalChanges.push(changed));
  await account0.properties.supersedes.set([former("a"), former("b")]);
  await account0.properties.icon.set("im-test");
  expect(changes).toEqual([{ supersedes: [former("a"), former("b")] }, { icon: "im-test" }]);
  expect(canonicalChanges).toEqual([{ icon: "im-test" }]);
  const [stored] = await fixture.store.load();
  expect(stored?.settings.supersedes).toEqual([
    "/im/telepathy1/Account/test/irc/a",
    "/im/telepathy1/Account/test/irc/b",
  ]);
  await expect(account0.properties.supersedes.set([former("x".repeat(5000))])).rejects.toThrow("characters");
});

test("the connection of a manager with other names is not visible in a dialect", async () => {
  await using fixture = await start([released], [older, released]);
  const manager = new AccountManagerClient(fixture.client, NEW_NAMES);
  const path = await manager.createAccount("test", "scripted-one", "Bob", ACCOUNT, { enabled: true });
  expect(await fixture.accounts.ensureOnline(path)).toBe("/org/freedesktop/Telepathy/Connection/test/scripted_one/Bob");
  const account = new AccountClient(fixture.client, { ...NEW_NAMES, path });
  expect(await account.properties.connectionStatus.get()).toBe(ConnectionStatus.Connected);
  expect(await account.properties.connection.get()).toBe("/");
});
