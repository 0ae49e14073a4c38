import { IRC_LIMITS } from "../../quotas.ts";
import type { IrcSession } from "./irc-session.ts";
import { takeNames } from "./line-length.ts";

/** Maximum number of nicknames in one USERHOST command (RFC 2812, section 4.8). */
const USERHOST_NAMES = 5;

/** IRC command that queries several nicknames: ISON whether they are online, USERHOST whether they are away. */
type QueryCommand = "ISON" | "USERHOST";

/** Functions that return the contacts to query. */
export interface QuerySource {
  /** Returns the nicknames for ISON. */
  contactsToAsk(): readonly string[];
  /** Returns the nicknames of online contacts for USERHOST. */
  onlineContactsToAsk(): readonly string[];
}

/**
 * Periodic queries for the presence of contacts. One query is sent at a time, after the reply to the query before
 * and at limited rate. Each period queries all contacts.
 */
export class PresenceQueries {
  readonly #session: IrcSession;
  readonly #source: QuerySource;
  readonly #unsupported = new Set<string>();
  /** Nicknames to query in this period, by command. */
  readonly #waiting: Readonly<Record<QueryCommand, Set<string>>> = { ISON: new Set(), USERHOST: new Set() };
  #sent: { readonly command: QueryCommand; readonly nicks: readonly string[] } | undefined;
  #state: "stopped" | "idle" | "waiting" = "stopped";
  #timer: NodeJS.Timeout | undefined;

  constructor(session: IrcSession, source: QuerySource) {
    this.#session = session;
    this.#source = source;
  }

  /** Starts the first period. */
  start(): void {
    if (this.#state !== "stopped") return;
    this.#state = "idle";
    this.#startPeriod();
  }

  /** Stops querying. Replies to earlier queries are ignored. */
  stop(): void {
    this.#state = "stopped";
    this.#sent = undefined;
    clearTimeout(this.#timer);
    for (const nicks of Object.values(this.#waiting)) nicks.clear();
  }

  /** Queries contacts in this period, before the next begins. */
  ask(command: QueryCommand, nicks: Iterable<string>): void {
    if (this.#state === "stopped" || this.#unsupported.has(command)) return;
    for (const nick of nicks) this.#waiting[command].add(nick);
    if (this.#state === "idle") this.#sendNext();
  }

  /** Removes a contact from the contacts that wait to be queried. */
  remove(nick: string): void {
    for (const nicks of Object.values(this.#waiting)) nicks.delete(nick);
  }

  /**
   * Returns the nicknames of the query that a reply answers. Returns undefined if no such query is waiting for a
   * reply.
   */
  takeReply(command: QueryCommand): readonly string[] | undefined {
    const sent = this.#sent;
    if (sent?.command !== command) return undefined;
    this.#sent = undefined;
    this.#wait(IRC_LIMITS.presenceQueryIntervalMs);
    return sent.nicks;
  }

  /** Records that the server does not know a command. It is not sent any more. */
  refused(command: string): void {
    if (command !== "ISON" && command !== "USERHOST") return;
    this.#unsupported.add(command);
    this.#waiting[command].clear();
    if (this.#sent?.command === command) this.takeReply(command);
  }

  #startPeriod(): void {
    this.ask("ISON", this.#source.contactsToAsk());
    this.ask("USERHOST", this.#source.onlineContactsToAsk());
    if (this.#state === "idle") this.#startTimer(IRC_LIMITS.presencePeriodMs, () => this.#startPeriod());
  }

  #sendNext(): void {
    for (const command of ["ISON", "USERHOST"] as const) {
      const waiting = this.#waiting[command];
      const nicks = takeNames(waiting, command === "USERHOST" ? USERHOST_NAMES : Infinity);
      if (nicks.length === 0) continue;
      for (const nick of nicks) waiting.delete(nick);
      this.#sent = { command, nicks };
      this.#session.send(command, ...nicks);
      // A query without a reply is repeated in the next period.
      this.#wait(IRC_LIMITS.replyMs);
      return;
    }
    this.#state = "idle";
    this.#startTimer(IRC_LIMITS.presencePeriodMs, () => this.#startPeriod());
  }

  #wait(milliseconds: number): void {
    this.#state = "waiting";
    this.#startTimer(milliseconds, () => {
      this.#sent = undefined;
      this.#sendNext();
    });
  }

  #startTimer(milliseconds: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
    this.#timer.unref();
  }
}
