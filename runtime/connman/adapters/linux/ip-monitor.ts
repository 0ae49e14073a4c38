import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { CommandError } from "./command.ts";
import { parseMonitorLine, type RouteEvent } from "./monitor-line.ts";

/** Arguments of `ip`. `-N` prints tables as numbers; `label` prints the kind of event at the start of each event. */
const ARGUMENTS = ["-N", "monitor", "label", "link", "address", "route"];
/** Lets the kernel end the monitor when this process ends, also if it is killed (setpriv of util-linux). */
const ENDS_WITH_PROCESS = ["setpriv", "--pdeathsig", "KILL"] as const;
/** Time after which a started `ip monitor` certainly receives events. The program does not report when it is ready. */
const START_TIME_MS = 500;
/** Minimum and maximum delay before a monitor that ended is restarted. The delay doubles with each failure. */
const MIN_RESTART_DELAY_MS = 200;
const MAX_RESTART_DELAY_MS = 30_000;

/** Handlers of the events of `ip monitor`. */
export interface IpMonitorHandlers {
  /**
   * Called if links, addresses or relevant routes may have changed. The event has no values: the handler must read the
   * network.
   */
  onChange(): void;
  /** Called with the number of an interface that has no carrier, instead of `onChange`. */
  onNoCarrier?(index: number): void;
  /**
   * Returns whether a change of a route leads to a call of `onChange`. Most changes that this process makes need no
   * call.
   */
  isRelevant(route: RouteEvent): boolean;
  /** Called if the monitor ended. The monitor is restarted after a delay. */
  onError(error: CommandError): void;
}

/** Runs `ip monitor` and reports that the network may have changed. */
export class IpMonitor {
  readonly #handlers: IpMonitorHandlers;
  #process: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failureCount = 0;
  #isClosed = false;
  /** Whether setpriv starts the monitor. Without setpriv, a monitor ends at the first event after this process has ended. */
  #usesSetpriv = true;

  constructor(handlers: IpMonitorHandlers) {
    this.#handlers = handlers;
    this.#start();
  }

  /** Ends the monitor. Resolves after its process has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const monitor = this.#process;
    if (monitor === undefined) return;
    const closed = new Promise<void>((resolve) => void monitor.once("close", () => resolve()));
    monitor.kill("SIGKILL");
    await closed;
  }

  #start(): void {
    const [setpriv, ...flags] = ENDS_WITH_PROCESS;
    const usesSetpriv = this.#usesSetpriv;
    const [program, args] = usesSetpriv ? [setpriv, [...flags, "ip", ...ARGUMENTS]] : ["ip", ARGUMENTS];
    const monitor = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = monitor;
    let stderr = "";
    createInterface({ input: monitor.stdout }).on("line", (line) => this.#onLine(line));
    monitor.stderr.on("data", (chunk: Buffer) => {
      stderr = chunk.toString();
      // The kernel dropped events because the buffer of the socket was full.
      this.#onEvent();
    });
    let cause: NodeJS.ErrnoException | undefined;
    monitor.once("error", (error) => {
      cause = error;
    });
    monitor.once("close", (code) => {
      // setpriv is not installed, or does not know the option. The monitor is restarted without setpriv.
      if (code !== null) this.#usesSetpriv = false;
      if (usesSetpriv && cause?.code === "ENOENT" && !this.#isClosed) {
        this.#start();
        return;
      }
      cause ??= new Error(`the command ended with code ${code}`);
      this.#onEnd(new CommandError(["ip", ...ARGUMENTS].join(" "), stderr, { cause }));
    });
    // Reports events that occurred before the monitor was ready.
    this.#startTimer(START_TIME_MS, () => this.#handlers.onChange());
  }

  #onLine(line: string): void {
    this.#failureCount = 0;
    const event = parseMonitorLine(line);
    const { onNoCarrier } = this.#handlers;
    if (event.type === "noCarrier" && onNoCarrier !== undefined) {
      if (!this.#isClosed) onNoCarrier(event.index);
    } else if (
      event.type === "other" ||
      event.type === "noCarrier" ||
      (event.type === "route" && this.#handlers.isRelevant(event.route))
    )
      this.#onEvent();
  }

  #onEvent(): void {
    if (!this.#isClosed) this.#handlers.onChange();
  }

  #onEnd(error: CommandError): void {
    this.#process = undefined;
    if (this.#isClosed) return;
    this.#handlers.onError(error);
    // The handler may have closed the monitor.
    if (this.#isClosed) return;
    const delayMs = MIN_RESTART_DELAY_MS * 2 ** this.#failureCount++;
    this.#startTimer(Math.min(MAX_RESTART_DELAY_MS, delayMs), () => this.#start());
  }

  #startTimer(delayMs: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, delayMs);
    this.#timer.unref();
  }
}
