import { setImmediate as nextTurn } from "node:timers/promises";
import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { type Deferred, deferred } from "@dbus-codegen-ts/runtime/async";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { NotAvailableError, NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type {
  MembersCause,
  RoomConfiguration,
  RoomHost,
  RoomMembersChange,
  RoomPermissions,
  RoomProtocol,
  RoomSubject,
} from "../../protocols/rooms.ts";
import { ROOM_LIMITS } from "../../quotas.ts";
import type { ChannelTarget, HandleOwner } from "../channels/channel-kind.ts";
import type { ChannelHost, ChannelTable } from "../channels/channel-table.ts";
import type { GroupCause } from "./group-members.ts";
import { Room } from "./room.ts";

/** Functions of a connection that its rooms use. */
export interface RoomTableHost extends ChannelHost {
  readonly channels: ChannelTable;
  /** The protocol; `rooms` is read when the first room is joined. */
  readonly protocol: { readonly rooms?: RoomProtocol };
}

/** The rooms of one connection that the user is in, joins or is invited to. */
export class RoomTable implements RoomHost {
  readonly #host: RoomTableHost;
  readonly #onError: (error: unknown) => void;
  readonly #rooms = new Map<number, Room>();
  /** For each requested room, the client for which the handles of members are counted. */
  readonly #consumers = new WeakMap<Room, Consumer>();
  /** Joins in progress, by handle of the room. Each resolves when the list of members has been processed. */
  readonly #joins = new Map<number, Deferred<void>>();

  /** @param onError - Called with errors in the processing of the protocol's events, for which no caller waits. */
  constructor(host: RoomTableHost, onError: (error: unknown) => void) {
    this.#host = host;
    this.#onError = onError;
  }

  /** Returns the room with a handle; undefined if it is not in the table. */
  find(handle: number): Room | undefined {
    return this.#rooms.get(handle);
  }

  /**
   * Joins a room for a client that requested its channel. Resolves when the members are known, or a password is
   * required.
   *
   * @throws The errors of `RoomProtocol.join`; LimitsExceededError if the members need too many handles.
   */
  async open(target: ChannelTarget, consumer: Consumer): Promise<void> {
    if (this.#rooms.has(target.handle)) return;
    const room = this.#add(target);
    this.#consumers.set(room, consumer);
    room.startJoining();
    try {
      await this.join(room, "");
    } catch (error) {
      if (this.#rooms.get(target.handle) === room && room.state === "joining") this.#rooms.delete(target.handle);
      throw error;
    }
  }

  /**
   * Joins a room of this table. Resolves when the members are known, or a password is required.
   *
   * @returns Whether the user has joined.
   */
  async join(room: Room, password: string): Promise<boolean> {
    const { handle, identifier } = room.target;
    if (this.#joins.has(handle)) throw new NotAvailableError("the room is being joined already");
    const processed = deferred<void>();
    this.#joins.set(handle, processed);
    try {
      const result = await this.#protocol.join(identifier, password);
      if (result === "joined") await processed.promise;
      else {
        await this.#readOrigin(room);
        room.setState("password");
      }
      return result === "joined";
    } finally {
      this.#joins.delete(handle);
    }
  }

  /** Removes a room from the table because its channel was closed. The user leaves the room. */
  closed({ handle, identifier }: ChannelTarget): void {
    const room = this.#rooms.get(handle);
    if (room === undefined) return;
    this.#rooms.delete(handle);
    if (room.state === "joined" || room.state === "joining") this.#protocol.leave(identifier, "");
  }

  /** Removes the user from a room and closes the channel of the room. */
  close(room: Room, cause: GroupCause): void {
    const { type, handle } = room.target;
    if (this.#rooms.get(handle) !== room) return;
    room.setLeft(cause);
    this.#rooms.delete(handle);
    const channel = this.#host.channels.find(type, handle);
    if (channel !== undefined) this.#host.channels.destroy(channel);
  }

  /** Replaces the handle of the user in all rooms of the table. */
  selfHandleChanged(from: number, to: number): void {
    for (const room of this.#rooms.values()) room.rename(from, to);
  }

  joined(name: string, members: readonly string[]): void {
    this.#run(async () => {
      const target = await this.#target(name);
      const join = this.#joins.get(target.handle);
      try {
        await this.#setJoined(target, members);
      } catch (error) {
        this.#protocol.leave(target.identifier, "");
        if (join === undefined) throw error;
        join.reject(error);
        return;
      }
      join?.resolve();
      // The request must add the channel before later events, such as messages, are processed.
      if (join !== undefined) await nextTurn();
    });
  }

  left(name: string, cause: MembersCause): void {
    this.#forRoom(name, async (room) => this.close(room, await this.#cause(cause)));
  }

  membersChanged(name: string, { added = [], removed = [], ...cause }: RoomMembersChange): void {
    this.#forRoom(name, async (room) => {
      const lists = { added: await this.#contacts(added, room), removed: await this.#contacts(removed) };
      room.changeMembers({ ...(await this.#cause(cause)), ...lists });
    });
  }

  wentOffline(contacts: readonly string[], cause: MembersCause): void {
    this.#run(async () => {
      const removed = await this.#contacts(contacts);
      const handles = await this.#cause(cause);
      for (const room of this.#rooms.values()) room.changeMembers({ ...handles, removed });
    });
  }

  renamed(from: string, to: string): void {
    this.#run(async () => {
      const [before = 0, after = 0] = await this.#contacts([from, to]);
      for (const room of this.#rooms.values()) room.rename(before, after);
    });
  }

  invited(name: string, inviter: string, message: string): void {
    this.#run(async () => {
      const target = await this.#target(name);
      if (this.#rooms.has(target.handle) || this.#countInvitations() >= ROOM_LIMITS.invitations) return;
      const [handle = 0] = await this.#contacts([inviter]);
      const [identifier = ""] = this.#host.inspectHandles(HandleType.Contact, [handle]);
      const room = this.#add(target);
      await this.#readOrigin(room);
      room.setInvited(handle, message);
      this.#openChannel(target, { handle, identifier });
    });
  }

  subjectChanged(name: string, { text, actor, timestampSeconds }: RoomSubject): void {
    this.#forRoom(name, async (room) => {
      const [handle = 0] = actor === "" ? [] : await this.#contacts([actor]);
      const [identifier = ""] = handle === 0 ? [] : this.#host.inspectHandles(HandleType.Contact, [handle]);
      room.setSubject({ text, actor: handle === 0 ? undefined : { handle, identifier }, timestampSeconds });
    });
  }

  configurationChanged(name: string, changes: Partial<RoomConfiguration>): void {
    this.#forRoom(name, (room) => room.changeConfiguration(changes));
  }

  permissionsChanged(name: string, permissions: RoomPermissions): void {
    this.#forRoom(name, (room) => room.setPermissions(permissions));
  }

  get #protocol(): RoomProtocol {
    const { rooms } = this.#host.protocol;
    if (rooms === undefined) throw new NotImplementedError("the protocol has no rooms");
    return rooms;
  }

  /** Makes the user and other contacts members of a room. Opens a channel if no client has requested one. */
  async #setJoined(target: ChannelTarget, members: readonly string[]): Promise<void> {
    const known = this.#rooms.get(target.handle);
    const handles = await this.#contacts(members, known);
    const room = known ?? this.#add(target);
    await this.#readOrigin(room);
    room.setJoined(handles);
    if (known === undefined) this.#openChannel(target, undefined);
  }

  #add(target: ChannelTarget): Room {
    const description = this.#protocol.describe(target.identifier);
    const room = new Room(target, description, this.#host.selfHandle, ROOM_LIMITS.members);
    this.#rooms.set(target.handle, room);
    return room;
  }

  /** Sets the creator and creation time of a room as the protocol describes them. The creator gets a handle. */
  async #readOrigin(room: Room): Promise<void> {
    const { creator: name, createdSeconds } = this.#protocol.describe(room.target.identifier);
    const [handle] = name === undefined ? [] : await this.#contacts([name]);
    const [identifier = ""] = handle === undefined ? [] : this.#host.inspectHandles(HandleType.Contact, [handle]);
    room.origin = { creator: handle === undefined ? undefined : { handle, identifier }, createdSeconds };
  }

  /** Opens a channel for a room that no client requested. If that fails, removes the room from the table. */
  #openChannel(target: ChannelTarget, initiator: HandleOwner | undefined): void {
    try {
      this.#host.channels.open(target, initiator);
    } catch (error) {
      this.#rooms.delete(target.handle);
      throw error;
    }
  }

  #countInvitations(): number {
    return [...this.#rooms.values()].filter(({ state }) => state === "invited").length;
  }

  async #target(name: string): Promise<ChannelTarget> {
    const [handle = 0] = await this.#host.requestHandles(HandleType.Room, [name]);
    const [identifier = ""] = this.#host.inspectHandles(HandleType.Room, [handle]);
    return { type: HandleType.Room, handle, identifier };
  }

  /**
   * Returns the handles of contacts.
   *
   * @param room - Room for whose client the handles are counted; undefined if they are not counted.
   */
  #contacts(identifiers: readonly string[], room?: Room): MaybePromise<number[]> {
    if (identifiers.length === 0) return [];
    return this.#host.requestHandles(HandleType.Contact, identifiers, room && this.#consumers.get(room));
  }

  async #cause({ actor, reason, message }: MembersCause): Promise<GroupCause> {
    const [handle = 0] = actor === "" ? [] : await this.#contacts([actor]);
    return { actor: handle, reason, message };
  }

  /**
   * Runs a task with a room, given by its name, after all earlier events. Does nothing if the room is not in the
   * table.
   */
  #forRoom(name: string, task: (room: Room) => MaybePromise<void>): void {
    this.#run(async () => {
      const room = this.#rooms.get((await this.#target(name)).handle);
      if (room !== undefined) await task(room);
    });
  }

  /**
   * Runs a task after all earlier events of channels. Skips the task if the connection is not connected at that
   * time.
   */
  #run(task: () => Promise<void>): void {
    this.#host.channels.events.run(async () => {
      try {
        this.#host.requireConnected();
      } catch {
        return;
      }
      await task().catch(this.#onError);
    });
  }
}

/** Returns the cause of a change that the user has made. */
export function ownCause(room: Room, message = ""): GroupCause {
  return { actor: room.selfHandle, reason: Reason.None, message };
}
