import { type ChildProcess, spawn } from "node:child_process";
import { CommandError } from "./command.ts";

const ARGUMENTS = ["monitor", "link", "address", "route"];
/** Milliseconds within which `ip monitor` listens after it was started: it does not tell when. */
const LISTENS_AFTER = 500;
/** Bounds of the wait before a monitor that ended is started again, in milliseconds; doubled with each end. */
const MIN_DELAY = 200;
const MAX_DELAY = 30_000;

/** What a monitor calls. */
export interface IpMonitorHandlers {
  /** Something may have changed. What, must be read: the output of `ip monitor` is for people, even with `-json`. */
  onChange(): void;
  /** The monitor ended, and is started again after a while. */
  onError(error: CommandError): void;
}

/** Keeps an `ip monitor` running, and tells when the network may have changed. */
export class IpMonitor {
  readonly #handlers: IpMonitorHandlers;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(handlers: IpMonitorHandlers) {
    this.#handlers = handlers;
    this.#start();
  }

  /** Ends the monitor; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => void child.once("close", () => resolve()));
    child.kill("SIGKILL");
    await gone;
  }

  #start(): void {
    const child = spawn("ip", ARGUMENTS, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    let complaint = "";
    child.stdout.on("data", () => this.#changed());
    child.stderr.on("data", (chunk: Buffer) => {
      complaint = chunk.toString();
      // The kernel had more to tell than fits into the socket's buffer.
      this.#changed();
    });
    let cause: Error | undefined;
    child.once("error", (error) => {
      cause = error;
    });
    child.once("close", (code) => {
      cause ??= new Error(`it ended with code ${code}`);
      this.#ended(new CommandError(["ip", ...ARGUMENTS].join(" "), complaint, { cause }));
    });
    this.#wait(LISTENS_AFTER, () => this.#handlers.onChange());
  }

  #changed(): void {
    this.#failures = 0;
    if (!this.#closed) this.#handlers.onChange();
  }

  #ended(error: CommandError): void {
    this.#child = undefined;
    if (this.#closed) return;
    this.#handlers.onError(error);
    this.#wait(Math.min(MAX_DELAY, MIN_DELAY * 2 ** this.#failures++), () => this.#start());
  }

  #wait(delay: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, delay);
    this.#timer.unref();
  }
}
