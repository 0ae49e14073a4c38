import { IRC_LIMITS } from "../../quotas.ts";
import { NUMERIC } from "./irc-message.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "./irc-session.ts";
import { isNick } from "./name-syntax.ts";
import { NickSpellings } from "./nick-spellings.ts";
import { parseNamedMember } from "./rooms/mode-support.ts";

/** Receiver of changed nicknames of other users. */
export interface ContactNamesListener {
  /** @param nicks - Nicknames as the server spells them, by normalised nickname. */
  spellingsChanged(nicks: ReadonlyMap<string, string>): void;
  /**
   * Called when another user has a new nickname.
   *
   * @param original - Former normalised nickname.
   * @param renamed - New normalised nickname.
   */
  renamed(original: string, renamed: string): void;
}

/** Nicknames of users as the server spells them, and their changes. */
export class ContactNames implements IrcFeature {
  readonly handlers: IrcHandlers = {
    PRIVMSG: ({ source, prefix }) => this.#learnSource(source, prefix),
    NOTICE: ({ source, prefix }) => this.#learnSource(source, prefix),
    JOIN: ({ source, prefix }) => this.#learnSource(source, prefix),
    NICK: ({ source, params: [nick = ""] }) => this.#onNick(source, nick),
    [NUMERIC.RPL_MONONLINE]: ({ params }) =>
      this.learn((params.at(-1) ?? "").split(",").map((entry) => entry.split("!", 1)[0] ?? "")),
    [NUMERIC.RPL_ISON]: ({ params }) => this.learn((params.at(-1) ?? "").split(" ")),
    [NUMERIC.RPL_NAMREPLY]: ({ params }) => this.#learnMembers((params.at(-1) ?? "").split(" ")),
  };
  readonly #session: IrcSession;
  readonly #listener: ContactNamesListener;
  readonly #spellings: NickSpellings;
  /** Number of changes of nicknames that may still be reported in the current second. */
  #renameBudget: number = IRC_LIMITS.renamesPerSecond;
  #budgetTimer: NodeJS.Timeout | undefined;

  constructor(session: IrcSession, listener: ContactNamesListener) {
    this.#session = session;
    this.#listener = listener;
    this.#spellings = new NickSpellings(IRC_LIMITS.spellings, (nick) => session.fold(nick));
  }

  /**
   * Returns a nickname as the server spells it.
   *
   * @param nick - Normalised nickname.
   */
  spelling(nick: string): string {
    return this.#spellings.spelling(nick);
  }

  /** Records nicknames as the server spells them. Texts that are not nicknames are ignored. */
  learn(nicks: readonly string[]): void {
    const changes = new Map<string, string>();
    for (const nick of nicks) {
      const folded = isNick(nick) ? this.#spellings.learn(nick) : undefined;
      if (folded !== undefined) changes.set(folded, nick);
    }
    if (changes.size > 0) this.#listener.spellingsChanged(changes);
  }

  stop(): void {
    clearTimeout(this.#budgetTimer);
  }

  #learnSource(source: string, prefix: string): void {
    // The prefix of a server contains no user name.
    if (prefix.includes("!")) this.learn([source]);
  }

  #learnMembers(entries: readonly string[]): void {
    const { modes } = this.#session.support;
    this.learn(entries.map((entry) => parseNamedMember(modes, entry).nick));
  }

  #onNick(source: string, nick: string): void {
    if (!isNick(source) || !isNick(nick)) return;
    const [original, renamed] = [this.#session.fold(source), this.#session.fold(nick)];
    // The session may know the user's new nickname already.
    if (this.#session.isSelf(source) || this.#session.isSelf(nick)) return;
    if (original !== renamed && this.#takeBudget()) this.#listener.renamed(original, renamed);
    this.learn([nick]);
  }

  /**
   * Returns whether another change may be reported in this second. The rate is limited because each change uses a
   * handle.
   */
  #takeBudget(): boolean {
    if (this.#renameBudget === 0) return false;
    this.#renameBudget--;
    if (this.#budgetTimer !== undefined) return true;
    this.#budgetTimer = setTimeout(() => {
      this.#budgetTimer = undefined;
      this.#renameBudget = IRC_LIMITS.renamesPerSecond;
    }, 1000);
    this.#budgetTimer.unref();
    return true;
  }
}
