import type { Network } from "../adapters/network/network.ts";
import type { Clock } from "../clock.ts";
import type { SessionRecord } from "../sessions/session-record.ts";

/**
 * Minimum and maximum interval between two packet counts. The interval is a quarter of the timeout within these limits.
 */
const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 15_000;

export interface IdleListener {
  onIdle(): void;
  /** Called if the packets cannot be counted. The next attempt follows after the interval. */
  onError(error: unknown): void;
}

/**
 * Detects that no packet has been sent or received during the longest IdleTimeout of all sessions without StayConnected
 * (ConnMan session API of 2011). Packets are counted at intervals, so the detection may be late by up to a quarter of
 * the timeout.
 */
export class IdleWatch {
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #listener: IdleListener;
  readonly #sessions = new Set<SessionRecord>();
  #cancelTimer: (() => void) | undefined;
  #packetCount: number | undefined;
  #idleSinceMs = 0;

  constructor(network: Network, clock: Clock, listener: IdleListener) {
    this.#network = network;
    this.#clock = clock;
    this.#listener = listener;
  }

  /**
   * Adds a session, or updates it after a change of its settings. A session without IdleTimeout, or with StayConnected,
   * is not watched.
   */
  add(record: SessionRecord): void {
    if (record.hasIdleTimeout) this.#sessions.add(record);
    else this.#sessions.delete(record);
    if (this.#sessions.size === 0) this.stop();
    else if (this.#cancelTimer === undefined) this.#start();
  }

  remove(record: SessionRecord): void {
    if (this.#sessions.delete(record) && this.#sessions.size === 0) this.stop();
  }

  /** Restarts the measurement of the time without traffic. */
  restart(): void {
    this.#idleSinceMs = this.#clock.nowMs();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #start(): void {
    this.restart();
    this.#packetCount = undefined;
    this.#startTimer();
  }

  #startTimer(): void {
    const intervalMs = Math.min(Math.max(this.#timeoutMs() / 4, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
    this.#cancelTimer = this.#clock.after(intervalMs, () => void this.#countPackets());
  }

  async #countPackets(): Promise<void> {
    const cancelTimer = this.#cancelTimer;
    const count = await this.#network.packetCount().catch((error: unknown) => this.#listener.onError(error));
    const wasStopped = this.#cancelTimer === undefined || this.#cancelTimer !== cancelTimer;
    if (wasStopped) return;
    if (count === undefined) {
      this.#startTimer();
      return;
    }
    const nowMs = this.#clock.nowMs();
    if (count !== this.#packetCount) this.#idleSinceMs = nowMs;
    this.#packetCount = count;
    this.#startTimer();
    if (nowMs - this.#idleSinceMs < this.#timeoutMs()) return;
    this.restart();
    this.#listener.onIdle();
  }

  /** Returns the longest IdleTimeout of all watched sessions, in milliseconds. */
  #timeoutMs(): number {
    let longestSeconds = 0;
    for (const { requested } of this.#sessions) longestSeconds = Math.max(longestSeconds, requested.idleTimeout);
    return longestSeconds * 1000;
  }
}
