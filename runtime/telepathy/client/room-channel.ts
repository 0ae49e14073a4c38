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

/** Options of joining a room. */
export interface JoinOptions {
  /** Password of the room; none by default. */
  readonly password?: string;
  /** Options of the requests. */
  readonly call?: CallOptions;
}

/** Receiver of the events of a room. */
export interface RoomChannelListener {
  membersChanged?(change: RoomChange): void;
  subjectChanged?(subject: string): void;
  /** Called for each message once, also for those from before the listener was added. The message is then acknowledged. */
  messageReceived?(message: ChatMessage): void;
}

/** The channel of a room, with live lists of its members. Disposing stops to listen and does not leave the room. */
export class RoomChannel implements AsyncDisposable {
  /** Resolves when the channel was closed, with the change that removed the user, if there was one. Never rejects. */
  readonly closed: Promise<RoomChange | undefined>;
  readonly #remote: RemoteRoom;
  readonly #lists = new RoomMembers();
  readonly #listeners = new Set<RoomChannelListener>();
  /** Messages that no listener has received. */
  readonly #unread: ChatMessage[] = [];
  readonly #closed = deferred<RoomChange | undefined>();
  #subscriptions: readonly Subscription[] = [];
  #selfHandle: Handle = 0;
  #subject = "";
  #isPasswordRequired = false;
  #removal: RoomChange | undefined;

  /**
   * Joins a room, or uses its channel if the user is in it already.
   *
   * @param room - Identifier of the room, which need not be normalised.
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
   * Reports rooms that contacts invite the user to, and rooms that the server joins the user to.
   *
   * @param onInvitation - Called with the channel. `accept` or `decline` answers an invitation.
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

  /** Opens the channel of a room that exists, such as that of an invitation. */
  static async open(bus: Bus, target: Target): Promise<RoomChannel> {
    const channel = new RoomChannel(new RemoteRoom(bus, target));
    await channel.#start();
    return channel;
  }

  private constructor(remote: RemoteRoom) {
    this.#remote = remote;
    this.closed = this.#closed.promise;
  }

  /** Bus name of the connection, and path of the channel. */
  get target(): Target {
    return this.#remote.target;
  }

  /** Identifiers of the members by handle. */
  get members(): ReadonlyMap<Handle, string> {
    return this.#lists.members;
  }

  /** Contacts who were invited and have not joined; the user, while joining. */
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

  /** Handle of the user in the room; 0 if the user is in none of the lists. */
  get selfHandle(): Handle {
    return this.#selfHandle;
  }

  /** Subject of the room; empty if it has none or it is not known. */
  get subject(): string {
    return this.#subject;
  }

  /** Returns the identifier of a contact who is or was in the room; empty if unknown. */
  identifier(handle: Handle): string {
    return this.#lists.identifier(handle);
  }

  /** Adds a receiver of events. Returns a function that removes it. */
  listen(listener: RoomChannelListener): () => void {
    this.#listeners.add(listener);
    if (listener.messageReceived !== undefined) for (const message of this.#unread.splice(0)) this.#deliver(message);
    return () => this.#listeners.delete(listener);
  }

  /** Accepts an invitation. Throws the errors of `join`. */
  accept(call?: CallOptions): Promise<void> {
    return this.#remote.addMembers([this.#selfHandle], "", call);
  }

  /** Declines an invitation. */
  decline(call?: CallOptions): Promise<void> {
    return this.#remote.removeMembers([this.#selfHandle], "", call);
  }

  /** Provides the password of the room. Returns whether it is correct. */
  providePassword(password: string, call?: CallOptions): Promise<boolean> {
    return this.#remote.providePassword(password, call);
  }

  /** Sends a text. Returns its token, or an empty text. */
  send(
    text: string,
    type: ChannelTextMessageType = ChannelTextMessageType.Normal,
    call?: CallOptions,
  ): Promise<string> {
    return this.#remote.send(toParts(text, type), call);
  }

  /** Changes the subject. Throws PermissionDeniedError if the user must not. */
  setSubject(subject: string, call?: CallOptions): Promise<void> {
    return this.#remote.setSubject(subject, call);
  }

  /** Invites contacts. */
  invite(contacts: readonly Handle[], message = "", call?: CallOptions): Promise<void> {
    return this.#remote.addMembers(contacts, message, call);
  }

  /** Removes members from the room. Throws PermissionDeniedError if the user must not. */
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
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
  }

  async #start(): Promise<void> {
    // Signals that arrive before the lists were read are applied afterwards, in their order.
    let early: (() => void)[] | undefined = [];
    const initialIds = new Set<number>();
    const inOrder = (apply: () => void): void => {
      if (early === undefined) apply();
      else early.push(apply);
    };
    this.#subscriptions = await this.#remote.subscribe({
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
          // A message that arrives while the pending ones are read is reported twice.
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
    // Some connection managers report zero when the user is removed; the change that follows has the former handle.
    if (handle !== 0) this.#selfHandle = handle;
  }

  #changed(change: RoomChange): void {
    if (change.removed.includes(this.#selfHandle)) this.#removal = change;
    for (const listener of this.#listeners) listener.membersChanged?.(change);
  }

  #receive(message: ChatMessage): void {
    if ([...this.#listeners].some(({ messageReceived }) => messageReceived !== undefined)) this.#deliver(message);
    else this.#unread.push(message);
  }

  #deliver(message: ChatMessage): void {
    for (const listener of this.#listeners) listener.messageReceived?.(message);
    if (message.parts[0]?.pendingMessageId === undefined) return;
    // The channel may be closed meanwhile.
    this.#remote.acknowledge([message.id]).catch(() => undefined);
  }
}

function requestsOf(bus: Bus, target: Target): RequestsClient | RequestsClient0 {
  const isCanonical = (rootOfPath(target.path) ?? CANONICAL_ROOT) === CANONICAL_ROOT;
  return isCanonical ? new RequestsClient(bus, target) : new RequestsClient0(bus, target);
}
