import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { IRC_AVAILABLE, IRC_OFFLINE, IRC_UNKNOWN, ircAway } from "./presence-statuses.ts";

/** Presence of one watched contact. */
interface WatchedContact {
  /** Whether the contact is online; undefined if unknown. */
  isOnline: boolean | undefined;
  /** Away message; undefined if the contact is not away, or this is unknown. */
  awayMessage: string | undefined;
  /** Whether the server has reported, since the contact came online, if the contact is away. */
  isAwayKnown: boolean;
}

/** The presences of a limited number of contacts. If there are too many, the contacts used longest ago are removed. */
export class WatchedContacts {
  readonly #limit: number;
  readonly #onChange: (presences: ReadonlyMap<string, Presence>) => void;
  /** Watched contacts by normalised nickname, in the order of their last use. */
  readonly #contacts = new Map<string, WatchedContact>();
  /** Changed presences by normalised nickname while `change` runs; undefined at other times. */
  #changes: Map<string, Presence> | undefined;

  /**
   * @param limit - Maximum number of contacts.
   * @param onChange - Called with changed presences, by normalised nickname.
   */
  constructor(limit: number, onChange: (presences: ReadonlyMap<string, Presence>) => void) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  /** Normalised nicknames in the order of their last use, the most recent last. */
  get nicks(): readonly string[] {
    return [...this.#contacts.keys()];
  }

  has(nick: string): boolean {
    return this.#contacts.has(nick);
  }

  /** Returns the presence of a contact; unknown if the contact is not watched. */
  presence(nick: string): Presence {
    const contact = this.#contacts.get(nick);
    return contact === undefined ? IRC_UNKNOWN : presenceOf(contact);
  }

  /** Returns whether a contact is known to be online. */
  isOnline(nick: string): boolean {
    return this.#contacts.get(nick)?.isOnline === true;
  }

  /** Returns whether the server has reported if a contact is away. */
  isAwayKnown(nick: string): boolean {
    return this.#contacts.get(nick)?.isAwayKnown === true;
  }

  /**
   * Adds contacts, or marks them as used. Returns the new contacts, and the contacts that were removed because
   * there are too many.
   */
  add(nicks: readonly string[]): { readonly added: readonly string[]; readonly removed: readonly string[] } {
    const used = [...new Set(nicks)].slice(0, this.#limit);
    const added = used.filter((nick) => !this.#contacts.has(nick));
    for (const nick of used) {
      const contact = this.#contacts.get(nick) ?? { isOnline: undefined, awayMessage: undefined, isAwayKnown: false };
      this.#contacts.delete(nick);
      this.#contacts.set(nick, contact);
    }
    const removed = [...this.#contacts.keys()].slice(0, Math.max(0, this.#contacts.size - this.#limit));
    this.change(() => {
      for (const nick of removed) this.#update(nick, { isOnline: undefined });
    });
    for (const nick of removed) this.#contacts.delete(nick);
    return { added, removed };
  }

  /** Runs a function that changes presences, and reports all changes together. */
  change(changes: () => void): void {
    if (this.#changes !== undefined) {
      changes();
      return;
    }
    this.#changes = new Map();
    changes();
    const reported = this.#changes;
    this.#changes = undefined;
    if (reported.size > 0) this.#onChange(reported);
  }

  setOnline(nick: string, isOnline: boolean): void {
    if (this.isOnline(nick) !== isOnline || !isOnline) this.#update(nick, { isOnline });
  }

  /**
   * Records that a contact is online, and whether the contact is away.
   *
   * @param message - Away message; undefined if the contact is not away.
   */
  setAway(nick: string, message: string | undefined): void {
    this.#update(nick, { isOnline: true, awayMessage: message, isAwayKnown: true });
  }

  /** Records that a contact is away. A message that was received before is kept. */
  setAwayWithoutMessage(nick: string): void {
    this.setAway(nick, this.#contacts.get(nick)?.awayMessage ?? "");
  }

  /** Sets all presences to unknown, because they are not kept up to date any more. */
  clear(): void {
    this.change(() => {
      for (const nick of this.#contacts.keys()) this.#update(nick, { isOnline: undefined });
    });
  }

  /**
   * Replaces the state of a contact, and reports the presence if it has changed. Only an online contact can be
   * away.
   */
  #update(nick: string, { isOnline, awayMessage, isAwayKnown = false }: Partial<WatchedContact>): void {
    const contact = this.#contacts.get(nick);
    if (contact === undefined) return;
    const before = presenceOf(contact);
    contact.isOnline = isOnline;
    contact.awayMessage = isOnline === true ? awayMessage : undefined;
    contact.isAwayKnown = isOnline === true && isAwayKnown;
    const after = presenceOf(contact);
    if (before.status === after.status && before.statusMessage === after.statusMessage) return;
    this.change(() => this.#changes?.set(nick, after));
  }
}

function presenceOf({ isOnline, awayMessage }: WatchedContact): Presence {
  if (isOnline === undefined) return IRC_UNKNOWN;
  if (!isOnline) return IRC_OFFLINE;
  return awayMessage === undefined ? IRC_AVAILABLE : ircAway(awayMessage);
}
