import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { ChannelGroupChangeReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";

/** Result of joining a room. */
export type JoinResult = "joined" | "password-required";

/** Settings of a room (Telepathy specification, Channel.Interface.RoomConfig). */
export interface RoomConfiguration {
  /** Whether the members do not see each other's identifiers. */
  readonly anonymous: boolean;
  /** Whether only invited contacts can join. */
  readonly inviteOnly: boolean;
  /** Maximum number of members; 0 if there is no limit. */
  readonly limit: number;
  /** Whether members need a permission to send messages. */
  readonly moderated: boolean;
  /** Title for users; may be empty. */
  readonly title: string;
  /** Purpose of the room; may be empty. */
  readonly description: string;
  /** Whether the room continues to exist without members. */
  readonly persistent: boolean;
  /** Whether contacts who are not members cannot find the room. */
  readonly private: boolean;
  /** Whether a password is required to join. */
  readonly passwordProtected: boolean;
  /** The password; empty if it does not exist or is unknown. */
  readonly password: string;
  /** A hint for the password; may be empty. */
  readonly passwordHint: string;
}

/** Operations that the user may perform in a room at present, as far as the protocol knows. */
export interface RoomPermissions {
  readonly invite: boolean;
  readonly removeMembers: boolean;
  readonly setSubject: boolean;
  readonly configure: boolean;
}

/** Subject of a room, with the contact and the time of its last change. */
export interface RoomSubject {
  /** Text of the subject; empty if none is set. */
  readonly text: string;
  /** Identifier of the contact who changed the subject last; need not be normalised. Empty if unknown. */
  readonly actor: string;
  /** Time of the change in seconds since 1970; undefined if unknown. */
  readonly timestampSeconds: number | undefined;
}

/** Constant properties of a room. */
export interface RoomDescription {
  /** Human-readable name; may be empty. */
  readonly name: string;
  /** DNS name of the server of the room; empty if unknown. */
  readonly server: string;
  /** Identifier of the contact who created the room; undefined if unknown. */
  readonly creator?: string | undefined;
  /** Time of creation in seconds since 1970; undefined if unknown. */
  readonly createdSeconds?: number | undefined;
}

/** Actor, reason and message of a change of members. */
export interface MembersCause {
  /** Identifier of the contact who caused the change; empty if unknown. */
  readonly actor: string;
  readonly reason: ChannelGroupChangeReason;
  /** Text that the actor or the server gave for the change; may be empty. */
  readonly message: string;
}

/** Contacts who joined or left a room, and the cause. */
export interface RoomMembersChange extends MembersCause {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

/**
 * Operations on the rooms of one connection, as the protocol implements them. Rooms and contacts are given by
 * normalised identifiers. The methods are called only while the connection is connected. They throw, or reject
 * with, errors of `im.telepathy1.Error`.
 */
export interface RoomProtocol {
  /** Settings that `configure` can change. */
  readonly mutableSettings: readonly (keyof RoomConfiguration)[];

  /**
   * Joins a room. The protocol calls `RoomHost.joined` before it returns `joined`.
   *
   * @param password - Password of the room; empty to join without a password.
   * @throws ChannelBannedError, ChannelFullError or ChannelInviteOnlyError; InvalidArgumentError if the text cannot
   * be a password; NotAvailableError and others if the room cannot be joined; CancelledError if `leave` is called
   * meanwhile.
   */
  join(room: string, password: string): Promise<JoinResult>;

  /** Leaves a room, or cancels joining it. `RoomHost.left` is called afterwards. Must not throw. */
  leave(room: string, message: string): void;

  /** Invites a contact to a room. */
  invite(room: string, contact: string): MaybePromise<void>;

  /** Removes a member other than the user from a room. The result is reported with `RoomHost.membersChanged`. */
  remove(room: string, contact: string, message: string): MaybePromise<void>;

  /** Changes the subject of a room. Resolves when the server has accepted it. */
  setSubject(room: string, subject: string): MaybePromise<void>;

  /**
   * Changes settings of a room. Resolves when the server has accepted them.
   *
   * @param changes - New values of settings, all of them in `mutableSettings`.
   */
  configure(room: string, changes: Partial<RoomConfiguration>): MaybePromise<void>;

  /**
   * Returns the known constant properties of a room. Called before its channel is opened, possibly after the user
   * has joined.
   */
  describe(room: string): RoomDescription;
}

/**
 * Receiver of the events of rooms. Identifiers need not be normalised. Events of rooms that the user has not joined
 * are ignored, and so are repeated reports that a member has joined or left.
 */
export interface RoomHost {
  /**
   * Reports that the user is in a room, whether or not the user requested that.
   *
   * @param members - Identifiers of all other members.
   */
  joined(room: string, members: readonly string[]): void;

  /** Reports that the user is not in a room any more, because of `leave` or for another reason. */
  left(room: string, cause: MembersCause): void;

  /** Reports that other contacts have joined or left a room. */
  membersChanged(room: string, change: RoomMembersChange): void;

  /** Reports that contacts have left all rooms, because they went offline or were separated by a netsplit. */
  wentOffline(contacts: readonly string[], cause: MembersCause): void;

  /** Reports that a contact other than the user has a new identifier. */
  renamed(from: string, to: string): void;

  /** Reports that a contact has invited the user to a room. */
  invited(room: string, inviter: string, message: string): void;

  subjectChanged(room: string, subject: RoomSubject): void;

  /** Reports new values of settings. The first report for a room contains all settings. */
  configurationChanged(room: string, changes: Partial<RoomConfiguration>): void;

  /** Reports the operations that the user may perform in a room. Before the first report, none are permitted. */
  permissionsChanged(room: string, permissions: RoomPermissions): void;
}
