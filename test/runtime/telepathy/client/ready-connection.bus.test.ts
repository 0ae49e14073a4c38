import { connect, InvalidArgsError, NoReplyError, type Target } from "@dbus-codegen-ts/runtime";
import {
  Connection,
  ConnectionClient,
  type ConnectionErrorDetails,
  ConnectionService,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import {
  AuthenticationFailedError,
  ConfusedError,
  ConnectionReplacedError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { describe, expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { ConnectionEndedError } from "../../../../runtime/telepathy/client/connection-end.ts";
import { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { findConnectionManagers, RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager, until } from "../test-manager.ts";

const ACCOUNT = { account: "me" };
const IMMEDIATE: Script = { connect: ({ host }) => host.connected("me") };
const { Contact } = HandleType;

async function openReady(script: Script = IMMEDIATE) {
  const protocol = new ScriptedProtocol(script);
  const setup = await startTestManager([protocol]);
  const connection = await new RemoteManager(setup.client, "test").connect(protocol.name, ACCOUNT);
  return { setup, protocol, connection, [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose]() };
}

describe("opening a connection", () => {
  test("managers, protocols and parameters are listed, and a connection is opened", async () => {
    await using setup = await startTestManager([loopback]);
    await setup.client.requestName("im.telepathy1.ConnectionManager.another");
    await setup.client.requestName("im.telepathy1.ConnectionManagers");
    const root = "im.telepathy1";
    const managers = await findConnectionManagers(setup.client);
    expect(managers.filter((manager) => manager.root === root)).toEqual([
      { name: "another", root, isRunning: true },
      { name: "test", root, isRunning: true },
    ]);
    const manager = new RemoteManager(setup.client, "test");
    expect(Object.keys(await manager.protocols())).toEqual(["loopback"]);
    expect((await manager.parameters("loopback")).map(({ name }) => name)).toEqual(["account"]);
    await expect(manager.parameters("toString")).rejects.toBeInstanceOf(NotImplementedError);

    await using connection = await manager.connect("loopback", { account: "Me" });
    expect(connection.isConnected).toBe(true);
    expect(connection.selfHandle).toBe(1);
    expect(connection.interfaces).toEqual([Requests.name, Contacts.name, Presence1.name, Aliasing1.name]);
    expect(await connection.identifiers(Contact, [connection.selfHandle])).toEqual(["me"]);
    await expect(manager.connect("loopback", { account: "me" })).rejects.toBeInstanceOf(NotAvailableError);
  });

  test("open() waits without Connect if the option connect is false", async () => {
    const protocol = new ScriptedProtocol();
    await using setup = await startTestManager([protocol]);
    const target = await setup.request(protocol.name, ACCOUNT);
    const waiting = ReadyConnection.open(setup.client, target, { connect: false });
    await new ConnectionClient(setup.client, target).connect();
    protocol.last.host.connected("me");
    await using connection = await waiting;
    expect(connection.selfHandle).toBe(1);
    await using second = await ReadyConnection.open(setup.client, target);
    expect(second.selfHandle).toBe(1);
    expect(protocol.last.log).toEqual(["connect"]);
  });

  test("a connection is disconnected after the timeout or if the caller aborts", async () => {
    const protocol = new ScriptedProtocol();
    await using setup = await startTestManager([protocol]);
    const manager = new RemoteManager(setup.client, "test");
    await expect(manager.connect(protocol.name, ACCOUNT, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
    expect(setup.manager.connectionCount).toBe(0);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(manager.connect(protocol.name, ACCOUNT, { signal })).rejects.toThrow("enough");
    const controller = new AbortController();
    const connecting = manager.connect(protocol.name, ACCOUNT, { signal: controller.signal });
    await until("connecting", () => protocol.connections.length === 3 && protocol.last.log.includes("connect"));
    controller.abort(new Error("really"));
    await expect(connecting).rejects.toThrow("really");
    await until("gone", () => setup.manager.connectionCount === 0);
    expect(setup.client.usage.listeners).toBe(0);
  });

  test("opening a connection that does not exist rejects with the error of the bus", async () => {
    await using setup = await startTestManager([loopback]);
    const target = {
      destination: "im.telepathy1.Connection.test.loopback.no",
      path: "/im/telepathy1/Connection/test/loopback/no",
    };
    await expect(ReadyConnection.open(setup.client, target)).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.ServiceUnknown",
    });
    expect(setup.client.usage.listeners).toBe(0);
  });
});

describe("handles", () => {
  test("are requested and inspected in batches, in order", async () => {
    await using fixture = await openReady();
    const identifiers = Array.from({ length: 4321 }, (_, index) => `contact${index}`);
    const handles = await fixture.connection.handles(Contact, identifiers);
    expect(new Set(handles).size).toBe(4321);
    expect(await fixture.connection.identifiers(Contact, handles)).toEqual(identifiers);
    expect(await fixture.connection.handles(Contact, [...identifiers].reverse())).toEqual([...handles].reverse());
    expect(await fixture.connection.handles(Contact, [])).toEqual([]);
    const [first = 0] = handles;
    expect(await fixture.connection.contacts([first])).toEqual(new Map([[first, { contactId: "contact0" }]]));
  });

  test("selfHandle follows SelfHandleChanged", async () => {
    await using fixture = await openReady();
    fixture.protocol.last.host.selfIdentifierChanged("other");
    await until("renamed", () => fixture.connection.selfHandle === 2);
  });
});

describe("interests", () => {
  const LOCATION = "im.telepathy1.Connection.Interface.Location1";

  test("a token is registered once, and removed when its last interest is released", async () => {
    await using fixture = await openReady({ ...IMMEDIATE, interests: [LOCATION] });
    const { log } = fixture.protocol.last;
    {
      await using first = await fixture.connection.addInterest(LOCATION);
      const second = await fixture.connection.addInterest(LOCATION);
      await second.release();
      await second.release();
      expect([log, first.token]).toEqual([["connect", `+${LOCATION}`], LOCATION]);
    }
    expect(log.at(-1)).toBe(`-${LOCATION}`);
  });

  test("closing releases all interests", async () => {
    await using fixture = await openReady({ ...IMMEDIATE, interests: [LOCATION] });
    const interest = await fixture.connection.addInterest(LOCATION);
    await fixture.connection.addInterest("org.example.Unsupported");
    await fixture.connection.close();
    expect(fixture.protocol.last.log.at(-1)).toBe(`-${LOCATION}`);
    await interest.release();
    expect(fixture.protocol.last.log).toHaveLength(3);
  });
});

describe("the end of a connection", () => {
  test("combines ConnectionError and StatusChanged in one error", async () => {
    await using fixture = await openReady();
    const details: ConnectionErrorDetails = { debugMessage: "kicked", serverMessage: "Raus" };
    fixture.protocol.last.host.disconnected(ConnectionStatusReason.NameInUse, { details });
    const end = await fixture.connection.ended;
    expect(end).toBeInstanceOf(ConnectionEndedError);
    expect(end).toMatchObject({ reason: ConnectionStatusReason.NameInUse, details, message: "kicked" });
    expect(end.is(ConnectionReplacedError)).toBe(true);
    expect([end.isRequested, fixture.connection.isConnected]).toEqual([false, false]);
    await expect(fixture.connection.handles(Contact, ["x"])).rejects.toBe(end);
    await expect(fixture.connection.contacts([1])).rejects.toBe(end);
    await fixture.connection.disconnect();
  });

  test("is the error of open() while connecting", async () => {
    await using setup = await startTestManager([
      new ScriptedProtocol({ connect: ({ host }) => host.disconnected(ConnectionStatusReason.AuthenticationFailed) }),
    ]);
    const opening = new RemoteManager(setup.client, "test").connect("scripted-one", ACCOUNT);
    const end = await opening.catch((error: unknown) => error);
    expect(end).toBeInstanceOf(ConnectionEndedError);
    expect(end).toMatchObject({
      reason: ConnectionStatusReason.AuthenticationFailed,
      errorName: AuthenticationFailedError.errorName,
    });
  });

  test("is marked as requested after disconnect()", async () => {
    await using fixture = await openReady();
    await fixture.connection.disconnect();
    await fixture.connection.disconnect();
    const end = await fixture.connection.ended;
    expect([end.isRequested, end.errorName]).toEqual([true, "im.telepathy1.Error.Cancelled"]);
  });

  test("has the reason NoneSpecified if the manager vanishes", async () => {
    await using fixture = await openReady();
    await fixture.setup.service.close();
    const end = await fixture.connection.ended;
    expect(end).toMatchObject({
      reason: ConnectionStatusReason.NoneSpecified,
      errorName: "im.telepathy1.Error.Disconnected",
    });
  });
});

test("a connection to the bus that is closed ends the connection and what waits for it", async () => {
  await using fixture = await openReady();
  const incoming = fixture.connection.chats.incoming();
  const next = incoming.next();
  next.catch(() => undefined);
  await expect.poll(() => fixture.setup.client.usage).toMatchObject({ pendingCalls: 0, listeners: 6 });
  await fixture.setup.client.close();
  expect((await fixture.connection.ended).reason).toBe(ConnectionStatusReason.NoneSpecified);
  await expect(next).rejects.toBeInstanceOf(ConnectionEndedError);
});

/** A connection as some deployed managers implement it: it never emits ConnectionError. */
class TerseConnection extends ConnectionService {
  constructor() {
    super({ interfaces: [], protocol: "terse", selfHandle: 0, status: ConnectionStatus.Disconnected });
  }

  connect() {
    this.setStatus(ConnectionStatus.Connecting, ConnectionStatusReason.Requested);
    this.signals.selfHandleChanged(6);
    this.properties.selfHandle = 7;
    this.setStatus(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
  }

  setStatus(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    this.properties.status = status;
    this.signals.statusChanged(status, reason);
  }

  disconnect() {
    throw new InvalidArgsError("never");
  }

  inspectHandles() {
    return ["only one"];
  }

  requestHandles() {
    return [];
  }

  addClientInterest() {
    throw new InvalidArgsError("not here");
  }

  removeClientInterest() {
    throw new InvalidArgsError("not here");
  }
}

describe("deployed connection managers", () => {
  const target: Target = {
    destination: "im.telepathy1.Connection.terse.terse.a",
    path: "/im/telepathy1/Connection/terse/terse/a",
  };

  async function openTerse() {
    const daemon = await startPrivateBus();
    const service = await connect({ bus: daemon.address });
    const served = new TerseConnection();
    await service.serve(target.path, served);
    await service.requestName(target.destination);
    const bus = await connect({ bus: daemon.address });
    const connection = await ReadyConnection.open(bus, target);
    const close = async (): Promise<void> => {
      await bus.close();
      await service.close();
      await daemon.stop();
    };
    return { service, served, connection, [Symbol.asyncDispose]: close };
  }

  test("the self handle is read without a signal, and the error follows from the reason", async () => {
    await using fixture = await openTerse();
    expect(fixture.connection.selfHandle).toBe(7);
    fixture.served.signals.connectionError("org.example.Early", {});
    fixture.served.setStatus(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
    fixture.served.setStatus(ConnectionStatus.Disconnected, ConnectionStatusReason.NameInUse);
    const end = await fixture.connection.ended;
    expect(end).toMatchObject({ errorName: ConnectionReplacedError.errorName, details: {} });
    expect(end.message).toBe("the connection has ended: NameInUse");
  });

  test("a change of the status that cannot be read ends the connection", async () => {
    await using fixture = await openTerse();
    const signal = { path: target.path, interface: Connection.name, member: "StatusChanged" };
    fixture.service.emit({ ...signal, codec: bodyCodec("s"), args: ["over"] });
    expect((await fixture.connection.ended).reason).toBe(ConnectionStatusReason.NoneSpecified);
  });

  test("a refused interest is ignored, and a reply of the wrong length is an error", async () => {
    await using fixture = await openTerse();
    await using _ = await fixture.connection.addInterest(Connection.name);
    expect(await fixture.connection.identifiers(Contact, [1])).toEqual(["only one"]);
    await expect(fixture.connection.identifiers(Contact, [1, 2])).rejects.toBeInstanceOf(ConfusedError);
    await expect(fixture.connection.handles(Contact, ["x"])).rejects.toThrow("1 items were answered with 0");
    await expect(fixture.connection.disconnect()).rejects.toThrow("never");
  });
});
