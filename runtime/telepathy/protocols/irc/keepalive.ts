/** What is done about a server that is silent. */
export interface KeepaliveActions {
  /** Asks it for a sign of life. */
  readonly ask: () => void;
  /** It has not given one. */
  readonly lost: () => void;
}

/** An hour. Timers cannot wait for all that the parameter can say. */
const MAX_SECONDS = 3_600;

/** Notices a server that is gone without a word, as when a cable was pulled. */
export class Keepalive {
  readonly #interval: number;
  readonly #actions: KeepaliveActions;
  #timer: NodeJS.Timeout | undefined;
  #wasHeard = true;
  #isAsked = false;

  /** @param seconds - How long a server may be silent before it is asked, and again until it must have answered; 0 for ever. */
  constructor(seconds: number, actions: KeepaliveActions) {
    this.#interval = Math.min(seconds, MAX_SECONDS) * 1000;
    this.#actions = actions;
  }

  start(): void {
    if (this.#interval === 0) return;
    this.#timer = setInterval(() => this.#check(), this.#interval);
    this.#timer.unref();
  }

  /** The server has said something. */
  heard(): void {
    this.#wasHeard = true;
    this.#isAsked = false;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    if (this.#isAsked) {
      this.stop();
      this.#actions.lost();
    } else if (!this.#wasHeard) {
      this.#isAsked = true;
      this.#actions.ask();
    }
    this.#wasHeard = false;
  }
}
