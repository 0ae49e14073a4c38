import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { DEFAULT_INTEREST_LIMITS } from "../quotas.ts";
import { DaemonClient } from "./daemon.ts";

/** Receiver of the departures of clients from the bus. */
export interface DepartureListener {
  /** Called when a unique name left the bus, whether or not it is watched. */
  onLeave(client: string): void;
  /** Called when the connection to the bus is lost. The unique names of all clients become invalid. */
  onLost(): void;
  /** Called if the bus refuses the match rule. It is requested repeatedly, for each new client. */
  onError(error: unknown): void;
}

/** Number of clients that left last and are remembered, because their calls may be handled later. */
const REMEMBERED_DEPARTURES = 1024;

/** Reports clients that leave the bus. It uses one match rule for all clients, so that further clients cost nothing. */
export class ClientDepartures {
  readonly #bus: Bus;
  readonly #daemon: DaemonClient;
  readonly #listener: DepartureListener;
  /** Clients from before the match rule was active, whose departure may have been missed. */
  #earlyClients: Set<string> | undefined;
  #subscribing: Promise<readonly Subscription[]> | undefined;
  #isSubscribed = false;
  /** The clients that left last, in this order. Their unique names are not used a second time. */
  readonly #departed = new Set<string>();

  constructor(bus: Bus, listener: DepartureListener) {
    this.#bus = bus;
    this.#daemon = new DaemonClient(bus);
    this.#listener = listener;
  }

  /**
   * Adds the match rule before clients can call. A client that calls and leaves before it is active would be noticed only
   * if its call is handled before, too.
   */
  start(): void {
    this.#subscribing ??= this.#subscribe(() => undefined);
  }

  /** Starts to watch a client, given by its unique name. Reports it at once if it has left before its call was handled. */
  watch(client: string): void {
    if (this.#departed.has(client)) this.#listener.onLeave(client);
    if (this.#isSubscribed) return;
    this.#earlyClients ??= new Set();
    // The set grows only as long as the bus refuses the match rule.
    if (this.#earlyClients.size < DEFAULT_INTEREST_LIMITS.maxClients) this.#earlyClients.add(client);
    this.#subscribing ??= this.#subscribe((error) => this.#listener.onError(error));
  }

  async close(): Promise<void> {
    const subscribing = this.#subscribing;
    this.#subscribing = undefined;
    await Promise.all(((await subscribing) ?? []).map((subscription) => subscription.close()));
  }

  async #subscribe(onError: (error: unknown) => void): Promise<readonly Subscription[]> {
    try {
      const subscriptions = await Promise.all([
        this.#bus.watchDepartures((client) => this.#onLeave(client)),
        // The bus owns its name as long as there is a connection to it.
        this.#bus.watchName("org.freedesktop.DBus", (owner) => {
          if (owner !== undefined) return;
          this.#departed.clear();
          this.#listener.onLost();
        }),
      ]);
      this.#isSubscribed = true;
      void this.#reportMissedDepartures();
      return subscriptions;
    } catch (error) {
      this.#subscribing = undefined;
      onError(error);
      return [];
    }
  }

  #onLeave(client: string): void {
    this.#departed.add(client);
    const [oldest] = this.#departed;
    if (oldest !== undefined && this.#departed.size > REMEMBERED_DEPARTURES) this.#departed.delete(oldest);
    this.#listener.onLeave(client);
  }

  async #reportMissedDepartures(): Promise<void> {
    const clients = this.#earlyClients ?? [];
    this.#earlyClients = undefined;
    for (const client of clients) {
      const isPresent = await this.#daemon.nameHasOwner(client).catch(() => true);
      if (!isPresent) this.#listener.onLeave(client);
    }
  }
}
