import { type Bus, type CallOptions, type Subscription, type Target, Variant } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { Channel } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel";
import { ChannelTextMessageType, Text } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { type Handle, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { RequestsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { AuthenticationFailedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { RequestsClient as RequestsClient0 } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.Requests";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, nameIn } from "../dialects/dialect.ts";
import { type ChatMessage, toChatMessage, toParts } from "./chat-message.ts";
import type { ReadyConnection } from "./ready-connection.ts";
import { withCanonicalErrors } from "./remote-errors.ts";
import { RemoteRoom } from "./remote-room.ts";
import { type RoomChange, RoomMembers } from "./room-members.ts";

/** Options of `RoomChannel.join`. */
export interface JoinOptions {
  /** Password of the room, used if the room requires one: empty by default. */
  readonly password?: string;
  /** Options of the D-Bus calls. */
  readonly call?: CallOptions;
}

/** Receiver of the events of a room. */
export interface RoomChannelListener {
  membersChanged?(change: RoomChange): void;
  subjectChanged?(subject: string): void;
  /**
   * Called once for each message, including the last 10 000 received before the listener was added. The message is then
   * acknowledged.
   */
  messageReceived?(message: ChatMessage): void;
}

/** Maximum number of messages that wait for a listener. */
const MAX_UNREAD_MESSAGES = 10_000;

/**
 * The channel of a room, with lists of its members that are kept up to date. Disposing of the object ends its
 * subscriptions; the user remains in the room.
 */
export class RoomChannel implements AsyncDisposable {
  /**
   * Resolves when the channel is closed or its connection manager has ended, with the change that removed the user;
   * undefined if there was no such change. Never rejects.
   */
  readonly closed: Promise<RoomChange | undefined>;
  readonly #remote: RemoteRoom;
  readonly #lists = new RoomMembers();
  readonly #listeners = new Set<RoomChannelListener>();
  /** The last received messages for which there was no listener yet. */
  readonly #unread: ChatMessage[] = [];
  readonly #closed = deferred<RoomChange | undefined>();
  #subscription: Subscription | undefined;
  #selfHandle: Handle = 0;
  #subject = "";
  #isPasswordRequired = false;
  #removal: RoomChange | undefined;

  /**
   * Joins a room. If the user is in the room already, returns its channel.
   *
   * @param room - Identifier of the room; need not be normalised.
   * @throws AuthenticationFailedError if the room requires another password; ChannelBannedError, ChannelFullError,
   * ChannelInviteOnlyError and other errors of the connection.
   */
  static async join(
    bus: Bus,
    connection: ReadyConnection,
    room: string,
    { password = "", call }: JoinOptions = {},
  ): Promise<RoomChannel> {
    const root = rootOfPath(connection.target.path) ?? CANONICAL_ROOT;
    const { channelType, targetHandleType, targetID } = Channel.properties;
    const request = {
      [nameIn(root, `${Channel.name}.${channelType.name}`)]: new Variant("s", nameIn(root, Text.name)),
      [nameIn(root, `${Channel.name}.${targetHandleType.name}`)]: new Variant("u", HandleType.Room),
      [nameIn(root, `${Channel.name}.${targetID.name}`)]: new Variant("s", room),
    };
    const requests = requestsOf(bus, connection.target);
    const [, path] = await withCanonicalErrors(requests.ensureChannel(request, call));
    const channel = await RoomChannel.open(bus, { ...connection.target, path });
    if (!channel.isPasswordRequired || (await channel.#remote.providePassword(password, call))) return channel;
    await channel.#remote.close(call);
    await channel[Symbol.asyncDispose]();
    throw new AuthenticationFailedError("the room requires another password");
  }

  /**
   * Reports rooms to which contacts invite the user, and rooms that the server makes the user join.
   *
   * @param onInvitation - Called with the channel of the room. Its methods `accept` and `decline` answer an
   * invitation.
   */
  static watchInvitations(
    bus: Bus,
    connection: ReadyConnection,
    onInvitation: (channel: RoomChannel) => void,
  ): Promise<Subscription> {
    const { destination, path } = connection.target;
    const root = rootOfPath(path) ?? CANONICAL_ROOT;
    const property = (name: string): string => nameIn(root, `${Channel.name}.${name}`);
    return requestsOf(bus, connection.target).signals.newChannels.subscribe(async (channels) => {
      for (const { channel, properties } of channels) {
        const isRoom = properties[property("TargetHandleType")]?.value === HandleType.Room;
        if (!isRoom || properties[property("Requested")]?.value === true) continue;
        onInvitation(await RoomChannel.open(bus, { destination, path: channel }));
      }
    });
  }

  /** Returns the existing channel of a room, for example that of an invitation. */
  static async open(bus: Bus, target: Target): Promise<RoomChannel> {
    const channel = new RoomChannel(new RemoteRoom(bus, target));
    try {
      await channel.#start();
    } catch (error) {
      await channel[Symbol.asyncDispose]();
      throw error;
    }
    return channel;
  }

  private constructor(remote: RemoteRoom) {
    this.#remote = remote;
    this.closed = this.#closed.promise;
  }

  /** Bus name of the connection and object path of the channel. */
  get target(): Target {
    return this.#remote.target;
  }

  /** Members of the room: their identifiers by handle. */
  get members(): ReadonlyMap<Handle, string> {
    return this.#lists.members;
  }

  /** Contacts who were invited and have not joined yet. Contains the user while the user is joining. */
  get invitedContacts(): ReadonlySet<Handle> {
    return this.#lists.remotePending;
  }

  /** Whether the user is invited and has neither accepted nor declined. */
  get isInvitation(): boolean {
    return this.#lists.localPending.has(this.#selfHandle);
  }

  /** Whether the user must provide a password to join. */
  get isPasswordRequired(): boolean {
    return this.#isPasswordRequired;
  }

  /** Handle of the user in the room, which remains after the user was removed; 0 if it was never reported. */
  get selfHandle(): Handle {
    return this.#selfHandle;
  }

  /** Subject of the room; empty if the room has none or the subject is not known. */
  get subject(): string {
    return this.#subject;
  }

  /** Returns the identifier of a contact who is or was in the room; empty for other contacts. */
  identifier(handle: Handle): string {
    return this.#lists.identifier(handle);
  }

  /** Adds a receiver of events. Returns a function that removes the receiver. */
  listen(listener: RoomChannelListener): () => void {
    this.#listeners.add(listener);
    if (listener.messageReceived !== undefined) for (const message of this.#unread.splice(0)) this.#deliver(message);
    return () => this.#listeners.delete(listener);
  }

  /** Accepts an invitation. Rejects with the error of the connection if the user cannot join. */
  accept(call?: CallOptions): Promise<void> {
    return this.#remote.addMembers([this.#selfHandle], "", call);
  }

  /** Declines an invitation. */
  decline(call?: CallOptions): Promise<void> {
    return this.#remote.removeMembers([this.#selfHandle], "", call);
  }

  /** Sends a password for a room that requires one. Resolves with whether the password is correct. */
  providePassword(password: string, call?: CallOptions): Promise<boolean> {
    return this.#remote.providePassword(password, call);
  }

  /** Sends a text. Resolves with the token of the message; empty if the protocol has no tokens. */
  send(
    text: string,
    type: ChannelTextMessageType = ChannelTextMessageType.Normal,
    call?: CallOptions,
  ): Promise<string> {
    return this.#remote.send(toParts(text, type), call);
  }

  /** Changes the subject of the room. Rejects with PermissionDeniedError if the user is not permitted to do so. */
  setSubject(subject: string, call?: CallOptions): Promise<void> {
    return this.#remote.setSubject(subject, call);
  }

  /** Invites contacts. */
  invite(contacts: readonly Handle[], message = "", call?: CallOptions): Promise<void> {
    return this.#remote.addMembers(contacts, message, call);
  }

  /** Removes members from the room. Rejects with PermissionDeniedError if the user is not permitted to do so. */
  kick(contacts: readonly Handle[], message = "", call?: CallOptions): Promise<void> {
    return this.#remote.removeMembers(contacts, message, call);
  }

  /** Leaves the room. Resolves when the channel is closed. */
  async leave(message = "", call?: CallOptions): Promise<void> {
    await this.#remote.removeMembers([this.#selfHandle], message, call);
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear();
    await this.#subscription?.close();
  }

  async #start(): Promise<void> {
    // Signals that arrive before the lists have been read are applied afterwards, in order.
    let early: (() => void)[] | undefined = [];
    const initialIds = new Set<number>();
    const inOrder = (apply: () => void): void => {
      if (early === undefined) apply();
      else early.push(apply);
    };
    this.#subscription = await this.#remote.subscribe({
      membersChanged: (...change) => inOrder(() => this.#changed(this.#lists.apply(...change))),
      selfHandleChanged: (handle) => inOrder(() => this.#setSelfHandle(handle)),
      passwordRequiredChanged: (isRequired) =>
        inOrder(() => {
          this.#isPasswordRequired = isRequired;
        }),
      subjectChanged: (subject = "") => {
        this.#subject = subject;
        for (const listener of this.#listeners) listener.subjectChanged?.(subject);
      },
      messageReceived: (parts) =>
        inOrder(() => {
          const message = toChatMessage(parts);
          // A message that arrives while the pending messages are read may be in the signal and in the reply.
          if (!initialIds.has(message.id)) this.#receive(message);
        }),
      closed: () => inOrder(() => this.#closed.resolve(this.#removal)),
    });
    const [members, pending, isPasswordRequired] = await Promise.all([
      this.#remote.members(),
      this.#remote.pendingMessages(),
      this.#remote.isPasswordRequired(),
    ]);
    this.#lists.load(members);
    this.#setSelfHandle(members.selfHandle);
    this.#isPasswordRequired = isPasswordRequired;
    for (const message of pending.map(toChatMessage)) {
      initialIds.add(message.id);
      this.#receive(message);
    }
    const events = early;
    early = undefined;
    for (const apply of events) apply();
    initialIds.clear();
  }

  #setSelfHandle(handle: Handle): void {
    // Some connection managers report 0 when the user is removed, but MembersChanged then contains the former handle.
    if (handle !== 0) this.#selfHandle = handle;
  }

  #changed(change: RoomChange): void {
    if (change.removed.includes(this.#selfHandle)) this.#removal = change;
    for (const listener of this.#listeners) listener.membersChanged?.(change);
  }

  #receive(message: ChatMessage): void {
    if ([...this.#listeners].some(({ messageReceived }) => messageReceived !== undefined)) this.#deliver(message);
    else this.#unread.push(message);
    if (this.#unread.length > MAX_UNREAD_MESSAGES) this.#unread.shift();
  }

  #deliver(message: ChatMessage): void {
    for (const listener of this.#listeners) listener.messageReceived?.(message);
    if (message.parts[0]?.pendingMessageId === undefined) return;
    // The call fails if the channel was closed meanwhile.
    this.#remote.acknowledge([message.id]).catch(() => undefined);
  }
}

function requestsOf(bus: Bus, target: Target): RequestsClient | RequestsClient0 {
  const isCanonical = (rootOfPath(target.path) ?? CANONICAL_ROOT) === CANONICAL_ROOT;
  return isCanonical ? new RequestsClient(bus, target) : new RequestsClient0(bus, target);
}
