import type { MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import type { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { RequestableChannels } from "../../protocols/text-messages.ts";

/** A contact or a room, by its handle and identifier. */
export interface HandleOwner {
  readonly handle: number;
  /** Normalised identifier. */
  readonly identifier: string;
}

/** The contact or room with which a channel communicates. */
export interface ChannelTarget extends HandleOwner {
  readonly type: HandleType;
}

/** Properties of a channel request other than type and target, by canonical name. */
export type RequestedProperties = ReadonlyMap<string, Variant>;

/** A kind of text channel: channels with contacts, or channels with rooms. */
export interface ChannelKind extends RequestableChannels {
  /** Canonical names of the interfaces of the channels, besides Channel and Text. */
  readonly interfaces: readonly string[];
  /** Whether pending messages of a closed channel are moved to a new channel. Otherwise they are dropped. */
  readonly keepsPendingMessages: boolean;

  /**
   * Prepares a requested channel, for example by joining the room. Called once for several simultaneous requests.
   * The channel is created after this function has returned.
   *
   * @param consumer - The client for which the handles are counted that the preparation creates.
   * @throws DBusError of `im.telepathy1.Error` if the channel cannot be created.
   */
  open?(target: ChannelTarget, requested: RequestedProperties, consumer: Consumer): MaybePromise<void>;

  /** Throws a DBusError of `im.telepathy1.Error` if the channel cannot send texts at present. */
  requireSendable?(target: ChannelTarget): void;

  /**
   * Called after a channel was closed, unless its pending messages are moved to a new channel. For example, leaves
   * the room.
   */
  closed?(target: ChannelTarget): void;

  /** Returns the constant properties of a channel that do not belong to the interface Channel, by canonical name. */
  constantProperties?(target: ChannelTarget): Readonly<Record<string, Variant>>;
}
