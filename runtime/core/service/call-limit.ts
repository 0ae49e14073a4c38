import { LimitsExceededError } from "../standard-errors.ts";
import { describe, InvalidValueError } from "../wire/faults.ts";

/** How much of a service one sender may use. */
export interface Limits {
  /**
   * How many calls of one sender may be in flight, begun or waiting for their turn, and not answered: 1024 by default, `Infinity` for no limit. The
   * next is answered with LimitsExceededError.
   */
  readonly callsPerSender?: number;
}

const DEFAULT_CALLS_PER_SENDER = 1024;

/** Throws InvalidValueError when a limit is not a number from 1. */
export function checkLimits({ callsPerSender = DEFAULT_CALLS_PER_SENDER }: Limits): void {
  if (!(callsPerSender >= 1))
    throw new InvalidValueError(`callsPerSender: expected a number from 1, got ${describe(callsPerSender)}`);
}

interface Tally {
  count: number;
}

/** Counts the calls of each sender whose handlers have not settled. A sender without any costs nothing. */
export class CallLimit {
  /** How many calls one sender may have in flight. */
  readonly perSender: number;
  /** The answer to a call past the limit, made once so that refusing is cheap. */
  readonly refusal: LimitsExceededError;
  readonly #tallies = new Map<string, Tally>();

  constructor({ callsPerSender = DEFAULT_CALLS_PER_SENDER }: Limits) {
    this.perSender = callsPerSender;
    this.refusal = new LimitsExceededError(`at most ${callsPerSender} calls of one sender may be in flight`);
  }

  /** Whether a sender has as many calls in flight as it may have. */
  reached(sender: string): boolean {
    const tally = this.#tallies.get(sender);
    return tally !== undefined && tally.count >= this.perSender;
  }

  /** Counts a call until the returned function is called, once. */
  begin(sender: string): () => void {
    const tally = this.#tallies.get(sender) ?? { count: 0 };
    tally.count++;
    this.#tallies.set(sender, tally);
    return () => {
      tally.count--;
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
