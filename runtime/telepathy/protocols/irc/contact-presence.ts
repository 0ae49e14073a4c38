import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { IRC_LIMITS } from "../../quotas.ts";
import { type IrcMessage, NUMERIC } from "./irc-message.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "./irc-session.ts";
import { MonitorList } from "./monitor-list.ts";
import { isNick } from "./name-syntax.ts";
import { PresenceQueries } from "./presence-queries.ts";
import { WatchedContacts } from "./watched-contacts.ts";

/** IRCv3 capability with which the server reports when users in common channels go away or return. */
const AWAY_NOTIFY = "away-notify";
/** IRCv3 capability with which the server also reports when monitored users go away or return. */
const EXTENDED_MONITOR = "extended-monitor";

/**
 * Presences of other users, by normalised nickname. The server is queried only while presences are reported.
 * MONITOR is used for as many contacts as the server permits and ISON for the others. USERHOST determines whether
 * contacts are away if the server does not report that.
 */
export class ContactPresence implements IrcFeature {
  readonly handlers: IrcHandlers = {
    [NUMERIC.RPL_MONONLINE]: ({ params }) => this.#onMonitored(params.at(-1) ?? "", true),
    [NUMERIC.RPL_MONOFFLINE]: ({ params }) => this.#onMonitored(params.at(-1) ?? "", false),
    [NUMERIC.ERR_MONLISTFULL]: ({ params: [, , nicks = ""] }) => this.#onMonitorListFull(nicks.split(",")),
    [NUMERIC.RPL_ISON]: ({ params }) => this.#onIson(words(params.at(-1))),
    [NUMERIC.RPL_USERHOST]: ({ params }) => this.#onUserhost(words(params.at(-1))),
    [NUMERIC.RPL_AWAY]: ({ params: [, nick = "", text = ""] }) => this.#onAwayReply(nick, text),
    [NUMERIC.ERR_UNKNOWNCOMMAND]: ({ params: [, command = ""] }) => this.#onUnknownCommand(command),
    AWAY: ({ source, params: [text] }) => this.#onAway(source, text),
    QUIT: ({ source }) => this.#setOnline([source], false),
    KILL: ({ params: [nick = ""] }) => this.#setOnline([nick], false),
    NICK: ({ source, params: [nick = ""] }) => this.#onNick(source, nick),
    CAP: (message) => this.#onCapability(message),
  };
  readonly #session: IrcSession;
  readonly #contacts: WatchedContacts;
  readonly #queries: PresenceQueries;
  readonly #monitored: MonitorList;
  readonly #capabilities = new Set<string>();
  #isRequested = false;
  #isReporting = false;
  /**
   * Timer that runs after a start of reporting. The next start waits until the timer ends, because each start sends
   * several lines.
   */
  #restTimer: NodeJS.Timeout | undefined;

