import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";

/** Actor, reason and message of a change of a group. */
export interface GroupCause {
  /** Handle of the contact who caused the change; 0 if unknown. */
  readonly actor: number;
  readonly reason: Reason;
  /** Text that the actor or the server gave for the change; may be empty. */
  readonly message: string;
}

/** A change of a group: the handles that were added to each list, and those that were removed. */
export interface GroupChange extends GroupCause {
  readonly added: readonly number[];
  readonly removed: readonly number[];
  readonly localPending: readonly number[];
  readonly remotePending: readonly number[];
}

/** A change that is to be applied to a group. Lists that are omitted are empty. */
export type GroupChangeRequest = GroupCause & Partial<GroupChange>;

/**
 * The three lists of a group (Telepathy specification, Channel.Interface.Group), by handle. A handle is in at most
 * one list. Each method returns the effective change only, so that repeated messages of a server cause no repeated
 * changes.
 */
export class GroupMembers {
  readonly #members = new Set<number>();
  readonly #localPending = new Map<number, GroupCause>();
  readonly #remotePending = new Set<number>();
  readonly #maxMembers: number;

  /** @param maxMembers - Maximum number of contacts in all lists together. Further contacts are not added. */
  constructor(maxMembers: number) {
    this.#maxMembers = maxMembers;
  }

  get members(): ReadonlySet<number> {
    return this.#members;
  }

  /** Contacts whose membership the user must approve (or the user, if invited), each with the cause. */
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

  /** Returns the handles of all three lists. */
  *handles(): Generator<number> {
    yield* this.#members;
    yield* this.#localPending.keys();
    yield* this.#remotePending;
  }

  /**
   * Removes handles, then adds other handles to the lists. A handle that is in another list is moved.
   *
   * @returns The part of the change that had an effect; undefined if nothing changed.
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
   * Replaces a handle by another in the same list, because the contact changed its identifier. If the new handle is
   * in a list already, the former handle is only removed.
   *
   * @returns The change; undefined if the former handle is in no list, or the handles are equal.
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

  /** Removes a handle from its list. Returns whether it was in a list. */
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

/** Returns a change, or undefined if all of its lists are empty. */
function effective(change: GroupChange): GroupChange | undefined {
  const { added, removed, localPending, remotePending } = change;
  return added.length + removed.length + localPending.length + remotePending.length === 0 ? undefined : change;
}
