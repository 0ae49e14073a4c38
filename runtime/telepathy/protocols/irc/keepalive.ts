/** Actions of a keepalive timer. */
export interface KeepaliveActions {
  readonly sendPing: () => void;
  /** Called if the server did not answer the ping in time. */
  readonly onTimeout: () => void;
}

/** Limit of the interval: the parameter can be longer than a timer of Node.js. */
const MAX_INTERVAL_SECONDS = 3_600;

/** Timer that detects a server that vanished without closing the connection, such as after a cable was unplugged. */
export class Keepalive {
  readonly #intervalMs: number;
  readonly #actions: KeepaliveActions;
  #timer: NodeJS.Timeout | undefined;
  #hasReceivedData = true;
  #isPingSent = false;

  /** @param seconds - Time without data until the server is pinged, and time to answer; 0 disables the timer. */
  constructor(seconds: number, actions: KeepaliveActions) {
    this.#intervalMs = Math.min(seconds, MAX_INTERVAL_SECONDS) * 1000;
    this.#actions = actions;
  }

  start(): void {
    if (this.#intervalMs === 0) return;
    this.#timer = setInterval(() => this.#onInterval(), this.#intervalMs);
    this.#timer.unref();
  }

  /** Records that the server sent data. */
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
