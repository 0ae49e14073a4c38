import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { type Header, MessageFlag, MessageType } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { CallOptions, Request } from "./request.ts";

/** A signal to send, with its arguments and the codec that encodes them. */
export interface OutgoingSignal {
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly codec: ArgumentsCodec;
  readonly args: readonly unknown[];
  /** Bus name of the only receiver. If absent, every connection with a match rule for the signal receives it. */
  readonly destination?: string;
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

/** Returns the header of a method call. */
export function callHeader(request: Request, serial: number, options: CallOptions, flags: number): Header {
  const { destination, path, interface: name, member } = request;
  let allFlags = flags;
  if (options.noAutoStart) allFlags |= MessageFlag.NoAutoStart;
  if (options.interactiveAuthorization) allFlags |= MessageFlag.AllowInteractiveAuthorization;
  return { type: MessageType.MethodCall, flags: allFlags, serial, destination, path, interface: name, member };
}

/** Returns the header of a signal. */
export function signalHeader({ path, interface: name, member, destination }: OutgoingSignal, serial: number): Header {
  const flags = MessageFlag.NoReplyExpected;
  return { type: MessageType.Signal, flags, serial, destination, path, interface: name, member };
}

/** Returns the header of the reply to a call. With an error name, the reply is an error. */
export function replyHeader(call: Message, serial: number, errorName?: string): Header {
  return {
    type: errorName === undefined ? MessageType.MethodReturn : MessageType.Error,
    flags: MessageFlag.NoReplyExpected,
    serial,
    replySerial: call.serial,
    destination: call.sender,
    errorName,
  };
}

/** Returns the text with U+FFFD in place of NUL and lone surrogates, which no D-Bus string can contain. */
export function sendableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").replace(LONE_SURROGATES, "\ufffd");
}
