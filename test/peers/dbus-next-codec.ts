import { createRequire } from "node:module";
import { Readable } from "node:stream";
import type { Message } from "dbus-next";

const require = createRequire(import.meta.url);
/** Internal modules of dbus-next, which have no types. */
const codec: {
  unmarshalMessages(stream: Readable, onMessage: (message: RawMessage) => void, options: object): void;
} = require("dbus-next/lib/message.js");
const compat: {
  marshallMessage(message: Message): readonly [Buffer, readonly number[]];
  messageToJsFmt(message: RawMessage): object;
} = require("dbus-next/lib/marshall-compat.js");

interface RawMessage {
  readonly body?: readonly unknown[];
}

const stream = new Readable({ read: () => undefined });
let decoded: object | undefined;
codec.unmarshalMessages(
  stream,
  (message) => {
    decoded = compat.messageToJsFmt(message);
  },
  {},
);

/** Encodes a message with dbus-next. It modifies the body, so a message can be encoded only one time. */
export function encodeByDBusNext(message: Message): Buffer {
  return compat.marshallMessage(message)[0];
}

/** Decodes a message with dbus-next. */
export function decodeByDBusNext(bytes: Buffer): object | undefined {
  stream.push(bytes);
  stream.emit("readable");
  return decoded;
}
