import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { DaemonClient } from "./daemon.ts";

/** Who is told of departures. */
export interface DepartureListener {
  /** A unique name has left the bus, whether or not it was noticed. */
  onLeave(client: string): void;
  /** The connection to the bus is lost: no unique name that was noticed will ever be seen again. */
  onLost(): void;
  /** The bus does not allow to follow who leaves; it is tried again with the next client. */
  onError(error: unknown): void;
}

/**
 * Tells when clients leave the bus. One match rule for all of them, so that a client costs nothing; the first client is
 * what sets it.
 */
export class Departures {
  readonly #bus: Bus;
  readonly #daemon: DaemonClient;
  readonly #listener: DepartureListener;
  /** Those who came before the rule was set, and may have left unheard. */
  #early: Set<string> | undefined;
  #watching: Promise<readonly Subscription[]> | undefined;
  #isSet = false;

  constructor(bus: Bus, listener: DepartureListener) {
    this.#bus = bus;
    this.#daemon = new DaemonClient(bus);
    this.#listener = listener;
  }

  /** From now on it matters when this client leaves. */
  notice(client: string): void {
    if (this.#isSet) return;
    this.#early ??= new Set();
    this.#early.add(client);
    this.#watching ??= this.#watch();
  }

  /** Ends it. */
  async close(): Promise<void> {
    const watching = this.#watching;
    this.#watching = undefined;
    await Promise.all(((await watching) ?? []).map((one) => one.close()));
  }

  async #watch(): Promise<readonly Subscription[]> {
    try {
      const subscriptions = await Promise.all([
        this.#daemon.signals.nameOwnerChanged.subscribe((name, _, owner) => {
          if (owner === "" && name.startsWith(":")) this.#listener.onLeave(name);
        }),
        // The bus has its name as long as there is a connection to it.
        this.#bus.watchName("org.freedesktop.DBus", (owner) => {
          if (owner === undefined) this.#listener.onLost();
        }),
      ]);
      this.#isSet = true;
      void this.#confirm();
      return subscriptions;
    } catch (error) {
      this.#watching = undefined;
      this.#listener.onError(error);
      return [];
    }
  }

  async #confirm(): Promise<void> {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const client of early) {
      const isThere = await this.#daemon.nameHasOwner(client).catch(() => true);
      if (!isThere) this.#listener.onLeave(client);
    }
  }
}
