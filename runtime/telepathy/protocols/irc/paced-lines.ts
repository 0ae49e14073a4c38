import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../quotas.ts";

/** A line that waits, with the message that it belongs to. */
interface WaitingLine<M> {
  readonly message: M;
  readonly send: () => void;
}

/**
 * Sends lines no faster than servers accept them: a short burst at once, further lines one by one. Servers disconnect
 * users who send faster.
 */
export class PacedLines<M> {
  readonly #waiting: WaitingLine<M>[] = [];
  /** Lines that can be sent at once. */
  #credit: number = IRC_LIMITS.sendBurst;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Runs functions that send one line of a message each, in order.
   *
   * @throws NotAvailableError if too many lines would wait. Then none of the functions is run.
   */
  add(message: M, lines: readonly (() => void)[]): void {
    if (this.#waiting.length + lines.length > IRC_LIMITS.waitingLines) {
      throw new NotAvailableError(`at most ${IRC_LIMITS.waitingLines} lines can wait until the server accepts them`);
    }
    for (const send of lines) this.#waiting.push({ message, send });
    this.#run();
  }

  /** Stops sending. The lines that wait remain until `takeUnsent`. */
  stop(): void {
    this.#credit = 0;
    clearInterval(this.#timer);
  }

  /** Removes all lines that wait. Returns their messages, each once. */
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
