import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { Message } from "../wire/message.ts";

/** A method call to any object, for which no client was generated. */
export interface MethodCall {
  /** Bus name. */
  readonly destination: string;
  readonly path: string;
  readonly interface?: string;
  readonly member: string;
  /** Signature of `args`; empty by default. */
  readonly signature?: string;
  readonly args?: readonly unknown[];
}

/** What is called, with its arguments and the codec that writes them. */
export interface Request {
  readonly destination: string;
  readonly path: string;
  readonly interface?: string | undefined;
  readonly member: string;
  readonly codec: ArgumentsCodec;
  readonly args: readonly unknown[];
}

/** How one call is made. */
export interface CallOptions {
  /**
   * Milliseconds to wait for the reply: 25 000 by default; then the call fails with NoReplyError. `Infinity`, and anything
   * over 2^31 - 1, is no limit; 0 gives up at once, though the call is sent. What is negative or no number is refused with
   * InvalidValueError before anything is sent. A call that gets no reply by its contract has nothing to wait for.
   */
  readonly timeout?: number;
  /** Gives up waiting: the call fails with the signal's reason, and a later reply is dropped. */
  readonly signal?: AbortSignal;
  /** Do not start the service where it is not running. */
  readonly noAutoStart?: boolean;
  /** The service may ask the user for authorization, which can take longer than the default timeout. */
  readonly interactiveAuthorization?: boolean;
}

/**
 * Reads a reply, or throws what the call fails with. It runs before any later message is looked at; MalformedMessageError
 * ends the connection.
 */
export type ReadReply<T> = (reply: Message) => T;
