import type { ValidBusName, ValidInterfaceName, ValidMemberName, ValidPath } from "../literal-names.ts";
import type { ValidSignatures, ValuesOf } from "../values.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { Message } from "../wire/message.ts";

/** A call of a method without a generated client. */
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

/** A method call whose literals are checked at compile time. `args` has the types of `signature`, if that is a literal. */
export interface CheckedCall<
  Destination extends string,
  Path extends string,
  Interface extends string,
  Member extends string,
  S extends string,
> {
  readonly destination: Destination & ValidBusName<Destination>;
  readonly path: Path & ValidPath<Path>;
  readonly interface?: Interface & ValidInterfaceName<Interface>;
  readonly member: Member & ValidMemberName<Member>;
  readonly signature?: S & ValidSignatures<S>;
  readonly args?: NoInfer<ValuesOf<S>>;
}

/** A method call with its arguments and the codec that encodes them. */
export interface Request {
  readonly destination: string;
  readonly path: string;
  readonly interface?: string | undefined;
  readonly member: string;
  readonly codec: ArgumentsCodec;
  readonly args: readonly unknown[];
  /**
   * Codec with which the body of the reply is read; `"any"` for the codec of the signature of the reply. A large reply
   * is decoded with this codec in steps. A reply with another signature is not decoded. If absent, the reply must be
   * small.
   */
  readonly replyCodec?: ArgumentsCodec | "any";
}

/** Options of one call. */
export interface CallOptions {
  /**
   * Milliseconds to wait for the reply: 25 000 by default; then the call fails with NoReplyError. `Infinity`, and any
   * number over 2^31 - 1, is no limit. With 0 the call is sent and fails immediately. A negative number or NaN throws
   * InvalidValueError before anything is sent. The timeout has no effect on a call that gets no reply by its contract.
   */
  readonly timeout?: number;
  /** Cancels the call when it aborts: the call fails with the signal's reason, and a later reply is dropped. */
  readonly signal?: AbortSignal;
  /** Whether the bus must not start the service if the service is not running. */
  readonly noAutoStart?: boolean;
  /** Whether the service may ask the user for authorization, which can take longer than the default timeout. */
  readonly interactiveAuthorization?: boolean;
}

/**
 * Reads the reply to a call. Returns the result of the call, or throws its error, also if the body is malformed. Called
 * before any later message of the sender is processed.
 */
export type ReadReply<T> = (reply: Message) => T;
