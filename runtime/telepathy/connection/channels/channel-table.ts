import { LimitsExceededError, type MaybePromise, type Variant } from "@dbus-codegen-ts/runtime";
import { SerialTasks } from "@dbus-codegen-ts/runtime/async";
import type { Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import type { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { type ChannelLimits, DEFAULT_CHANNEL_LIMITS } from "../../quotas.ts";
import { Channel, type ChannelOrigin } from "./channel.ts";
import type { ChannelKind, ChannelTarget, HandleOwner, RequestedProperties } from "./channel-kind.ts";
import { type ChannelRequest, parseChannelRequest } from "./channel-request.ts";

/** Functions of a connection that its channels use. */
export interface ChannelHost {
  /** Handle of the user. */
  readonly selfHandle: number;
  readonly selfIdentifier: string;
  /** Throws DisconnectedError unless the connection is connected. */
  requireConnected(): void;
  requestHandles(type: number, identifiers: readonly string[], consumer?: Consumer): MaybePromise<number[]>;
  inspectHandles(type: number, handles: readonly number[]): string[];
  /** Returns the handle of a normalised identifier; undefined if the identifier has no handle. */
  lookupHandle(type: HandleType, identifier: string): number | undefined;
}

/** Receiver of the changes of all channels of a connection. Its methods must not throw. */
export interface ChannelTableListener {
  /** Called when a channel was created. The listener must export its D-Bus objects before it returns. */
  channelAdded?(channel: Channel): void;
  /** Called when the channel is to be announced: after the reply to the request, or immediately for other channels. */
  channelAnnounced?(channel: Channel): void;
  /** Called once for each channel, after `channelAnnounced`. */
  channelClosed?(channel: Channel): void;
}

/** Options of the channels of a connection. */
export interface ChannelOptions {
  readonly limits?: ChannelLimits | undefined;
  /** Counts of the channels that clients have requested on all connections. By default channels are not counted. */
  readonly usage?: UsageCounts | undefined;
  /** Resolves after the replies to the current calls were sent. By default this is the next turn of the event loop. */
  readonly untilReplied?: () => Promise<void>;
}

/** A channel that EnsureChannel returns, and whether the calling client is responsible for the channel. */
export interface EnsuredChannel {
  readonly channel: Channel;
  readonly isYours: boolean;
}

/** All channels of one connection: at most one for each contact and room. */
export class ChannelTable {
  /** Queue that performs events of all channels in order: announcements, received and sent texts. */
  readonly events = new SerialTasks();
  readonly #host: ChannelHost;
  readonly #listeners = new Set<ChannelTableListener>();
  readonly #limits: Required<ChannelLimits>;
  readonly #usage: UsageCounts | undefined;
  readonly #untilReplied: () => Promise<void>;
  readonly #kinds: ChannelKind[] = [];
  readonly #channels = new Map<string, Channel>();
  readonly #announced = new WeakSet<Channel>();
  /** For each channel, the client that requested it. */
  readonly #consumers = new WeakMap<Channel, Consumer>();
  /** Channels whose `ChannelKind.open` is running, by the key of their target. */
  readonly #opening = new Map<string, Promise<Channel>>();
  #lastNumber = 0;

  constructor(host: ChannelHost, { limits, usage, untilReplied = nextTurn }: ChannelOptions = {}) {
    this.#host = host;
    this.#limits = { ...DEFAULT_CHANNEL_LIMITS, ...limits };
    this.#usage = usage;
    this.#untilReplied = untilReplied;
  }

  /** Kinds of channels that the connection supports. */
  get kinds(): readonly ChannelKind[] {
    return this.#kinds;
  }

  /** All channels, the oldest first. */
  get all(): readonly Channel[] {
    return [...this.#channels.values()];
  }

  /** Adds a receiver of changes. Receivers are called in the order in which they were added. */
  addListener(listener: ChannelTableListener): void {
    this.#listeners.add(listener);
  }

  /** Adds a kind of channels. Called before the connection is connected. */
  addKind(kind: ChannelKind): void {
    this.#kinds.push(kind);
  }

  /** Returns the channel with a contact or room; undefined if it does not exist. */
  find(type: HandleType, handle: number): Channel | undefined {
    return this.#channels.get(keyOf(type, handle));
  }

  /**
   * Creates a channel for a client. The channel is announced after the reply.
   *
   * @param properties - Requested properties, by canonical name.
   * @throws DisconnectedError before any other check; errors of `parseChannelRequest`; InvalidHandleError;
   * NotAvailableError if the channel exists or is being created; LimitsExceededError; errors of `ChannelKind.open`.
   */
  async create(properties: ReadonlyMap<string, Variant>, consumer: Consumer): Promise<Channel> {
    const { kind, target, requested } = await this.#resolve(properties, consumer);
    const key = keyOf(target.type, target.handle);
    if (this.#channels.has(key) || this.#opening.has(key)) throw new NotAvailableError("the channel exists already");
    return this.#openFor(kind, target, requested, consumer);
  }

  /**
   * Returns the existing channel with a contact or room, or creates it for a client. Only the client whose request
   * created the channel is responsible for it.
   *
   * @throws The errors of `create`, except NotAvailableError if the channel exists.
   */
  async ensure(properties: ReadonlyMap<string, Variant>, consumer: Consumer): Promise<EnsuredChannel> {
    const { kind, target, requested } = await this.#resolve(properties, consumer);
    const key = keyOf(target.type, target.handle);
    const existing = this.#channels.get(key) ?? this.#opening.get(key);
    // If it does not exist, `#openFor` must be called without an `await` before it, so that no other request creates the
    // channel meanwhile.
    if (existing !== undefined) return { channel: await existing, isYours: false };
    const channel = await this.#openFor(kind, target, requested, consumer);
    return { channel, isYours: channel.identity.origin.isRequested };
  }

  /**
   * Returns the channel with a contact or room. If it does not exist, creates it as a channel that no client
   * requested.
   *
   * @param initiator - The contact that caused the channel; undefined if unknown.
   * @throws NotAvailableError if the connection has no channels of that kind; LimitsExceededError.
   */
  open(target: ChannelTarget, initiator: HandleOwner | undefined): Channel {
    const existing = this.find(target.type, target.handle);
    if (existing !== undefined) return existing;
    const kind = this.#kinds.find(({ handleType }) => handleType === target.type);
    if (kind === undefined)
      throw new NotAvailableError(`the connection does not support channels with targets of type ${target.type}`);
    const channel = this.#add(kind, target, { isRequested: false, initiator });
    this.#announce(channel);
    return channel;
  }

  /**
   * Closes a channel; does nothing if it is closed already. If messages are pending and the kind keeps them, a new
   * channel with these messages is announced.
   */
  close(channel: Channel): void {
    if (!this.#remove(channel)) return;
    const { kind, target } = channel.identity;
    if (!kind.keepsPendingMessages || channel.pending.size === 0) {
      kind.closed?.(target);
      return;
    }
    const initiator = firstSender(channel) ?? target;
    const next = this.#add(kind, target, { isRequested: false, initiator }, channel);
    this.#announce(next);
  }

  /** Closes a channel and drops its pending messages; does nothing if it is closed already. */
  destroy(channel: Channel): void {
    const { kind, target } = channel.identity;
    if (!this.#remove(channel)) return;
    channel.pending.clear();
    kind.closed?.(target);
  }

  /** Closes all channels, because the connection has ended. */
  closeAll(): void {
    for (const channel of this.all) this.#remove(channel);
  }

  /** Runs a task after all earlier events, and after the replies to the current calls were sent. */
  afterReply(task: () => void): void {
    this.events.run(async () => {
      await this.#untilReplied();
      task();
    });
  }

  async #resolve(
    properties: ReadonlyMap<string, Variant>,
    consumer: Consumer,
  ): Promise<Pick<ChannelRequest, "kind" | "requested"> & { readonly target: ChannelTarget }> {
    this.#host.requireConnected();
    const { kind, target, requested } = parseChannelRequest(properties, this.#kinds);
    const type = kind.handleType;
    const [handle = 0] =
      "handle" in target ? [target.handle] : await this.#host.requestHandles(type, [target.identifier], consumer);
    const [identifier = ""] = this.#host.inspectHandles(type, [handle]);
    return { kind, target: { type, handle, identifier }, requested };
  }

  async #openFor(
    kind: ChannelKind,
    target: ChannelTarget,
    requested: RequestedProperties,
    consumer: Consumer,
  ): Promise<Channel> {
    const key = keyOf(target.type, target.handle);
    this.#usage?.begin(consumer);
    let isCounted = false;
    try {
      const opening = this.#prepare(kind, target, requested, consumer).then(() => {
        // The server or the contact may have caused the channel meanwhile.
        const existing = this.#channels.get(key);
        if (existing !== undefined) return existing;
        const { selfHandle: handle, selfIdentifier: identifier } = this.#host;
        const channel = this.#add(kind, target, { isRequested: true, initiator: { handle, identifier } });
        isCounted = true;
        this.#consumers.set(channel, consumer);
        this.afterReply(() => this.#announce(channel));
        return channel;
      });
      this.#opening.set(key, opening);
      return await opening;
    } finally {
      this.#opening.delete(key);
      if (!isCounted) this.#usage?.end(consumer);
    }
  }

  async #prepare(
    kind: ChannelKind,
    target: ChannelTarget,
    requested: RequestedProperties,
    consumer: Consumer,
  ): Promise<void> {
    if (this.#channels.size >= this.#limits.maxChannels) throw this.#tooMany();
    await kind.open?.(target, requested, consumer);
    this.#host.requireConnected();
  }

  #add(kind: ChannelKind, target: ChannelTarget, origin: ChannelOrigin, former?: Channel): Channel {
    const key = keyOf(target.type, target.handle);
    if (this.#channels.size >= this.#limits.maxChannels) throw this.#tooMany();
    this.#lastNumber++;
    const channel = new Channel({ number: this.#lastNumber, kind, target, origin }, this.#limits);
    if (former !== undefined) channel.pending.rescue(former.pending);
    this.#channels.set(key, channel);
    for (const listener of this.#listeners) listener.channelAdded?.(channel);
    return channel;
  }

  /** Announces a channel if it was not announced before. */
  #announce(channel: Channel): void {
    if (this.#announced.has(channel)) return;
    this.#announced.add(channel);
    for (const listener of this.#listeners) listener.channelAnnounced?.(channel);
  }

  /** Removes a channel and reports that it is closed. Returns false if it was closed before. */
  #remove(channel: Channel): boolean {
    const { type, handle } = channel.target;
    if (channel.isClosed || !this.#channels.delete(keyOf(type, handle))) return false;
    const consumer = this.#consumers.get(channel);
    if (consumer !== undefined) this.#usage?.end(consumer);
    this.#announce(channel);
    channel.close();
    for (const listener of this.#listeners) listener.channelClosed?.(channel);
    return true;
  }

  #tooMany(): LimitsExceededError {
    return new LimitsExceededError(`a connection may have at most ${this.#limits.maxChannels} channels`);
  }
}

/** Returns the sender of the oldest pending message whose sender is known; undefined if no sender is known. */
function firstSender(channel: Channel): HandleOwner | undefined {
  for (const [{ messageSender: handle, messageSenderId: identifier }] of channel.pending.all) {
    if (handle !== undefined && identifier !== undefined) return { handle, identifier };
  }
  return undefined;
}

function keyOf(type: number, handle: number): string {
  return `${type} ${handle}`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
