import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { DaemonClient } from "./daemon.ts";

/**
 * Tells when clients leave the bus. One match rule for all of them, so that a client costs nothing; the first client is
 * what sets it.
 */
export class Departures {
  readonly #daemon: DaemonClient;
  readonly #onLeave: (client: string) => void;
  readonly #onError: (error: unknown) => void;
  /** Those who came before the rule was set, and may have left unheard. */
  #early: Set<string> | undefined;
  #watching: Promise<Subscription> | undefined;
  #isSet = false;

  /**
   * @param onLeave - Called with each unique name that has left, whether or not it was noticed.
   * @param onError - Is told when the bus does not allow to follow who leaves; it is tried again with the next client.
   */
  constructor(bus: Bus, onLeave: (client: string) => void, onError: (error: unknown) => void) {
    this.#daemon = new DaemonClient(bus);
    this.#onLeave = onLeave;
    this.#onError = onError;
  }

  /** From now on it matters when this client leaves. */
  notice(client: string): void {
    if (this.#isSet) return;
    this.#early ??= new Set();
    this.#early.add(client);
    this.#watching ??= this.#watch();
    this.#watching.catch(() => undefined);
  }

  /** Ends it. */
  async close(): Promise<void> {
    const watching = this.#watching;
    this.#watching = undefined;
    const subscription = await watching?.catch(() => undefined);
    await subscription?.close();
  }

  async #watch(): Promise<Subscription> {
    try {
      const subscription = await this.#daemon.signals.nameOwnerChanged.subscribe((name, _, owner) => {
        if (owner === "" && name.startsWith(":")) this.#onLeave(name);
      });
      this.#isSet = true;
      void this.#confirm();
      return subscription;
    } catch (error) {
      this.#watching = undefined;
      this.#onError(error);
      throw error;
    }
  }

  async #confirm(): Promise<void> {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const client of early) {
      const isThere = await this.#daemon.nameHasOwner(client).catch(() => true);
      if (!isThere) this.#onLeave(client);
    }
  }
}
