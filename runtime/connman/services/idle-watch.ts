import type { Network } from "../adapters/network/network.ts";
import type { Clock } from "../clock.ts";
import type { SessionRecord } from "../sessions/session-record.ts";

/** Bounds of the milliseconds between looks at the traffic, which are a quarter of the timeout. */
const SHORTEST_LOOK = 100;
const LONGEST_LOOK = 15_000;

/** Whom the watch tells. */
export interface IdleListener {
  onIdle(): void;
  onError(error: unknown): void;
}

/**
 * Finds out when no packet has gone over the network for as long as sessions allow with IdleTimeout: the longest of all
 * sessions counts. It looks at the traffic now and then, so it may notice up to a quarter of the timeout late.
 */
export class IdleWatch {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #listener: IdleListener;
  readonly #asking = new Set<SessionRecord>();
  #cancel: (() => void) | undefined;
  #packets: number | undefined;
  #since = 0;

  constructor(network: Network, clock: Clock, listener: IdleListener) {
    this.#network = network;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** Takes up what a session asks for now. */
  enter(record: SessionRecord): void {
    if (record.request.idleTimeout > 0) this.#asking.add(record);
    else this.#asking.delete(record);
    if (this.#asking.size === 0) this.stop();
    else if (this.#cancel === undefined) this.#begin();
  }

  leave(record: SessionRecord): void {
    if (this.#asking.delete(record) && this.#asking.size === 0) this.stop();
  }

  /** Sessions have heard of a change: the time without traffic begins anew. */
  stir(): void {
    this.#since = this.#clock.now();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #begin(): void {
    this.stir();
    this.#packets = undefined;
    this.#wait();
  }

  #wait(): void {
    const look = Math.min(Math.max(this.#timeout() / 4, SHORTEST_LOOK), LONGEST_LOOK);
    this.#cancel = this.#clock.after(look, () => void this.#look());
  }

  async #look(): Promise<void> {
    const watching = this.#cancel;
    const packets = await this.#network.traffic().catch((error: unknown) => this.#listener.onError(error));
    if (this.#cancel === undefined || this.#cancel !== watching) return;
    if (packets === undefined) {
      this.#wait();
      return;
    }
    const now = this.#clock.now();
    if (packets !== this.#packets) this.#since = now;
    this.#packets = packets;
    this.#wait();
    if (now - this.#since < this.#timeout()) return;
    this.stir();
    this.#listener.onIdle();
  }

  /** Milliseconds. */
  #timeout(): number {
    let longest = 0;
    for (const { request } of this.#asking) longest = Math.max(longest, request.idleTimeout);
    return longest * 1000;
  }
}
