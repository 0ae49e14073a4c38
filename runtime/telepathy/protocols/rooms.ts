import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { ChannelGroupChangeReason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";

/** Result of a request to join a room. */
export type JoinResult = "joined" | "password-required";

/** Settings of a room (Telepathy specification, Channel.Interface.RoomConfig). */
export interface RoomConfiguration {
  /** Whether members do not see the identity of others. */
  readonly anonymous: boolean;
  /** Whether only invited contacts can join. */
  readonly inviteOnly: boolean;
  /** Greatest number of members, or 0. */
  readonly limit: number;
  /** Whether members need a permission to write. */
  readonly moderated: boolean;
  /** Title for users, or empty. */
  readonly title: string;
  /** Purpose of the room, or empty. */
  readonly description: string;
  /** Whether the room exists without members. */
  readonly persistent: boolean;
  /** Whether only members can see the room. */
  readonly private: boolean;
  /** Whether a password is necessary to join. */
  readonly passwordProtected: boolean;
  /** The password; empty if it is unknown or does not exist. */
  readonly password: string;
  /** A hint for the password, or empty. */
  readonly passwordHint: string;
}

/** Operations that the user may perform in a room at present, as far as the protocol knows. */
export interface RoomPermissions {
  readonly invite: boolean;
  readonly removeMembers: boolean;
  readonly setSubject: boolean;
  readonly configure: boolean;
}

/** The subject of a room. */
export interface RoomSubject {
  /** Empty if no subject is set. */
  readonly text: string;
  /** Identifier of the contact who changed it last, not necessarily normalised; empty if unknown. */
  readonly actor: string;
  /** Time of the change in seconds since 1970; undefined if unknown. */
  readonly timestampSeconds: number | undefined;
}

/** What does not change as long as a room exists. */
export interface RoomDescription {
  /** Name for users, or empty. */
  readonly name: string;
  /** DNS name of the server of the room, or empty. */
  readonly server: string;
  /** Identifier of the contact who created the room; undefined if unknown. */
  readonly creator?: string | undefined;
  /** Time of its creation in seconds since 1970; undefined if unknown. */
  readonly createdSeconds?: number | undefined;
}

/** The cause of a change of members. */
export interface MembersCause {
  /** Identifier of the contact who caused it; empty if unknown. */
  readonly actor: string;
  readonly reason: ChannelGroupChangeReason;
  /** Text of the actor or of the server, or empty. */
  readonly message: string;
}

/** Contacts who joined or left a room. */
export interface RoomMembersChange extends MembersCause {
  readonly added?: readonly string[];
  readonly removed?: readonly string[];
}

/**
 * The rooms of a protocol, a part of `ProtocolConnection`. Rooms and contacts are given by normalised identifiers. The
 * methods are called only while connected; they throw, or reject with, errors of `im.telepathy1.Error`.
 */
export interface RoomProtocol {
  /** Settings that `configure` can change. */
  readonly mutableSettings: readonly (keyof RoomConfiguration)[];

  /**
   * Joins a room. `RoomHost.joined` is called before the result `joined`.
   *
   * @param password - Password of the room; empty for none.
   * @throws ChannelBannedError, ChannelFullError, ChannelInviteOnlyError; InvalidArgumentError if the text cannot be a
   * password; NotAvailableError and others if the room cannot be joined. CancelledError after `leave`.
   */
  join(room: string, password: string): Promise<JoinResult>;

  /** Leaves a room, or stops to join it. `RoomHost.left` is called when that is done. Must not throw. */
  leave(room: string, message: string): void;

  /** Invites a contact. */
  invite(room: string, contact: string): MaybePromise<void>;

  /** Removes a member other than the user. `RoomHost.membersChanged` reports the result. */
  remove(room: string, contact: string, message: string): MaybePromise<void>;

  /** Changes the subject. Resolves when the server has accepted it. */
  setSubject(room: string, subject: string): MaybePromise<void>;

  /**
   * Changes settings. Resolves when the server has accepted them.
   *
   * @param changes - Settings of `mutableSettings`.
   */
  configure(room: string, changes: Partial<RoomConfiguration>): MaybePromise<void>;

  /** Returns what is known of a room when its channel is opened: before that, the user may have joined it. */
  describe(room: string): RoomDescription;
}

/**
 * Receiver of the events of rooms, a part of `ConnectionHost`. Identifiers need not be normalised. Events of rooms that
 * the user has not joined are ignored, and so are members who join or leave twice.
 */
export interface RoomHost {
  /**
   * Reports that the user is in a room, requested or not.
   *
   * @param members - All other members.
   */
  joined(room: string, members: readonly string[]): void;

  /** Reports that the user is not in a room any more, by `leave` or otherwise. */
  left(room: string, cause: MembersCause): void;

  /** Reports that other contacts joined or left a room. */
  membersChanged(room: string, change: RoomMembersChange): void;

  /** Reports that contacts left all rooms, because they went offline or are separated. */
  wentOffline(contacts: readonly string[], cause: MembersCause): void;

  /** Reports a new identifier of a contact other than the user in all rooms. */
  renamed(from: string, to: string): void;

  /** Reports that a contact invites the user to a room. */
  invited(room: string, inviter: string, message: string): void;

  subjectChanged(room: string, subject: RoomSubject): void;

  /** Reports settings of a room, which are complete after the first report. */
  configurationChanged(room: string, changes: Partial<RoomConfiguration>): void;

  /** Reports what the user may do. Before the first report, nothing is permitted. */
  permissionsChanged(room: string, permissions: RoomPermissions): void;
}
