import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../quotas.ts";

/** A line that waits to be sent, with its message. */
interface WaitingLine<M> {
  readonly message: M;
  readonly send: () => void;
}

/**
 * Sends lines at the rate that servers accept: a few lines at once, then one line per interval. Servers disconnect
 * users who send faster.
 */
export class PacedLines<M> {
  readonly #waiting: WaitingLine<M>[] = [];
  /** Number of lines that can be sent at once now. */
  #credit: number = IRC_LIMITS.sendBurst;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Queues the lines of a message, which are sent in order.
   *
   * @param lines - Functions that send one line each.
   * @throws NotAvailableError if too many lines would wait. Then no line is sent.
   */
  add(message: M, lines: readonly (() => void)[]): void {
    if (this.#waiting.length + lines.length > IRC_LIMITS.waitingLines) {
      throw new NotAvailableError(
        `too many lines are waiting to be sent; at most ${IRC_LIMITS.waitingLines} are permitted`,
      );
    }
    for (const send of lines) this.#waiting.push({ message, send });
    this.#run();
  }

  /** Stops sending. Waiting lines remain until `takeUnsent`. */
  stop(): void {
    this.#credit = 0;
    clearInterval(this.#timer);
  }

  /** Removes all waiting lines. Returns their messages without duplicates. */
  takeUnsent(): readonly M[] {
    return [...new Set(this.#waiting.splice(0).map(({ message }) => message))];
  }

  #run(): void {
    while (this.#credit > 0) {
      const line = this.#waiting.shift();
      if (line === undefined) break;
      this.#credit--;
      line.send();
    }
    if (this.#credit < IRC_LIMITS.sendBurst) this.#startTimer();
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      this.#credit++;
      this.#run();
      if (this.#credit < IRC_LIMITS.sendBurst) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, IRC_LIMITS.sendIntervalMs);
    this.#timer.unref();
  }
}
