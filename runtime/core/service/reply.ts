import { DBusError } from "../errors.ts";
import type { ErrorOrigin } from "../hooks.ts";
import { DisconnectedError, FailedError, LimitsExceededError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { InvalidValueError, ValueTooLargeError } from "../wire/errors.ts";
import type { Message } from "../wire/message.ts";
import { isErrorName } from "../wire/name-syntax.ts";
import type { Incoming } from "./incoming.ts";
import type { Line } from "./line.ts";
import type { MethodMember } from "./members.ts";
import { wordedBy } from "./refusal.ts";

/** An answer that brings its own codec, as the declared one does not know what is inside its variants. */
export class PreparedReply {
  readonly codec: ArgumentsCodec;
  readonly values: readonly unknown[];

  constructor(codec: ArgumentsCodec, values: readonly unknown[]) {
    this.codec = codec;
    this.values = values;
  }
}

/** The one answer to one call: values or an error, and nothing to a caller that wants none. */
export class Reply {
  readonly incoming: Incoming;
  readonly #line: Line;
  readonly #call: Message;
  #silent: boolean;

  constructor(line: Line, call: Message, incoming: Incoming) {
    this.#line = line;
    this.#call = call;
    this.incoming = incoming;
    this.#silent = incoming.noReply;
  }

  /** Sends nothing, whatever the caller wants. */
  silence(): void {
    this.#silent = true;
  }

  /** The file descriptors among the arguments are the handler's from now on. */
  handOver(): void {
    this.#call.descriptors?.handOver();
  }

  /** No handler will have the arguments, if none had them yet. */
  abandon(): void {
    this.#call.descriptors?.close();
  }

  /** Answers with what a handler returned. What does not fit the contract is a bug of the handler. */
  result({ contract, out }: MethodMember, result: unknown): void {
    if (result instanceof PreparedReply) this.#values(result.codec, result.values);
    else if (out.length === 0) this.#values(out, []);
    else if (out.length === 1) this.#values(out, [result]);
    else if (Array.isArray(result)) this.#values(out, result);
    else this.#bug(new TypeError(`${contract.name} must return an array of ${out.length}`));
  }

  /** Answers with what a handler threw: a DBusError as it is, a bug without its text. */
  thrown(error: unknown): void {
    if (error instanceof DBusError && isErrorName(error.errorName)) this.error(error);
    else this.#bug(error);
  }

  /** Answers with an error. */
  error({ errorName, message }: DBusError): void {
    this.abandon();
    if (this.#silent) return;
    this.#send(() => this.#line.bus.replyError(this.#call, errorName, message));
  }

  /** Answers a call whose handler does not run; where nobody wants the answer it is counted. */
  refuse(error: DBusError): void {
    if (this.#silent) this.#line.bus.drop("refusedCall", this.#call);
    this.error(error);
  }

  /** Refuses a call that means no handler, in the words of the application where it has its own. */
  refuseUnknown(error: DBusError): void {
    this.refuse(this.#silent ? error : this.#worded(error));
  }

  #worded(error: DBusError): DBusError {
    const { refuse, onError } = this.#line;
    if (refuse === undefined) return error;
    try {
      return wordedBy(refuse, this.incoming, error);
    } catch (fault) {
      onError(fault, this.#origin("refusal"));
      return error;
    }
  }

  #values(codec: ArgumentsCodec, values: readonly unknown[]): void {
    this.abandon();
    if (!this.#silent) this.#send(() => this.#line.bus.reply(this.#call, codec, values));
  }

  #bug(error: unknown): void {
    this.#line.onError(error, this.#origin());
    this.error(new FailedError(`${this.incoming.member} failed`));
  }

  #tooLarge(error: ValueTooLargeError): void {
    this.#line.onError(error, this.#origin());
    this.error(new LimitsExceededError(`the answer of ${this.incoming.member} is larger than a message may be`));
  }

  #origin(kind: "handler" | "refusal" = "handler"): ErrorOrigin {
    const { sender, path, interface: interfaceName, member } = this.incoming;
    return { kind, sender, path, member, ...(interfaceName !== undefined && { interface: interfaceName }) };
  }

  #send(send: () => void): void {
    if (this.#line.isLost) return;
    try {
      send();
    } catch (error) {
      if (error instanceof DisconnectedError) return;
      if (error instanceof LimitsExceededError) {
        this.#line.onError(error, this.#origin());
        return;
      }
      if (!(error instanceof InvalidValueError)) throw error;
      if (error instanceof ValueTooLargeError) this.#tooLarge(error);
      else this.#bug(error);
    }
  }
}
