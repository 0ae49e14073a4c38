import type { ChildProcess } from "node:child_process";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { ServiceEntry, ServiceState } from "@dbus-codegen-ts/stubs/net.connman.Service";
import { SessionClient, type SessionSettings, SessionState } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { TechnologyClient } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import { firstOutput, start, stop, until } from "./shell.ts";

const CONNMAN = { destination: "net.connman", path: "/" } as const;

/** A session of an application, with the settings that the application has received. */
export class AppSession extends NotificationService {
  /** The settings in all received Updates, of which later ones replace earlier ones. */
  settings: SessionSettings = {};
  /** Updates since the last call of `takeUpdates`. */
  #updates: SessionSettings[] = [];
  client: SessionClient | undefined;
  /** Returns a description of the services of the network, for errors. */
  readonly #describe: () => Promise<string>;

  constructor(describe: () => Promise<string>) {
    super();
    this.#describe = describe;
  }

  override update(settings: SessionSettings): void {
    this.settings = { ...this.settings, ...settings };
    this.#updates.push(settings);
  }

  override release(): void {}

  takeUpdates(): readonly SessionSettings[] {
    return this.#updates.splice(0);
  }

  /** Returns whether the session is online over the service with a name or, if the name is empty, has no service. */
  uses(name: string): boolean {
    const { name: current, state } = this.settings;
    return current === name && state === (name === "" ? SessionState.Disconnected : SessionState.Online);
  }

  /** Waits until `uses` is true. Returns the elapsed milliseconds. */
  async untilUses(name: string): Promise<string> {
    const startMs = performance.now();
    await until("the session uses the service", () => this.uses(name)).catch(async () => {
      throw new Error(
        `the session does not use "${name}": ${JSON.stringify(this.settings)}; services: ${await this.#describe()}`,
      );
    });
    return `${(performance.now() - startMs).toFixed(0)} ms`;
  }

  /** Waits until the session has a state. */
  async untilState(state: SessionState): Promise<void> {
    await until(`the session is ${state}`, () => this.settings.state === state).catch((error: unknown) => {
      throw new Error(`${error}: ${JSON.stringify(this.settings)}`);
    });
  }

  get address(): string {
    return this.settings.ipv4?.address ?? "";
  }
}

/** The session service on a separate bus, and an application. */
export class Sessions implements AsyncDisposable {
  readonly address: string;
  readonly manager: ManagerClient;
  readonly #bus: Bus;
  readonly #programs: readonly ChildProcess[];
  #count = 0;

  /** Starts a bus and on it the session service in front of a network. */
  static async start(network: string, ...flags: readonly string[]): Promise<Sessions> {
    const daemon = start("dbus-daemon", "--session", "--nofork", "--print-address");
    const address = await firstOutput(daemon);
    const program = ["/checks/node", "/checks/sessiond.mjs", "--bus", address, "--network", network] as const;
    const service = start(...program, ...flags);
    await firstOutput(service);
    return new Sessions(address, await connect({ bus: address }), [service, daemon]);
  }

  private constructor(address: string, bus: Bus, programs: readonly ChildProcess[]) {
    this.address = address;
    this.#bus = bus;
    this.#programs = programs;
    this.manager = new ManagerClient(bus, CONNMAN);
  }

  /** Creates a session. */
  async create(settings: SessionSettings): Promise<AppSession> {
    const notifier = `/notifier/${++this.#count}`;
    const session = new AppSession(() => this.#describe());
    await this.#bus.serve(notifier, session);
    const path = await this.manager.createSession(settings, notifier);
    session.client = new SessionClient(this.#bus, { ...CONNMAN, path });
    return session;
  }

  /** Returns the client of the technology of a type. */
  async technology(type: string): Promise<TechnologyClient> {
    const found = (await this.manager.getTechnologies()).find(({ properties }) => properties.type === type);
    if (found === undefined) throw new Error(`there is no technology ${type}`);
    return new TechnologyClient(this.#bus, { ...CONNMAN, path: found.path });
  }

  /** Returns the service with a name. */
  async service(name: string): Promise<ServiceEntry | undefined> {
    return (await this.manager.getServices()).find(({ properties }) => properties.name === name);
  }

  /** Waits until a service is in a state. */
  async untilService(name: string, state: ServiceState): Promise<ServiceEntry> {
    return until(`${name} is ${state}`, async () => {
      const found = await this.service(name);
      return found?.properties.state === state ? found : undefined;
    });
  }

  async #describe(): Promise<string> {
    const services = (await this.manager.getServices()).map(({ properties }) => properties);
    return services.map(({ name, type, state, error }) => [name, type, state, error].join(" ")).join(", ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
    for (const program of this.#programs) await stop(program);
  }
}
