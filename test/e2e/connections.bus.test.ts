import { type Bus, connect, type Incoming, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import {
  Connection,
  ConnectionClient,
  ConnectionService,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  type ContactAttributes,
  ContactsClient,
  ContactsService,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import {
  ConnectionManagerClient,
  ConnectionManagerService,
  type ConnectionParameters,
  ConnMgrParamFlags,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import {
  AuthenticationFailedError,
  DisconnectedError,
  InvalidArgumentError,
  InvalidHandleError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../setup/private-bus.ts";
import { gdbusCall, gdbusIntrospect } from "./foreign.ts";
import { describeInterface, readSpec } from "./introspection.ts";

const MANAGER = { destination: "im.telepathy1.ConnectionManager.test", path: "/im/telepathy1/ConnectionManager/test" };

/** A minimal connection manager, implemented with generated services only. */
class TestManager extends ConnectionManagerService {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    const account = {
      name: "account",
      flags: ConnMgrParamFlags.Required,
      signature: "s",
      defaultValue: new Variant("s", ""),
    };
    super({ interfaces: [], protocols: { test: { parameters: [account], englishName: "Test" } } });
    this.#bus = bus;
  }

  async requestConnection(protocol: string, parameters: ConnectionParameters): Promise<[string, ObjectPath]> {
    if (parameters.account === undefined) throw new InvalidArgumentError("missing parameter: account");
    const path = `/im/telepathy1/Connection/test/${protocol}/${parameters.account}`;
    const name = path.slice(1).replaceAll("/", ".");
    const connection = new TestConnection(parameters.account);
    await this.#bus.serve(path, connection, new Contacts(connection));
    await this.#bus.requestName(name);
    this.signals.newConnection(name, path, protocol);
    return [name, path];
  }
}

class TestConnection extends ConnectionService {
  readonly identifiers: string[] = [];

  constructor(account: string) {
    super({ interfaces: [], protocol: "test", selfHandle: 0, status: ConnectionStatus.Disconnected });
    this.identifiers.push("", account);
  }

  connect() {
    const { properties, signals } = this;
    Object.assign(properties, { selfHandle: 1, status: ConnectionStatus.Connected });
    signals.selfHandleChanged(1);
    signals.statusChanged(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
  }
  disconnect() {
    this.properties.status = ConnectionStatus.Disconnected;
    this.signals.connectionError(AuthenticationFailedError.errorName, {
      debugMessage: "wrong password",
      userRequested: false,
    });
    this.signals.statusChanged(ConnectionStatus.Disconnected, ConnectionStatusReason.AuthenticationFailed);
  }
  requestHandles(_type: HandleType, identifiers: readonly string[]) {
    if (this.properties.status !== ConnectionStatus.Connected) throw new DisconnectedError("not connected");
    return identifiers.map((identifier) => {
      const handle = this.identifiers.indexOf(identifier);
      return handle > 0 ? handle : this.identifiers.push(identifier) - 1;
    });
  }
  inspectHandles(_type: HandleType, handles: readonly number[]) {
    return handles.map((handle) => {
      const identifier = this.identifiers[handle];
      if (handle === 0 || identifier === undefined) throw new InvalidHandleError(`unknown handle ${handle}`);
      return identifier;
    });
  }
  addClientInterest(_tokens: readonly string[], _incoming: Incoming) {}
  removeClientInterest() {}
}

class Contacts extends ContactsService {
  readonly #connection: TestConnection;
  constructor(connection: TestConnection) {
    super({ contactAttributeInterfaces: [Connection.name] });
    this.#connection = connection;
  }
  getContactAttributes(handles: readonly number[]) {
    return new Map(handles.map((handle) => [handle, { contactId: this.#connection.identifiers[handle] ?? "" }]));
  }
  getContactByID(identifier: string): [number, ContactAttributes] {
    return [this.#connection.identifiers.indexOf(identifier), { contactId: identifier }];
  }
}

let daemon: PrivateBus;
let service: Bus;
let client: Bus;
let manager: ConnectionManagerClient;

beforeAll(async () => {
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  await service.serve(MANAGER.path, new TestManager(service));
  await service.requestName(MANAGER.destination);
  client = await connect({ bus: daemon.address });
  manager = new ConnectionManagerClient(client, MANAGER);
});
afterAll(async () => {
  await client?.close();
  await service?.close();
  await daemon?.stop();
});

test("a client reads parameters, requests a connection, inspects contacts and disconnects", async () => {
  const { test: protocol } = await manager.properties.protocols.get();
  expect(protocol?.parameters).toEqual([
    { name: "account", flags: 1, signature: "s", defaultValue: new Variant("s", "") },
  ]);
  const announced: unknown[] = [];
  await using _ = await manager.signals.newConnection.subscribe((...args) => announced.push(args));
  const [destination, path] = await manager.requestConnection("test", { account: "alice", requireEncryption: true });
  expect(announced).toEqual([[destination, path, "test"]]);

  const connection = new ConnectionClient(client, { destination, path });
  const received: unknown[] = [];
  await using _error = await connection.signals.connectionError.subscribe((...args) => received.push(args));
  await using _status = await connection.signals.statusChanged.subscribe((...args) => received.push(args));
  await expect(connection.requestHandles(HandleType.Contact, ["bob"])).rejects.toBeInstanceOf(DisconnectedError);
  await connection.connect();
  expect(await connection.properties.status.get()).toBe(ConnectionStatus.Connected);
  const self = await connection.properties.selfHandle.get();

  const handles = await connection.requestHandles(HandleType.Contact, ["bob", "carol", "bob"]);
  expect(handles).toEqual([2, 3, 2]);
  expect(await connection.inspectHandles(HandleType.Contact, [self, ...handles])).toEqual([
    "alice",
    "bob",
    "carol",
    "bob",
  ]);
  await expect(connection.inspectHandles(HandleType.Contact, [0])).rejects.toBeInstanceOf(InvalidHandleError);

  const contacts = new ContactsClient(client, { destination, path });
  expect(await contacts.getContactAttributes([self, ...handles], [])).toEqual(
    new Map([
      [1, { contactId: "alice" }],
      [2, { contactId: "bob" }],
      [3, { contactId: "carol" }],
    ]),
  );

  await connection.disconnect();
  expect(received).toEqual([
    [ConnectionStatus.Connected, ConnectionStatusReason.Requested],
    [AuthenticationFailedError.errorName, { debugMessage: "wrong password", userRequested: false }],
    [ConnectionStatus.Disconnected, ConnectionStatusReason.AuthenticationFailed],
  ]);
});

test("a missing parameter is reported with the error of the spec", async () => {
  await expect(manager.requestConnection("test", {})).rejects.toBeInstanceOf(InvalidArgumentError);
});

test("gdbus requests a connection, and introspection data equals the specs", async () => {
  const { destination, path } = MANAGER;
  const request = `${"im.telepathy1.ConnectionManager"}.RequestConnection`;
  const reply = await gdbusCall(daemon.address, destination, path, request, "test", "{'account': <'dave'>}");
  const name = "im.telepathy1.Connection.test.test.dave";
  const object = "/im/telepathy1/Connection/test/test/dave";
  expect(reply).toBe(`('${name}', objectpath '${object}')`);
  await gdbusCall(daemon.address, name, object, "im.telepathy1.Connection.Connect");
  const handles = await gdbusCall(
    daemon.address,
    name,
    object,
    "im.telepathy1.Connection.RequestHandles",
    "1",
    "['x']",
  );
  expect(handles).toBe("([uint32 2],)");
  for (const [busName, objectPath, iface] of [
    [destination, path, "im.telepathy1.ConnectionManager"],
    [name, object, "im.telepathy1.Connection"],
    [name, object, "im.telepathy1.Connection.Interface.Contacts"],
  ] as const) {
    const served = describeInterface(await gdbusIntrospect(daemon.address, busName, objectPath), iface);
    expect(served).toBeDefined();
    expect(served).toEqual(describeInterface(readSpec(`specs/telepathy/${iface}.xml`), iface));
  }
});
