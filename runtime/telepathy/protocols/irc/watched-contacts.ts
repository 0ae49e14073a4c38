import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { IRC_AVAILABLE, IRC_OFFLINE, IRC_UNKNOWN, ircAway } from "./presence-statuses.ts";

/** A contact whose presence clients use. */
interface WatchedContact {
  /** Undefined: not known. */
  isOnline: boolean | undefined;
  /** Message of an absence; undefined: not away, or not known. */
  awayMessage: string | undefined;
  /** Whether the server was asked if the contact is away, since it came online. */
  isAwayKnown: boolean;
}

/** The presences of a limited number of contacts. If there are more, those that were used longest ago are forgotten. */
export class WatchedContacts {
  readonly #limit: number;
  readonly #onChange: (presences: ReadonlyMap<string, Presence>) => void;
  /** By normalised nickname, in the order of their last use. */
  readonly #contacts = new Map<string, WatchedContact>();
  /** Presences to report at the end of a change. */
  #changes: Map<string, Presence> | undefined;

  /** @param onChange - Called with the new presences of contacts whose presence has changed. */
  constructor(limit: number, onChange: (presences: ReadonlyMap<string, Presence>) => void) {
    this.#limit = limit;
    this.#onChange = onChange;
  }

  /** Normalised nicknames, those that were used last at the end. */
  get nicks(): readonly string[] {
    return [...this.#contacts.keys()];
  }

  has(nick: string): boolean {
    return this.#contacts.has(nick);
  }

  /** Returns the presence of a contact: unknown if it is not watched. */
  presence(nick: string): Presence {
    const contact = this.#contacts.get(nick);
    return contact === undefined ? IRC_UNKNOWN : presenceOf(contact);
  }

  /** Returns whether a contact is online. */
  isOnline(nick: string): boolean {
    return this.#contacts.get(nick)?.isOnline === true;
  }

  /** Returns whether it is known if a contact is away. */
  isAwayKnown(nick: string): boolean {
    return this.#contacts.get(nick)?.isAwayKnown === true;
  }

  /** Adds contacts. Returns those that are new, and those that were removed because there are too many. */
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

  /** Makes several changes, and reports them together. */
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

  /** @param message - Undefined: the contact is not away. A contact that is away is online. */
  setAway(nick: string, message: string | undefined): void {
    this.#update(nick, { isOnline: true, awayMessage: message, isAwayKnown: true });
  }

  /** Records that a contact is away, and keeps a message that was received earlier. */
  setAwayWithoutMessage(nick: string): void {
    this.setAway(nick, this.#contacts.get(nick)?.awayMessage ?? "");
  }

  /** Forgets all presences, because they are no longer kept up to date. */
  clear(): void {
    this.change(() => {
      for (const nick of this.#contacts.keys()) this.#update(nick, { isOnline: undefined });
    });
  }

  /** Changes what is known about a contact, and reports its presence if it is new. A contact that is not online cannot be away. */
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
