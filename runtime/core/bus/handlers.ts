import type { ErrorHook } from "../hooks.ts";
import type { Message } from "../wire/message.ts";
import type { MessageBus } from "./message-bus.ts";

/** What a message bus calls. */
export interface BusHandlers {
  /** Takes a method call. Must not throw anything but MalformedMessageError. */
  onCall(call: Message, bus: MessageBus): void;
  /** Is told that the connection is lost or closed: who called before is gone, and gets no answer. Must not throw. */
  onLost?(): void;
  /** Is told of errors that nobody awaits. Must not throw. */
  readonly onError: ErrorHook;
}
