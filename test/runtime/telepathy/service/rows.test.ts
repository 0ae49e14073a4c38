import { type Bus, connect, LimitsExceededError, ServiceUnknownError } from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ContactsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import {
  DisconnectedError,
  InvalidArgumentError,
  InvalidHandleError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { expect, test } from "vitest";
import { HandleTable } from "../../../../runtime/telepathy/connection/handle-table.ts";
import type { ManagerOptions } from "../../../../runtime/telepathy/service/connection-manager.ts";
import { onDiagnostic } from "../../../reliability/support.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startWorld, until } from "../test-manager.ts";

const LOCATION = "im.telepathy1.Connection.Interface.Location1";
const MAIL = "im.telepathy1.Connection.Interface.MailNotification1/count";
const { Contact } = HandleType;

/** A connection that is connected, to the user `me`. */
async function connected(script: Script = {}, options: Partial<ManagerOptions> = {}) {
  const protocol = new ScriptedProtocol({
    interests: [LOCATION, MAIL],
    connect: ({ host }) => host.connected("me"),
    ...script,
  });
  const world = await startWorld([protocol], options);
  const target = await world.request(protocol.name, { account: "me" });
  const client = new ConnectionClient(world.client, target);
  await client.connect();
  const connectionOf = (bus: Bus) => new ConnectionClient(bus, target);
  const dispose = () => world[Symbol.asyncDispose]();
  return { world, target, client, connectionOf, log: protocol.last.log, protocol, [Symbol.asyncDispose]: dispose };
}

test("S23: too many and too long tokens are refused whole, unsupported ones are not stored, a million times one is one", async () => {
  await using s = await connected();
  const add = (tokens: readonly string[]) => s.client.addClientInterest(tokens);
  const many = Array.from({ length: 1_000_000 }, (_, index) => (index === 0 ? LOCATION : `org.example.Token${index}`));
  await expect(add(many)).rejects.toBeInstanceOf(LimitsExceededError);
  await expect(add([LOCATION, "x".repeat(2 ** 20)])).rejects.toBeInstanceOf(LimitsExceededError);
  await add(many.slice(1, 1001));
  expect(s.log).toEqual(["connect"]);
  const same = Array.from({ length: 4000 }, () => LOCATION);
  for (let call = 0; call < 250; call++) await add(same);
  expect(s.log).toEqual(["connect", `+${LOCATION}`]);
  for (let call = 0; call < 250; call++) await s.client.removeClientInterest(same);
  expect(s.log).toEqual(["connect", `+${LOCATION}`, `-${LOCATION}`]);
});

test("S24: what was not registered cannot be taken back, by nobody and not for others", async () => {
  await using s = await connected();
  await using other = await connect({ bus: s.world.daemon.address });
  await s.client.removeClientInterest([LOCATION, LOCATION, "org.example.Unknown", ""]);
  await s.client.addClientInterest([LOCATION]);
  await s.connectionOf(other).removeClientInterest([LOCATION, LOCATION]);
  expect(s.log).toEqual(["connect", `+${LOCATION}`]);
  await s.client.removeClientInterest([LOCATION, LOCATION, LOCATION]);
  await s.client.addClientInterest([LOCATION]);
  expect(s.log.slice(2)).toEqual([`-${LOCATION}`, `+${LOCATION}`]);
});

test("S25: the interests of a client that leaves go with it, and the last one ends what they asked for", async () => {
  await using s = await connected();
  const [one, two] = await Promise.all([
    connect({ bus: s.world.daemon.address }),
    connect({ bus: s.world.daemon.address }),
  ]);
  await s.connectionOf(one).addClientInterest([LOCATION, LOCATION, MAIL]);
  await s.connectionOf(two).addClientInterest([LOCATION]);
  await one.close();
  await until("the mail is not wanted", () => s.log.includes(`-${MAIL}`));
  expect(s.log).not.toContain(`-${LOCATION}`);
  await two.close();
  await until("the location is not wanted", () => s.log.includes(`-${LOCATION}`));
  expect(s.log.slice(1).sort()).toEqual([`+${LOCATION}`, `+${MAIL}`, `-${LOCATION}`, `-${MAIL}`].sort());
});

test("S25: a client that leaves at once, before anybody could watch it", async () => {
  for (let round = 0; round < 20; round++) {
    await using s = await connected();
    const client = await connect({ bus: s.world.daemon.address });
    const registered = s.connectionOf(client).addClientInterest([LOCATION]);
    registered.catch(() => undefined);
    await client.close();
    await until("told", () => s.log.includes(`-${LOCATION}`));
    expect(s.log.filter((one) => one.endsWith(LOCATION))).toEqual([`+${LOCATION}`, `-${LOCATION}`]);
  }
});

test("S26: handles by the hundred thousand, too many and too long ones; the same identifier is the same handle", async () => {
  await using s = await connected({}, { handles: { count: 5000 } });
  const request = (identifiers: readonly string[]) => s.client.requestHandles(Contact, identifiers);
  const million = Array.from({ length: 1_000_000 }, (_, index) => `contact${index}`);
  await expect(request(million)).rejects.toBeInstanceOf(LimitsExceededError);
  await expect(request(["fine", "x".repeat(2 ** 20)])).rejects.toBeInstanceOf(LimitsExceededError);
  expect(await request([])).toEqual([]);
  expect(await request(["Same", "same", "SAME"])).toEqual([2, 2, 2]);
  expect(await request(["caf\u00e9", "cafe\u0301"])).toEqual([3, 4]);
  for (let batch = 0; batch < 4; batch++) await request(million.slice(batch * 1000, (batch + 1) * 1000));
  await expect(request(million.slice(4000, 5000))).rejects.toBeInstanceOf(LimitsExceededError);
  expect(await request(million.slice(4000, 4996))).toHaveLength(996);
  expect(await request(["SAME", "contact0"])).toEqual([2, 5]);
  await expect(request(["one more"])).rejects.toBeInstanceOf(LimitsExceededError);
});

test("S26: one bad identifier, and no handle is made", async () => {
  await using s = await connected();
  await expect(s.client.requestHandles(Contact, ["good1", "", "good2"])).rejects.toBeInstanceOf(InvalidHandleError);
  expect(await s.client.requestHandles(Contact, ["other", "good2", "good1"])).toEqual([2, 3, 4]);
});

test("S27: handles and types that are none fail the whole call", async () => {
  await using s = await connected();
  await s.client.requestHandles(Contact, ["bob"]);
  const inspect = (type: HandleType, handles: readonly number[]) => s.client.inspectHandles(type, handles);
  for (const handles of [[0], [3], [0xffff_ffff], [1, 2, 99], [2, 0]]) {
    await expect(inspect(Contact, handles)).rejects.toBeInstanceOf(InvalidHandleError);
  }
  await expect(inspect(HandleType.Room, [1])).rejects.toBeInstanceOf(InvalidHandleError);
  expect(await inspect(Contact, [2, 1, 2])).toEqual(["bob", "me", "bob"]);
  for (const type of [0, 3, 99, 0xffff_ffff]) {
    const call = { ...s.target, interface: "im.telepathy1.Connection", signature: "uau" };
    const inspecting = s.world.client.call({ ...call, member: "InspectHandles", args: [type, [1]] });
    await expect(inspecting).rejects.toMatchObject({ errorName: InvalidArgumentError.errorName });
    const requesting = s.world.client.call({
      ...call,
      signature: "uas",
      member: "RequestHandles",
      args: [type, ["x"]],
    });
    await expect(requesting).rejects.toMatchObject({ errorName: NotImplementedError.errorName });
  }
});

test("S28: nothing works before it is connected, whatever the arguments; Connect twice, Disconnect twice", async () => {
  const protocol = new ScriptedProtocol();
  await using world = await startWorld([protocol]);
  const target = await world.request(protocol.name, { account: "me" });
  const client = new ConnectionClient(world.client, target);
  const contacts = new ContactsClient(world.client, target);
  const heard: unknown[] = [];
  await client.signals.statusChanged.subscribe((...args) => heard.push(args));
  const refused = async () => {
    for (const call of [
      () => client.requestHandles(Contact, []),
      () => client.requestHandles(HandleType.None, [""]),
      () => client.inspectHandles(Contact, []),
      () => client.inspectHandles(HandleType.None, [0]),
      () => contacts.getContactAttributes([], []),
    ]) {
      await expect(call()).rejects.toMatchObject({ errorName: DisconnectedError.errorName });
    }
  };
  await refused();
  await client.connect();
  await refused();
  await client.connect();
  protocol.last.host.connected("me");
  await client.connect();
  expect(protocol.last.log).toEqual(["connect"]);
  await Promise.all([client.disconnect(), client.disconnect()]);
  await expect(client.disconnect()).rejects.toBeInstanceOf(ServiceUnknownError);
  expect(heard).toEqual([
    [ConnectionStatus.Connecting, ConnectionStatusReason.Requested],
    [ConnectionStatus.Connected, ConnectionStatusReason.Requested],
    [ConnectionStatus.Disconnected, ConnectionStatusReason.Requested],
  ]);
});

test("S29: every receiver gets ConnectionError immediately before StatusChanged to disconnected", async () => {
  await using s = await connected();
  const receivers = await Promise.all(Array.from({ length: 3 }, () => connect({ bus: s.world.daemon.address })));
  const heard = new Map<string, string[]>(receivers.map(({ uniqueName }) => [uniqueName, []]));
  const end = onDiagnostic("dbus-codegen:message", ({ connection, direction, header }) => {
    if (direction === "in" && header.path === s.target.path) heard.get(connection)?.push(header.member ?? "");
  });
  for (const bus of receivers) {
    const { signals, properties } = s.connectionOf(bus);
    await signals.connectionError.subscribe(() => undefined);
    await signals.statusChanged.subscribe(() => undefined);
    await properties.status.subscribe(() => undefined);
  }
  s.protocol.last.host.disconnected(ConnectionStatusReason.CertRevoked);
  await until("all have heard", () => [...heard.values()].every((members) => members.includes("StatusChanged")));
  end();
  const expected = ["PropertiesChanged", "ConnectionError", "StatusChanged"];
  expect([...heard.values()]).toEqual([expected, expected, expected]);
  for (const bus of receivers) await bus.close();
});

test("S30: the last handles before 2^32 are given once, and then none", () => {
  const table = new HandleTable({}, 0xffff_fffd);
  expect(table.ensure(["a", "b"])).toEqual([0xffff_fffd, 0xffff_fffe]);
  expect(() => table.ensure(["c", "d"])).toThrow(LimitsExceededError);
  expect(table.ensure(["c", "a"])).toEqual([0xffff_ffff, 0xffff_fffd]);
  expect(() => table.ensure(["d"])).toThrow(LimitsExceededError);
  expect([table.inspect(0xffff_ffff), table.inspect(0), table.inspect(2 ** 32)]).toEqual(["c", undefined, undefined]);
});
