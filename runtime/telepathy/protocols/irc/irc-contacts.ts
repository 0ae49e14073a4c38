import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { AliasProtocol, RenamingProtocol } from "../aliases.ts";
import type { PresenceProtocol } from "../presence.ts";
import type { ConnectionHost } from "../protocol.ts";
import { ContactNames } from "./contact-names.ts";
import { ContactPresence } from "./contact-presence.ts";
import type { IrcFeature, IrcSession } from "./irc-session.ts";
import { OwnNick } from "./own-nick.ts";
import { OwnPresence } from "./own-presence.ts";
import { IRC_STATUSES } from "./presence-statuses.ts";

/** Presences and names of the users of an IRC server. The alias of a user is the nickname as the server spells it. */
export class IrcContacts implements PresenceProtocol, AliasProtocol, RenamingProtocol {
  readonly statuses = IRC_STATUSES;
  readonly features: readonly IrcFeature[];
  readonly #session: IrcSession;
  readonly #host: ConnectionHost;
  readonly #ownPresence: OwnPresence;
  readonly #ownNick: OwnNick;
  readonly #presences: ContactPresence;
  readonly #names: ContactNames;

  constructor(session: IrcSession, host: ConnectionHost) {
    this.#session = session;
    this.#host = host;
    this.#ownPresence = new OwnPresence(session, (presence) =>
      host.presence.presencesChanged(new Map([[session.fold(session.nick), presence]])),
    );
    this.#ownNick = new OwnNick(session, { nickChanged: (nick) => this.#onOwnNickChanged(nick) });
    this.#presences = new ContactPresence(session, (presences) => host.presence.presencesChanged(presences));
    this.#names = new ContactNames(session, {
      spellingsChanged: (nicks) => host.aliases.aliasesChanged(nicks),
      renamed: (original, renamed) => host.renaming.contactRenamed(original, renamed),
    });
    this.features = [this.#names, this.#presences, this.#ownPresence, this.#ownNick];
  }

  /**
   * Maximum number of characters of a message. The server limits the number of bytes, and each character has at
   * least one.
   */
  get maximumMessageLength(): number {
    return this.#session.support.awayLength;
  }

  setPresence(status: string, message: string): Promise<void> {
    return this.#ownPresence.set(status, message);
  }

  presences(nicks: readonly string[]): readonly Presence[] {
    const self = this.#session.fold(this.#session.nick);
    return nicks.map((nick) => (nick === self ? this.#ownPresence.presence : this.#presences.presence(nick)));
  }

  watch(nicks: readonly string[]): void {
    this.#presences.watch(nicks);
  }

  /** Starts to query presences of contacts, because a client is interested in them. */
  startReporting(): void {
    this.#presences.startReporting();
  }

  /** Stops querying presences of contacts. */
  stopReporting(): void {
    this.#presences.stopReporting();
  }

  alias(nick: string): string {
    return this.#names.spelling(nick);
  }

  setOwnAlias(alias: string): Promise<void> {
    return this.#ownNick.request(alias);
  }

  requestRename(nick: string): Promise<void> {
    return this.#ownNick.request(nick);
  }

  /** Records the spelling of the user's nickname. Called when the connection has become connected. */
  connected(): void {
    this.#names.learn([this.#session.nick]);
  }

  /** Handles a change of the user's nickname. The session has the new nickname already. */
  selfRenamed(): void {
    this.#ownNick.changed();
  }

  #onOwnNickChanged(nick: string): void {
    this.#host.selfIdentifierChanged(nick);
    this.#names.learn([nick]);
  }
}
