import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import {
  ChannelFullError,
  ChannelInviteOnlyError,
  InvalidArgumentError,
  NotAvailableError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type {
  JoinResult,
  MembersCause,
  RoomConfiguration,
  RoomDescription,
  RoomHost,
  RoomPermissions,
  RoomProtocol,
  RoomSubject,
} from "../rooms.ts";

/**
 * A room of the loopback protocol, which exists as long as it has members. Only its creator may remove members and
 * configure it.
 */
interface LoopbackRoom {
  readonly name: string;
  readonly creator: string;
  readonly createdSeconds: number;
  /** Members by identifier, each with the receiver of its events. */
  readonly members: Map<string, RoomHost>;
  readonly invited: Set<string>;
  configuration: Partial<RoomConfiguration>;
  subject: RoomSubject;
}

/** The rooms of all connections of a loopback protocol. */
export class LoopbackRooms {
  readonly #rooms = new Map<string, LoopbackRoom>();
  readonly #users = new Map<string, RoomHost>();

  /** Registers a connected user, who can be invited from then on. */
  connect(user: string, host: RoomHost): void {
    this.#users.set(user, host);
  }

  /** Removes a user from the connected users and from all rooms. */
  disconnect(user: string): void {
    this.#users.delete(user);
    for (const room of this.#rooms.values()) {
      if (!room.members.delete(user)) continue;
      const cause = { actor: user, reason: Reason.Offline, message: "" };
      for (const host of room.members.values()) host.membersChanged(room.name, { ...cause, removed: [user] });
      this.deleteIfEmpty(room);
    }
  }

  find(name: string): LoopbackRoom | undefined {
    return this.#rooms.get(name);
  }

  /** Returns the room with a name; creates it if it does not exist. */
  ensure(name: string, creator: string): LoopbackRoom {
    const existing = this.#rooms.get(name);
    if (existing !== undefined) return existing;
    const subject = { text: "", actor: "", timestampSeconds: undefined };
    const room = {
      ...{ name, creator, createdSeconds: Math.floor(Date.now() / 1000) },
      ...{ members: new Map(), invited: new Set<string>(), configuration: {}, subject },
    };
    this.#rooms.set(name, room);
    return room;
  }

  deleteIfEmpty(room: LoopbackRoom): void {
    if (room.members.size === 0) this.#rooms.delete(room.name);
  }

  /** Returns the receiver of a user's events; undefined if the user is not connected. */
  hostOf(user: string): RoomHost | undefined {
    return this.#users.get(user);
  }
}

/** The operations of one user of the loopback protocol on rooms. */
export class RoomsOfUser implements RoomProtocol {
  readonly mutableSettings = ["inviteOnly", "limit", "passwordProtected", "password"] as const;
  readonly #rooms: LoopbackRooms;
  readonly #user: string;
  readonly #host: RoomHost;

  constructor(rooms: LoopbackRooms, user: string, host: RoomHost) {
    this.#rooms = rooms;
    this.#user = user;
    this.#host = host;
  }

  /** Registers the user, so that other users can send invitations. */
  connected(): void {
    this.#rooms.connect(this.#user, this.#host);
  }

  disconnected(): void {
    this.#rooms.disconnect(this.#user);
  }

  async join(name: string, password: string): Promise<JoinResult> {
    const room = this.#rooms.ensure(name, this.#user);
    const { inviteOnly = false, limit = 0, password: expected = "" } = room.configuration;
    const isInvited = room.invited.has(this.#user);
    if (inviteOnly && !isInvited) throw new ChannelInviteOnlyError("only invited contacts can join");
    if (limit > 0 && room.members.size >= limit) throw new ChannelFullError("the room is full");
    if (expected !== "" && password !== expected && !isInvited) return "password-required";
    room.invited.delete(this.#user);
    const others = [...room.members.keys()];
    this.#notify(room, (host) => host.membersChanged(name, { ...this.#cause(), added: [this.#user] }));
    room.members.set(this.#user, this.#host);
    this.#host.joined(name, others);
    this.#host.permissionsChanged(name, this.#permissions(room));
    this.#host.subjectChanged(name, room.subject);
    this.#host.configurationChanged(name, room.configuration);
    return "joined";
  }

  leave(name: string, message: string): void {
    const room = this.#rooms.find(name);
    if (!room?.members.has(this.#user)) return;
    this.#removeFrom(room, this.#user, this.#cause(message));
  }

  invite(name: string, contact: string): void {
    const room = this.#requireMember(name);
    const host = this.#rooms.hostOf(contact);
    if (host === undefined) throw new NotAvailableError("the contact is not connected");
    room.invited.add(contact);
    host.invited(name, this.#user, "");
  }

  remove(name: string, contact: string, message: string): void {
    const room = this.#requireMember(name);
    this.#removeFrom(room, contact, { ...this.#cause(message), reason: Reason.Kicked });
  }

  setSubject(name: string, text: string): void {
    const room = this.#requireMember(name);
    room.subject = { text, actor: this.#user, timestampSeconds: Math.floor(Date.now() / 1000) };
    this.#notify(room, (host) => host.subjectChanged(name, room.subject));
  }

  configure(name: string, changes: Partial<RoomConfiguration>): void {
    const room = this.#requireMember(name);
    const password = changes.passwordProtected === false ? "" : (changes.password ?? room.configuration.password ?? "");
    if (changes.passwordProtected === true && password === "") throw new InvalidArgumentError("a password is required");
    room.configuration = { ...room.configuration, ...changes, password, passwordProtected: password !== "" };
    this.#notify(room, (host) => host.configurationChanged(name, room.configuration));
  }

  describe(name: string): RoomDescription {
    const room = this.#rooms.find(name);
    return { name, server: "", creator: room?.creator, createdSeconds: room?.createdSeconds };
  }

  #removeFrom(room: LoopbackRoom, contact: string, cause: MembersCause): void {
    const host = room.members.get(contact);
    if (host === undefined) throw new NotAvailableError("the contact is not in the room");
    room.members.delete(contact);
    host.left(room.name, cause);
    this.#notify(room, (member) => member.membersChanged(room.name, { ...cause, removed: [contact] }));
    this.#rooms.deleteIfEmpty(room);
  }

  #requireMember(name: string): LoopbackRoom {
    const room = this.#rooms.find(name);
    if (room?.members.has(this.#user)) return room;
    throw new NotAvailableError("the user is not in the room");
  }

  #permissions({ creator }: LoopbackRoom): RoomPermissions {
    const isCreator = creator === this.#user;
    return { invite: true, removeMembers: isCreator, setSubject: true, configure: isCreator };
  }

  #cause(message = ""): MembersCause {
    return { actor: this.#user, reason: Reason.None, message };
  }

  #notify(room: LoopbackRoom, report: (host: RoomHost) => void): void {
    for (const host of room.members.values()) report(host);
  }
}
