import { LinkClient } from "@dbus-codegen-ts/network/org.freedesktop.network1.Link";
import { type AdministrativeState, ManagerClient } from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import { type Bus, type Subscription, UnknownObjectError } from "@dbus-codegen-ts/runtime";
import { MAX_FOLLOWED_LINKS } from "../../../quotas.ts";
import { SerialTask } from "../../serial-task.ts";

const NETWORKD_NAME = "org.freedesktop.network1";

export interface LinkStatesHandlers {
  /** Called after each change of a state. */
  onChange(): void;
  onError(error: unknown): void;
}

/**
 * The administrative states that systemd-networkd reports for a set of interfaces. The states are kept while
 * systemd-networkd restarts.
 */
export class LinkStates {
  /** States by interface name. */
  readonly states = new Map<string, AdministrativeState>();
  readonly #bus: Bus;
  readonly #handlers: LinkStatesHandlers;
  readonly #reading: SerialTask;
  readonly #followed = new Map<string, { readonly path: string; readonly subscription: Subscription }>();
  #interfaces: ReadonlySet<string> = new Set();
  #ownerWatch: Subscription | undefined;
  #isStarted = false;
  #isRunning = false;

  constructor(bus: Bus, handlers: LinkStatesHandlers) {
    this.#bus = bus;
    this.#handlers = handlers;
    this.#reading = new SerialTask(() => this.#read(), { quietMs: 0, maxWaitMs: 0 });
  }

  /** Replaces the set of interfaces. */
  follow(interfaces: Iterable<string>): void {
    this.#interfaces = new Set([...interfaces].slice(0, MAX_FOLLOWED_LINKS));
    for (const [name, { subscription }] of [...this.#followed]) {
      if (this.#interfaces.has(name)) continue;
      this.#followed.delete(name);
      this.states.delete(name);
      subscription.close().catch((error: unknown) => this.#handlers.onError(error));
    }
    // If an interface was removed and added, its object is a new one.
    if (this.#isStarted) this.#reading.request();
  }

  /**
   * Reads the states of the interfaces, and follows them from now on, also after systemd-networkd starts or restarts.
   *
   * @throws DBusError if the bus refuses.
   */
  async start(): Promise<void> {
    this.#ownerWatch = await this.#bus.watchName(NETWORKD_NAME, (owner) => {
      this.#isRunning = owner !== undefined;
      if (this.#isStarted) this.#reading.request();
    });
    await this.#read();
    this.#isStarted = true;
    this.#reading.request();
  }

  async close(): Promise<void> {
    await this.#ownerWatch?.close();
    await this.#reading.close();
    for (const { subscription } of this.#followed.values()) await subscription.close();
    this.#followed.clear();
  }

  async #read(): Promise<void> {
    if (!this.#isRunning) return;
    const manager = new ManagerClient(this.#bus, { destination: NETWORKD_NAME, path: "/org/freedesktop/network1" });
    const links = await manager.listLinks().catch((error: unknown) => {
      if (this.#isRunning) this.#handlers.onError(error);
      return [];
    });
    for (const { name, link: path } of links) {
      if (this.#interfaces.has(name) && this.#followed.get(name)?.path !== path) await this.#followLink(name, path);
    }
  }

  async #followLink(name: string, path: string): Promise<void> {
    const { administrativeState } = new LinkClient(this.#bus, { destination: NETWORKD_NAME, path }).properties;
    try {
      await this.#followed.get(name)?.subscription.close();
      this.#followed.delete(name);
      this.states.delete(name);
      const subscription = await administrativeState.subscribe((state) => {
        // Undefined while systemd-networkd is not running.
        if (state === undefined) return;
        this.states.set(name, state);
        this.#handlers.onChange();
      });
      this.#followed.set(name, { path, subscription });
    } catch (error) {
      // An interface that was removed meanwhile has no object.
      if (!(error instanceof UnknownObjectError) && this.#isRunning) this.#handlers.onError(error);
    }
  }
}
