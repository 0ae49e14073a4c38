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
import { record, startWorld, until, type World } from "../test-manager.ts";
import { Moods } from "./mood-service.ts";

const ACCOUNT = { account: "me@example.com" };
const LOST = ConnectionStatusReason.NetworkError;

/** A world with one scripted protocol and one connection, not connected yet. */
async function scripted(script: Script = {}, options: Parameters<typeof startWorld>[1] = {}) {
  const protocol = new ScriptedProtocol(script);
  const world = await startWorld([protocol], options);
  const target = await world.request(protocol.name, ACCOUNT);
  const { client, heard } = await record(world.client, target);
  return { world, protocol, target, client, heard, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

async function nameIsGone({ client }: World, { destination }: Target): Promise<boolean> {
  return !(await new DaemonClient(client).nameHasOwner(destination));
}

describe("the way to connected", () => {
  test("a protocol that connects at once: everything is announced before the reply", async () => {
    await using world = await startWorld([loopback]);
    const target = await world.request("loopback", { account: "Me@Example.com" });
    expect(target.destination).toBe("im.telepathy1.Connection.test.loopback.me_40example_2ecom");
    const { client, heard } = await record(world.client, target);
    expect(await client.properties.status.get()).toBe(ConnectionStatus.Disconnected);
    expect(await client.properties.selfHandle.get()).toBe(0);
    expect(await client.properties.protocol.get()).toBe("loopback");
    await client.connect();
    const expected = [
      ["StatusChanged", 1, 1],
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
    ];
    expect(heard).toEqual(expected);
    await client.connect();
    expect(heard).toEqual(expected);
    expect(await client.properties.status.get()).toBe(ConnectionStatus.Connected);
    expect(await client.inspectHandles(HandleType.Contact, [1])).toEqual(["me@example.com"]);
  });

  test("a protocol that takes its time: Connect is answered first, and nothing works before", async () => {
    await using s = await scripted();
    await s.client.connect();
    expect(s.heard).toEqual([["StatusChanged", 1, 1]]);
    await expect(s.client.requestHandles(HandleType.Contact, [])).rejects.toBeInstanceOf(DisconnectedError);
    s.protocol.last.host.connected("Me");
    await until("connected", () => s.heard.length === 3);
    expect(s.heard.slice(1)).toEqual([
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
    ]);
  });

  test("a protocol that cannot even begin: the error ends the connection and answers Connect", async () => {
    await using s = await scripted({
      connect: () => {
        throw new AuthenticationFailedError("no such user");
      },
    });
    await expect(s.client.connect()).rejects.toMatchObject({
      errorName: AuthenticationFailedError.errorName,
      message: "no such user",
    });
    expect(s.heard).toEqual([
      ["StatusChanged", 1, 1],
      ["ConnectionError", AuthenticationFailedError.errorName, { debugMessage: "no such user" }],
      ["StatusChanged", 2, ConnectionStatusReason.AuthenticationFailed],
    ]);
    expect(s.protocol.last.log).toEqual(["connect", "disconnect"]);
    await until("gone", () => s.world.manager.connections === 0);
  });

  test("a protocol with a bug: the caller is told no details, the program is", async () => {
    const bug = new TypeError("secret");
    await using s = await scripted({
      connect: () => {
        throw bug;
      },
    });
    await expect(s.client.connect()).rejects.toThrow("Connect failed");
    expect(JSON.stringify(s.heard)).not.toContain("secret");
    expect(s.world.errors).toContain(bug);
  });

  test("a user whom nobody can name ends the connection", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("") });
    await s.client.connect();
    expect(s.heard.slice(1)).toEqual([
      ["ConnectionError", InvalidHandleError.errorName, { debugMessage: "empty" }],
      ["StatusChanged", 2, ConnectionStatusReason.NoneSpecified],
    ]);
  });

  test("identifiers that take time: the user's name comes before connected, and a new name after it", async () => {
    const slow = async (identifier: string): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, identifier === "first" ? 30 : 1));
      return identifier;
    };
    await using s = await scripted({
      normalize: slow,
      connect: ({ host }) => {
        host.connected("first");
        host.selfRenamed("second");
      },
    });
    await s.client.connect();
    await until("both", () => s.heard.length === 4);
    expect(s.heard).toEqual([
      ["StatusChanged", 1, 1],
      ["SelfHandleChanged", 1],
      ["StatusChanged", 0, 1],
      ["SelfHandleChanged", 2],
    ]);
  });

  test("a connection that ends while its user is still being named does not come back", async () => {
    let finish: (identifier: string) => void = () => undefined;
    const named = new Promise<string>((resolve) => {
      finish = resolve;
    });
    await using s = await scripted({ normalize: () => named, connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    s.protocol.last.host.disconnected(LOST);
    finish("me");
    await until("gone", () => s.world.manager.connections === 0);
    expect(s.heard.map((one) => JSON.stringify(one)).slice(1)).toEqual([
      '["ConnectionError","im.telepathy1.Error.NetworkError",{}]',
      '["StatusChanged",2,2]',
    ]);
  });

  test("a new nickname is a new handle, and the same one is no news", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    s.protocol.last.host.selfRenamed("ME");
    s.protocol.last.host.selfRenamed("Myself");
    await until("renamed", () => s.heard.length === 4);
    expect(s.heard[3]).toEqual(["SelfHandleChanged", 2]);
    expect(await s.client.inspectHandles(HandleType.Contact, [1, 2])).toEqual(["me", "myself"]);
  });
});

