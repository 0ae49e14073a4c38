import {
  type Bus,
  connect,
  ServiceUnknownError,
  type Target,
  UnknownObjectError,
  Variant,
} from "@dbus-codegen-ts/runtime";
import {
  Connection,
  ConnectionClient,
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Contacts, ContactsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { Requests } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import {
  AuthenticationFailedError,
  DisconnectedError,
  InvalidHandleError,
  NotAvailableError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { describe, expect, test } from "vitest";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { serveConnectionManager } from "../../../../runtime/telepathy/service/connection-manager.ts";
import type { ConnectionObject } from "../../../../runtime/telepathy/service/connection-object.ts";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { type Script, ScriptedProtocol } from "../scripted-protocol.ts";
import { recordSignals, startTestManager, type TestSetup, until } from "../test-manager.ts";
import { MoodService } from "./mood-service.ts";

const ACCOUNT = { account: "me@example.com" };
const LOST = ConnectionStatusReason.NetworkError;

/** Requests a scripted connection and does not connect it. */
async function requestScripted(script: Script = {}, options: Parameters<typeof startTestManager>[1] = {}) {
  const protocol = new ScriptedProtocol(script);
  const setup = await startTestManager([protocol], options);
  const target = await setup.request(protocol.name, ACCOUNT);
  const { client, received } = await recordSignals(setup.client, target);
  return { setup, protocol, target, client, received, [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose]() };
}

async function nameIsGone({ client }: TestSetup, { destination }: Target): Promise<boolean> {
  return !(await new DaemonClient(client).nameHasOwner(destination));
}

describe("connecting", () => {
  test("signals precede the reply of Connect if the protocol connects immediately", async () => {
    await using setup = await startTestManager([loopback]);
    const target = await setup.request("loopback", { account: "Me@Example.com" });
    expect(target.destination).toBe("im.telepathy1.Connection.test.loopback.me_40example_2ecom");
    const { client, received } = await recordSignals(setup.client, target);
    expect(await client.properties.status.get()).toBe(ConnectionStatus.Disconnected);
    expect(await client.properties.selfHandle.get()).toBe(0);
    expect(await client.properties.protocol.get()).toBe("loopback");
    await client.connect();
    const expected = [
      ["StatusChanged", 1, 1],
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
    ];
    expect(received).toEqual(expected);
    await client.connect();
    expect(received).toEqual(expected);
    expect(await client.properties.status.get()).toBe(ConnectionStatus.Connected);
    expect(await client.inspectHandles(HandleType.Contact, [1])).toEqual(["me@example.com"]);
  });

  test("Connect returns before a slow protocol is connected, and handles are refused until then", async () => {
    await using fixture = await requestScripted();
    await fixture.client.connect();
    expect(fixture.received).toEqual([["StatusChanged", 1, 1]]);
    await expect(fixture.client.requestHandles(HandleType.Contact, [])).rejects.toBeInstanceOf(DisconnectedError);
    fixture.protocol.last.host.connected("Me");
    await until("connected", () => fixture.received.length === 3);
    expect(fixture.received.slice(1)).toEqual([
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
    ]);
  });

  test("an error thrown by connect() ends the connection and is the reply of Connect", async () => {
    await using fixture = await requestScripted({
      connect: () => {
        throw new AuthenticationFailedError("no such user");
      },
    });
    await expect(fixture.client.connect()).rejects.toMatchObject({
      errorName: AuthenticationFailedError.errorName,
      message: "no such user",
    });
    expect(fixture.received).toEqual([
      ["StatusChanged", 1, 1],
      ["ConnectionError", AuthenticationFailedError.errorName, { debugMessage: "no such user" }],
      ["StatusChanged", 2, ConnectionStatusReason.AuthenticationFailed],
    ]);
    expect(fixture.protocol.last.log).toEqual(["connect", "disconnect"]);
    await until("gone", () => fixture.setup.manager.connectionCount === 0);
  });

  test("an internal error of a protocol is passed to onError, without details for the caller", async () => {
    const bug = new TypeError("secret");
    await using fixture = await requestScripted({
      connect: () => {
        throw bug;
      },
    });
    await expect(fixture.client.connect()).rejects.toThrow("Connect failed");
    expect(JSON.stringify(fixture.received)).not.toContain("secret");
    expect(fixture.setup.errors).toContain(bug);
  });

  test("an invalid identifier of the user ends the connection", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("") });
    await fixture.client.connect();
    expect(fixture.received.slice(1)).toEqual([
      ["ConnectionError", InvalidHandleError.errorName, { debugMessage: "empty" }],
      ["StatusChanged", 2, ConnectionStatusReason.NoneSpecified],
    ]);
  });

  test("SelfHandleChanged precedes connected, and a new identifier follows it, if normalisation is slow", async () => {
    const slow = async (identifier: string): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, identifier === "first" ? 30 : 1));
      return identifier;
    };
    await using fixture = await requestScripted({
      normalize: slow,
      connect: ({ host }) => {
        host.connected("first");
        host.selfIdentifierChanged("second");
      },
    });
    await fixture.client.connect();
    await until("both", () => fixture.received.length === 4);
    expect(fixture.received).toEqual([
      ["StatusChanged", 1, 1],
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
      ["SelfHandleChanged", 2],
    ]);
  });

  test("a connection that ends while the user's identifier is normalised stays disconnected", async () => {
    let finish: (identifier: string) => void = () => undefined;
    const normalized = new Promise<string>((resolve) => {
      finish = resolve;
    });
    await using fixture = await requestScripted({
      normalize: () => normalized,
      connect: ({ host }) => host.connected("me"),
    });
    await fixture.client.connect();
    fixture.protocol.last.host.disconnected(LOST);
    finish("me");
    await until("gone", () => fixture.setup.manager.connectionCount === 0);
    expect(fixture.received.map((signal) => JSON.stringify(signal)).slice(1)).toEqual([
      '["ConnectionError","im.telepathy1.Error.NetworkError",{"debugMessage":"the connection has ended: NetworkError"}]',
      '["StatusChanged",2,2]',
    ]);
  });

  test("a new nickname changes the self handle, and another spelling of it does not", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("me") });
    await fixture.client.connect();
    fixture.protocol.last.host.selfIdentifierChanged("ME");
    fixture.protocol.last.host.selfIdentifierChanged("Myself");
    await until("renamed", () => fixture.received.length === 4);
    expect(fixture.received[3]).toEqual(["SelfHandleChanged", 2]);
    expect(await fixture.client.inspectHandles(HandleType.Contact, [1, 2])).toEqual(["me", "myself"]);
  });
});

