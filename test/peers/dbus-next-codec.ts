import { createRequire } from "node:module";
import { Readable } from "node:stream";
import type { Message } from "dbus-next";

const require = createRequire(import.meta.url);
/** Inner modules of dbus-next, which do not come with types. */
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

/** A whole message encoded by dbus-next, which changes its body: it cannot be encoded again. */
export function encodeByDBusNext(message: Message): Buffer {
  return compat.marshallMessage(message)[0];
}

/** A whole message decoded by dbus-next. */
export function decodeByDBusNext(bytes: Buffer): object | undefined {
  stream.push(bytes);
  stream.emit("readable");
  return decoded;
}
