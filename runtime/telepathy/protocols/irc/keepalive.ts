/** Functions that a `Keepalive` calls. */
export interface KeepaliveActions {
  readonly sendPing: () => void;
  /** Called when the server did not answer a PING in time. */
  readonly onTimeout: () => void;
}

/** Maximum interval in seconds. The account parameter may be greater than a timer of Node.js permits. */
const MAX_INTERVAL_SECONDS = 3_600;

/** Timer that detects a server that does not answer any more, for example because a cable was unplugged. */
export class Keepalive {
  readonly #intervalMs: number;
  readonly #actions: KeepaliveActions;
  #timer: NodeJS.Timeout | undefined;
  #hasReceivedData = true;
  #isPingSent = false;

  /**
   * @param seconds - Time without received data after which a PING is sent, and time to answer it; 0 disables the
   * timer.
   */
  constructor(seconds: number, actions: KeepaliveActions) {
    this.#intervalMs = Math.min(seconds, MAX_INTERVAL_SECONDS) * 1000;
    this.#actions = actions;
  }

  start(): void {
    if (this.#intervalMs === 0) return;
    this.#timer = setInterval(() => this.#onInterval(), this.#intervalMs);
    this.#timer.unref();
  }

  /** Records that the server has sent data. */
  dataReceived(): void {
    this.#hasReceivedData = true;
    this.#isPingSent = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #onInterval(): void {
    if (this.#isPingSent) {
      this.stop();
      this.#actions.onTimeout();
    } else if (!this.#hasReceivedData) {
      this.#isPingSent = true;
      this.#actions.sendPing();
    }
    this.#hasReceivedData = false;
  }
}
