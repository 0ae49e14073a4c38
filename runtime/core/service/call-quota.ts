import { DEFAULT_QUOTAS, type Quotas } from "../quotas.ts";
import { LimitsExceededError } from "../standard-errors.ts";

interface Usage {
  calls: number;
  /** Bytes of the calls that wait for their turn. */
  waitingBytes: number;
}

/** Counts the unfinished calls of each sender. A sender without unfinished calls takes no memory. */
export class CallQuota {
  /** Largest number of unfinished calls of one sender. */
  readonly callsPerSender: number;
  /** Error reply to a call above the quota of calls. */
  readonly tooManyCalls: LimitsExceededError;
  /** Error reply to a call above the quota of waiting bytes. */
  readonly tooManyBytes: LimitsExceededError;
  readonly #waitingBytesPerSender: number;
  readonly #usages = new Map<string, Usage>();

  constructor(quotas: Quotas) {
    const { callsPerSender, waitingBytesPerSender } = { ...DEFAULT_QUOTAS, ...quotas };
    this.callsPerSender = callsPerSender;
    this.#waitingBytesPerSender = waitingBytesPerSender;
    this.tooManyBytes = new LimitsExceededError(`at most ${waitingBytesPerSender} bytes of one sender may wait`);
    this.tooManyCalls = new LimitsExceededError(`at most ${callsPerSender} calls of one sender may be in flight`);
  }

  /** Returns whether a sender has used up its quota of calls. */
  hasMaxCalls(sender: string): boolean {
    const usage = this.#usages.get(sender);
    return usage !== undefined && usage.calls >= this.callsPerSender;
  }

  /** Returns whether a sender has used up its quota of waiting bytes. */
  hasMaxWaitingBytes(sender: string): boolean {
    const usage = this.#usages.get(sender);
    return usage !== undefined && usage.waitingBytes >= this.#waitingBytesPerSender;
  }

  /**
   * Counts a call.
   *
   * @param waitingBytes - Length of the call if it waits for its turn.
   * @returns A function that ends counting it, to be called once.
   */
  begin(sender: string, waitingBytes = 0): () => void {
    const usage = this.#usages.get(sender) ?? { calls: 0, waitingBytes: 0 };
    usage.calls++;
    usage.waitingBytes += waitingBytes;
    this.#usages.set(sender, usage);
    return () => {
      usage.calls--;
      usage.waitingBytes -= waitingBytes;
      // After `forget`, another connection may have the same name.
      if (usage.calls === 0 && this.#usages.get(sender) === usage) this.#usages.delete(sender);
    };
  }

  /** Ends counting the calls of a sender that has left the bus. */
  forget(sender: string): void {
    this.#usages.delete(sender);
  }

  forgetAll(): void {
    this.#usages.clear();
  }
}