  /** @param onChange - Called with changed presences, by normalised nickname. */
  constructor(session: IrcSession, onChange: (presences: ReadonlyMap<string, Presence>) => void) {
    this.#session = session;
    this.#contacts = new WatchedContacts(IRC_LIMITS.watchedContacts, onChange);
    this.#monitored = new MonitorList(session);
    this.#queries = new PresenceQueries(session, {
      contactsToAsk: () => this.#contacts.nicks.filter((nick) => !this.#monitored.has(nick)),
      onlineContactsToAsk: () => this.#contactsWithUncertainAbsence(),
    });
  }

  /**
   * Returns the presence of a contact. It is unknown if the contact is not watched or the server has not reported
   * it.
   */
  presence(nick: string): Presence {
    return this.#contacts.presence(nick);
  }

  /** Adds contacts to the watched contacts, whose presence is reported. */
  watch(nicks: readonly string[]): void {
    const others = nicks.slice(0, IRC_LIMITS.watchedContacts).filter((nick) => !this.#session.isSelf(nick));
    const { added, removed } = this.#contacts.add(others);
    if (!this.#isReporting) return;
    for (const nick of removed) {
      this.#queries.remove(nick);
      this.#monitored.remove(nick);
    }
    this.#observe(added);
  }

  /** Starts to query the server: immediately, or a few seconds after the last start. */
  startReporting(): void {
    this.#isRequested = true;
    if (this.#isReporting || this.#restTimer !== undefined) return;
    this.#isReporting = true;
    this.#restTimer = setTimeout(() => {
      this.#restTimer = undefined;
      if (this.#isRequested) this.startReporting();
    }, IRC_LIMITS.reportingIntervalMs);
    this.#restTimer.unref();
    this.#session.send("CAP", "REQ", AWAY_NOTIFY);
    if (this.#session.support.monitorLimit > 0) this.#session.send("CAP", "REQ", EXTENDED_MONITOR);
    this.#observe(this.#contacts.nicks);
    this.#queries.start();
  }

  /** Stops querying the server. All presences become unknown. */
  stopReporting(): void {
    this.#isRequested = false;
    if (!this.#isReporting) return;
    this.#isReporting = false;
    this.#queries.stop();
    this.#monitored.clear();
    for (const capability of this.#capabilities) this.#session.send("CAP", "REQ", `-${capability}`);
    this.#contacts.clear();
  }

  stop(): void {
    this.#queries.stop();
    this.#monitored.stop();
    clearTimeout(this.#restTimer);
  }

  /** Starts to observe contacts: with MONITOR while its list is not full, otherwise with ISON. */
  #observe(nicks: readonly string[]): void {
    for (const nick of nicks) this.#monitored.add(nick);
    this.#queries.ask(
      "ISON",
      nicks.filter((nick) => !this.#monitored.has(nick)),
    );
  }

  /**
   * Returns the online contacts that were used last, except contacts whose absence the server reports without a
   * query.
   */
  #contactsWithUncertainAbsence(): readonly string[] {
    const isReported = this.#capabilities.has(AWAY_NOTIFY) && this.#capabilities.has(EXTENDED_MONITOR);
    return this.#contacts.nicks
      .filter((nick) => this.#contacts.isOnline(nick))
      .slice(-IRC_LIMITS.awayQueryContacts)
      .filter((nick) => !isReported || !this.#monitored.has(nick) || !this.#contacts.isAwayKnown(nick));
  }

  #onMonitored(list: string, isOnline: boolean): void {
    const nicks = list.split(",").map((entry) => entry.split("!", 1)[0] ?? "");
    this.#setOnline(nicks, isOnline);
  }

  #onMonitorListFull(nicks: readonly string[]): void {
    this.#queries.ask("ISON", this.#monitored.refuse(nicks.map((nick) => this.#session.fold(nick))));
  }

  #onUnknownCommand(command: string): void {
    this.#queries.refused(command.toUpperCase());
    if (command.toUpperCase() === "MONITOR") this.#queries.ask("ISON", this.#monitored.refuseAll());
  }

  #onIson(online: readonly string[]): void {
    const asked = this.#queries.takeReply("ISON");
    if (asked === undefined) return;
    const present = new Set(online.map((nick) => this.#session.fold(nick)));
    this.#contacts.change(() => {
      this.#setOnline(
        asked.filter((nick) => present.has(nick)),
        true,
      );
      this.#setOnline(
        asked.filter((nick) => !present.has(nick)),
        false,
      );
    });
  }

  /**
   * @param replies - Texts such as `nick*=+user@host`. An asterisk marks operators; `-` in place of `+` marks users
   * that are away.
   */
  #onUserhost(replies: readonly string[]): void {
    const asked = this.#queries.takeReply("USERHOST");
    if (asked === undefined) return;
    const offline = new Set(asked);
    this.#contacts.change(() => {
      for (const reply of replies) {
        const separator = reply.indexOf("=");
        const nick = this.#session.fold(reply.slice(0, separator).replace(/\*$/, ""));
        if (!offline.delete(nick)) continue;
        if (reply.charAt(separator + 1) === "-") this.#contacts.setAwayWithoutMessage(nick);
        else this.#contacts.setAway(nick, undefined);
      }
      this.#setOnline([...offline], false);
    });
  }

  /**
   * Handles RPL_AWAY, the reply to a message to a user that is away.
   *
   * @param text - Away message of that user.
   */
  #onAwayReply(nick: string, text: string): void {
    const folded = this.#session.fold(nick);
    if (this.#isReporting && this.#contacts.isOnline(folded)) this.#contacts.setAway(folded, text);
  }

  #onAway(nick: string, text: string | undefined): void {
    const message = text === undefined || text === "" ? undefined : text;
    if (this.#isReporting) this.#contacts.setAway(this.#session.fold(nick), message);
  }

  /** Handles a change of nickname: the presence of the contact moves to the new nickname. */
  #onNick(original: string, renamed: string): void {
    const [from, to] = [this.#session.fold(original), this.#session.fold(renamed)];
    if (!this.#isReporting || from === to || !isNick(renamed)) return;
    const { status, statusMessage } = this.#contacts.presence(from);
    if (this.#contacts.has(from)) this.watch([to]);
    this.#contacts.change(() => {
      this.#setOnline([from], false);
      this.#setOnline([to], true);
      if (status === "away" && this.#contacts.has(to)) this.#contacts.setAway(to, statusMessage);
    });
  }

  #onCapability({ params: [, result = "", list = ""] }: IrcMessage): void {
    if (result.toUpperCase() !== "ACK") return;
    for (const word of words(list)) {
      if (word === AWAY_NOTIFY || word === EXTENDED_MONITOR) this.#capabilities.add(word);
      if (word.startsWith("-")) this.#capabilities.delete(word.slice(1));
    }
  }

  /** Records whether contacts are online. Queries whether contacts that have come online are away. */
  #setOnline(nicks: readonly string[], isOnline: boolean): void {
    if (!this.#isReporting) return;
    const folded = nicks.map((nick) => this.#session.fold(nick)).filter((nick) => this.#contacts.has(nick));
    if (folded.length === 0) return;
    const came = folded.filter((nick) => isOnline && !this.#contacts.isOnline(nick));
    this.#contacts.change(() => {
      for (const nick of folded) this.#contacts.setOnline(nick, isOnline);
    });
    const uncertain = new Set(this.#contactsWithUncertainAbsence());
    this.#queries.ask(
      "USERHOST",
      came.filter((nick) => uncertain.has(nick)),
    );
  }
}

function words(text = ""): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}
