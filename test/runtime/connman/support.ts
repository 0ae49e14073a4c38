import { type ChildProcess, spawn } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  type Clock,
  type DialectName,
  refuseAsConnman,
  type SessionServer,
  type SessionServerOptions,
  SimulatedNetwork,
  type SimulatedService,
  serveSessions,
} from "@dbus-codegen-ts/connman";
import { type Bus, connect, DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { endsWithUs, until } from "../../reliability/support.ts";
import { type BusMonitor, monitorBus, type SeenMessage } from "../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { ON_SOURCES } from "../../setup/sources.ts";

export const DIALECT_NAMES = ["session-2013", "session-2011", "connman-1.41"] as const satisfies readonly DialectName[];

/** Services to begin with. */
export const CABLE: SimulatedService = { id: "cable", bearer: "ethernet", interface: "eth0", state: "online" };
export const WIFI: SimulatedService = { id: "wifi", bearer: "wifi", interface: "wlan0", state: "online" };
export const MODEM: SimulatedService = { id: "modem", bearer: "cellular", interface: "wwan0", state: "online" };

/** Settings by their names on the wire; a Variant where the value is to have another type than the setting. */
export type WireSettings = Readonly<Record<string, unknown>>;

/** The D-Bus type that each setting has. */
const TYPES: Readonly<Record<string, string>> = {
  AllowedBearers: "as",
  ConnectionType: "s",
  AllowedInterface: "s",
  ContextIdentifier: "s",
  SourceIPRule: "b",
  Priority: "b",
  AvoidHandover: "b",
  StayConnected: "b",
  PeriodicConnect: "u",
  IdleTimeout: "u",
  EmergencyCall: "b",
  RoamingPolicy: "s",
};

export interface StageOptions extends Partial<SessionServerOptions> {
  /** A cable that is online, where no network is given. */
  readonly services?: readonly SimulatedService[];
  readonly network?: SimulatedNetwork;
}

/** Sessions served on a bus of their own over a simulated network, and the applications that use them. */
export class Stage implements AsyncDisposable {
  readonly address: string;
  readonly bus: Bus;
  readonly network: SimulatedNetwork;
  readonly server: SessionServer;
  /** What the service could tell no client. */
  readonly errors: unknown[];
  readonly #apps: App[] = [];
  readonly #monitors: BusMonitor[] = [];
  #times = 0;
  readonly #open: AsyncDisposable[];

  static async open({ services = [CABLE], ...options }: StageOptions = {}): Promise<Stage> {
    const daemon = await startPrivateBus();
    const { network = new SimulatedNetwork(services) } = options;
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const refuse = options.dialect === "connman-1.41" ? { refuse: refuseAsConnman } : {};
    const bus = await connect({ bus: daemon.address, onError, ...refuse });
    const server = await serveSessions(bus, { ...options, network, onError });
    return new Stage(daemon.address, bus, network, server, errors, [daemon, network, bus, server]);
  }

  private constructor(
    address: string,
    bus: Bus,
    network: SimulatedNetwork,
    server: SessionServer,
    errors: unknown[],
    open: AsyncDisposable[],
  ) {
    this.address = address;
    this.bus = bus;
    this.network = network;
    this.server = server;
    this.errors = errors;
    this.#open = open;
  }

  /** Another application on the bus. */
  async app(): Promise<App> {
    const app = new App(await connect({ bus: this.address }));
    this.#apps.push(app);
    return app;
  }

  /** Sees every message from now on. */
  async watch(): Promise<BusMonitor> {
    const monitor = await monitorBus(this.address);
    this.#open.push(monitor);
    this.#monitors.push(monitor);
    return monitor;
  }

  /** Resolves when the service has told all applications what has happened until now, and those who watch have seen it. */
  async settled(): Promise<void> {
    await nextTurn();
    const path = `/settled/${++this.#times}`;
    const present = [this.bus, ...this.#apps.filter(({ isThere }) => isThere).map(({ bus }) => bus)];
    await Promise.all(present.map(({ uniqueName }) => this.bus.call({ ...PING, path, destination: uniqueName })));
    const seen = ({ messages }: BusMonitor): number => messages.filter((message) => message.path === path).length;
    await until("all is seen", () => this.#monitors.every((monitor) => seen(monitor) === present.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { bus } of this.#apps) await bus.close();
    for (const one of this.#open.reverse()) await one[Symbol.asyncDispose]();
  }
}

const BUS = "org.freedesktop.DBus";
const PING = { interface: "org.freedesktop.DBus.Peer", member: "Ping" } as const;
const MANAGER = { destination: "net.connman", path: "/", interface: "net.connman.Manager" } as const;

/** A client of the service. */
export class App {
  readonly bus: Bus;
  isThere = true;
  #notifiers = 0;

  constructor(bus: Bus) {
    this.bus = bus;
  }

  /** Creates a session, with a notifier of its own where no other is said. */
  async create(settings: WireSettings = {}, notifier = `/n${++this.#notifiers}`): Promise<Session> {
    const session = new Session(this.bus);
    const served = await this.bus.serve(notifier, session);
    try {
      session.path = await this.callCreate(settings, notifier);
      return session;
    } catch (error) {
      await served.close();
      throw error;
    }
  }

  /** Calls CreateSession; gives the path of the session. */
  async callCreate(settings: WireSettings, notifier: string): Promise<string> {
    const entries = Object.entries(settings).map(([name, value]) => [name, variantOf(name, value)]);
    const args = [Object.fromEntries(entries), notifier];
    const [path] = await this.bus.call({ ...MANAGER, member: "CreateSession", signature: "a{sv}o", args });
    return String(path);
  }

  async destroy(path: string): Promise<void> {
    await this.bus.call({ ...MANAGER, member: "DestroySession", signature: "o", args: [path] });
  }

  async properties(): Promise<Readonly<Record<string, unknown>>> {
    const [properties] = await this.bus.call({ ...MANAGER, member: "GetProperties" });
    return plain(Object(properties));
  }

  async setProperty(name: string, value: Variant): Promise<void> {
    await this.bus.call({ ...MANAGER, member: "SetProperty", signature: "sv", args: [name, value] });
  }

  /** What is at a path, as this client calls it: it may be the session of another. */
  at(path: string): Session {
    const session = new Session(this.bus);
    session.path = path;
    return session;
  }

  async leave(): Promise<void> {
    this.isThere = false;
    await this.bus.close();
  }
}

/** A session as its application sees it: what it calls, and what it was told. */
export class Session extends NotificationService {
  path = "";
  /** The settings of each Update by their names on the wire, and `Release`. */
  readonly told: (Readonly<Record<string, unknown>> | "Release")[] = [];
  #settings: Readonly<Record<string, unknown>> = {};
  readonly #bus: Bus;

  constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }

  /** All that it was told, one Update over the other. */
  get settings(): Readonly<Record<string, unknown>> {
    return this.#settings;
  }

  /** Bearer and State, or Online where the dialect has that: enough to see which service serves it. */
  get status(): string {
    const { Bearer, State, Online } = this.settings;
    return [Bearer, State ?? (Online ? "online" : "")].filter(Boolean).join(" ");
  }

  /** What it was told since this was asked the last time. */
  news(): readonly unknown[] {
    return this.told.splice(0);
  }

  update(settings: SessionSettings): void {
    const flat = flatten(settings);
    this.#settings = { ...this.#settings, ...flat };
    this.told.push(flat);
  }

  release(): void {
    this.told.push("Release");
  }

  connect(): Promise<void> {
    return this.#call("Connect");
  }

  disconnect(): Promise<void> {
    return this.#call("Disconnect");
  }

  change(name: string, value: unknown): Promise<void> {
    return this.#call("Change", "sv", name, variantOf(name, value));
  }

  destroy(): Promise<void> {
    return this.#call("Destroy");
  }

  async #call(member: string, signature = "", ...args: readonly unknown[]): Promise<void> {
    const { path } = this;
    await this.#bus.call({
      destination: "net.connman",
      path,
      interface: "net.connman.Session",
      member,
      signature,
      args,
    });
  }
}

