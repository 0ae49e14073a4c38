import { DEFAULT_QUOTAS, type Quotas } from "../quotas.ts";
import { LimitsExceededError } from "../standard-errors.ts";

interface Usage {
  calls: number;
  bytes: number;
  decodedBytes: number;
}

/** Counts the unfinished calls of each sender. A sender without unfinished calls takes no memory. */
export class CallQuota {
  readonly #callsPerSender: number;
  readonly #bytesPerSender: number;
  readonly #decodedBytesPerSender: number;
  readonly #tooManyCalls: LimitsExceededError;
  readonly #tooManyBytes: LimitsExceededError;
  readonly #tooManyDecodedBytes: LimitsExceededError;
  readonly #usages = new Map<string, Usage>();

  constructor(quotas: Quotas) {
    const { callsPerSender, bytesPerSender, decodedBytesPerSender } = { ...DEFAULT_QUOTAS, ...quotas };
    this.#callsPerSender = callsPerSender;
    this.#bytesPerSender = bytesPerSender;
    this.#decodedBytesPerSender = decodedBytesPerSender;
    const limits = "of one sender's calls may be in flight";
    this.#tooManyCalls = new LimitsExceededError(`at most ${callsPerSender} calls of one sender may be in flight`);
    this.#tooManyBytes = new LimitsExceededError(`at most ${bytesPerSender} bytes ${limits}`);
    this.#tooManyDecodedBytes = new LimitsExceededError(`at most ${decodedBytesPerSender} decoded bytes ${limits}`);
  }

  /** Returns the error reply to any further call of a sender that has used up a quota; otherwise undefined. */
  excess(sender: string): LimitsExceededError | undefined {
    const usage = this.#usages.get(sender);
    if (usage === undefined) return undefined;
    if (usage.calls >= this.#callsPerSender) return this.#tooManyCalls;
    if (usage.bytes >= this.#bytesPerSender) return this.#tooManyBytes;
    return usage.decodedBytes >= this.#decodedBytesPerSender ? this.#tooManyDecodedBytes : undefined;
  }

  /**
   * Counts a call.
   *
   * @param bytes - Length of the call.
   * @param decodedBytes - Memory of its decoded arguments in bytes; 0 if the call is small.
   * @returns A function that ends counting it. Repeated calls of it have no effect.
   */
  begin(sender: string, bytes: number, decodedBytes = 0): () => void {
    const usage = this.#usages.get(sender) ?? { calls: 0, bytes: 0, decodedBytes: 0 };
    usage.calls++;
    usage.bytes += bytes;
    usage.decodedBytes += decodedBytes;
    this.#usages.set(sender, usage);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      usage.calls--;
      usage.bytes -= bytes;
      usage.decodedBytes -= decodedBytes;
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
