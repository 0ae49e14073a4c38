import { openSync, readFileSync, readSync } from "node:fs";

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
  /** Opened once, because measuring must not take much of the time that is measured. */
  readonly #schedstat = openSync(schedstatOf("self"), "r");
  readonly #text = Buffer.alloc(64);
  #lastElapsedMs = performance.now();
  #lastProcessorMs = this.#processorMs();

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
    const [elapsedMs, usedMs] = [performance.now(), this.#processorMs()];
    this.#longest = {
      elapsedMs: Math.max(this.#longest.elapsedMs, elapsedMs - this.#lastElapsedMs - INTERVAL_MS),
      processorMs: Math.max(this.#longest.processorMs, usedMs - this.#lastProcessorMs),
    };
    this.#lastElapsedMs = elapsedMs;
    this.#lastProcessorMs = usedMs;
  }

  #processorMs(): number {
    const length = readSync(this.#schedstat, this.#text, 0, this.#text.length, 0);
    return millisecondsIn(this.#text.toString("latin1", 0, length));
  }
}

/** Returns the milliseconds of processor time that the main thread of a process has used. */
export function processorMsOf(pid: number | "self" | undefined): number {
  return millisecondsIn(readFileSync(schedstatOf(pid), "latin1"));
}

function schedstatOf(pid: number | "self" | undefined): string {
  return `/proc/${pid}/schedstat`;
}

/** Reads the first number of a schedstat file, in nanoseconds. */
function millisecondsIn(schedstat: string): number {
  return Number.parseInt(schedstat, 10) / NS_PER_MS;
}
