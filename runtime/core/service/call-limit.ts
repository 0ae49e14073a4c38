import { DEFAULT_QUOTAS, type Quotas } from "../quotas.ts";
import { LimitsExceededError } from "../standard-errors.ts";

interface Tally {
  count: number;
  /** Of the calls that wait. */
  bytes: number;
}

/** Counts the calls of each sender whose handlers have not settled. A sender without any costs nothing. */
export class CallLimit {
  /** How many calls one sender may have in flight. */
  readonly perSender: number;
  /** The answer to a call past the limit, made once so that refusing is cheap. */
  readonly refusal: LimitsExceededError;
  /** The answer to a call past the limit of bytes that wait. */
  readonly bytesRefusal: LimitsExceededError;
  readonly #bytesPerSender: number;
  readonly #tallies = new Map<string, Tally>();

  constructor(quotas: Quotas) {
    const { callsPerSender, waitingBytesPerSender } = { ...DEFAULT_QUOTAS, ...quotas };
    this.perSender = callsPerSender;
    this.#bytesPerSender = waitingBytesPerSender;
    this.bytesRefusal = new LimitsExceededError(`at most ${waitingBytesPerSender} bytes of one sender may wait`);
    this.refusal = new LimitsExceededError(`at most ${callsPerSender} calls of one sender may be in flight`);
  }

  /** Whether a sender has as many calls in flight as it may have. */
  reached(sender: string): boolean {
    const tally = this.#tallies.get(sender);
    return tally !== undefined && tally.count >= this.perSender;
  }

  /** Whether the calls of a sender that wait have as many bytes as they may have. */
  bytesReached(sender: string): boolean {
    const tally = this.#tallies.get(sender);
    return tally !== undefined && tally.bytes >= this.#bytesPerSender;
  }

  /**
   * Counts a call until the returned function is called, once.
   *
   * @param bytes - Its length, where it waits.
   */
  begin(sender: string, bytes = 0): () => void {
    const tally = this.#tallies.get(sender) ?? { count: 0, bytes: 0 };
    tally.count++;
    tally.bytes += bytes;
    this.#tallies.set(sender, tally);
    return () => {
      tally.count--;
      tally.bytes -= bytes;
      // After `forget` the same name may stand for somebody else.
      if (tally.count === 0 && this.#tallies.get(sender) === tally) this.#tallies.delete(sender);
    };
  }

  /** Stops counting what a sender that has left still has in flight. */
  forget(sender: string): void {
    this.#tallies.delete(sender);
  }

  forgetAll(): void {
    this.#tallies.clear();
  }
}
