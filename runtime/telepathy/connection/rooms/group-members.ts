import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";

/** The cause of a change, by handle. */
export interface GroupCause {
  /** The contact who caused the change, or 0. */
  readonly actor: number;
  readonly reason: Reason;
  /** Text of the actor or of the server, or empty. */
  readonly message: string;
}

/** Handles that joined or left the lists of a group. */
export interface GroupChange extends GroupCause {
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly localPending: readonly number[];
  readonly remotePending: readonly number[];
}

/** Requested changes of a group; lists that are missing are empty. */
export type GroupChangeRequest = GroupCause & Partial<GroupChange>;

/**
 * The three lists of a group (Telepathy specification, Channel.Interface.Group), by handle. A handle is in one of them at
 * most. Every operation returns what has changed, so that each contact joins once and leaves once, whatever a server
 * repeats.
 */
export class GroupMembers {
  readonly #members = new Set<number>();
  readonly #localPending = new Map<number, GroupCause>();
  readonly #remotePending = new Set<number>();
  readonly #maxMembers: number;

  /** @param maxMembers - Size of all lists together. Contacts that exceed it are not added. */
  constructor(maxMembers: number) {
    this.#maxMembers = maxMembers;
  }

  get members(): ReadonlySet<number> {
    return this.#members;
  }

  /** Contacts who need the approval of the user, with the cause. */
  get localPending(): ReadonlyMap<number, GroupCause> {
    return this.#localPending;
  }

  get remotePending(): ReadonlySet<number> {
    return this.#remotePending;
  }

  /** Number of contacts in all lists. */
  get size(): number {
    return this.#members.size + this.#localPending.size + this.#remotePending.size;
  }

  /** Returns whether a handle is in one of the lists. */
  has(handle: number): boolean {
    return this.#members.has(handle) || this.#localPending.has(handle) || this.#remotePending.has(handle);
  }

  /** All handles of the three lists. */
  *handles(): Generator<number> {
    yield* this.#members;
    yield* this.#localPending.keys();
    yield* this.#remotePending;
  }

  /**
   * Removes handles, then adds others to the lists; a handle in another list is moved.
   *
   * @returns The part of the change that has an effect; undefined if it has none.
   */
  apply({ actor, reason, message, ...lists }: GroupChangeRequest): GroupChange | undefined {
    const { added = [], removed = [], localPending = [], remotePending = [] } = lists;
    const cause: GroupCause = { actor, reason, message };
    return effective({
      ...cause,
      removed: removed.filter((handle) => this.#delete(handle)),
      added: added.filter((handle) => this.#move(handle, this.#members)),
      localPending: localPending.filter((handle) => this.#moveToLocalPending(handle, cause)),
      remotePending: remotePending.filter((handle) => this.#move(handle, this.#remotePending)),
    });
  }

  /**
   * Replaces a handle by another in the same list, because the identifier of the contact changed. If the new handle is in
   * a list already, the old one is only removed.
   *
   * @returns The change; undefined if the old handle is in none of the lists, or both are equal.
   */
  rename(from: number, to: number): GroupChange | undefined {
    if (from === to || !this.has(from)) return undefined;
    const cause: GroupCause = { actor: to, reason: Reason.Renamed, message: "" };
    if (this.has(to)) return this.apply({ ...cause, removed: [from] });
    const pendingCause = this.#localPending.get(from);
    if (pendingCause !== undefined) {
      this.#localPending.delete(from);
      this.#localPending.set(to, pendingCause);
      return { ...cause, added: [], removed: [from], localPending: [to], remotePending: [] };
    }
    const list = this.#members.has(from) ? "added" : "remotePending";
    return this.apply({ ...cause, removed: [from], [list]: [to] });
  }

  /** Removes a handle from all lists and returns whether it was in one. */
  #delete(handle: number): boolean {
    return this.#members.delete(handle) || this.#localPending.delete(handle) || this.#remotePending.delete(handle);
  }

  #move(handle: number, list: Set<number>): boolean {
    if (list.has(handle) || !this.#hasRoomFor(handle)) return false;
    this.#delete(handle);
    list.add(handle);
    return true;
  }

  #moveToLocalPending(handle: number, cause: GroupCause): boolean {
    if (this.#localPending.has(handle) || !this.#hasRoomFor(handle)) return false;
    this.#delete(handle);
    this.#localPending.set(handle, cause);
    return true;
  }

  #hasRoomFor(handle: number): boolean {
    return handle !== 0 && (this.size < this.#maxMembers || this.has(handle));
  }
}

/** Returns a change; undefined if all of its lists are empty. */
function effective(change: GroupChange): GroupChange | undefined {
  const { added, removed, localPending, remotePending } = change;
  return added.length + removed.length + localPending.length + remotePending.length === 0 ? undefined : change;
}