describe("disconnecting", () => {
  test("every caller of Disconnect gets its reply when object and name are gone, in any state", async () => {
    for (const isConnected of [false, true]) {
      let finish: () => void = () => undefined;
      const closed = new Promise<void>((resolve) => {
        finish = resolve;
      });
      await using fixture = await requestScripted({
        disconnect: () => closed,
        connect: ({ host }) => host.connected("me"),
      });
      if (isConnected) await fixture.client.connect();
      fixture.received.length = 0;
      await using other = await connect({ bus: fixture.setup.daemon.address });
      let replyCount = 0;
      const calls = [fixture.client, new ConnectionClient(other, fixture.target), fixture.client].map(
        async (client) => {
          await client.disconnect();
          replyCount++;
          expect(await nameIsGone(fixture.setup, fixture.target)).toBe(true);
        },
      );
      await until("announced", () => fixture.received.length === 1);
      expect([fixture.received, replyCount]).toEqual([[["StatusChanged", 2, 1]], 0]);
      await expect(fixture.client.inspectHandles(HandleType.Contact, [])).rejects.toBeInstanceOf(DisconnectedError);
      finish();
      await Promise.all(calls);
      expect(fixture.received).toHaveLength(1);
      await expect(fixture.client.properties.status.get()).rejects.toBeInstanceOf(ServiceUnknownError);
      const byUniqueName = new ConnectionClient(fixture.setup.client, {
        ...fixture.target,
        destination: fixture.setup.service.uniqueName,
      });
      await expect(byUniqueName.connect()).rejects.toBeInstanceOf(UnknownObjectError);
    }
  });

  test("a protocol that never finishes disconnect() is abandoned after closeTimeout", async () => {
    const never = new Promise<void>(() => undefined);
    await using fixture = await requestScripted({ disconnect: () => never }, { closeTimeout: 20 });
    await fixture.client.disconnect();
    expect(await nameIsGone(fixture.setup, fixture.target)).toBe(true);
    expect(fixture.setup.errors).toHaveLength(1);
  });

  test("a connection leaves the bus even if disconnect() of its protocol fails", async () => {
    await using fixture = await requestScripted({ disconnect: () => Promise.reject(new Error("socket")) });
    await fixture.client.disconnect();
    expect(await nameIsGone(fixture.setup, fixture.target)).toBe(true);
    expect(fixture.setup.errors).toEqual([new Error("socket")]);
  });

  test("a lost connection emits ConnectionError and leaves the bus", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("me") });
    await fixture.client.connect();
    const details: ConnectionErrorDetails = { debugMessage: "reset", serverMessage: "Auf Wiedersehen" };
    const { host, log } = fixture.protocol.last;
    host.disconnected(LOST, { name: "org.example.Reset", details });
    host.disconnected(LOST);
    host.connected("me");
    host.selfIdentifierChanged("you");
    await until("gone", () => fixture.setup.manager.connectionCount === 0);
    expect(fixture.received.slice(3)).toEqual([
      ["ConnectionError", "org.example.Reset", details],
      ["StatusChanged", 2, LOST],
    ]);
    expect(log).toEqual(["connect"]);
    expect(await nameIsGone(fixture.setup, fixture.target)).toBe(true);
  });

  test("StatusChanged is emitted even if the details of ConnectionError cannot be encoded", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("me") });
    await fixture.client.connect();
    fixture.protocol.last.host.disconnected(LOST, { details: { debugMessage: "\ud800" } });
    await until("the end", () => fixture.received.length >= 4);
    expect(fixture.received.at(-1)).toEqual(["StatusChanged", 2, LOST]);
  });

  test("an account can have a second connection only after the end of the first", async () => {
    await using fixture = await requestScripted();
    const requestSameAccount = () => fixture.setup.request(fixture.protocol.name, ACCOUNT);
    await expect(requestSameAccount()).rejects.toBeInstanceOf(NotAvailableError);
    await fixture.client.disconnect();
    const both = await Promise.allSettled([requestSameAccount(), requestSameAccount()]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(fixture.setup.manager.connectionCount).toBe(1);
  });
});

