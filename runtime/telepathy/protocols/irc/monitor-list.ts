import { IRC_LIMITS } from "../../quotas.ts";
import type { IrcSession } from "./irc-session.ts";
import { takeNames } from "./line-length.ts";

/**
 * The users that the server monitors for this connection (IRCv3 MONITOR). Changes are combined in lines, which are
 * sent at a limited rate.
 */
export class MonitorList {
  readonly #session: IrcSession;
  /** Normalised nicknames that are monitored or wait to be added. */
  readonly #nicks = new Set<string>();
  readonly #toAdd = new Set<string>();
  readonly #toRemove = new Set<string>();
  /** Maximum number of users, if the server has accepted fewer than it had announced. */
  #limit = Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(session: IrcSession) {
    this.#session = session;
  }

  /** Returns whether a user is monitored or waits to be added. */
  has(nick: string): boolean {
    return this.#nicks.has(nick);
  }

  /** Adds a user to the list. Does nothing if the list is full. */
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

  /**
   * Records that the list is full because the server has refused users. Removes the refused and the waiting users,
   * and returns them.
   */
  refuse(nicks: readonly string[]): readonly string[] {
    const refused = [...nicks.filter((nick) => this.#nicks.delete(nick)), ...this.#withdraw()];
    this.#limit = this.#nicks.size;
    return refused;
  }

  /** Records that the server monitors no users at all. Removes all users and returns them. */
  refuseAll(): readonly string[] {
    return this.refuse([...this.#nicks]);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Removes the users that wait to be added, and returns them. */
  #withdraw(): readonly string[] {
    const withdrawn = [...this.#toAdd].filter((nick) => this.#nicks.delete(nick));
    this.#toAdd.clear();
    return withdrawn;
  }

  /** Sends waiting changes soon, so that several changes are combined in one line. */
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

  /** Sends as many waiting changes as fit into one line. Returns false if no change is waiting. */
  #sendLine(operation: "+" | "-", waiting: Set<string>): boolean {
    const nicks = takeNames(waiting);
    for (const nick of nicks) waiting.delete(nick);
    if (nicks.length > 0) this.#session.send("MONITOR", operation, nicks.join(","));
    return nicks.length > 0;
  }
}
