import type { MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import type { Consumer } from "@dbus-codegen-ts/runtime/usage";
import type { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { RequestableChannels } from "../../protocols/text-messages.ts";

/** A contact or a room with its handle. */
export interface HandleOwner {
  readonly handle: number;
  /** Normalised. */
  readonly identifier: string;
}

/** The contact or room of a channel. */
export interface ChannelTarget extends HandleOwner {
  readonly type: HandleType;
}

/** Properties of a requested channel, besides its type and its target, by their canonical names. */
export type RequestedProperties = ReadonlyMap<string, Variant>;

/** A kind of text channel: those with contacts, or those with rooms. */
export interface ChannelKind extends RequestableChannels {
  /** Canonical names of the interfaces of its channels, besides Channel and Text. */
  readonly interfaces: readonly string[];
  /** Whether messages that are pending when a client closes a channel get a new channel. Otherwise they are dropped. */
  readonly keepsPendingMessages: boolean;

  /**
   * Prepares a channel that a client requested, for instance joins the room. Called once for requests that arrive while
   * it waits. The channel exists when it returns.
   *
   * @param consumer - The client, for which handles that the channel causes are counted.
   * @throws DBusError of `im.telepathy1.Error` if there can be no channel.
   */
  open?(target: ChannelTarget, requested: RequestedProperties, consumer: Consumer): MaybePromise<void>;

  /** Throws a DBusError of `im.telepathy1.Error` if no texts can be sent at present. */
  requireSendable?(target: ChannelTarget): void;

  /** Called when a channel was closed and is not followed by a new one, for instance to leave the room. */
  closed?(target: ChannelTarget): void;

  /** Returns constant properties of a channel by their canonical names, besides those of the interface Channel. */
  constantProperties?(target: ChannelTarget): Readonly<Record<string, Variant>>;
}