describe("the end", () => {
  test("Disconnect of any number of callers, in any state: answered when object and name are gone", async () => {
    for (const isConnected of [false, true]) {
      let finish: () => void = () => undefined;
      const closed = new Promise<void>((resolve) => {
        finish = resolve;
      });
      await using s = await scripted({ disconnect: () => closed, connect: ({ host }) => host.connected("me") });
      if (isConnected) await s.client.connect();
      s.heard.length = 0;
      await using other = await connect({ bus: s.world.daemon.address });
      let answered = 0;
      const calls = [s.client, new ConnectionClient(other, s.target), s.client].map(async (client) => {
        await client.disconnect();
        answered++;
        expect(await nameIsGone(s.world, s.target)).toBe(true);
      });
      await until("announced", () => s.heard.length === 1);
      expect([s.heard, answered]).toEqual([[["StatusChanged", 2, 1]], 0]);
      await expect(s.client.inspectHandles(HandleType.Contact, [])).rejects.toBeInstanceOf(DisconnectedError);
      finish();
      await Promise.all(calls);
      expect(s.heard).toHaveLength(1);
      await expect(s.client.properties.status.get()).rejects.toBeInstanceOf(ServiceUnknownError);
      const byUniqueName = new ConnectionClient(s.world.client, {
        ...s.target,
        destination: s.world.service.uniqueName,
      });
      await expect(byUniqueName.connect()).rejects.toBeInstanceOf(UnknownObjectError);
    }
  });

  test("a protocol that does not come to an end keeps nobody waiting for ever", async () => {
    const never = new Promise<void>(() => undefined);
    await using s = await scripted({ disconnect: () => never }, { closeTimeout: 20 });
    await s.client.disconnect();
    expect(await nameIsGone(s.world, s.target)).toBe(true);
    expect(s.world.errors).toHaveLength(1);
  });

  test("a protocol that fails while it ends is off the bus all the same", async () => {
    await using s = await scripted({ disconnect: () => Promise.reject(new Error("socket")) });
    await s.client.disconnect();
    expect(await nameIsGone(s.world, s.target)).toBe(true);
    expect(s.world.errors).toEqual([new Error("socket")]);
  });

  test("a loss is an error, and the connection leaves the bus by itself", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    const details: ConnectionErrorDetails = { debugMessage: "reset", serverMessage: "Auf Wiedersehen" };
    const { host, log } = s.protocol.last;
    host.disconnected(LOST, { name: "org.example.Reset", details });
    host.disconnected(LOST);
    host.connected("me");
    host.selfRenamed("you");
    await until("gone", () => s.world.manager.connections === 0);
    expect(s.heard.slice(3)).toEqual([
      ["ConnectionError", "org.example.Reset", details],
      ["StatusChanged", 2, LOST],
    ]);
    expect(log).toEqual(["connect"]);
    expect(await nameIsGone(s.world, s.target)).toBe(true);
  });

  test("details that cannot be sent do not keep the end from being announced", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    s.protocol.last.host.disconnected(LOST, { details: { debugMessage: "\ud800" } });
    await until("the end", () => s.heard.length >= 4);
    expect(s.heard.at(-1)).toEqual(["StatusChanged", 2, LOST]);
  });

  test("after the end the same account can be connected again, and not before", async () => {
    await using s = await scripted();
    const again = () => s.world.request(s.protocol.name, ACCOUNT);
    await expect(again()).rejects.toBeInstanceOf(NotAvailableError);
    await s.client.disconnect();
    const both = await Promise.allSettled([again(), again()]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(s.world.manager.connections).toBe(1);
  });
});