function variantOf(name: string, value: unknown): Variant {
  return value instanceof Variant ? value : new Variant(TYPES[name] ?? "s", value);
}

function flatten({ extra, ...settings }: SessionSettings): Readonly<Record<string, unknown>> {
  const declared = Object.entries(SessionSettings.entries).map(([member, { key }]) => [
    key,
    Reflect.get(settings, member),
  ]);
  return { ...Object.fromEntries(declared.filter(([, value]) => value !== undefined)), ...plain(extra ?? {}) };
}

function plain(settings: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value instanceof Variant ? value.value : value]),
  );
}

/** Updates one a line, as `State=online Bearer=wifi`; an address by its method alone. */
export function lines(news: readonly unknown[]): readonly string[] {
  return news.map((one) =>
    typeof one === "string"
      ? one
      : Object.entries(Object(one))
          .map(([name, value]) => `${name}=${textOf(value)}`)
          .join(" "),
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join();
  return typeof value === "object" && value !== null ? String(Reflect.get(value, "method") ?? "") : String(value);
}

/** The name of the error that a call rejects with, without `net.connman.Error.` and `org.freedesktop.DBus.Error.`. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return "done";
  if (!(error instanceof DBusError)) throw error;
  return error.errorName.replace(/^(net\.connman|org\.freedesktop\.DBus)\.Error\./, "");
}

/** A clock that a test moves. */
export class TestClock implements Clock {
  #now = 0;
  readonly #wakes = new Map<() => void, number>();

  /** How many are to be woken. */
  get timers(): number {
    return this.#wakes.size;
  }

  nowMs(): number {
    return this.#now;
  }

  after(milliseconds: number, wake: () => void): () => void {
    const once = (): void => wake();
    this.#wakes.set(once, this.#now + milliseconds);
    return () => void this.#wakes.delete(once);
  }

  /** Lets time go by, stopping at each moment at which somebody is to be woken. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [wake, at] = next;
      this.#now = Math.max(this.#now, at);
      this.#wakes.delete(wake);
      wake();
      await nextTurn();
    }
    this.#now = end;
  }

  #next(end: number): readonly [() => void, number] | undefined {
    const [first] = [...this.#wakes].sort(([, one], [, other]) => one - other);
    return first !== undefined && first[1] <= end ? first : undefined;
  }
}

/** Runs one of the programs beside this file in a process of its own, on the sources; it can be written to and read. */
export function startProgram(name: string, ...args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  return endsWithUs(spawn(process.execPath, [...ON_SOURCES, program, ...args], { stdio: ["pipe", "pipe", "inherit"] }));
}

const NO_REPLY = 1;

/**
 * What went between the service and its clients, one line a message: calls by their method, answers by what they answer
 * or the error, Updates by the notifier and the names of the settings in order; `wants a reply` where the service does.
 */
export function transcript(messages: readonly SeenMessage[], service: Bus): readonly string[] {
  const isService = (name = ""): boolean => name === service.uniqueName || name === "net.connman";
  const calls = new Map(messages.map(({ sender, serial, member }) => [`${sender} ${serial}`, member]));
  return messages.flatMap((message) => {
    const { type, flags, sender, destination, path, member, errorName, body } = message;
    if (message.interface === PING.interface || [sender, destination].includes(BUS)) return [];
    if (isService(destination)) return type === 1 ? `${member}` : [];
    if (!isService(sender)) return [];
    const answered = calls.get(`${destination} ${message.replySerial}`);
    if (type === 2) return answered === undefined ? [] : `reply to ${answered}`;
    if (type === 3) return `${errorName} to ${answered}`;
    if (type === 4) return `signal ${member} ${body[0]}`;
    const settings = Object.keys(Object(body[0]));
    return [path, member, ...settings, ...(flags & NO_REPLY ? [] : ["wants a reply"])].join(" ");
  });
}