describe("bus names and objects", () => {
  test("the object is served before the name is owned, then NewConnection is emitted, then the reply is sent", async () => {
    await using setup = await startTestManager([loopback]);
    const order: string[] = [];
    let statusRead: Promise<unknown> = Promise.resolve();
    const daemon = new DaemonClient(setup.client);
    await daemon.signals.nameOwnerChanged.subscribe((destination, _, owner) => {
      if (!destination.startsWith("im.telepathy1.Connection.test.")) return;
      order.push(owner === "" ? "gone" : "name");
      const path = `/${destination.replaceAll(".", "/")}`;
      statusRead = new ConnectionClient(setup.client, { destination, path }).properties.status.get();
    });
    await setup.remote.signals.newConnection.subscribe(() => order.push("NewConnection"));
    await setup.request("loopback", ACCOUNT);
    order.push("reply");
    expect(order).toEqual(["name", "NewConnection", "reply"]);
    expect(await statusRead).toBe(ConnectionStatus.Disconnected);
  });

  test("a name with another owner is NotAvailable, and no object remains", async () => {
    await using setup = await startTestManager([loopback]);
    const destination = "im.telepathy1.Connection.test.loopback.taken";
    await setup.client.requestName(destination);
    await expect(setup.request("loopback", { account: "taken" })).rejects.toBeInstanceOf(NotAvailableError);
    expect(setup.manager.connectionCount).toBe(0);
    const path = `/${destination.replaceAll(".", "/")}`;
    const left = new ConnectionClient(setup.client, { destination: setup.service.uniqueName, path });
    await expect(left.connect()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("closing the manager disconnects all its connections", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("me") });
    await fixture.client.connect();
    const { destination } = await fixture.setup.request(fixture.protocol.name, { account: "other" });
    await fixture.setup.manager.close();
    expect(fixture.received.at(-1)).toEqual(["StatusChanged", 2, 1]);
    const names = await new DaemonClient(fixture.setup.client).listNames();
    expect(names.filter((name) => name.startsWith("im.telepathy1."))).toEqual([]);
    expect(destination).toContain("scripted_one.other");
  });

  test("a manager whose name has another owner is not served, and no objects remain", async () => {
    await using setup = await startTestManager([loopback]);
    await expect(serveLoopbackManager(setup.service, "test")).rejects.toBeInstanceOf(Error);
    await expect(serveLoopbackManager(setup.client, "test")).rejects.toBeInstanceOf(NotAvailableError);
    await expect(serveLoopbackManager(setup.client, "no-name")).rejects.toThrow("no-name");
    const there = new ConnectionClient(setup.service, {
      destination: setup.client.uniqueName,
      path: setup.manager.target.path,
    });
    await expect(there.connect()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("connections end when the bus is lost", async () => {
    await using fixture = await requestScripted({ connect: ({ host }) => host.connected("me") });
    await fixture.client.connect();
    await fixture.setup.daemon.stop("SIGKILL");
    await until("gone", () => fixture.setup.manager.connectionCount === 0);
    expect(fixture.protocol.last.log).toEqual(["connect", "disconnect"]);
  });
});

async function serveLoopbackManager(bus: Bus, name: string): Promise<void> {
  await serveConnectionManager(bus, { name, protocols: [loopback] });
}

describe("optional interfaces", () => {
  test("Requests and Contacts are always present, and others can be added until the connection is connected", async () => {
    const created: ConnectionObject[] = [];
    await using fixture = await requestScripted(
      { connect: ({ host }) => host.connected("me") },
      {
        onConnection: (connection) => {
          connection.addInterface(MoodService.interfaceName, new MoodService());
          connection.addInterface(MoodService.interfaceName, new MoodService());
          created.push(connection);
        },
      },
    );
    const interfaces = [Requests.name, Contacts.name, MoodService.interfaceName];
    expect(await fixture.client.properties.interfaces.get()).toEqual(interfaces);
    await fixture.client.connect();
    expect(await fixture.client.properties.interfaces.get()).toEqual(interfaces);
    for (const connection of created) {
      expect(() => connection.addInterface("org.example.Late", new MoodService())).toThrow(
        "org.example.Late cannot be added any more",
      );
    }
    expect(created).toHaveLength(1);
  });

  test("an interface that is added while connecting is served immediately", async () => {
    const protocol = new ScriptedProtocol();
    const add: (() => void)[] = [];
    await using setup = await startTestManager([protocol], {
      onConnection: (connection) =>
        add.push(() => connection.addInterface(MoodService.interfaceName, new MoodService())),
    });
    const target = await setup.request(protocol.name, ACCOUNT);
    const client = new ConnectionClient(setup.client, target);
    await client.connect();
    for (const addInterface of add) addInterface();
    expect(await client.properties.interfaces.get()).toEqual([Requests.name, Contacts.name, MoodService.interfaceName]);
    const call = { ...target, interface: MoodService.interfaceName, member: "Cheer" };
    expect(await setup.client.call(call)).toEqual([]);
  });
});

test("contact attributes contain the identifier and the requested interfaces, without invalid handles", async () => {
  const mood = new Variant("s", "fine");
  await using fixture = await requestScripted({
    attributes: { "org.example.Mood/mood": mood },
    connect: ({ host }) => host.connected("me"),
  });
  const contacts = new ContactsClient(fixture.setup.client, fixture.target);
  await expect(contacts.getContactAttributes([1], [])).rejects.toBeInstanceOf(DisconnectedError);
  await fixture.client.connect();
  expect(await contacts.properties.contactAttributeInterfaces.get()).toEqual([Connection.name, "org.example.Mood"]);
  await fixture.client.requestHandles(HandleType.Contact, ["Bob"]);
  await fixture.client.requestHandles(HandleType.Room, ["a", "b", "c"]);
  expect(await contacts.getContactAttributes([2, 0, 3, 99_999, 1, 2], [Connection.name])).toEqual(
    new Map([
      [2, { contactId: "bob" }],
      [1, { contactId: "me" }],
    ]),
  );
  expect(await contacts.getContactAttributes([2], ["org.example.Mood", "org.example.Other"])).toEqual(
    new Map([[2, { contactId: "bob", extra: { "org.example.Mood/mood": mood } }]]),
  );
});
