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

/**
 * Reports clients that leave the bus. It uses one match rule for all clients, added for the first client, so that
 * further clients cost nothing.
 */
export class ClientDepartures {
  readonly #bus: Bus;
  readonly #daemon: DaemonClient;
  readonly #listener: DepartureListener;
  /** Clients from before the match rule was active, whose departure may have been missed. */
  #earlyClients: Set<string> | undefined;
  #subscribing: Promise<readonly Subscription[]> | undefined;
  #isSubscribed = false;

  constructor(bus: Bus, listener: DepartureListener) {
    this.#bus = bus;
    this.#daemon = new DaemonClient(bus);
    this.#listener = listener;
  }

  /** Starts to watch a client, given by its unique name. */
  watch(client: string): void {
    if (this.#isSubscribed) return;
    this.#earlyClients ??= new Set();
    // The set grows only as long as the bus refuses the match rule.
    if (this.#earlyClients.size < DEFAULT_INTEREST_LIMITS.maxClients) this.#earlyClients.add(client);
    this.#subscribing ??= this.#subscribe();
  }

  async close(): Promise<void> {
    const subscribing = this.#subscribing;
    this.#subscribing = undefined;
    await Promise.all(((await subscribing) ?? []).map((subscription) => subscription.close()));
  }

  async #subscribe(): Promise<readonly Subscription[]> {
    try {
      const subscriptions = await Promise.all([
        this.#bus.watchDepartures((client) => this.#listener.onLeave(client)),
        // The bus owns its name as long as there is a connection to it.
        this.#bus.watchName("org.freedesktop.DBus", (owner) => {
          if (owner === undefined) this.#listener.onLost();
        }),
      ]);
      this.#isSubscribed = true;
      void this.#reportMissedDepartures();
      return subscriptions;
    } catch (error) {
      this.#subscribing = undefined;
      this.#listener.onError(error);
      return [];
    }
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
