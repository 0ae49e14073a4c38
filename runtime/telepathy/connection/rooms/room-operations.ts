import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  InvalidArgumentError,
  NotAvailableError,
  NotImplementedError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { RoomConfiguration, RoomProtocol } from "../../protocols/rooms.ts";
import type { ChannelHost } from "../channels/channel-table.ts";
import type { Room } from "./room.ts";
import { ownCause, type RoomTable } from "./room-table.ts";

/** Operations of clients on rooms. All reject with errors of `im.telepathy1.Error`. */
export class RoomOperations {
  readonly #table: RoomTable;
  readonly #host: ChannelHost;
  readonly #protocol: RoomProtocol;

  constructor(table: RoomTable, host: ChannelHost, protocol: RoomProtocol) {
    this.#table = table;
    this.#host = host;
    this.#protocol = protocol;
  }

  /** Settings that `configure` can change. */
  get mutableSettings(): readonly (keyof RoomConfiguration)[] {
    return this.#protocol.mutableSettings;
  }

  /**
   * Invites contacts, or accepts an invitation if the handle is that of the user. Contacts in a list of the room
   * are ignored.
   *
   * @throws InvalidHandleError before any contact is invited; PermissionDeniedError; NotAvailableError if the user
   * is not a member; the errors of `RoomProtocol.join`.
   */
  async addMembers(room: Room, handles: readonly number[]): Promise<void> {
    const identifiers = this.#inspect(handles);
    for (const [index, handle] of handles.entries()) {
      if (handle === room.selfHandle) await this.#accept(room);
      else if (!room.group.has(handle)) await this.#invite(room, handle, identifiers[index] ?? "");
    }
  }

  /**
   * Removes members from a room. If the user is among them, leaves the room or declines the invitation.
   *
   * @throws InvalidHandleError; InvalidArgumentError for an unknown reason; NotAvailableError for a contact in none
   * of the lists; PermissionDeniedError. These are thrown before any member is removed. Otherwise the errors of the
   * protocol.
   */
  async removeMembers(
    room: Room,
    handles: readonly number[],
    message: string,
    reason: number = Reason.None,
  ): Promise<void> {
    if (!Object.values(Reason).some((candidate) => candidate === reason)) {
      throw new InvalidArgumentError(`${reason} is not a reason for a change of members`);
    }
    const identifiers = this.#inspect(handles);
    for (const handle of handles) requireRemovable(room, handle);
    const { selfHandle } = room;
    for (const [index, handle] of handles.entries()) {
      if (handle !== selfHandle) await this.#protocol.remove(room.target.identifier, identifiers[index] ?? "", message);
    }
    if (handles.includes(selfHandle)) this.#leave(room, message);
  }

  /**
   * Joins a room with a password. Resolves with whether the password is correct.
   *
   * @throws NotAvailableError if the room requires no password; the errors of `RoomProtocol.join`.
   */
  async providePassword(room: Room, password: string): Promise<boolean> {
    this.#host.requireConnected();
    if (!room.isPasswordRequired) throw new NotAvailableError("the room requires no password");
    if (password === "") return false;
    return this.#table.join(room, password);
  }

  /**
   * Changes the subject of a room. Rejects with NotAvailableError unless the user is a member, and with the errors
   * of the protocol.
   */
  async setSubject(room: Room, subject: string): Promise<void> {
    this.#requireJoined(room);
    await this.#protocol.setSubject(room.target.identifier, subject);
  }

  /**
   * Changes settings of a room.
   *
   * @throws NotAvailableError if the user is not a member or the configuration is not known yet;
   * NotImplementedError for a setting that cannot be changed; PermissionDeniedError; the errors of the protocol.
   */
  async configure(room: Room, changes: Partial<RoomConfiguration>): Promise<void> {
    this.#requireJoined(room);
    if (!room.isConfigurationRetrieved) throw new NotAvailableError("the configuration is not known yet");
    for (const key of Object.keys(changes)) {
      if (this.mutableSettings.some((setting) => setting === key)) continue;
      throw new NotImplementedError(`the setting ${key} cannot be changed`);
    }
    if (!room.permissions.configure) throw new PermissionDeniedError("the user may not change the configuration");
    await this.#protocol.configure(room.target.identifier, changes);
  }

  /** Accepts an invitation by joining the room. If that fails, the invitation remains. */
  async #accept(room: Room): Promise<void> {
    if (room.state !== "invited") return;
    const cause = room.group.localPending.get(room.selfHandle);
    room.startJoining();
    try {
      await this.#table.join(room, "");
    } catch (error) {
      room.restoreInvitation(cause ?? ownCause(room));
      throw error;
    }
  }

  async #invite(room: Room, handle: number, identifier: string): Promise<void> {
    this.#requireJoined(room);
    if (!room.permissions.invite) throw new PermissionDeniedError("only operators may invite contacts to this room");
    await this.#protocol.invite(room.target.identifier, identifier);
    // The contact may have joined meanwhile.
    if (room.state !== "joined" || room.group.has(handle)) return;
    room.changeMembers({ ...ownCause(room), reason: Reason.Invited, remotePending: [handle] });
  }

  #leave(room: Room, message: string): void {
    // The server confirms only the departure of a member. In other states the channel is closed here.
    if (room.state === "joined") this.#protocol.leave(room.target.identifier, message);
    else {
      if (room.state === "joining") this.#protocol.leave(room.target.identifier, message);
      this.#table.close(room, ownCause(room));
    }
  }

  #inspect(handles: readonly number[]): readonly string[] {
    this.#host.requireConnected();
    return this.#host.inspectHandles(HandleType.Contact, handles);
  }

  #requireJoined(room: Room): void {
    this.#host.requireConnected();
    if (room.state !== "joined") throw new NotAvailableError("the user is not a member of the room");
  }
}

/**
 * Throws NotAvailableError if the contact is not in the room, and PermissionDeniedError if the user may not remove
 * the contact.
 */
function requireRemovable(room: Room, handle: number): void {
  const { group, selfHandle, permissions } = room;
  if (!group.has(handle)) throw new NotAvailableError("the contact is not in the room");
  if (handle === selfHandle) return;
  if (group.remotePending.has(handle)) throw new PermissionDeniedError("invitations cannot be withdrawn");
  if (!permissions.removeMembers) throw new PermissionDeniedError("only operators may remove members");
}
