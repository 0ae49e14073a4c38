import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1, Aliasing1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Presence1, Presence1Client } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ReadyConnection } from "../../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteManager } from "../../../../../runtime/telepathy/client/remote-manager.ts";
import type { Dialect } from "../../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../../runtime/telepathy/dialects/dialects.ts";
import { loopback } from "../../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { type Script, ScriptedProtocol } from "../../scripted-protocol.ts";
import { startTestManager, type TestSetup, until } from "../../test-manager.ts";

const { Available, Away, Hidden, Busy, Offline } = ConnectionPresenceType;
const AVAILABLE: Presence = { type: Available, status: "available", statusMessage: "" };
const AT_LUNCH: Presence = { type: Away, status: "away", statusMessage: "at lunch" };
const OFFLINE: Presence = { type: Offline, status: "offline", statusMessage: "" };

let setup: TestSetup;
let connections: ReadyConnection[];

async function start(dialect: Dialect = DIALECTS["telepathy-1-2012"]): Promise<void> {
  setup = await startTestManager([loopback, new ScriptedProtocol()], { dialects: [dialect] });
}

async function connectUser(account: string): Promise<ReadyConnection> {
  const root = setup.manager.target.path.startsWith("/im/") ? "im.telepathy1" : "org.freedesktop.Telepathy";
  const connection = await new RemoteManager(setup.client, "test", root).connect("loopback", { account });
  connections.push(connection);
  return connection;
}

beforeEach(() => {
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) await connection.close();
  await setup[Symbol.asyncDispose]();
});

describe.each(Object.values(DIALECTS))("two users with $name", (dialect) => {
  test("see each other's presence and alias, and their changes", async () => {
    await start(dialect);
    const romeo = await connectUser("romeo");
    const [handle = 0] = await romeo.handles(HandleType.Contact, ["Juliet"]);
    await using contacts = await romeo.liveContacts([romeo.selfHandle, handle]);
    const seen = (): unknown => contacts.get(handle);
    expect(seen()).toEqual({ identifier: "juliet", alias: "juliet", presence: OFFLINE });
    expect(contacts.get(romeo.selfHandle)).toEqual({ identifier: "romeo", alias: "romeo", presence: AVAILABLE });

    const juliet = await connectUser("juliet");
    await until("Juliet is online", () => contacts.get(handle)?.presence?.type === Available);
    await juliet.presence.set(AT_LUNCH);
    await juliet.names.setAlias(juliet.selfHandle, "Juliet C.");
    await until("the alias is known", () => contacts.get(handle)?.alias === "Juliet C.");
    expect(seen()).toEqual({ identifier: "juliet", alias: "Juliet C.", presence: AT_LUNCH });
    const attributes = await romeo.contacts([handle], [Presence1.name, Aliasing1.name]);
    expect(attributes.get(handle)).toMatchObject({ contactId: "juliet", alias: "Juliet C.", presence: AT_LUNCH });

    await juliet.presence.set({ type: Hidden, status: "hidden", statusMessage: "ignored" });
    await until("Juliet is hidden", () => contacts.get(handle)?.presence?.type === Offline);
    await juliet.presence.set(AVAILABLE);
    await until("Juliet is visible", () => contacts.get(handle)?.presence?.type === Available);
    await juliet.disconnect();
    await until("Juliet is offline", () => contacts.get(handle)?.presence?.type === Offline);
    expect(seen()).toEqual({ identifier: "juliet", alias: "Juliet C.", presence: OFFLINE });
  });
});

describe.each(Object.values(DIALECTS))("changes of identifiers with $name", (dialect) => {
  test("are reported with both handles, and live contacts follow them", async () => {
    const requested: string[] = [];
    const script: Script = {
      connect: ({ host }) => host.connected("romeo"),
      parts: {
        renaming: {
          requestRename(identifier) {
            requested.push(identifier);
            if (identifier === "juliet") throw new NotAvailableError("in use");
            protocol.last.host.selfIdentifierChanged(identifier);
          },
        },
      },
    };
    const protocol = new ScriptedProtocol(script);
    setup = await startTestManager([protocol], { dialects: [dialect] });
    const romeo = await new RemoteManager(setup.client, "test", dialect.root).connect(protocol.name, { account: "a" });
    connections.push(romeo);
    const handles = await romeo.handles(HandleType.Contact, ["juliet"]);
    const renamed: unknown[] = [];
    const subscriptions = romeo.names.subscribe({
      aliasesChanged: () => undefined,
      renamed: (...pair) => renamed.push(pair),
    });
    await Promise.all(subscriptions);
    await using contacts = await romeo.liveContacts([...handles, romeo.selfHandle]);
    protocol.last.host.renaming.contactRenamed("stranger", "other");
    protocol.last.host.renaming.contactRenamed("juliet", "capulet");
    await until("the contact has its new handle", () => contacts.get(3)?.identifier === "capulet");
    expect([...contacts.all.keys()]).toEqual([1, 3]);
    await romeo.names.rename("Montague");
    await until("the user has a new handle", () => contacts.get(4)?.identifier === "montague");
    expect([romeo.selfHandle, renamed]).toEqual([
      4,
      [
        [2, 3],
        [1, 4],
      ],
    ]);
    await expect(romeo.names.rename("juliet")).rejects.toBeInstanceOf(NotAvailableError);
    expect(requested).toEqual(["Montague", "juliet"]);
  });
});

