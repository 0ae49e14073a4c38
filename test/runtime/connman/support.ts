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
import { SessionSettings, SessionSettings2011 } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { endsWithUs, until } from "../../reliability/support.ts";
import { type BusMonitor, monitorBus, type SeenMessage } from "../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";

export const DIALECT_NAMES = ["session-2017", "session-2011", "connman-1.41"] as const satisfies readonly DialectName[];

export const CABLE: SimulatedService = { id: "cable", bearer: "ethernet", interface: "eth0", state: "online" };
export const WIFI: SimulatedService = { id: "wifi", bearer: "wifi", interface: "wlan0", state: "online" };
export const MODEM: SimulatedService = { id: "modem", bearer: "cellular", interface: "wwan0", state: "online" };

/** Settings by D-Bus name. A value that is not a Variant gets the D-Bus type of its setting. */
export type WireSettings = Readonly<Record<string, unknown>>;

/** D-Bus types of the settings by D-Bus name. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.values({ ...SessionSettings2011.entries, ...SessionSettings.entries }).map(({ key, type }) => [key, type]),
);

export interface StageOptions extends Partial<SessionServerOptions> {
  /** Services of the simulated network. Default: a cable that is online. */
  readonly services?: readonly SimulatedService[];
  readonly network?: SimulatedNetwork;
}

/** A session service with a simulated network on a private bus, and client applications. */
export class Stage implements AsyncDisposable {
  readonly address: string;
  readonly bus: Bus;
  readonly network: SimulatedNetwork;
  readonly server: SessionServer;
  /** Errors that the service reported to its error hook. */
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

  /** Connects an additional application. */
  async app(): Promise<App> {
    const app = new App(await connect({ bus: this.address }));
    this.#apps.push(app);
    return app;
  }

  /** Starts to record all messages on the bus. */
  async watch(): Promise<BusMonitor> {
    const monitor = await monitorBus(this.address);
    this.#open.push(monitor);
    this.#monitors.push(monitor);
    return monitor;
  }

  /** Resolves when all applications and monitors have received the messages that result from earlier events. */
  async settled(): Promise<void> {
    await nextTurn();
    const path = `/settled/${++this.#times}`;
    const present = [this.bus, ...this.#apps.filter(({ isConnected }) => isConnected).map(({ bus }) => bus)];
    await Promise.all(present.map(({ uniqueName }) => this.bus.call({ ...PING, path, destination: uniqueName })));
    const pingsIn = ({ messages }: BusMonitor): number => messages.filter((message) => message.path === path).length;
    await until("all monitors have received the pings", () =>
      this.#monitors.every((monitor) => pingsIn(monitor) === present.length),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { bus } of this.#apps) await bus.close();
    for (const resource of this.#open.reverse()) await resource[Symbol.asyncDispose]();
  }
}

const BUS = "org.freedesktop.DBus";
const PING = { interface: "org.freedesktop.DBus.Peer", member: "Ping" } as const;
const MANAGER = { destination: "net.connman", path: "/", interface: "net.connman.Manager" } as const;

/** An application: a connection to the bus that uses the session service. */
export class App {
  readonly bus: Bus;
  isConnected = true;
  #notifiers = 0;

  constructor(bus: Bus) {
    this.bus = bus;
  }

  /** Creates a session. By default, the session has a new notifier. */
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

  /** Calls CreateSession. Returns the path of the session. */
  async callCreate(settings: WireSettings, notifier: string): Promise<string> {
    const entries = Object.entries(settings).map(([name, value]) => [name, variantOf(name, value)]);
    const [path] = await this.bus.call({
      ...MANAGER,
      member: "CreateSession",
      signature: "a{sv}o",
      args: [Object.fromEntries(entries), notifier],
    });
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

  /** Returns the session with a path, which another application may have created. */
  at(path: string): Session {
    const session = new Session(this.bus);
    session.path = path;
    return session;
  }

  async leave(): Promise<void> {
    this.isConnected = false;
    await this.bus.close();
  }
}

/** A session as its application knows it: its methods and its received Updates. */
export class Session extends NotificationService {
  path = "";
  /** Settings of each Update by D-Bus name, and `Release`. */
  readonly received: (Readonly<Record<string, unknown>> | "Release")[] = [];
  #settings: Readonly<Record<string, unknown>> = {};
  readonly #bus: Bus;

  constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }

  /** The current settings, which are all received Updates merged. */
  get settings(): Readonly<Record<string, unknown>> {
    return this.#settings;
  }

  /** Bearer and State (or Online), which show the service of the session. */
  get status(): string {
    const { Bearer, State, Online } = this.settings;
    return [Bearer, State ?? (Online ? "online" : "")].filter(Boolean).join(" ");
  }

  /** Returns the Updates since the last call. */
  takeUpdates(): readonly unknown[] {
    return this.received.splice(0);
  }

  update(settings: SessionSettings): void {
    const flat = flatten(settings);
    this.#settings = { ...this.#settings, ...flat };
    this.received.push(flat);
  }

  release(): void {
    this.received.push("Release");
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
  return value instanceof Variant ? value : new Variant(TYPES.get(name) ?? "s", value);
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

/** Returns each Update as a line such as `State=online Bearer=wifi`. Addresses are represented by their method. */
export function lines(updates: readonly unknown[]): readonly string[] {
  return updates.map((update) =>
    typeof update === "string"
      ? update
      : Object.entries(Object(update))
          .map(([name, value]) => `${name}=${textOf(value)}`)
          .join(" "),
  );
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join();
  return typeof value === "object" && value !== null ? String(Reflect.get(value, "method") ?? "") : String(value);
}

/** Returns the last part of the D-Bus error name of a failed call; `done` if the call succeeds. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) return "done";
  if (!(error instanceof DBusError)) throw error;
  return error.errorName.replace(/^(net\.connman|org\.freedesktop\.DBus)\.Error\./, "");
}

/** A clock that a test advances. */
export class TestClock implements Clock {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  /** Number of timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = (): void => callback();
    this.#timers.set(timer, this.#now + delayMs);
    return () => void this.#timers.delete(timer);
  }

  /** Advances the time, and calls each timer at its due time. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [timer, dueMs] = next;
      this.#now = Math.max(this.#now, dueMs);
      this.#timers.delete(timer);
      timer();
      await nextTurn();
    }
    this.#now = end;
  }

  #next(end: number): readonly [() => void, number] | undefined {
    const [first] = [...this.#timers].sort(([, left], [, right]) => left - right);
    return first !== undefined && first[1] <= end ? first : undefined;
  }
}

/** Starts a program of `programs/` in a separate process. Its standard input and output are pipes. */
export function startProgram(name: string, ...args: readonly string[]): ChildProcess {
  const program = fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url));
  return endsWithUs(
    spawn(process.execPath, [...programArguments(program), ...args], { stdio: ["pipe", "pipe", "inherit"] }),
  );
}

const NO_REPLY = 1;

/**
 * Returns the messages between the service and its clients, one per line: calls and replies with the method, error
 * replies with the error, Updates with the notifier and the names of the settings in order, and changes of the
 * manager's properties. Calls of the service that expect a reply are marked with `expects a reply`. Signals about
 * services and technologies are left out.
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
    if (type === 4) return path === "/" && member === "PropertyChanged" ? `signal ${member} ${body[0]}` : [];
    const settings = Object.keys(Object(body[0]));
    return [path, member, ...settings, ...(flags & NO_REPLY ? [] : ["expects a reply"])].join(" ");
  });
}
