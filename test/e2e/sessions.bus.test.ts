import { type Bus, connect, type Incoming, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { InvalidArgumentsError, PermissionDeniedError } from "@dbus-codegen-ts/stubs/net.connman.Error";
import { ManagerClient, ManagerService } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationClient, NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import {
  ConnectionType,
  SessionClient,
  SessionService,
  type SessionSettings,
  SessionState,
} from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../setup/private-bus.ts";
import { gdbusCall, gdbusIntrospect } from "./foreign.ts";
import { describeInterface, readSpec } from "./introspection.ts";

/** A minimal ConnMan manager that keeps sessions. */
class Manager extends ManagerService {
  readonly #bus: Bus;
  readonly #sessions = new Map<string, Session>();

  constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }

  async createSession(settings: SessionSettings, notifier: ObjectPath, { sender }: Incoming): Promise<ObjectPath> {
    if (settings.extra !== undefined) throw new InvalidArgumentsError("Invalid arguments");
    const path = `/sessions/${sender.replaceAll(/[:.]/g, "_")}${notifier}`;
    const notification = new NotificationClient(this.#bus, { destination: sender, path: notifier });
    const session = new Session(sender, notification, settings);
    await this.#bus.serve(path, session);
    this.#sessions.set(path, session);
    setImmediate(() => session.update(session.settings));
    return path;
  }

  async destroySession(session: ObjectPath, { sender }: Incoming) {
    const found = this.#sessions.get(session);
    if (found === undefined) throw new InvalidArgumentsError("Invalid arguments");
    if (found.owner !== sender) throw new PermissionDeniedError("Permission denied");
    this.#sessions.delete(session);
  }

  getProperties() {
    return { state: "online", offlineMode: false, sessionMode: false } as const;
  }

  setProperty(name: string, value: Variant) {
    this.signals.propertyChanged(name, value);
  }

  getServices() {
    return [];
  }

  getTechnologies() {
    return [];
  }

  getPeers() {
    return [];
  }

  getTetheringClients() {
    return [];
  }
}

class Session extends SessionService {
  readonly owner: string;
  readonly settings: SessionSettings;
  readonly #notification: NotificationClient;

  constructor(owner: string, notification: NotificationClient, settings: SessionSettings) {
    super();
    this.owner = owner;
    this.#notification = notification;
    this.settings = { state: SessionState.Disconnected, connectionType: ConnectionType.Any, ...settings };
  }

  update(settings: SessionSettings) {
    void this.#notification.update(settings);
  }
  connect() {
    this.update({
      state: SessionState.Online,
      bearer: "ethernet",
      ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0" },
      ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64 },
    });
  }
  disconnect() {
    this.update({ state: SessionState.Disconnected, ipv4: {}, ipv6: {} });
  }
  change(name: string, value: Variant) {
    if (name !== "ConnectionType") throw new InvalidArgumentsError("Invalid arguments");
    this.update({ extra: { [name]: value } });
  }
  destroy() {
    void this.#notification.release();
  }
}

/** The notification object of an application, which records its calls. */
class Notification extends NotificationService {
  readonly received: unknown[] = [];
  update(settings: SessionSettings) {
    this.received.push(settings);
  }
  release() {
    this.received.push("release");
  }
}

let daemon: PrivateBus;
let service: Bus;
let application: Bus;
let manager: ManagerClient;

beforeAll(async () => {
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  await service.serve("/", new Manager(service));
  await service.requestName("net.connman");
  application = await connect({ bus: daemon.address });
  manager = new ManagerClient(application, { destination: "net.connman", path: "/" });
});
afterAll(async () => {
  await application?.close();
  await service?.close();
  await daemon?.stop();
});

test("a session is created, connected, changed, disconnected and destroyed", async () => {
  const notification = new Notification();
  await application.serve("/app/notify", notification);
  const path = await manager.createSession({ allowedBearers: ["wifi", "*"] }, "/app/notify");
  expect(path).toBe(`/sessions/${application.uniqueName.replaceAll(/[:.]/g, "_")}/app/notify`);
  const session = new SessionClient(application, { destination: "net.connman", path });

  await session.connect();
  await session.change("ConnectionType", new Variant("s", "internet"));
  await session.disconnect();
  await session.destroy();
  await manager.destroySession(path);

  await expect.poll(() => notification.received).toHaveLength(5);
  expect(notification.received).toEqual([
    { state: "disconnected", connectionType: "any", allowedBearers: ["wifi", "*"] },
    {
      state: "online",
      bearer: "ethernet",
      ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0" },
      ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64 },
    },
    { connectionType: "internet" },
    { state: "disconnected", ipv4: {}, ipv6: {} },
    "release",
  ]);
});

test("errors of the service are instances of the classes of the spec", async () => {
  await expect(manager.destroySession("/sessions/none")).rejects.toBeInstanceOf(InvalidArgumentsError);
  const path = await manager.createSession({}, "/app/other");
  const stranger = await connect({ bus: daemon.address });
  const foreign = new ManagerClient(stranger, { destination: "net.connman", path: "/" });
  await expect(foreign.destroySession(path)).rejects.toBeInstanceOf(PermissionDeniedError);
  await stranger.close();
});

test("the manager's properties are a typed dictionary, their changes a signal", async () => {
  expect(await manager.getProperties()).toEqual({ state: "online", offlineMode: false, sessionMode: false });
  const changes: unknown[] = [];
  await using _ = await manager.signals.propertyChanged.subscribe((name, value) => changes.push([name, value]));
  await manager.setProperty("SessionMode", new Variant("b", true));
  expect(changes).toEqual([["SessionMode", new Variant("b", true)]]);
});

test("a foreign client creates a session and introspects the interfaces of the specs", async () => {
  const settings = "{'AllowedBearers': <['ethernet']>, 'SourceIPRule': <true>}";
  const reply = await gdbusCall(
    daemon.address,
    "net.connman",
    "/",
    "net.connman.Manager.CreateSession",
    settings,
    "/gdbus",
  );
  const path = /'(.+)'/.exec(reply)?.[1] ?? "";
  expect(path).toMatch(/^\/sessions\/_1_\d+\/gdbus$/);
  for (const [object, name] of [
    ["/", "net.connman.Manager"],
    [path, "net.connman.Session"],
  ] as const) {
    const served = describeInterface(await gdbusIntrospect(daemon.address, "net.connman", object), name);
    expect(served).toBeDefined();
    expect(served).toEqual(describeInterface(readSpec(`specs/connman/${name}.xml`), name));
  }
  const unknown = gdbusCall(
    daemon.address,
    "net.connman",
    "/",
    "net.connman.Manager.CreateSession",
    "{'Nonsense': <1>}",
    "/gdbus2",
  );
  await expect(unknown).rejects.toThrow("net.connman.Error.InvalidArguments");
});
