import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { DEFAULT_INTEREST_LIMITS } from "../quotas.ts";
import { DaemonClient } from "./daemon.ts";

/** Receiver of events about clients that leave the bus. */
export interface DepartureListener {
  /** Called when a unique name has left the bus, watched or not. */
  onLeave(client: string): void;
  /** Called when the connection to the bus is lost. The unique names of all clients are invalid then. */
  onLost(): void;
  /** Called if the bus refuses the match rule. The rule is requested another time for the next client. */
  onError(error: unknown): void;
}

/** Number of departed clients that are stored, because their calls may be handled after their departure. */
const REMEMBERED_DEPARTURES = 1024;

/**
 * Reports clients that leave the bus. One match rule serves all clients, so that the costs do not grow with their
 * number.
 */
export class ClientDepartures {
  readonly #bus: Bus;
  readonly #daemon: DaemonClient;
  readonly #listener: DepartureListener;
  /** Clients that were watched before the match rule was active. Their departure may have been missed. */
  #earlyClients: Set<string> | undefined;
  #subscribing: Promise<readonly Subscription[]> | undefined;
  #isSubscribed = false;
  /** Unique names of the clients that left last, in this order. The bus does not reuse unique names. */
  readonly #departed = new Set<string>();

  constructor(bus: Bus, listener: DepartureListener) {
    this.#bus = bus;
    this.#daemon = new DaemonClient(bus);
    this.#listener = listener;
  }

  /**
   * Adds the match rule. Called before clients can call methods: a client that leaves before the rule is active is
   * noticed only if `watch` was called for it.
   */
  start(): void {
    this.#subscribing ??= this.#subscribe(() => undefined);
  }

  /**
   * Watches a client. If the client has left already, reports that immediately.
   *
   * @param client - Unique name of the client.
   */
  watch(client: string): void {
    if (this.#departed.has(client)) this.#listener.onLeave(client);
    if (this.#isSubscribed) return;
    this.#earlyClients ??= new Set();
    // The set is limited, because it grows as long as the bus refuses the match rule.
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
        // The bus owns this name until the connection to the bus is lost.
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
