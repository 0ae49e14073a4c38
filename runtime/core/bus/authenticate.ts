import type { Duplex } from "node:stream";
import handshake from "dbus-next/lib/handshake.js";
import { quoted } from "../wire/errors.ts";
import { MAX_AUTHENTICATION_LINE_LENGTH } from "../wire/limits.ts";

/**
 * Authentication methods in the order of attempts. DBUS_COOKIE_SHA1 is omitted: its implementation in dbus-next can
 * wait forever.
 */
const METHODS = ["EXTERNAL", "ANONYMOUS"];
const NEWLINE = 0x0a;

/**
 * Authenticates on a connected stream with dbus-next. Does not read bytes after the last line of the server.
 *
 * @returns The id of the server.
 * @throws Error if the server rejects all methods, or sends a line that is too long or not expected. The `cause` of the
 * error is the error of dbus-next or the unexpected line.
 */
export function authenticate(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const endLimit = limitLines(stream, () => {
      reject(new Error(`the bus sent a line of more than ${MAX_AUTHENTICATION_LINE_LENGTH} bytes`));
    });
    handshake(stream, { authMethods: METHODS }, (error, guid = "") => {
      endLimit();
      if (error) reject(errorOf(error));
      else resolve(guid);
    });
  });
}

/**
 * Makes dbus-next negotiate file descriptors on a stream, and returns the stream. This is also done if this process
 * cannot receive descriptors, and the kernel drops them. Otherwise the bus would not deliver a reply with descriptors,
 * and the call would end only by its timeout.
 */
export function negotiateDescriptors<S extends Duplex>(stream: S): S {
  Reflect.set(stream, "supportsUnixFd", true);
  return stream;
}

/** Returns whether the bus has agreed to pass file descriptors, which dbus-next records on a stream. */
export function hasNegotiatedDescriptors(stream: Duplex): boolean {
  return Reflect.get(stream, "supportsUnixFd") === true;
}

/** Converts a failure of dbus-next to an Error. dbus-next reports an Error, or the unexpected line of the server. */
function errorOf(error: unknown): Error {
  if (error instanceof Error)
    return new Error("the bus rejects EXTERNAL and ANONYMOUS authentication", { cause: error });
  return new Error(`the bus sent an unexpected line: ${quoted(String(error).trim())}`, { cause: error });
}

/**
 * Limits the length of lines that can be read from a stream, because dbus-next collects the bytes of a line without a
 * limit. After a line that is too long, nothing can be read.
 *
 * @param onExceeded - Called for each read after the limit.
 * @returns A function that removes the limit.
 */
function limitLines(stream: Duplex, onExceeded: () => void): () => void {
  const { read } = stream;
  let length = 0;
  stream.read = (size) => {
    const chunk: unknown = Reflect.apply(read, stream, [size]);
    if (!(chunk instanceof Uint8Array)) return chunk;
    for (const byte of chunk) length = byte === NEWLINE ? 0 : length + 1;
    if (length <= MAX_AUTHENTICATION_LINE_LENGTH) return chunk;
    onExceeded();
    return null;
  };
  return () => void Reflect.deleteProperty(stream, "read");
}
