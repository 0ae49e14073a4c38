import {
  type ChannelGroupChangeReason,
  ChannelGroupFlags as Flags,
  Group1,
  type Group1Properties,
  type Group1Service,
  type Group1Signals,
  type GroupChangeDetails,
  type LocalPendingInfo,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  Group as Group0,
  type GroupService as GroupService0,
  type GroupSignals as GroupSignals0,
} from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Channel.Interface.Group";
import {
  ChannelGroupFlags as Flags2013,
  type Group1Signals as Group1Signals2013,
  Group1 as Group2013,
} from "@dbus-codegen-ts/stubs/telepathy-1-2013/im.telepathy1.Channel.Interface.Group1";
import type { ConnectionModel } from "../../connection/connection-model.ts";
import type { GroupChange } from "../../connection/rooms/group-members.ts";
import type { Room } from "../../connection/rooms/room.ts";
import type { RoomOperations } from "../../connection/rooms/room-operations.ts";
import type { ContractsByDialect, Dialect } from "../../dialects/dialect.ts";
import { DialectService, type HandlersOf } from "../dialect-service.ts";
import type { RoomViewContext } from "./room-view-context.ts";

/** Contracts of the interface Group, by dialect. */
const CONTRACTS: ContractsByDialect = {
  "telepathy-1-2012": Group1,
  "telepathy-1-2013": Group2013,
  "telepathy-0": Group0,
};

/**
 * Signals of the interface Group, of all dialects together. MembersChanged of `telepathy-1-2013` has the arguments
 * of MembersChangedDetailed.
 */
type Signals = Omit<Group1Signals & GroupSignals0, "membersChanged"> & {
  membersChanged: Group1Signals["membersChanged"] | Group1Signals2013["membersChanged"];
};

/** Service for the interface Group in one dialect. */
export class GroupView
  extends DialectService<Group1Properties, Signals>
  implements HandlersOf<Group1Service>, HandlersOf<GroupService0>
{
  readonly #room: Room;
  readonly #operations: RoomOperations;
  readonly #model: ConnectionModel;

  constructor(dialect: Dialect, { room, operations }: RoomViewContext, model: ConnectionModel) {
    super(dialect, CONTRACTS, {
      groupFlags: 0,
      handleOwners: new Map(),
      localPendingMembers: [],
      members: [],
      remotePendingMembers: [],
      selfHandle: 0,
      memberIdentifiers: new Map(),
    });
    this.#room = room;
    this.#operations = operations;
    this.#model = model;
    // The values are computed when they are read, because rooms can be large.
    this.compute("groupFlags", () => this.getGroupFlags());
    this.compute("members", () => this.getMembers());
    this.compute("localPendingMembers", () => this.getLocalPendingMembersWithInfo());
    this.compute("remotePendingMembers", () => this.getRemotePendingMembers());
    this.compute("selfHandle", () => room.selfHandle);
    this.compute("memberIdentifiers", () => model.identifiersOf([...room.group.handles()]));
    room.addListener({
      membersChanged: (change) => this.#membersChanged(change),
      selfHandleChanged: (handle) => this.#selfHandleChanged(handle),
      flagsChanged: (before, after) => this.#flagsChanged(before, after),
    });
  }

  addMembers(contacts: readonly number[], _message: string) {
    return this.#operations.addMembers(this.#room, contacts);
  }

  /**
   * Removes members from the room.
   *
   * @param reason - Reason for the removal. In dialects whose method has no such argument, this is the `Incoming`
   * of the call, which is ignored.
   */
  removeMembers(contacts: readonly number[], message: string, reason: unknown) {
    const known = typeof reason === "number" ? reason : undefined;
    return this.#operations.removeMembers(this.#room, contacts, message, known);
  }

  removeMembersWithReason(contacts: readonly number[], message: string, reason: ChannelGroupChangeReason) {
    return this.#operations.removeMembers(this.#room, contacts, message, reason);
  }

  getAllMembers(): [number[], number[], number[]] {
    return [this.getMembers(), this.getLocalPendingMembers(), this.getRemotePendingMembers()];
  }

  getGroupFlags() {
    return this.#flags(this.#room.flags);
  }

  getHandleOwners(): never {
    throw new NotAvailableError("this channel has no channel-specific handles");
  }

  getLocalPendingMembers() {
    return [...this.#room.group.localPending.keys()];
  }

  getLocalPendingMembersWithInfo(): LocalPendingInfo[] {
    return [...this.#room.group.localPending].map(([toBeAdded, cause]) => ({ toBeAdded, ...cause }));
  }

  getMembers() {
    return [...this.#room.group.members];
  }

  getRemotePendingMembers() {
    return [...this.#room.group.remotePending];
  }

  getSelfHandle() {
    return this.#room.selfHandle;
  }

  #membersChanged(change: GroupChange): void {
    const { added, removed, localPending, remotePending, actor, reason, message } = change;
    const details: GroupChangeDetails = {
      ...(actor === 0 ? {} : { actor }),
      changeReason: reason,
      ...(message === "" ? {} : { message }),
      // Identifiers of removed contacts are omitted: clients know them, and a netsplit can remove thousands of
      // contacts.
      contactIds: this.#model.identifiersOf([...new Set([...added, ...localPending, ...remotePending, actor])]),
    };
    const detailed = [added, removed, localPending, remotePending, details] as const;
    if (this.hasSignal("membersChangedDetailed")) {
      this.emit("membersChanged", message, added, removed, localPending, remotePending, actor, reason);
      this.emit("membersChangedDetailed", ...detailed);
    } else this.emit("membersChanged", ...detailed);
  }

  #selfHandleChanged(handle: number): void {
    this.emit("selfHandleChanged", handle);
    this.emit("selfContactChanged", handle, this.#model.identifiersOf([handle]).get(handle) ?? "");
  }

  #flagsChanged(before: Flags, after: Flags): void {
    this.emit("groupFlagsChanged", this.#flags(after & ~before), this.#flags(before & ~after));
  }

  /** Returns group flags with the numeric values of the dialect. */
  #flags(flags: number): Flags {
    if (this.dialect.name !== "telepathy-1-2013") return flags;
    const { Properties, MembersChangedDetailed, MessageDepart } = Flags;
    const others = flags & ~(Properties | MembersChangedDetailed | MessageDepart);
    return others | ((flags & MessageDepart) === 0 ? 0 : Flags2013.MessageDepart);
  }
}
