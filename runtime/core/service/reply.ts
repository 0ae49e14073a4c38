import type { DBusError } from "../errors.ts";
import type { ErrorOrigin } from "../hooks.ts";
import { FailedError, InvalidArgsError, LimitsExceededError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { MalformedMessageError, MissingDescriptorError, ValueTooLargeError } from "../wire/errors.ts";
import { type Message, releaseMemory } from "../wire/message.ts";
import type { ConnectedPeriod, Incoming } from "./incoming-call.ts";
import type { MethodMember } from "./methods.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { applyRefuseHook } from "./refuse-hook.ts";
import { type SendableError, sendableError } from "./sendable-error.ts";

/**
 * A result of a handler with the codec that encodes it. Used for methods whose declared codec does not know the types
 * inside their variants.
 */
export class EncodableResult {
  readonly codec: ArgumentsCodec;
  readonly values: readonly unknown[];

  constructor(codec: ArgumentsCodec, values: readonly unknown[]) {
    this.codec = codec;
    this.values = values;
  }
}

const NO_VALUES: readonly unknown[] = [];

/**
 * The one reply to one call: values, an error, or nothing if the caller requested no reply. The methods of this class
 * do not throw. Any value that a handler returns or throws leads to a reply, even if reading the value throws.
 */
export class Reply {
  readonly incoming: Incoming;
  readonly #period: ConnectedPeriod;
  readonly #call: Message;
  #isSilent: boolean;

  constructor(period: ConnectedPeriod, call: Message, incoming: Incoming) {
    this.#period = period;
    this.#call = call;
    this.incoming = incoming;
    this.#isSilent = incoming.noReply;
  }

  /** Suppresses the reply, even if the caller requested one. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Makes the handler the owner of the file descriptors among the arguments of the call. */
  handOverDescriptors(): void {
    this.#call.descriptors?.handOver();
  }

  /** Closes the file descriptors among the arguments of the call, unless a handler owns them. */
  closeDescriptors(): void {
    this.#call.descriptors?.close();
  }

  /**
   * Sends the result of a handler. Sends FailedError if the result does not fit the contract, which is a bug of the
   * handler.
   */
  sendResult(member: MethodMember, result: unknown): void {
    this.closeDescriptors();
    if (this.#isSilent || this.#period.isLost) return;
    try {
      if (result instanceof EncodableResult) this.#period.bus.reply(this.#call, result.codec, result.values);
      else this.#period.bus.reply(this.#call, member.out, valuesOf(member, result));
    } catch (error) {
      if (!this.#period.isLost) this.#sendBug(error);
    }
  }

  /** Sends the error that a handler threw: a DBusError unchanged, any other value as FailedError without its text. */
  sendThrown(thrown: unknown): void {
    const error = sendableError(thrown);
    if (error === undefined) this.#sendBug(thrown);
    else this.sendError(error);
  }

  /**
   * Sends the error reply for arguments that cannot be decoded: InvalidArgs for MalformedMessageError and
   * MissingDescriptorError. Other errors are sent as if a handler had thrown them.
   */
  refuseArguments(error: unknown): void {
    if (isInvalidBody(error)) this.refuse(refusal(InvalidArgsError, error.message));
    else this.sendThrown(error);
  }

  /** Sends an error. */
  sendError(error: SendableError): void {
    try {
      this.#sendError(error);
    } catch (cause) {
      if (!this.#period.isLost) this.#sendBug(cause);
    }
  }

  /**
   * Sends the error of a call whose handler does not run. The body of the call is not used any more. Counts the call as
   * dropped if no reply is sent.
   */
  refuse(error: SendableError): void {
    releaseMemory(this.#call);
    if (this.#isSilent) this.#period.bus.drop("refusedCall", this.#call);
    this.sendError(error);
  }

  /**
   * Sends the error reply to a call without a handler: `standard`, or the error that the `refuse` hook of the
   * application returns.
   */
  refuseUnknown(standard: Refusal | DBusError): void {
    this.refuse(this.#isSilent ? standard : this.#applyHook(standard));
  }

  #applyHook(standard: Refusal | DBusError): SendableError {
    const { refuse, onError } = this.#period;
    if (refuse === undefined) return standard;
    try {
      return applyRefuseHook(refuse, this.incoming, "toError" in standard ? standard.toError() : standard);
    } catch (hookError) {
      onError(hookError, this.#origin("refusal"));
      return standard;
    }
  }

  /** Reports an error that is a bug of this program, and sends FailedError. */
  #sendBug(error: unknown): void {
    this.#period.onError(error, this.#origin());
    const { member } = this.incoming;
    const reply = isTooLarge(error)
      ? new LimitsExceededError(`the reply of ${member} is longer than a message may be`)
      : new FailedError(`${member} failed`);
    try {
      this.#sendError(reply);
    } catch {
      // The send queue is full, or the connection was lost: no reply can be sent.
    }
  }

  #sendError({ errorName, message }: SendableError): void {
    this.closeDescriptors();
    if (!this.#isSilent && !this.#period.isLost) this.#period.bus.replyError(this.#call, errorName, message);
  }

  #origin(kind: "handler" | "refusal" = "handler"): ErrorOrigin {
    const { sender, path, interface: interfaceName, member } = this.incoming;
    return { kind, sender, path, member, ...(interfaceName !== undefined && { interface: interfaceName }) };
  }
}

/**
 * Returns the arguments of a reply from the result of a handler. Throws TypeError if the number of arguments differs
 * from the contract.
 */
function valuesOf({ contract, out }: MethodMember, result: unknown): readonly unknown[] {
  if (out.length === 0) return NO_VALUES;
  if (out.length === 1) return [result];
  if (Array.isArray(result)) return result;
  throw new TypeError(`${contract.name} must return an array of ${out.length} values`);
}

function isInvalidBody(error: unknown): error is Error {
  try {
    return error instanceof MalformedMessageError || error instanceof MissingDescriptorError;
  } catch {
    return false;
  }
}

function isTooLarge(error: unknown): boolean {
  try {
    return error instanceof ValueTooLargeError;
  } catch {
    // Not even the class of a thrown Proxy can always be read.
    return false;
  }
}
