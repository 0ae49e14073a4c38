import { IRC_LIMITS } from "../../quotas.ts";
import type { IrcSession } from "./irc-session.ts";
import { takeNames } from "./line-length.ts";

/** Nicknames that the server accepts in one USERHOST (RFC 2812, section 4.8). */
const USERHOST_NAMES = 5;

/** A question about several nicknames. */
type QueryCommand = "ISON" | "USERHOST";

/** The contacts to ask about. */
export interface QuerySource {
  /** Contacts that may be online or offline. */
  contactsToAsk(): readonly string[];
  /** Online contacts that may be away. */
  onlineContactsToAsk(): readonly string[];
}

/**
 * Regular questions to an IRC server about the presence of contacts. One question at a time is sent, after the reply to
 * the one before and not too often. All contacts are asked about in each period.
 */
export class PresenceQueries {
  readonly #session: IrcSession;
  readonly #source: QuerySource;
  readonly #unsupported = new Set<string>();
  /** Contacts to ask about in this period. */
  readonly #waiting: Readonly<Record<QueryCommand, Set<string>>> = { ISON: new Set(), USERHOST: new Set() };
  #sent: { readonly command: QueryCommand; readonly nicks: readonly string[] } | undefined;
  #state: "stopped" | "idle" | "waiting" = "stopped";
  #timer: NodeJS.Timeout | undefined;

  constructor(session: IrcSession, source: QuerySource) {
    this.#session = session;
    this.#source = source;
  }

  /** Starts to ask. */
  start(): void {
    if (this.#state !== "stopped") return;
    this.#state = "idle";
    this.#startPeriod();
  }

  /** Stops to ask. Replies to earlier questions are ignored. */
  stop(): void {
    this.#state = "stopped";
    this.#sent = undefined;
    clearTimeout(this.#timer);
    for (const nicks of Object.values(this.#waiting)) nicks.clear();
  }

  /** Asks about contacts soon, instead of in the next period. */
  ask(command: QueryCommand, nicks: Iterable<string>): void {
    if (this.#state === "stopped" || this.#unsupported.has(command)) return;
    for (const nick of nicks) this.#waiting[command].add(nick);
    if (this.#state === "idle") this.#sendNext();
  }

  /** Removes a contact, which is no longer of interest. */
  remove(nick: string): void {
    for (const nicks of Object.values(this.#waiting)) nicks.delete(nick);
  }

  /** Returns the contacts that a reply concerns; undefined if there was no such question. */
  takeReply(command: QueryCommand): readonly string[] | undefined {
    const sent = this.#sent;
    if (sent?.command !== command) return undefined;
    this.#sent = undefined;
    this.#wait(IRC_LIMITS.presenceQueryIntervalMs);
    return sent.nicks;
  }

  /** Records that the server does not know a command, which is then not sent any more. */
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
      // A question without a reply is repeated in the next period.
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
