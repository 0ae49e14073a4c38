import type { ErrorHook } from "../hooks.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import type { OutgoingSignal } from "./message-headers.ts";
import type { CallOptions, MethodCall, ReadReply, Request } from "./request.ts";
import type { SignalListener } from "./signal-router.ts";

/** The part of a bus that services and clients use. */
export interface BusPort {
  /** Called with errors that no caller awaits, such as those of signal listeners. */
  readonly onError: ErrorHook;

  /**
   * Calls any method of any object.
   *
   * @returns The arguments of the reply, in wire order.
   */
  call(call: MethodCall, options?: CallOptions): Promise<unknown[]>;

  /**
   * Sends a call and waits for its reply, which may be an error. Only the called connection, or the bus, can reply.
   *
   * @internal
   */
  request<T>(request: Request, options: CallOptions, read: ReadReply<T>): Promise<T>;

  /**
   * Sends a call that gets no reply.
   *
   * @internal
   */
  send(request: Request, options?: CallOptions): void;

  /**
   * Sends a signal to all connections that have a match rule for it, or to one destination.
   *
   * @internal
   */
  emit(signal: OutgoingSignal): void;

  /**
   * Replies to a call with values. Throws InvalidValueError, and sends nothing, if the values do not fit the codec.
   *
   * @internal
   */
  reply(call: Message, codec?: ArgumentsCodec, values?: readonly unknown[]): void;

  /**
   * Replies to a call with an error. Throws InvalidValueError, and sends nothing, if the name is not valid.
   *
   * @internal
   */
  replyError(call: Message, errorName: string, text: string): void;

  /**
   * Listens to a signal of the current owner of a name. Resolves when no later signal can be missed.
   *
   * @returns A function that ends listening.
   *
   * @internal
   */
  listen(listener: SignalListener): Promise<() => Promise<void>>;

  /**
   * Counts and reports a message that was not used, or only in part.
   *
   * @internal
   */
  drop(reason: DropReason, message: Message): void;
}
