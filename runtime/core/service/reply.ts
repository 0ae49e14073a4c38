import { DBusError } from "../errors.ts";
import type { ErrorOrigin } from "../hooks.ts";
import { DisconnectedError, FailedError, LimitsExceededError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { InvalidValueError, ValueTooLargeError } from "../wire/errors.ts";
import type { Message } from "../wire/message.ts";
import { isErrorName } from "../wire/name-syntax.ts";
import type { ConnectedPeriod, Incoming } from "./incoming-call.ts";
import type { MethodMember } from "./members.ts";
import { applyRefuseHook } from "./refuse-hook.ts";

/** A result with its codec, for methods whose declared codec does not know the types inside their variants. */
export class EncodableResult {
  readonly codec: ArgumentsCodec;
  readonly values: readonly unknown[];

  constructor(codec: ArgumentsCodec, values: readonly unknown[]) {
    this.codec = codec;
    this.values = values;
  }
}

/** The one reply to one call: values, an error, or nothing if the caller requested no reply. */
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

  /** Prevents the reply, even if the caller requested one. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Makes the handler the owner of the file descriptors among the arguments. */
  handOverDescriptors(): void {
    this.#call.descriptors?.handOver();
  }

  /** Closes the file descriptors among the arguments, unless a handler owns them. */
  closeDescriptors(): void {
    this.#call.descriptors?.close();
  }

  /** Sends the result of a handler. A result that does not fit the contract is a bug of the handler. */
  sendResult({ contract, out }: MethodMember, result: unknown): void {
    if (result instanceof EncodableResult) this.#sendValues(result.codec, result.values);
    else if (out.length === 0) this.#sendValues(out, []);
    else if (out.length === 1) this.#sendValues(out, [result]);
    else if (Array.isArray(result)) this.#sendValues(out, result);
    else this.#sendBug(new TypeError(`${contract.name} must return an array of ${out.length}`));
  }

  /** Sends what a handler threw: a DBusError unchanged, any other value as FailedError without its text. */
  sendThrown(error: unknown): void {
    if (error instanceof DBusError && isErrorName(error.errorName)) this.sendError(error);
    else this.#sendBug(error);
  }

  /** Sends an error. */
  sendError({ errorName, message }: DBusError): void {
    this.closeDescriptors();
    if (this.#isSilent) return;
    this.#send(() => this.#period.bus.replyError(this.#call, errorName, message));
  }

  /** Sends the error of a call whose handler does not run. Counts the call as dropped if no reply is sent. */
  refuse(error: DBusError): void {
    if (this.#isSilent) this.#period.bus.drop("refusedCall", this.#call);
    this.sendError(error);
  }

  /** Refuses a call without a handler, with the error that the application's hook returns if there is one. */
  refuseUnknown(error: DBusError): void {
    this.refuse(this.#isSilent ? error : this.#applyHook(error));
  }

  #applyHook(error: DBusError): DBusError {
    const { refuse, onError } = this.#period;
    if (refuse === undefined) return error;
    try {
      return applyRefuseHook(refuse, this.incoming, error);
    } catch (hookError) {
      onError(hookError, this.#origin("refusal"));
      return error;
    }
  }

  #sendValues(codec: ArgumentsCodec, values: readonly unknown[]): void {
    this.closeDescriptors();
    if (!this.#isSilent) this.#send(() => this.#period.bus.reply(this.#call, codec, values));
  }

  #sendBug(error: unknown): void {
    this.#period.onError(error, this.#origin());
    this.sendError(new FailedError(`${this.incoming.member} failed`));
  }

  #sendTooLarge(error: ValueTooLargeError): void {
    this.#period.onError(error, this.#origin());
    this.sendError(new LimitsExceededError(`the answer of ${this.incoming.member} is larger than a message may be`));
  }

  #origin(kind: "handler" | "refusal" = "handler"): ErrorOrigin {
    const { sender, path, interface: interfaceName, member } = this.incoming;
    return { kind, sender, path, member, ...(interfaceName !== undefined && { interface: interfaceName }) };
  }

  #send(send: () => void): void {
    if (this.#period.isLost) return;
    try {
      send();
    } catch (error) {
      if (error instanceof DisconnectedError) return;
      if (error instanceof LimitsExceededError) {
        this.#period.onError(error, this.#origin());
        return;
      }
      if (!(error instanceof InvalidValueError)) throw error;
      if (error instanceof ValueTooLargeError) this.#sendTooLarge(error);
      else this.#sendBug(error);
    }
  }
}
