import { IRC_LIMITS } from "../../quotas.ts";
import type { IrcSession } from "./irc-session.ts";
import { takeNames } from "./line-length.ts";

/** The users that a server monitors for this connection (IRCv3 MONITOR). Changes are sent in a few lines, not too often. */
export class MonitorList {
  readonly #session: IrcSession;
  /** Normalised nicknames that are monitored, or will be. */
  readonly #nicks = new Set<string>();
  readonly #toAdd = new Set<string>();
  readonly #toRemove = new Set<string>();
  /** Number of users that the server monitors at most, if it is less than it has announced. */
  #limit = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: IrcSession) {
    this.#session = session;
  }

  /** Returns whether a user is monitored, or will be. */
  has(nick: string): boolean {
    return this.#nicks.has(nick);
  }

  /** Monitors a user. Does nothing if there is no room. */
  add(nick: string): void {
    const limit = Math.min(this.#limit, this.#session.support.monitorLimit);
    if (this.#nicks.has(nick) || this.#nicks.size + this.#toRemove.size >= limit) return;
    this.#nicks.add(nick);
    this.#toAdd.add(nick);
    this.#flush();
  }

  remove(nick: string): void {
    if (!this.#nicks.delete(nick)) return;
    if (!this.#toAdd.delete(nick)) this.#toRemove.add(nick);
    this.#flush();
  }

  /** Ends monitoring of all users. */
  clear(): void {
    if (this.#nicks.size + this.#toRemove.size > this.#toAdd.size) this.#session.send("MONITOR", "C");
    for (const nicks of [this.#nicks, this.#toAdd, this.#toRemove]) nicks.clear();
  }

  /** Records that the list is full, and that the server does not monitor some users. Returns those that it was to. */
  refuse(nicks: readonly string[]): readonly string[] {
    const refused = [...nicks.filter((nick) => this.#nicks.delete(nick)), ...this.#withdraw()];
    this.#limit = this.#nicks.size;
    return refused;
  }

  /** Records that the server monitors no user. Returns those that it was to. */
  refuseAll(): readonly string[] {
    return this.refuse([...this.#nicks]);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Removes the users that wait. Returns them. */
  #withdraw(): readonly string[] {
    const withdrawn = [...this.#toAdd].filter((nick) => this.#nicks.delete(nick));
    this.#toAdd.clear();
    return withdrawn;
  }

  /** Sends a line soon. Changes until then are combined. */
  #flush(): void {
    if (this.#timer !== undefined) return;
    this.#startTimer(0);
  }

  #startTimer(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#sendLine("-", this.#toRemove) || this.#sendLine("+", this.#toAdd)) {
        this.#startTimer(IRC_LIMITS.monitorIntervalMs);
      }
    }, milliseconds);
    this.#timer.unref();
  }

  /** Sends as many changes as fit into a line. Returns false if there is no change. */
  #sendLine(operation: "+" | "-", waiting: Set<string>): boolean {
    const nicks = takeNames(waiting);
    for (const nick of nicks) waiting.delete(nick);
    if (nicks.length > 0) this.#session.send("MONITOR", operation, nicks.join(","));
    return nicks.length > 0;
  }
}
