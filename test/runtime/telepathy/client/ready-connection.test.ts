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
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import {
  AuthenticationFailedError,
  ConfusedError,
  ConnectionReplacedError,
  NotAvailableError,
  NotImplementedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { describe, expect, test } from "vitest";
import { ConnectionEndedError } from "../../../../runtime/telepathy/client/connection-end.ts";
import { ReadyConnection } from "../../../../runtime/telepathy/client/ready-connection.ts";
import { findConnectionManagers, RemoteManager } from "../../../../runtime/telepathy/client/remote-manager.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { startWorld, until } from "../test-manager.ts";

const ACCOUNT = { account: "me" };
const AT_ONCE: Script = { connect: ({ host }) => host.connected("me") };
const { Contact } = HandleType;

async function ready(script: Script = AT_ONCE) {
  const protocol = new ScriptedProtocol(script);
  const world = await startWorld([protocol]);
  const connection = await new RemoteManager(world.client, "test").connect(protocol.name, ACCOUNT);
  return { world, protocol, connection, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

describe("from a bus to a connection", () => {
  test("managers, their protocols and parameters, and a connection that is ready", async () => {
    await using world = await startWorld([loopback]);
    await world.client.requestName("im.telepathy1.ConnectionManager.another");
    await world.client.requestName("im.telepathy1.ConnectionManagers");
    expect(await findConnectionManagers(world.client)).toEqual([
      { name: "another", isRunning: true },
      { name: "test", isRunning: true },
    ]);
    const manager = new RemoteManager(world.client, "test");
    expect(Object.keys(await manager.protocols())).toEqual(["loopback"]);
    expect((await manager.parameters("loopback")).map(({ name }) => name)).toEqual(["account"]);
    await expect(manager.parameters("toString")).rejects.toBeInstanceOf(NotImplementedError);

    await using connection = await manager.connect("loopback", { account: "Me" });
    expect(connection.isConnected).toBe(true);
    expect(connection.selfHandle).toBe(1);
    expect(connection.interfaces).toEqual([Contacts.name]);
    expect(await connection.identifiers(Contact, [connection.selfHandle])).toEqual(["me"]);
    await expect(manager.connect("loopback", { account: "me" })).rejects.toBeInstanceOf(NotAvailableError);
  });

  test("a connection of somebody else's is waited for, not asked to connect", async () => {
    const protocol = new ScriptedProtocol();
    await using world = await startWorld([protocol]);
    const target = await world.request(protocol.name, ACCOUNT);
    const waiting = ReadyConnection.open(world.client, target, { connect: false });
    await new ConnectionClient(world.client, target).connect();
    protocol.last.host.connected("me");
    await using connection = await waiting;
    expect(connection.selfHandle).toBe(1);
    await using again = await ReadyConnection.open(world.client, target);
    expect(again.selfHandle).toBe(1);
    expect(protocol.last.log).toEqual(["connect"]);
  });

  test("one that does not get connected: after the timeout, or when the caller gives up, it is disconnected", async () => {
    const protocol = new ScriptedProtocol();
    await using world = await startWorld([protocol]);
    const manager = new RemoteManager(world.client, "test");
    await expect(manager.connect(protocol.name, ACCOUNT, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
    expect(world.manager.connections).toBe(0);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(manager.connect(protocol.name, ACCOUNT, { signal })).rejects.toThrow("enough");
    const controller = new AbortController();
    const connecting = manager.connect(protocol.name, ACCOUNT, { signal: controller.signal });
    await until("connecting", () => protocol.connections.length === 3 && protocol.last.log.includes("connect"));
    controller.abort(new Error("really"));
    await expect(connecting).rejects.toThrow("really");
    await until("gone", () => world.manager.connections === 0);
    expect(world.client.usage.listeners).toBe(0);
  });

  test("one that is not there is the error of the bus", async () => {
    await using world = await startWorld([loopback]);
    const target = {
      destination: "im.telepathy1.Connection.test.loopback.no",
      path: "/im/telepathy1/Connection/test/loopback/no",
    };
    await expect(ReadyConnection.open(world.client, target)).rejects.toMatchObject({
      errorName: "org.freedesktop.DBus.Error.ServiceUnknown",
    });
    expect(world.client.usage.listeners).toBe(0);
  });
});

describe("handles", () => {
  test("both ways in batches, in order", async () => {
    await using s = await ready();
    const identifiers = Array.from({ length: 4321 }, (_, index) => `contact${index}`);
    const handles = await s.connection.handles(Contact, identifiers);
    expect(new Set(handles).size).toBe(4321);
    expect(await s.connection.identifiers(Contact, handles)).toEqual(identifiers);
    expect(await s.connection.handles(Contact, [...identifiers].reverse())).toEqual([...handles].reverse());
    expect(await s.connection.handles(Contact, [])).toEqual([]);
    const [first = 0] = handles;
    expect(await s.connection.contacts([first])).toEqual(new Map([[first, { contactId: "contact0" }]]));
  });

  test("a new handle of the user is followed", async () => {
    await using s = await ready();
    s.protocol.last.host.selfRenamed("other");
    await until("renamed", () => s.connection.selfHandle === 2);
  });
});

describe("interests", () => {
  const LOCATION = "im.telepathy1.Connection.Interface.Location1";

  test("the connection hears of a token once, and of its release when the last one here is released", async () => {
    await using s = await ready({ ...AT_ONCE, interests: [LOCATION] });
    const { log } = s.protocol.last;
    {
      await using first = await s.connection.interest(LOCATION);
      const second = await s.connection.interest(LOCATION);
      await second.release();
      await second.release();
      expect([log, first.token]).toEqual([["connect", `+${LOCATION}`], LOCATION]);
    }
    expect(log.at(-1)).toBe(`-${LOCATION}`);
  });

  test("what was not released is released with the connection here", async () => {
    await using s = await ready({ ...AT_ONCE, interests: [LOCATION] });
    const interest = await s.connection.interest(LOCATION);
    await s.connection.interest("org.example.Unsupported");
    await s.connection.close();
    expect(s.protocol.last.log.at(-1)).toBe(`-${LOCATION}`);
    await interest.release();
    expect(s.protocol.last.log).toHaveLength(3);
  });
});

describe("the end is one error", () => {
  test("ConnectionError and StatusChanged together", async () => {
    await using s = await ready();
    const details: ConnectionErrorDetails = { debugMessage: "kicked", serverMessage: "Raus" };
    s.protocol.last.host.disconnected(ConnectionStatusReason.NameInUse, { details });
    const end = await s.connection.ended;
    expect(end).toBeInstanceOf(ConnectionEndedError);
    expect(end).toMatchObject({ reason: ConnectionStatusReason.NameInUse, details, message: "kicked" });
    expect(end.is(ConnectionReplacedError)).toBe(true);
    expect([end.isRequested, s.connection.isConnected]).toEqual([false, false]);
    await expect(s.connection.handles(Contact, ["x"])).rejects.toBe(end);
    await expect(s.connection.contacts([1])).rejects.toBe(end);
    await s.connection.disconnect();
  });

  test("while connecting it is what opening fails with", async () => {
    await using world = await startWorld([
      new ScriptedProtocol({ connect: ({ host }) => host.disconnected(ConnectionStatusReason.AuthenticationFailed) }),
    ]);
    const opening = new RemoteManager(world.client, "test").connect("scripted-one", ACCOUNT);
    const end = await opening.catch((error: unknown) => error);
    expect(end).toBeInstanceOf(ConnectionEndedError);
    expect(end).toMatchObject({
      reason: ConnectionStatusReason.AuthenticationFailed,
      errorName: AuthenticationFailedError.errorName,
    });
  });

  test("what the user wanted", async () => {
    await using s = await ready();
    await s.connection.disconnect();
    await s.connection.disconnect();
    const end = await s.connection.ended;
    expect([end.isRequested, end.errorName]).toEqual([true, "im.telepathy1.Error.Cancelled"]);
  });

  test("a manager that goes without a word", async () => {
    await using s = await ready();
    await s.world.service.close();
    const end = await s.connection.ended;
    expect(end).toMatchObject({
      reason: ConnectionStatusReason.NoneSpecified,
      errorName: "im.telepathy1.Error.Disconnected",
    });
  });
});

/** A connection as it is deployed: no ConnectionError, nothing that a client could do without it. */
class TerseConnection extends ConnectionService {
  constructor() {
    super({ interfaces: [], protocol: "terse", selfHandle: 0, status: ConnectionStatus.Disconnected });
  }

  connect() {
    this.become(ConnectionStatus.Connecting, ConnectionStatusReason.Requested);
    this.signals.selfHandleChanged(6);
    this.properties.selfHandle = 7;
    this.become(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
  }

  become(status: ConnectionStatus, reason: ConnectionStatusReason): void {
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

describe("connection managers of others", () => {
  const target: Target = {
    destination: "im.telepathy1.Connection.terse.terse.a",
    path: "/im/telepathy1/Connection/terse/terse/a",
  };

  async function terse() {
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
    return { served, connection, [Symbol.asyncDispose]: close };
  }

  test("the user's handle without a signal, and no error but the reason", async () => {
    await using s = await terse();
    expect(s.connection.selfHandle).toBe(7);
    s.served.signals.connectionError("org.example.Early", {});
    s.served.become(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
    s.served.become(ConnectionStatus.Disconnected, ConnectionStatusReason.NameInUse);
    const end = await s.connection.ended;
    expect(end).toMatchObject({ errorName: ConnectionReplacedError.errorName, details: {} });
    expect(end.message).toBe("the connection has ended: NameInUse");
  });

  test("interest that is refused is no error, an answer of the wrong length is", async () => {
    await using s = await terse();
    await using _ = await s.connection.interest(Connection.name);
    expect(await s.connection.identifiers(Contact, [1])).toEqual(["only one"]);
    await expect(s.connection.identifiers(Contact, [1, 2])).rejects.toBeInstanceOf(ConfusedError);
    await expect(s.connection.handles(Contact, ["x"])).rejects.toThrow("1 items were answered with 0");
    await expect(s.connection.disconnect()).rejects.toThrow("never");
  });
});