test("a presence that is requested before the connection is connected is set when it is", async () => {
  await start();
  const target = await setup.request("loopback", { account: "romeo" });
  const client = new Presence1Client(setup.client, target);
  const reported: unknown[] = [];
  await client.signals.presencesChanged.subscribe((presences) => reported.push(...presences));
  expect(Object.keys(await client.properties.statuses.get())).not.toContain("offline");
  expect(await client.properties.maximumStatusMessageLength.get()).toBe(0);
  await client.setPresence("away", "at lunch");
  connections.push(await ReadyConnection.open(setup.client, target));
  await until("the presence is reported", () => reported.length >= 1);
  expect(await client.getPresences([1])).toEqual(new Map([[1, AT_LUNCH]]));
  expect(Object.keys(await client.properties.statuses.get())).toContain("offline");
  expect(await client.properties.maximumStatusMessageLength.get()).toBe(1000);
  expect(reported).toEqual([[1, AT_LUNCH]]);
});

describe("calls with wrong arguments fail", () => {
  const errors = [
    ["an unknown status", (client: Presence1Client) => client.setPresence("nosuchstatus", ""), "InvalidArgument"],
    ["a name of Object.prototype", (client: Presence1Client) => client.setPresence("toString", ""), "InvalidArgument"],
    ["a status of others", (client: Presence1Client) => client.setPresence("offline", ""), "InvalidArgument"],
    ["a message that cannot be", (client: Presence1Client) => client.setPresence("hidden", "x"), "InvalidArgument"],
    ["an unknown contact", (client: Presence1Client) => client.getPresences([99]), "InvalidHandle"],
  ] as const;

  test.each(errors)("%s", async (_, call, error) => {
    await start();
    const { target } = await connectUser("romeo");
    await expect(call(new Presence1Client(setup.client, target))).rejects.toMatchObject({
      errorName: `im.telepathy1.Error.${error}`,
    });
  });

  test("aliases of others, of unknown contacts, and before the connection is connected", async () => {
    await start();
    const target = await setup.request("loopback", { account: "nurse" });
    const early = new Aliasing1Client(setup.client, target);
    for (const call of [early.getAliasFlags(), early.getAliases([1]), early.setAliases(new Map([[1, "a"]]))]) {
      await expect(call).rejects.toMatchObject({ errorName: "im.telepathy1.Error.Disconnected" });
    }
    const romeo = await connectUser("romeo");
    const client = new Aliasing1Client(setup.client, romeo.target);
    const [juliet = 0] = await romeo.handles(HandleType.Contact, ["juliet"]);
    expect(await client.getAliasFlags()).toBe(0);
    expect(await client.requestAliases([juliet, 1])).toEqual(["juliet", "romeo"]);
    await expect(client.setAliases(new Map([[juliet, "J."]]))).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.NotAvailable",
    });
    await expect(client.setAliases(new Map([[99, "J."]]))).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.InvalidHandle",
    });
    await expect(client.setAliases(new Map([[1, "x".repeat(257)]]))).rejects.toMatchObject({
      errorName: "im.telepathy1.Error.InvalidArgument",
    });
  });
});

test("a message that is too long is truncated between characters", async () => {
  await start();
  const romeo = await connectUser("romeo");
  await romeo.presence.set({ type: Busy, status: "busy", statusMessage: "😀".repeat(2000) });
  expect(await romeo.presence.get(romeo.selfHandle)).toMatchObject({ statusMessage: "😀".repeat(1000) });
});

test("a connection has only the interfaces that its protocol supports", async () => {
  await start();
  const { client } = setup;
  const target = await setup.request("scripted-one", { account: "a" });
  await expect(new Presence1Client(client, target).setPresence("away", "")).rejects.toMatchObject({
    errorName: "org.freedesktop.DBus.Error.UnknownInterface",
  });
  const romeo = await connectUser("romeo");
  expect(romeo.interfaces).toContain("im.telepathy1.Connection.Interface.Presence1");
  expect(romeo.interfaces).not.toContain("im.telepathy1.Connection.Interface.Renaming1");
});
