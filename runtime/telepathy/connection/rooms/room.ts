import {
  ChannelGroupFlags as Flags,
  ChannelGroupChangeReason as Reason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import type { RoomConfiguration, RoomPermissions } from "../../protocols/rooms.ts";
import type { ChannelTarget, HandleOwner } from "../channels/channel-kind.ts";
import { type GroupCause, type GroupChange, type GroupChangeRequest, GroupMembers } from "./group-members.ts";

/** Progress of the user in a room: being joined, waiting for a password, invited by a contact, joined, or left. */
export type RoomState = "joining" | "password" | "invited" | "joined" | "left";

/** Subject of a room, with the contact and the time of its last change. */
export interface Subject {
  /** Text of the subject; empty if none is set. */
  readonly text: string;
  /** The contact who changed the subject last; undefined if unknown. */
  readonly actor: HandleOwner | undefined;
  /** Time of the change in seconds since 1970; undefined if unknown. */
  readonly timestampSeconds: number | undefined;
}

/** Creator and creation time of a room. */
export interface RoomOrigin {
  /** The contact who created the room; undefined if unknown. */
  readonly creator: HandleOwner | undefined;
  /** Time of creation in seconds since 1970; undefined if unknown. */
  readonly createdSeconds: number | undefined;
}

/** Receiver of the changes of one room, in the order in which D-Bus signals must be emitted. */
export interface RoomListener {
  membersChanged?(change: GroupChange): void;
  selfHandleChanged?(handle: number): void;
  flagsChanged?(before: Flags, after: Flags): void;
  passwordRequiredChanged?(isRequired: boolean): void;
  subjectChanged?(): void;
  configurationChanged?(): void;
}

const NO_CONFIGURATION: RoomConfiguration = {
  anonymous: false,
  inviteOnly: false,
  limit: 0,
  moderated: false,
  title: "",
  description: "",
  persistent: false,
  private: false,
  passwordProtected: false,
  password: "",
  passwordHint: "",
};

const NO_PERMISSIONS: RoomPermissions = { invite: false, removeMembers: false, setSubject: false, configure: false };

/** State of a room that the user is in, joins or is invited to. Independent of D-Bus and of the protocol. */
export class Room {
  readonly target: ChannelTarget;
  /** Human-readable name of the room; empty if it has none. */
  readonly name: string;
  /** DNS name of the server of the room; empty if unknown. */
  readonly server: string;
  readonly group: GroupMembers;
  /** Creator and creation time. Set before the channel of the room is opened; constant afterwards. */
  origin: RoomOrigin = { creator: undefined, createdSeconds: undefined };
  readonly #listeners = new Set<RoomListener>();
  #state: RoomState = "joining";
  #selfHandle: number;
  #permissions = NO_PERMISSIONS;
  #subject: Subject = { text: "", actor: undefined, timestampSeconds: undefined };
  #configuration: RoomConfiguration | undefined;

  constructor(
    target: ChannelTarget,
    { name, server }: { readonly name: string; readonly server: string },
    selfHandle: number,
    maxMembers: number,
  ) {
    this.target = target;
    this.name = name;
    this.server = server;
    this.group = new GroupMembers(maxMembers);
    this.#selfHandle = selfHandle;
  }

  get state(): RoomState {
    return this.#state;
  }

  /**
   * Handle of the user. It remains after the user was removed, because telepathy-glib does not support a change to
   * 0.
   */
  get selfHandle(): number {
    return this.#selfHandle;
  }

  get flags(): Flags {
    const { invite, removeMembers } = this.permissions;
    return (
      Flags.Properties |
      Flags.MembersChangedDetailed |
      Flags.MessageDepart |
      (invite ? Flags.CanAdd : 0) |
      (removeMembers ? Flags.CanRemove | Flags.MessageRemove : 0)
    );
  }

  /** Permissions of the user: none before the user has joined. */
  get permissions(): RoomPermissions {
    return this.#state === "joined" ? this.#permissions : NO_PERMISSIONS;
  }

  get isPasswordRequired(): boolean {
    return this.#state === "password";
  }

  get subject(): Subject {
    return this.#subject;
  }

  get configuration(): RoomConfiguration {
    return this.#configuration ?? NO_CONFIGURATION;
  }

  /** Whether the server has sent the configuration. */
  get isConfigurationRetrieved(): boolean {
    return this.#configuration !== undefined;
  }

  addListener(listener: RoomListener): void {
    this.#listeners.add(listener);
  }

  /** Changes the user's progress and applies a change of the members. Notifies listeners. */
  setState(state: RoomState, change?: GroupChangeRequest): void {
    const { flags, isPasswordRequired } = this;
    this.#state = state;
    if (change !== undefined) this.changeMembers(change);
    this.#notifyFlags(flags);
    if (isPasswordRequired !== this.isPasswordRequired) {
      this.#notify((listener) => listener.passwordRequiredChanged?.(this.isPasswordRequired));
    }
  }

  /** Moves the user to the remote pending members, until the server has answered. */
  startJoining(): void {
    this.setState("joining", { ...this.#ownCause(), remotePending: [this.#selfHandle] });
  }

  /** Makes the user and other contacts members of the room. */
  setJoined(members: readonly number[]): void {
    this.setState("joined", { ...this.#ownCause(), added: [...members, this.#selfHandle] });
  }

  /** Makes the user a local pending member, invited by a member of the room. */
  setInvited(inviter: number, message: string): void {
    const cause: GroupCause = { actor: inviter, reason: Reason.Invited, message };
    this.setState("invited", { ...cause, added: [inviter], localPending: [this.#selfHandle] });
  }

  /** Moves the user back to the local pending members, because joining the room failed. */
  restoreInvitation(cause: GroupCause): void {
    if (this.#state === "joining") this.setState("invited", { ...cause, localPending: [this.#selfHandle] });
  }

  /** Removes the user from the members. The room is not used any more. */
  setLeft(cause: GroupCause): void {
    this.setState("left", { ...cause, removed: [this.#selfHandle] });
  }

  changeMembers(change: GroupChangeRequest): void {
    const effective = this.group.apply(change);
    if (effective !== undefined) this.#notify((listener) => listener.membersChanged?.(effective));
  }

  /** Replaces the handle of a contact or of the user after a change of the identifier. */
  rename(from: number, to: number): void {
    const change = this.group.rename(from, to);
    if (from === this.#selfHandle) {
      this.#selfHandle = to;
      this.#notify((listener) => listener.selfHandleChanged?.(to));
    }
    if (change !== undefined) this.#notify((listener) => listener.membersChanged?.(change));
  }

  setPermissions(permissions: RoomPermissions): void {
    const { flags } = this;
    const before = this.permissions;
    this.#permissions = permissions;
    this.#notifyFlags(flags);
    const { setSubject, configure } = this.permissions;
    if (setSubject !== before.setSubject) this.#notify((listener) => listener.subjectChanged?.());
    if (configure !== before.configure) this.#notify((listener) => listener.configurationChanged?.());
  }

  setSubject(subject: Subject): void {
    this.#subject = subject;
    this.#notify((listener) => listener.subjectChanged?.());
  }

  changeConfiguration(changes: Partial<RoomConfiguration>): void {
    this.#configuration = { ...this.configuration, ...changes };
    this.#notify((listener) => listener.configurationChanged?.());
  }

  #ownCause(): GroupCause {
    return { actor: this.#selfHandle, reason: Reason.None, message: "" };
  }

  #notifyFlags(before: Flags): void {
    const { flags } = this;
    if (flags !== before) this.#notify((listener) => listener.flagsChanged?.(before, flags));
  }

  #notify(call: (listener: RoomListener) => void): void {
    for (const listener of this.#listeners) call(listener);
  }
}
