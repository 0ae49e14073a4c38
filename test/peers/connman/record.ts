import { setTimeout as delay } from "node:timers/promises";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { Random } from "../../fuzz/mutate.ts";
import { type BusMonitor, monitorBus } from "../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { Actions, type Call, type NetworkAction } from "./actions.ts";
import { ConnmanMachine, connmanVersion, type Link } from "./machine.ts";
import { ORDER_PROBES, RECORDER, RecordedBus } from "./recorded-bus.ts";
import { fromJson, type Recording, toJson, withNames } from "./recording.ts";

const SESSION = "net.connman.Session";

/** Milliseconds without messages after which the effects of an action are complete. */
const QUIET_MS = 60;
/**
 * Milliseconds without messages after a change of a link. They are more, because Linux and ConnMan delay its effects.
 */
const QUIET_AFTER_LINK_MS = 350;
/** Milliseconds without messages after a change of a DHCP server. They are more, because a lease takes time. */
const QUIET_AFTER_DHCP_MS = 1200;

const LINKS: readonly Link[] = [
  link("cma0", "ethernet", 1, "bus"),
  link("cma1", "ethernet", 2, "file"),
  link("cmb0", "gadget", 3, "bus"),
  link("cma2", "ethernet", 4, "dhcp"),
];

function link(name: string, bearer: Link["bearer"], number: number, addresses: Link["addresses"]): Link {
  return {
    interface: name,
    bearer,
    mac: `02:00:00:00:0c:0${number}`,
    network: `10.99.${number}`,
    network6: `2001:db8:${number}`,
    addresses,
  };
}

/** Settings of a recording. */
export interface RecordingOptions {
  readonly seed: number;
  readonly actions: number;
  /** Interfaces of the links. */
  readonly interfaces: readonly string[];
}

/** Records random calls and network events on ConnMan. */
export async function record({ seed, actions, interfaces }: RecordingOptions): Promise<Recording> {
  await using daemon = await startPrivateBus();
  await using recorder = await Recorder.start(
    daemon.address,
    LINKS.filter(({ interface: name }) => interfaces.includes(name)),
  );
  const random = new Random(seed);
  const source = new Actions(random, interfaces.length);
  await recorder.begin();
  for (let count = 0; count < actions && !recorder.hasEnded; count++) {
    const action = source.next();
    await recorder.probe();
    if ("calls" in action) await recorder.call(action.calls);
    else if ("leave" in action) await recorder.leave(action.leave);
    else await recorder.change(action.network);
  }
  await recorder.end();
  return recorder.recording(seed);
}

class Recorder implements AsyncDisposable {
  readonly #address: string;
  readonly #connman: ConnmanMachine;
  readonly #monitor: BusMonitor;
  readonly #bus: Bus;
  readonly #clients = new Map<string, Bus>();
  readonly #names = new Map<string, string>();
  /** Object paths of the services by interface. */
  readonly #servicePaths = new Map<string, string>();
  #probes = 0;
  #start = 0;
  #end: number | undefined;

  static async start(address: string, links: readonly Link[]): Promise<Recorder> {
    const monitor = await monitorBus(address);
    const bus = await connect({ bus: address });
    const connman = await ConnmanMachine.start(address, links);
    await connman.startServer();
    return new Recorder(address, connman, monitor, bus);
  }

  private constructor(address: string, connman: ConnmanMachine, monitor: BusMonitor, bus: Bus) {
    this.#address = address;
    this.#connman = connman;
    this.#monitor = monitor;
    this.#bus = bus;
    this.#names.set(RECORDER, bus.uniqueName);
  }

  get hasEnded(): boolean {
    return this.#connman.hasEnded;
  }

