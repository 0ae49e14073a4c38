import {
  ConnmanNetwork,
  NetworkError,
  type ServiceState,
  SimulatedNetwork,
  type SimulatedService,
  serveSessions,
} from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { expect, test } from "vitest";
import { MessageType } from "../../../../../../runtime/core/wire/header.ts";
import { until } from "../../../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../../../setup/private-bus.ts";
import { RawPeer } from "../../../../core/fixtures/raw-peer.ts";
import { keep } from "../../../disposables.ts";
import { App, CABLE, WIFI } from "../../../support.ts";

const LEASE = { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" };
const WIRED: SimulatedService = { ...CABLE, id: "ethernet_cable", name: "Wired", ipv4: LEASE };
const HOME: SimulatedService = {
  ...WIFI,
  id: "wifi_home",
  name: "Home",
  strength: 70,
  security: ["psk"],
  state: "idle",
};

/** Opens a network behind ConnMan, which a session service of this project simulates on another bus. */
async function chain(...services: readonly SimulatedService[]) {
  const daemon = keep(await startPrivateBus());
  const behind = keep(new SimulatedNetwork(services));
  const connman = await startConnman(daemon, behind);
  return { daemon, behind, connman, ...(await follow(daemon)) };
}

async function follow(daemon: PrivateBus) {
  const errors: unknown[] = [];
  const bus = keep(await connect({ bus: daemon.address }));
  const network = keep(await ConnmanNetwork.open(bus, { onError: (error) => void errors.push(error) }));
  return { network, errors };
}

async function startConnman(daemon: PrivateBus, network: SimulatedNetwork): Promise<Bus> {
  const bus = keep(await connect({ bus: daemon.address }));
  await serveSessions(bus, { network });
  return bus;
}

const states = (network: ConnmanNetwork): string =>
  network.services.map(({ id, state }) => `${id} ${state}`).join(", ");

test("has the services, technologies and offline mode of ConnMan", async () => {
  const { network } = await chain(WIRED, HOME);
  expect(network.services).toMatchObject([
    { id: "ethernet_cable", bearer: "ethernet", interface: "eth0", state: "online", name: "Wired", ipv4: LEASE },
    { id: "wifi_home", bearer: "wifi", state: "idle", strength: 70, security: ["psk"], ipv4: {} },
  ]);
  expect(network.technologies).toEqual([
    { bearer: "ethernet", name: "Wired", isPowered: true },
    { bearer: "wifi", name: "WiFi", isPowered: true },
  ]);
  expect(network.isOffline).toBe(false);
});

test("follows changes, and unchanged services remain the same objects", async () => {
  const { network, behind, errors } = await chain(WIRED, HOME);
  const [cable] = network.services;
  let notifications = 0;
  network.subscribe(() => notifications++);
  behind.change("wifi_home", { strength: 20 });
  await until("the strength is known", () => network.services[1]?.strength === 20);
  expect([network.services[0] === cable, notifications]).toEqual([true, 1]);
  behind.add({ id: "modem", bearer: "cellular", interface: "wwan0", roaming: "national" });
  await until("the modem is known", () => network.services.length === 3);
  behind.change("modem", { state: "ready" });
  await until("the modem is ready", () => states(network).includes("modem ready"));
  expect(network.technologies).toHaveLength(3);
  behind.remove("modem");
  await until("the modem is gone", () => network.services.length === 2);
  expect(errors).toEqual([]);
});

test("each request changes the service, technology or offline mode of ConnMan", async () => {
  const { network, behind } = await chain(WIRED, HOME);
  network.connect("wifi_home");
  await until("it is online", () => states(network).includes("wifi_home online"));
  network.disconnect("wifi_home");
  await until("it is down", () => states(network).includes("wifi_home idle"));
  await network.setAutoConnect("wifi_home", false);
  await network.setIPv4("ethernet_cable", { method: "manual", address: "192.0.2.99", netmask: "255.255.255.0" });
  await network.move("wifi_home", "before", "ethernet_cable");
  expect(behind.services).toMatchObject([
    { id: "wifi_home", autoConnect: false },
    { id: "ethernet_cable", ipv4: { method: "manual", address: "192.0.2.99", netmask: "255.255.255.0" } },
  ]);
  await network.forget("wifi_home");
  expect(behind.services[0]).toMatchObject({ isFavorite: false });
  await network.scan("wifi");
  await network.setPowered("wifi", false);
  await network.setPowered("wifi", false);
  await until("it is off", () => network.technologies[1]?.isPowered === false);
  await network.setOffline(true);
  await until("it is offline", () => network.isOffline && network.services.length === 0);
});

test("refused requests are a NetworkError with ConnMan's reason", async () => {
  const { network, errors } = await chain(WIRED);
  await expect(network.forget("ethernet_cable")).rejects.toThrow(new NetworkError("Not supported"));
  await expect(network.setAutoConnect("none", true)).rejects.toThrow(NetworkError);
  await expect(network.scan("ethernet")).rejects.toThrow(new NetworkError("Not supported"));
  expect(errors).toEqual([]);
});

test("a failed Connect is a failure of the service until its state changes", async () => {
  const daemon = keep(await startPrivateBus());
  const requested: string[] = [];
  class Requested extends SimulatedNetwork {
    override connect(id: string): void {
      requested.push(id);
    }
  }
  const behind = keep(new Requested([HOME]));
  await startConnman(daemon, behind);
  const { network, errors } = await follow(daemon);
  network.connect("wifi_home");
  await until("it is requested", () => requested.length > 0);
  behind.change("wifi_home", { state: "association" });
  await until("it is associated", () => states(network) === "wifi_home association");
  behind.change("wifi_home", { state: "idle" });
  await until("it has failed", () => states(network) === "wifi_home failure");
  expect([network.services[0]?.failure, errors.map(String)]).toEqual([
    "Operation aborted",
    [expect.stringContaining("OperationAborted")],
  ]);
  behind.change("wifi_home", { state: "online" });
  await until("it is online", () => states(network) === "wifi_home online");
});

test("a service that others take down is marked until it comes up", async () => {
  const { network, behind } = await chain({ ...WIRED, state: "ready" });
  const marked = (): boolean | undefined => network.services[0]?.isDisconnectedByUser;
  // Equal states are not announced, so each is read before the next.
  const reach = async (state: ServiceState): Promise<void> => {
    behind.change("ethernet_cable", { state });
    await until(`it is ${state}`, () => states(network) === `ethernet_cable ${state}`);
  };
  await reach("disconnect");
  await reach("idle");
  expect(marked()).toBe(true);
  await reach("configuration");
  await reach("ready");
  expect(marked()).toBeUndefined();
  network.disconnect("ethernet_cable");
  await until("it is down", () => states(network) === "ethernet_cable idle");
  await reach("disconnect");
  await reach("idle");
  expect(marked(), "this program took it down").toBeUndefined();
});

test("isDisconnectedByUser is set only if another program takes a service down, also if it goes down in steps", async () => {
  const daemon = keep(await startPrivateBus());
  const requested: string[] = [];
  class Requested extends SimulatedNetwork {
    override disconnect(id: string): void {
      requested.push(id);
    }
  }
  const behind = keep(new Requested([{ ...WIRED, state: "ready" }]));
  await startConnman(daemon, behind);
  const { network } = await follow(daemon);
  const reach = async (state: ServiceState): Promise<void> => {
    behind.change("ethernet_cable", { state });
    await until(`it is ${state}`, () => states(network) === `ethernet_cable ${state}`);
  };
  network.disconnect("ethernet_cable");
  await until("it is requested", () => requested.length > 0);
  for (const state of ["configuration", "disconnect", "idle"] as const) await reach(state);
  expect(network.services[0]?.isDisconnectedByUser, "this program took it down").toBeUndefined();
  for (const state of ["association", "ready", "configuration", "disconnect", "idle"] as const) await reach(state);
  expect(network.services[0]?.isDisconnectedByUser, "a user took it down").toBe(true);
});

test("services are removed when ConnMan leaves the bus, and return with ConnMan", async () => {
  const { daemon, behind, connman, network, errors } = await chain(WIRED);
  await connman.close();
  await until("there are no services", () => network.services.length === 0 && network.technologies.length === 0);
  await startConnman(daemon, behind);
  await until("the service is back", () => states(network) === "ethernet_cable online");
  behind.change("ethernet_cable", { state: "idle" });
  await until("the service is down", () => states(network) === "ethernet_cable idle");
  expect(errors).toEqual([]);
});

test("without ConnMan, there are no services before it starts", async () => {
  const daemon = keep(await startPrivateBus());
  const { network } = await follow(daemon);
  expect([network.services, network.technologies, network.isOffline]).toEqual([[], [], false]);
  await startConnman(daemon, keep(new SimulatedNetwork([WIRED])));
  await until("the service is known", () => states(network) === "ethernet_cable online");
});

test("sessions in front of ConnMan: Connect brings a service up, Disconnect takes it down", async () => {
  const { network, behind } = await chain({ ...WIRED, state: "idle" }, HOME);
  const front = keep(await startPrivateBus());
  const server = keep(await connect({ bus: front.address }));
  keep(await serveSessions(server, { network }));
  const app = new App(keep(await connect({ bus: front.address })));
  const session = await app.create({ AllowedBearers: ["wifi"] });
  await session.connect();
  await until("the session is online", () => session.status === "wifi online");
  expect(session.settings).toMatchObject({ Name: "Home", Interface: "wlan0" });
  await session.disconnect();
  await until("the service is down", () => behind.services[1]?.state === "idle");
  behind.change("ethernet_cable", { state: "online" });
  const other = await app.create({ AllowedBearers: ["ethernet"] });
  await until("it has a free ride", () => other.status === "ethernet online");
  await other.connect();
  await other.destroy();
  await network.setAutoConnect("ethernet_cable", false);
  expect(behind.services[0]?.state, "it was up for other reasons").toBe("online");
});

/** Reply of a hostile ConnMan to a call: an error name, or a body with its signature; undefined for no reply. */
type RogueReply = string | { readonly signature: string; readonly args: readonly unknown[] } | undefined;

/**
 * A hostile ConnMan: owns the name, and replies to each call with the result of a function that has the name of the
 * method.
 */
class Rogue implements AsyncDisposable {
  readonly calls: string[] = [];
  readonly #peer: RawPeer;
  readonly #timer: NodeJS.Timeout;

  static async start({ address }: PrivateBus, reply: (member: string) => RogueReply): Promise<Rogue> {
    const peer = await RawPeer.connect(address);
    const request = { path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: "RequestName" };
    await peer.exchange({ ...request, destination: "org.freedesktop.DBus" }, "su", ["net.connman", 0]);
    return new Rogue(peer, reply);
  }

  private constructor(peer: RawPeer, reply: (member: string) => RogueReply) {
    this.#peer = peer;
    this.#timer = setInterval(() => {
      for (const { type, serial, sender = "", member = "" } of peer.received.splice(0)) {
        if (type !== MessageType.MethodCall) continue;
        this.calls.push(member);
        const content = reply(member);
        const header = { destination: sender, replySerial: serial };
        if (typeof content === "string")
          peer.send({ ...header, type: MessageType.Error, errorName: content }, "s", [""]);
        else if (content) peer.send({ ...header, type: MessageType.MethodReturn }, content.signature, content.args);
      }
    }, 1);
  }

  /** Emits a signal of one of ConnMan's interfaces. */
  emit(path: string, name: string, signature: string, ...args: readonly unknown[]): void {
    const [member = "", iface = ""] = name.split(".").reverse();
    this.#peer.send({ type: MessageType.Signal, path, interface: `net.connman.${iface}`, member }, signature, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#peer[Symbol.asyncDispose]();
  }
}

