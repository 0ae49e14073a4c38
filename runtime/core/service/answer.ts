import type { MessageBus } from "../bus/message-bus.ts";
import { DBusError } from "../errors.ts";
import type { ErrorHook } from "../hooks.ts";
import { DisconnectedError, FailedError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments.ts";
import { InvalidValueError } from "../wire/faults.ts";
import { type Message, MessageFlag } from "../wire/message.ts";
import { isErrorName } from "../wire/names.ts";
import type { Incoming } from "./incoming.ts";

/** The one answer to one call: values or an error, and nothing to a caller that wants none. */
export class Answer {
  readonly incoming: Incoming;
  readonly #bus: MessageBus;
  readonly #call: Message;
  readonly #onError: ErrorHook;
  #silent: boolean;

  constructor(bus: MessageBus, call: Message, onError: ErrorHook) {
    this.#bus = bus;
    this.#call = call;
    this.#onError = onError;
    this.incoming = incomingOf(call);
    this.#silent = this.incoming.noReply;
  }

  /** Sends nothing, whatever the caller wants. */
  silence(): void {
    this.#silent = true;
  }

  /** Answers with values. Those that do not fit the codec are a bug of the handler. */
  values(codec: ArgumentsCodec, values: readonly unknown[]): void {
    if (this.#silent) return;
    this.#send(() => this.#bus.reply(this.#call, codec, values));
  }

  /** Answers with what a handler threw: a DBusError as it is, a bug without its text. */
  thrown(error: unknown): void {
    if (error instanceof DBusError && isErrorName(error.errorName)) this.error(error);
    else this.#bug(error);
  }

  /** Answers with an error. */
  error({ errorName, message }: DBusError): void {
    if (this.#silent) return;
    this.#send(() => this.#bus.replyError(this.#call, errorName, message));
  }

  #bug(error: unknown): void {
    this.#onError(error, { kind: "handler", incoming: this.incoming });
    this.error(new FailedError(`${this.incoming.member} failed`));
  }

  #send(send: () => void): void {
    try {
      send();
    } catch (error) {
      if (error instanceof DisconnectedError) return;
      if (!(error instanceof InvalidValueError)) throw error;
      this.#bug(error);
    }
  }
}

function incomingOf(call: Message): Incoming {
  return {
    sender: call.sender ?? "",
    path: call.path ?? "/",
    member: call.member ?? "",
    signature: call.signature,
    noReply: (call.flags & MessageFlag.NoReplyExpected) !== 0,
    interactiveAuthorization: (call.flags & MessageFlag.AllowInteractiveAuthorization) !== 0,
    ...(call.interface !== undefined && { interface: call.interface }),
  };
}
