import type { Quotas } from "../quotas.ts";
import { LimitsExceededError } from "../standard-errors.ts";
import { type Refusal, refusal } from "./refusal.ts";

/**
 * Part of `bytesOfAllSenders` that each sender may use in any case. By default, a bus allows a user 256 connections.
 */
const GUARANTEED_SHARE = 1 / 256;

interface Usage {
  calls: number;
  bytes: number;
  decodedBytes: number;
}

/** Counts the unfinished calls of each sender. Senders without unfinished calls are not kept in memory. */
export class CallQuota {
  readonly #quotas: Required<Quotas>;
  readonly #usages = new Map<string, Usage>();
  /** Bytes of all calls and of their decoded arguments, including calls of senders that have left. */
  #totalBytes = 0;

  constructor(quotas: Required<Quotas>) {
    this.#quotas = quotas;
  }

  /**
   * Returns the error reply to another call of a sender if a quota is used up; otherwise undefined.
   *
   * @param bytes - Length of the call.
   */
  excess(sender: string, bytes: number): Refusal | undefined {
    const usage = this.#usages.get(sender);
    if (usage !== undefined) {
      const { callsPerSender, bytesPerSender, decodedBytesPerSender } = this.#quotas;
      if (usage.calls >= callsPerSender) return tooMany(`${callsPerSender} calls of one sender`);
      if (usage.bytes >= bytesPerSender) return tooMany(`${bytesPerSender} bytes of one sender's calls`);
      if (usage.decodedBytes >= decodedBytesPerSender)
        return tooMany(`${decodedBytesPerSender} decoded bytes of one sender's calls`);
    }
    return this.excessOfAll(sender, bytes);
  }

  /**
   * Returns the error reply to a call that requires more memory than `bytesOfAllSenders` allows; otherwise undefined.
   *
   * @param bytes - Additional memory for the call.
   */
  excessOfAll(sender: string, bytes: number): Refusal | undefined {
    const { bytesOfAllSenders } = this.#quotas;
    if (this.#totalBytes === 0 || this.#totalBytes + bytes <= bytesOfAllSenders) return undefined;
    const { bytes: own, decodedBytes } = this.#usages.get(sender) ?? { bytes: 0, decodedBytes: 0 };
    const isWithinShare = own + decodedBytes + bytes <= bytesOfAllSenders * GUARANTEED_SHARE;
    return isWithinShare ? undefined : tooMany(`${bytesOfAllSenders} bytes of all calls`);
  }

  /**
   * Counts a call.
   *
   * @param bytes - Length of the call.
   * @param decodedBytes - Memory of the decoded arguments of the call in bytes; 0 for a small call.
   * @returns A function that ends counting the call. Further calls of the function have no effect.
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

function tooMany(limit: string): Refusal {
  return refusal(LimitsExceededError, `at most ${limit} may be in flight`);
}