const UNUSABLE: readonly [what: string, reply: (member: string) => RogueReply][] = [
  ["errors", () => "net.connman.Error.Failed"],
  ["replies of another type", () => ({ signature: "s", args: ["x"] })],
  ["no replies", () => undefined],
];
test.each(UNUSABLE)("a ConnMan that sends %s has no services; its successor has", async (_what, reply) => {
  const daemon = keep(await startPrivateBus());
  const rogue = keep(await Rogue.start(daemon, reply));
  const errors: unknown[] = [];
  const bus = keep(await connect({ bus: daemon.address }));
  const opening = ConnmanNetwork.open(bus, { onError: (error) => void errors.push(error) });
  await until("it is called", () => rogue.calls.length >= 3);
  await rogue[Symbol.asyncDispose]();
  const network = keep(await opening);
  expect(network.services).toEqual([]);
  await startConnman(daemon, keep(new SimulatedNetwork([WIRED])));
  await until("the service is known", () => states(network) === "ethernet_cable online");
});

test("malformed entries are ignored, and signals of wrong types have no effect", async () => {
  const daemon = keep(await startPrivateBus());
  const text = (value: string): Variant => new Variant("s", value);
  const ethernet = new Variant("a{sv}", { Interface: text("eth0") });
  const entries = [
    ["/", { Type: text("ethernet"), Ethernet: ethernet }],
    ["/net/connman/service/a", { Type: new Variant("u", 7), Ethernet: ethernet }],
    ["/net/connman/service/b", { Type: text("ethernet"), Ethernet: text("eth0") }],
    ["/net/connman/service/c", {}],
    [
      "/net/connman/service/d",
      { Type: text("ethernet"), Ethernet: ethernet, State: text("moon"), Name: new Variant("b", true) },
    ],
    ["/net/connman/service/d", { Type: text("ethernet"), Ethernet: ethernet, State: text("ready") }],
  ];
  const replies: Readonly<Record<string, RogueReply>> = {
    GetProperties: { signature: "a{sv}", args: [{ OfflineMode: text("yes"), State: new Variant("u", 1) }] },
    GetServices: { signature: "a(oa{sv})", args: [entries] },
    GetTechnologies: {
      signature: "a(oa{sv})",
      args: [
        [
          ["/x", { Type: text("moon") }],
          ["/y", {}],
        ],
      ],
    },
  };
  const rogue = keep(await Rogue.start(daemon, (member) => replies[member]));
  const { network, errors } = await follow(daemon);
  expect([states(network), network.technologies, network.isOffline]).toEqual(["d idle", [], false]);
  const before = rogue.calls.length;
  rogue.emit("/", "Manager.ServicesChanged", "s", "x");
  rogue.emit("/", "Manager.PropertyChanged", "", ...[]);
  rogue.emit("/net/connman/service/d", "Service.PropertyChanged", "sv", "State", new Variant("u", 7));
  await until("the services are read", () => rogue.calls.length > before);
  expect([states(network), errors]).toEqual(["d idle", []]);
});

test("a burst of signals leads to few readings", async () => {
  const daemon = keep(await startPrivateBus());
  const empty = { signature: "a(oa{sv})", args: [[]] };
  const rogue = keep(
    await Rogue.start(daemon, (member) => (member === "GetProperties" ? { signature: "a{sv}", args: [{}] } : empty)),
  );
  await follow(daemon);
  const before = rogue.calls.length;
  for (let index = 0; index < 1000; index++) rogue.emit("/", "Manager.ServicesChanged", "a(oa{sv})ao", [], []);
  await until("the services are read", () => rogue.calls.length > before);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(rogue.calls.length - before).toBeLessThan(300);
});
