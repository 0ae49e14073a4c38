import { type Target, UnknownMethodError, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  AuthenticationFailedError,
  InvalidHandleError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { ConnectionClient as ConnectionClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection";
import { ConnectionManagerClient as ConnectionManagerClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.ConnectionManager";
import { describe, expect, test } from "vitest";
import { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { RemoteConnection } from "../../../../runtime/telepathy/client/remote-connection.ts";
import {
  findConnectionManagers,
  findManagerRoot,
  RemoteManager,
} from "../../../../runtime/telepathy/client/remote-manager.ts";
import { managerTarget, pathIn, pathToBusName } from "../../../../runtime/telepathy/connection/object-names.ts";
import type { Root } from "../../../../runtime/telepathy/dialects/dialect.ts";
import { DIALECTS } from "../../../../runtime/telepathy/dialects/dialects.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { gdbusCall } from "../../../e2e/foreign.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager, until } from "../test-manager.ts";

const { "telepathy-1-2012": older, "telepathy-1-2013": newer, "telepathy-0": released } = DIALECTS;
const ALL = Object.values(DIALECTS);
const ACCOUNT = { account: "Me" };
const { Contact, Room } = HandleType;
const MOOD = "im.telepathy1.Connection.Interface.Mood1";
const IMMEDIATE: Script = { connect: ({ host }) => host.connected("me") };

describe.each(ALL)("the client library with a manager of $name", (dialect) => {
  test("connects, and requests and inspects handles", async () => {
    await using setup = await startTestManager([loopback], { dialects: [dialect] });
    const manager = new RemoteManager(setup.client, "test", dialect.root);
    expect((await manager.parameters("loopback")).map(({ name }) => name)).toEqual(["account"]);
    await using connection = await manager.connect("loopback", ACCOUNT);
    expect(connection.selfHandle).toBe(1);
    const handles = await connection.handles(Contact, ["Alice", "bob", "ALICE"]);
    expect(handles).toEqual([2, 3, 2]);
    expect(await connection.identifiers(Contact, [1, ...handles])).toEqual(["me", "alice", "bob", "alice"]);
    expect((await connection.contacts([2])).get(2)?.contactId).toBe("alice");
    await expect(connection.handles(Contact, [""])).rejects.toBeInstanceOf(InvalidHandleError);
    await expect(connection.identifiers(Contact, [99])).rejects.toBeInstanceOf(InvalidHandleError);
    await connection.disconnect();
    expect((await connection.ended).isRequested).toBe(true);
  });

  test("reports errors, attributes and changes of the user's identifier by their canonical names", async () => {
    const attributes = { [`${MOOD}/mood`]: new Variant("s", "fine"), "org.example.Colour/hue": new Variant("u", 1) };
    const protocol = new ScriptedProtocol({ ...IMMEDIATE, attributes, attributeInterfaces: [MOOD], interests: [MOOD] });
    await using setup = await startTestManager([protocol], { dialects: [dialect] });
    const manager = new RemoteManager(setup.client, "test", dialect.root);
    await expect(manager.request("nosuchproto", ACCOUNT)).rejects.toBeInstanceOf(NotImplementedError);
    await using connection = await manager.connect(protocol.name, ACCOUNT);
    expect((await connection.contacts([1], [MOOD])).get(1)?.extra).toEqual(attributes);
    const interest = await connection.addInterest(MOOD);
    await interest.release();
    expect(protocol.last.log).toEqual(["connect", `+${MOOD}`, `-${MOOD}`]);
    await expect(manager.request(protocol.name, ACCOUNT)).rejects.toBeInstanceOf(NotAvailableError);
    protocol.last.host.selfIdentifierChanged("other");
    await until("the new handle is known", () => connection.selfHandle === 2);
    protocol.last.host.disconnected(3, { details: { serverMessage: "wrong password" } });
    const end = await connection.ended;
    expect([end.is(AuthenticationFailedError), end.message]).toEqual([true, "wrong password"]);
    expect(end.details).toEqual({ debugMessage: "wrong password", serverMessage: "wrong password" });
  });
});

test("a manager without handle methods has handles of contacts, and none of rooms", async () => {
  const protocol = new ScriptedProtocol(IMMEDIATE);
  await using setup = await startTestManager([protocol], { dialects: [newer] });
  await using connection = await new RemoteManager(setup.client, "test").connect(protocol.name, ACCOUNT);
  const identifiers = Array.from({ length: 2500 }, (_, index) => `contact${index}`);
  const handles = await connection.handles(Contact, identifiers);
  expect(await connection.identifiers(Contact, handles)).toEqual(identifiers);
  await expect(connection.handles(Room, ["#room"])).rejects.toBeInstanceOf(UnknownMethodError);
});

describe("several dialects on one bus", () => {
  test("a connection has a name in each dialect, and one state", async () => {
    const protocol = new ScriptedProtocol();
    await using setup = await startTestManager([protocol], { dialects: [released, older] });
    const path = "/org/freedesktop/Telepathy/Connection/test/scripted_one/Me";
    const created: unknown[] = [];
    const record = (name: string, at: string): void => void created.push([name, at]);
    const manager = managerTarget("test", older.root);
    await new ConnectionManagerClient0(setup.client, setup.manager.target).signals.newConnection.subscribe(record);
    await new ConnectionManagerClient(setup.client, manager).signals.newConnection.subscribe(record);
    const target = await new RemoteManager(setup.client, "test", released.root).request(protocol.name, ACCOUNT);
    expect(target).toEqual({ destination: pathToBusName(path), path });
    const other = targetIn(older.root, target);
    expect(created).toEqual([target, other].map(({ destination, path: at }) => [destination, at]));
    const opening = [target, other].map((at) => ReadyConnection.open(setup.client, at));
    await until("connecting", () => protocol.last.log.length > 0);
    protocol.last.host.connected("me");
    const [first, second] = await Promise.all(opening);
    const [handle] = (await first?.handles(Contact, ["you"])) ?? [];
    expect(await second?.identifiers(Contact, [handle ?? 0])).toEqual(["you"]);
    await second?.disconnect();
    expect((await first?.ended)?.isRequested).toBe(true);
    const daemon = new DaemonClient(setup.client);
    for (const { destination } of [target, other]) expect(await daemon.nameHasOwner(destination)).toBe(false);
  });

  test("an account that is connected in one dialect cannot be connected in the other", async () => {
    await using setup = await startTestManager([loopback], { dialects: [released, older] });
    await new RemoteManager(setup.client, "test", older.root).request("loopback", ACCOUNT);
    const request = new RemoteManager(setup.client, "test", released.root).request("loopback", ACCOUNT);
    await expect(request).rejects.toBeInstanceOf(NotAvailableError);
  });

  test("managers are found in each dialect, and the preferred one that is running is chosen", async () => {
    await using setup = await startTestManager([loopback], { dialects: [released] });
    const managers = (await findConnectionManagers(setup.client)).filter(({ name }) => name === "test");
    expect(managers).toEqual([{ name: "test", root: released.root, isRunning: true }]);
    const roots = [older.root, released.root] as const;
    expect(await findManagerRoot(setup.client, "test", roots)).toBe(released.root);
    expect(await findManagerRoot(setup.client, "unknown", roots)).toBe(older.root);
  });

  test.each([[[]], [[older, newer]], [[released, released]]])(
    "dialects that cannot be combined are refused",
    async (dialects) => {
      await expect(startTestManager([loopback], { dialects })).rejects.toThrow(/dialect/);
    },
  );
});

describe("errors have the names of the dialect", () => {
  test.each(ALL)("$name", async ({ root, ...dialect }) => {
    const failing = new ScriptedProtocol({
      connect: () => {
        throw new AuthenticationFailedError("no such user");
      },
    });
    await using setup = await startTestManager([failing], { dialects: [{ root, ...dialect }] });
    const { destination, path } = await new RemoteManager(setup.client, "test", root).request(failing.name, ACCOUNT);
    const signals: string[] = [];
    const client = new (root === released.root ? ConnectionClient0 : ConnectionClient)(setup.client, {
      destination,
      path,
    });
    await client.signals.connectionError.subscribe((name) => signals.push(name));
    const call = gdbusCall(setup.daemon.address, destination, path, `${root}.Connection.Connect`);
    await expect(call).rejects.toThrow(`${root}.Error.AuthenticationFailed: no such user`);
    await until("the signal was received", () => signals.length > 0);
    expect(signals).toEqual([`${root}.Error.AuthenticationFailed`]);
  });
});

test("GetContactByID before connected is refused with Disconnected", async () => {
  await using setup = await startTestManager([new ScriptedProtocol()], { dialects: [released] });
  const target = await new RemoteManager(setup.client, "test", released.root).request("scripted-one", ACCOUNT);
  await expect(new RemoteConnection(setup.client, target).contactById("you", [])).rejects.toMatchObject({
    errorName: "im.telepathy1.Error.Disconnected",
  });
});

function targetIn(root: Root, { path }: Target): Target {
  const renamed = pathIn(root, path);
  return { destination: pathToBusName(renamed), path: renamed };
}
