import { DEFAULT_QUOTAS, type Quotas } from "../quotas.ts";
import { LimitsExceededError } from "../standard-errors.ts";

/** Part of the quota of all senders that each sender has in any case. A bus allows a user 256 connections by default. */
const GUARANTEED_SHARE = 1 / 256;

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
  readonly #bytesOfAllSenders: number;
  readonly #tooManyCalls: LimitsExceededError;
  readonly #tooManyBytes: LimitsExceededError;
  readonly #tooManyDecodedBytes: LimitsExceededError;
  readonly #tooManyBytesOfAll: LimitsExceededError;
  readonly #usages = new Map<string, Usage>();
  /** Bytes and decoded bytes of all calls, also of senders that have left. */
  #totalBytes = 0;

  constructor(quotas: Quotas) {
    const all = { ...DEFAULT_QUOTAS, ...quotas };
    const { callsPerSender, bytesPerSender, decodedBytesPerSender, bytesOfAllSenders } = all;
    this.#callsPerSender = callsPerSender;
    this.#bytesPerSender = bytesPerSender;
    this.#decodedBytesPerSender = decodedBytesPerSender;
    this.#bytesOfAllSenders = bytesOfAllSenders;
    const limits = "of one sender's calls may be in flight";
    this.#tooManyCalls = new LimitsExceededError(`at most ${callsPerSender} calls of one sender may be in flight`);
    this.#tooManyBytes = new LimitsExceededError(`at most ${bytesPerSender} bytes ${limits}`);
    this.#tooManyDecodedBytes = new LimitsExceededError(`at most ${decodedBytesPerSender} decoded bytes ${limits}`);
    this.#tooManyBytesOfAll = new LimitsExceededError(
      `at most ${bytesOfAllSenders} bytes of all calls may be in flight`,
    );
  }

  /**
   * Returns the error reply to a further call of a sender that has used up a quota; otherwise undefined.
   *
   * @param bytes - Length of the call.
   */
  excess(sender: string, bytes: number): LimitsExceededError | undefined {
    const usage = this.#usages.get(sender);
    if (usage === undefined) return this.excessOfAll(sender, bytes);
    if (usage.calls >= this.#callsPerSender) return this.#tooManyCalls;
    if (usage.bytes >= this.#bytesPerSender) return this.#tooManyBytes;
    if (usage.decodedBytes >= this.#decodedBytesPerSender) return this.#tooManyDecodedBytes;
    return this.excessOfAll(sender, bytes);
  }

  /** Returns the error reply to a call that needs further bytes of memory if all calls together have too many. */
  excessOfAll(sender: string, bytes: number): LimitsExceededError | undefined {
    if (this.#totalBytes === 0 || this.#totalBytes + bytes <= this.#bytesOfAllSenders) return undefined;
    const { bytes: own, decodedBytes } = this.#usages.get(sender) ?? { bytes: 0, decodedBytes: 0 };
    const isWithinShare = own + decodedBytes + bytes <= this.#bytesOfAllSenders * GUARANTEED_SHARE;
    return isWithinShare ? undefined : this.#tooManyBytesOfAll;
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
    this.#totalBytes += bytes + decodedBytes;
    this.#usages.set(sender, usage);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      usage.calls--;
      usage.bytes -= bytes;
      usage.decodedBytes -= decodedBytes;
      this.#totalBytes -= bytes + decodedBytes;
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