  /** Connects all services, and creates the sessions by which the recorder notices changes of the network. */
  async begin(): Promise<void> {
    await this.#until("ConnMan is on the bus", async () => {
      const state = await this.#own("/", "net.connman.Manager", "GetProperties").catch(() => undefined);
      return state !== undefined;
    });
    for (const technology of ["ethernet", "gadget"]) {
      await this.#set(`/net/connman/technology/${technology}`, "Technology", "Powered", new Variant("b", true));
    }
    for (const link of this.#connman.links) await this.#connman.plug(link, true);
    for (const link of this.#connman.links) {
      await this.#configure(link, 50);
      // Without a name server, ConnMan does not check whether a service is online.
      const path = await this.#servicePath(link);
      if (path !== undefined && link.addresses !== "file") {
        await this.#set(path, "Service", "Nameservers.Configuration", new Variant("as", [`${link.network}.1`]));
        await this.#set(
          path,
          "Service",
          "Proxy.Configuration",
          new Variant("a{sv}", { Method: new Variant("s", "direct") }),
        );
      }
    }
    await this.#quiet(1500);
    for (const { interface: name } of this.#connman.links) {
      for (const [path, type] of [
        ["any", "any"],
        ["internet", "internet"],
        ["next", "any"],
      ] as const) {
        await this.#create(`/watch/${name}/${path}`, {
          AllowedInterface: new Variant("s", name),
          ConnectionType: new Variant("s", type),
        });
      }
    }
    await this.#quiet(QUIET_MS);
    this.#start = this.#monitor.messages.length;
  }

  async #configure(link: Link, host: number): Promise<void> {
    if (link.addresses === "file") return this.#connman.provision(link, host);
    const path = await this.#servicePath(link);
    if (path === undefined) return;
    if (link.addresses === "dhcp" && host % 2 === 0) {
      await this.#connman.serveDhcp(link, host);
      const dhcp = { Method: new Variant("s", "dhcp") };
      return this.#set(path, "Service", "IPv4.Configuration", new Variant("a{sv}", dhcp));
    }
    const { network } = link;
    const values = {
      Method: "manual",
      Address: `${network}.${host}`,
      Netmask: "255.255.255.0",
      Gateway: `${network}.1`,
    };
    const configuration = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, new Variant("s", value)]),
    );
    await this.#set(path, "Service", "IPv4.Configuration", new Variant("a{sv}", configuration));
  }

  async #configure6(link: Link, host: number): Promise<void> {
    if (link.addresses === "file") return this.#connman.provision(link, host);
    const path = await this.#servicePath(link);
    if (path === undefined) return;
    const configuration =
      host % 2 === 0
        ? { Method: new Variant("s", "off") }
        : {
            Method: new Variant("s", "manual"),
            Address: new Variant("s", `${link.network6}::${host}`),
            PrefixLength: new Variant("y", 64),
            Gateway: new Variant("s", `${link.network6}::1`),
          };
    await this.#set(path, "Service", "IPv6.Configuration", new Variant("a{sv}", configuration));
  }

  async call(calls: readonly Call[]): Promise<void> {
    for (const { client } of calls) await this.#client(client);
    await Promise.all(calls.map((call) => this.#make(call)));
    await this.#quiet(calls.length > 1 ? QUIET_MS : 5);
  }

  async leave(client: string): Promise<void> {
    await this.#clients.get(client)?.close();
    this.#clients.delete(client);
    await this.#quiet(QUIET_MS);
  }

  async change(action: NetworkAction): Promise<void> {
    if (action.kind === "online") return this.#connman.setOnline(action.isOnline);
    const link = this.#connman.links[action.link];
    if (link === undefined) return;
    if (action.kind === "plug") await this.#connman.plug(link, action.isIn);
    if (action.kind === "address") await this.#configure(link, action.host);
    if (action.kind === "address6") await this.#configure6(link, action.host);
    const path = action.kind === "service" || action.kind === "autoConnect" ? await this.#servicePath(link) : undefined;
    if (path !== undefined && action.kind === "service") {
      // Connect replies when the service is connected, or not at all.
      void this.#own(path, "net.connman.Service", action.member).catch(() => undefined);
    }
    if (path !== undefined && action.kind === "autoConnect") {
      await this.#set(path, "Service", "AutoConnect", new Variant("b", action.isOn));
    }
    const quietMs = link.addresses === "dhcp" ? QUIET_AFTER_DHCP_MS : QUIET_AFTER_LINK_MS;
    await this.#quiet(action.kind === "autoConnect" ? QUIET_MS : quietMs);
  }

  /** Stops ConnMan, unless it has crashed. */
  async end(): Promise<void> {
    await this.#quiet(QUIET_MS);
    if (this.hasEnded) return;
    this.#end = this.#monitor.messages.length;
    await this.#connman.stop();
    await this.#quiet(QUIET_MS);
  }

  async recording(seed: number): Promise<Recording> {
    const { messages } = this.#monitor;
    const span = { start: this.#start, end: this.#end };
    const derived = new RecordedBus(messages, this.#names, this.#connman.links).recorded(span);
    return { source: `connmand ${await connmanVersion()}`, seed, ...derived };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) await client.close();
    await this.#bus.close();
    await this.#connman[Symbol.asyncDispose]();
    await this.#monitor[Symbol.asyncDispose]();
  }

  async #client(name: string): Promise<Bus> {
    const existing = this.#clients.get(name);
    if (existing !== undefined) return existing;
    const bus = await connect({ bus: this.#address });
    this.#clients.set(name, bus);
    this.#names.set(name, bus.uniqueName);
    return bus;
  }

  async #make({ client, path, member, signature, args, ...call }: Call): Promise<void> {
    const bus = await this.#client(client);
    const values = args.map((value) => fromJson(toJson(value), this.#names));
    const where = { destination: "net.connman", path: withNames(path, this.#names), member, signature, args: values };
    await bus.call({ ...where, ...call }).catch(() => undefined);
  }

  /** Makes a call with the client of the recorder. */
  #own(
    path: string,
    iface: string,
    member: string,
    signature = "",
    args: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    return this.#bus.call({ destination: "net.connman", path, interface: iface, member, signature, args });
  }

  async #set(path: string, iface: string, name: string, value: Variant): Promise<void> {
    await this.#own(path, `net.connman.${iface}`, "SetProperty", "sv", [name, value]).catch(() => undefined);
  }

  async #create(notifier: string, settings: Readonly<Record<string, Variant>>): Promise<void> {
    await this.#own("/", "net.connman.Manager", "CreateSession", "a{sv}o", [settings, notifier]).catch(() => undefined);
  }

  async #servicePath({ interface: name, mac, bearer }: Link): Promise<string | undefined> {
    const existing = this.#servicePaths.get(name);
    if (existing !== undefined) return existing;
    const suffix = bearer === "ethernet" ? "cable" : "usb";
    const path = `/net/connman/service/${bearer}_${mac.replaceAll(":", "")}_${suffix}`;
    this.#servicePaths.set(name, path);
    return path;
  }

  /**
   * Creates sessions that show the present addresses of each service, and in which order ConnMan's hash table lists the
   * services. ConnMan changes the addresses of a service that is already connected without an Update to its sessions. The
   * sessions that show the order exist until the next probe, because they show the next service if theirs is lost.
   */
  async probe(): Promise<void> {
    const { links } = this.#connman;
    const number = this.#probes++;
    const orderProbes = links.length > 1 ? ORDER_PROBES : [];
    for (const [path] of orderProbes) await this.#destroy(`probe/${number - 1}/${path}`);
    for (const { interface: name } of links) await this.#createProbe(`${number}/link/${name}`, "any", name, "*");
    for (const [path, type, bearer] of orderProbes) await this.#createProbe(`${number}/${path}`, type, "*", bearer);
    for (const { interface: name } of links) {
      await this.#own(`${this.#sessions}/watch/${name}/next`, SESSION, "Disconnect").catch(() => undefined);
    }
    for (const { interface: name } of links) await this.#destroy(`probe/${number}/link/${name}`);
  }

  /** Object path below which the session service places the sessions of the recorder. */
  get #sessions(): string {
    return `/sessions/${this.#bus.uniqueName.replaceAll(/[:.]/g, "_")}`;
  }

  #createProbe(path: string, type: string, name: string, bearer: string): Promise<void> {
    return this.#create(`/probe/${path}`, {
      ConnectionType: new Variant("s", type),
      AllowedInterface: new Variant("s", name),
      AllowedBearers: new Variant("as", [bearer]),
    });
  }

  async #destroy(session: string): Promise<void> {
    await this.#own(`${this.#sessions}/${session}`, SESSION, "Destroy").catch(() => undefined);
  }

  async #quiet(forMs: number): Promise<void> {
    for (;;) {
      const { length } = this.#monitor.messages;
      await delay(forMs);
      if (this.#monitor.messages.length === length || this.hasEnded) return;
    }
  }

  async #until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      if (await isTrue()) return;
      await delay(50);
    }
    throw new Error(`not within 10 s: ${what}`);
  }
}