describe("on the bus", () => {
  test("whoever sees the name finds the object; NewConnection comes next, and the reply last", async () => {
    await using world = await startWorld([loopback]);
    const order: string[] = [];
    let found: Promise<unknown> = Promise.resolve();
    const daemon = new DaemonClient(world.client);
    await daemon.signals.nameOwnerChanged.subscribe((destination, _, owner) => {
      if (!destination.startsWith("im.telepathy1.Connection.test.")) return;
      order.push(owner === "" ? "gone" : "name");
      const path = `/${destination.replaceAll(".", "/")}`;
      found = new ConnectionClient(world.client, { destination, path }).properties.status.get();
    });
    await world.remote.signals.newConnection.subscribe(() => order.push("NewConnection"));
    await world.request("loopback", ACCOUNT);
    order.push("reply");
    expect(order).toEqual(["name", "NewConnection", "reply"]);
    expect(await found).toBe(ConnectionStatus.Disconnected);
  });

  test("a name that somebody else has: NotAvailable, and nothing stays behind", async () => {
    await using world = await startWorld([loopback]);
    const destination = "im.telepathy1.Connection.test.loopback.taken";
    await world.client.requestName(destination);
    await expect(world.request("loopback", { account: "taken" })).rejects.toBeInstanceOf(NotAvailableError);
    expect(world.manager.connections).toBe(0);
    const path = `/${destination.replaceAll(".", "/")}`;
    const left = new ConnectionClient(world.client, { destination: world.service.uniqueName, path });
    await expect(left.connect()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("the manager's end disconnects all its connections", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    const { destination } = await s.world.request(s.protocol.name, { account: "other" });
    await s.world.manager.close();
    expect(s.heard.at(-1)).toEqual(["StatusChanged", 2, 1]);
    const names = await new DaemonClient(s.world.client).listNames();
    expect(names.filter((name) => name.startsWith("im.telepathy1."))).toEqual([]);
    expect(destination).toContain("scripted_one.other");
  });

  test("a manager whose name is taken does not come up, and leaves no objects", async () => {
    await using world = await startWorld([loopback]);
    await expect(startOn(world.service, "test")).rejects.toBeInstanceOf(Error);
    await expect(startOn(world.client, "test")).rejects.toBeInstanceOf(NotAvailableError);
    await expect(startOn(world.client, "no-name")).rejects.toThrow("no-name");
    const there = new ConnectionClient(world.service, {
      destination: world.client.uniqueName,
      path: world.manager.place.path,
    });
    await expect(there.connect()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("the connections of a lost bus end", async () => {
    await using s = await scripted({ connect: ({ host }) => host.connected("me") });
    await s.client.connect();
    await s.world.daemon.stop("SIGKILL");
    await until("gone", () => s.world.manager.connections === 0);
    expect(s.protocol.last.log).toEqual(["connect", "disconnect"]);
  });
});

async function startOn(bus: Bus, name: string): Promise<void> {
  await serveConnectionManager(bus, { name, protocols: [loopback] });
}

describe("interfaces", () => {
  test("Contacts is always there; more can come until connected, none ever goes", async () => {
    const made: ConnectionObject[] = [];
    await using s = await scripted(
      { connect: ({ host }) => host.connected("me") },
      {
        onConnection: (connection) => {
          connection.addInterface(Moods.contract, new Moods());
          connection.addInterface(Moods.contract, new Moods());
          made.push(connection);
        },
      },
    );
    const interfaces = [Contacts.name, Moods.contract];
    expect(await s.client.properties.interfaces.get()).toEqual(interfaces);
    await s.client.connect();
    expect(await s.client.properties.interfaces.get()).toEqual(interfaces);
    for (const connection of made) {
      expect(() => connection.addInterface("org.example.Late", new Moods())).toThrow("org.example.Late comes too late");
    }
    expect(made).toHaveLength(1);
  });

  test("an interface that is added while connecting is served at once", async () => {
    const protocol = new ScriptedProtocol();
    const add: (() => void)[] = [];
    await using world = await startWorld([protocol], {
      onConnection: (connection) => add.push(() => connection.addInterface(Moods.contract, new Moods())),
    });
    const target = await world.request(protocol.name, ACCOUNT);
    const client = new ConnectionClient(world.client, target);
    await client.connect();
    for (const one of add) one();
    expect(await client.properties.interfaces.get()).toEqual([Contacts.name, Moods.contract]);
    const call = { ...target, interface: Moods.contract, member: "Cheer" };
    expect(await world.client.call(call)).toEqual([]);
  });
});

test("contact attributes: the identifier always, others where wanted, and nothing of those who are not there", async () => {
  const mood = new Variant("s", "fine");
  await using s = await scripted({
    attributes: { "org.example.Mood/mood": mood },
    connect: ({ host }) => host.connected("me"),
  });
  const contacts = new ContactsClient(s.world.client, s.target);
  await expect(contacts.getContactAttributes([1], [])).rejects.toBeInstanceOf(DisconnectedError);
  await s.client.connect();
  expect(await contacts.properties.contactAttributeInterfaces.get()).toEqual([Connection.name, "org.example.Mood"]);
  await s.client.requestHandles(HandleType.Contact, ["Bob"]);
  await s.client.requestHandles(HandleType.Room, ["a", "b", "c"]);
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
