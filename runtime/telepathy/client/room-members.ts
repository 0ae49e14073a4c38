import {
  type Group1Signals,
  ChannelGroupChangeReason as Reason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ROOM_LIMITS } from "../quotas.ts";
import type { RemoteMembers } from "./remote-room.ts";

/** A change of the members of a room. */
export interface RoomChange {
  readonly added: readonly Handle[];
  readonly removed: readonly Handle[];
  /** Contacts that wait until the user approves them. Contains the user after an invitation. */
  readonly localPending: readonly Handle[];
  /** Contacts who were invited and have not joined yet. */
  readonly remotePending: readonly Handle[];
  /** The contact who caused the change; undefined if unknown. */
  readonly actor: Handle | undefined;
  readonly reason: Reason;
  /** Text that the actor or the server gave for the change; may be empty. */
  readonly message: string;
}

/** Lists of the members of a remote room, updated from its signals. */
export class RoomMembers {
  readonly members = new Map<Handle, string>();
  readonly localPending = new Set<Handle>();
  readonly remotePending = new Set<Handle>();
  /** Identifiers of contacts that are or were in a list. If there are too many, the oldest are forgotten. */
  readonly #identifiers = new Map<Handle, string>();

  /** Fills the empty lists with the members that were read. */
  load({ members, localPending, remotePending, identifiers }: RemoteMembers): void {
    this.#remember(identifiers);
    for (const handle of members) this.#addMember(handle);
    for (const { toBeAdded } of localPending) this.localPending.add(toBeAdded);
    for (const handle of remotePending) this.remotePending.add(handle);
  }

  /** Applies a change that a signal reports, and returns it. A change that the lists contain already has no effect. */
  apply(
    ...[added, removed, localPending, remotePending, details]: Group1Signals["membersChangedDetailed"]
  ): RoomChange {
    this.#remember(details.contactIds ?? new Map());
    for (const handle of [...added, ...removed, ...localPending, ...remotePending]) this.#delete(handle);
    for (const handle of added) this.#addMember(handle);
    for (const handle of localPending) this.localPending.add(handle);
    for (const handle of remotePending) this.remotePending.add(handle);
    const { actor = 0, changeReason: reason = Reason.None, message = "" } = details;
    return { added, removed, localPending, remotePending, actor: actor === 0 ? undefined : actor, reason, message };
  }

  /** Returns the identifier of a contact; empty if the room has not reported it. */
  identifier(handle: Handle): string {
    return this.#identifiers.get(handle) ?? "";
  }

  #delete(handle: Handle): void {
    this.members.delete(handle);
    this.localPending.delete(handle);
    this.remotePending.delete(handle);
  }

  #remember(identifiers: ReadonlyMap<Handle, string>): void {
    for (const [handle, identifier] of identifiers) {
      this.#identifiers.delete(handle);
      this.#identifiers.set(handle, identifier);
    }
    for (const handle of this.#identifiers.keys()) {
      if (this.#identifiers.size <= 2 * ROOM_LIMITS.members) break;
      this.#identifiers.delete(handle);
    }
  }

  /** Adds a member. Ignores members beyond the limit. */
  #addMember(handle: Handle): void {
    if (this.members.size < ROOM_LIMITS.members) this.members.set(handle, this.identifier(handle));
  }
}
