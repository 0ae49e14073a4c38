import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../quotas.ts";

/**
 * Sends lines no faster than servers accept them: a short burst at once, further lines one by one. Servers disconnect
 * users who send faster.
 */
export class PacedLines {
  readonly #waiting: (() => void)[] = [];
  /** Lines that can be sent at once. */
  #credit: number = IRC_LIMITS.sendBurst;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Runs functions that send one line each, in order.
   *
   * @throws NotAvailableError if too many lines would wait. Then none of the functions is run.
   */
  add(lines: readonly (() => void)[]): void {
    if (this.#waiting.length + lines.length > IRC_LIMITS.waitingLines) {
      throw new NotAvailableError(`at most ${IRC_LIMITS.waitingLines} lines can wait until the server accepts them`);
    }
    for (const line of lines) this.#waiting.push(line);
    this.#run();
  }

  /** Drops all lines that wait. */
  stop(): void {
    clearInterval(this.#timer);
    this.#waiting.length = 0;
  }

  #run(): void {
    while (this.#credit > 0) {
      const line = this.#waiting.shift();
      if (line === undefined) break;
      this.#credit--;
      line();
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
