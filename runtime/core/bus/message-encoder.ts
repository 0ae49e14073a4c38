import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { encodeMessage, type Header, type Message, MessageFlag, MessageType } from "../wire/message.ts";
import { Writer } from "../wire/writer.ts";
import type { CallOptions, Request } from "./request.ts";

/** A signal, with its arguments and the codec that writes them. */
export interface OutgoingSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly codec: ArgumentsCodec;
  readonly args: readonly unknown[];
  /** Bus name of the only receiver; everybody who listens where it is absent. */
  readonly destination?: string;
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

export function callHeader(request: Request, serial: number, options: CallOptions, flags: number): Header {
  const { destination, path, interface: name, member } = request;
  let all = flags;
  if (options.noAutoStart) all |= MessageFlag.NoAutoStart;
  if (options.interactiveAuthorization) all |= MessageFlag.AllowInteractiveAuthorization;
  return { type: MessageType.MethodCall, flags: all, serial, destination, path, interface: name, member };
}

export function signalHeader({ path, interface: name, member, destination }: OutgoingSignal, serial: number): Header {
  const flags = MessageFlag.NoReplyExpected;
  return { type: MessageType.Signal, flags, serial, destination, path, interface: name, member };
}

/** The header of the answer to a call: an error where it has an error name. */
export function answerHeader(call: Message, serial: number, errorName?: string): Header {
  return {
    type: errorName === undefined ? MessageType.MethodReturn : MessageType.Error,
    flags: MessageFlag.NoReplyExpected,
    serial,
    replySerial: call.serial,
    destination: call.sender,
    errorName,
  };
}

/** The text with what no string of D-Bus can hold replaced by U+FFFD. */
export function sendableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").replace(LONE_SURROGATES, "\ufffd");
}

/** A message as it goes out. */
export interface Encoded {
  /** They may share memory with other messages. */
  readonly bytes: Uint8Array;
  /** File descriptors that go with it. */
  readonly descriptors: readonly number[] | undefined;
}

/** Encodes messages, one after another in the same memory. */
export class MessageEncoder {
  #spare: Writer | undefined = new Writer();
  #unqueued = 0;

  /** Uses the memory of earlier messages again, unless one is not queued yet: what was queued must have left. */
  reuse(): void {
    if (this.#unqueued === 0) this.#spare?.rewind();
  }

  /** A message that was encoded is queued now. */
  queued(): void {
    this.#unqueued--;
  }

  /**
   * A message.
   *
   * @param maxDescriptors - How many file descriptors it can bring along.
   * @throws InvalidValueError that names what cannot be sent.
   */
  encode(header: Header, codec: ArgumentsCodec, values: readonly unknown[], maxDescriptors: number): Encoded {
    // A getter of a value may itself send, so the writer is away while it is in use.
    const writer = this.#spare ?? new Writer();
    this.#spare = undefined;
    writer.maxDescriptors = maxDescriptors;
    try {
      encodeMessage(writer, header, codec, values);
      this.#unqueued++;
      const { descriptors } = writer;
      return { bytes: writer.take(), descriptors: descriptors.length === 0 ? undefined : descriptors };
    } finally {
      writer.reset();
      this.#spare = writer;
    }
  }
}
