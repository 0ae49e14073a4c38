import { readFileSync } from "node:fs";

/** How long the event loop was blocked. */
export interface Turn {
  readonly elapsedMs: number;
  /** Processor time of the main thread: less than the elapsed time if other processes ran. */
  readonly processorMs: number;
}

const INTERVAL_MS = 1;
const NS_PER_MS = 1e6;

/** Measures for how long the event loop of this process is blocked: the time between two runs of a timer. */
export class LongestTurn {
  #longest: Turn = { elapsedMs: 0, processorMs: 0 };
  #lastElapsedMs = performance.now();
  #lastProcessorMs = processorMsOf("self");

  constructor() {
    setInterval(() => this.#tick(), INTERVAL_MS).unref();
  }

  /**
   * Returns the longest times for which the event loop was blocked since the previous call of this method, and starts a
   * new measurement.
   */
  take(): Turn {
    this.#tick();
    const longest = this.#longest;
    this.#longest = { elapsedMs: 0, processorMs: 0 };
    return longest;
  }

  #tick(): void {
    const [elapsedMs, usedMs] = [performance.now(), processorMsOf("self")];
    this.#longest = {
      elapsedMs: Math.max(this.#longest.elapsedMs, elapsedMs - this.#lastElapsedMs - INTERVAL_MS),
      processorMs: Math.max(this.#longest.processorMs, usedMs - this.#lastProcessorMs),
    };
    this.#lastElapsedMs = elapsedMs;
    this.#lastProcessorMs = usedMs;
  }
}

/** Returns the milliseconds of processor time that the main thread of a process has used. */
export function processorMsOf(pid: number | "self" | undefined): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/schedstat`, "latin1"), 10) / NS_PER_MS;
}
