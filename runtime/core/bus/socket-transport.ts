import { Socket } from "node:net";
import type { MessageSource } from "../wire/deframer.ts";
import { SendQueue } from "./send-queue.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** Longest time for sending queued bytes after `close()`, in milliseconds. */
const FLUSH_TIMEOUT_MS = 1000;
/** Bytes that are read at once. */
const READ_LENGTH = 1 << 16;

/**
 * Returns a transport over a paused socket. `remainder` are bytes that were read from it and belong to later messages. File
 * descriptors are not received: the kernel drops them.
 *
 * @param source - Properties of the connection.
 */
export function socketTransport(
  from: Socket,
  uniqueName: string,
  lastSerial: number,
  remainder: Uint8Array,
  source: MessageSource = {},
): Transport {
  let receiver: TransportReceiver | undefined;
  const socket = takeOver(from, (bytes) => receiver?.onBytes(bytes));
  const queue = new SendQueue(socket);
  return {
    uniqueName,
    lastSerial,
    get queued() {
      return queue.length;
    },
    maxDescriptors: 0,
    ...source,
    drained: () => queue.drained(),
    start(to) {
      receiver = to;
      let socketError: Error | undefined;
      let hasEnded = false;
      const end = (): void => {
        if (!hasEnded) to.onClose(socketError);
        hasEnded = true;
      };
      socket.on("error", (error) => {
        socketError ??= error;
      });
      socket.once("close", end);
      if (remainder.length > 0) to.onBytes(remainder);
      socket.resume();
      if (socket.closed) end();
    },
    write: (bytes) => queue.add(bytes),
    close() {
      const timer = setTimeout(() => socket.destroy(), FLUSH_TIMEOUT_MS);
      timer.unref();
      socket.once("close", () => clearTimeout(timer));
      queue.flush();
      socket.end(() => socket.destroy());
    },
    destroy() {
      socket.destroy();
    },
  };
}

/**
 * Creates a new socket with the handle of another, which becomes unusable. Only a new socket can read repeatedly into
 * the same memory, without the overhead of streams. `onBytes` must not keep the bytes.
 */
function takeOver(from: Socket, onBytes: (bytes: Uint8Array) => void): Socket {
  const handle: unknown = Reflect.get(from, "_handle");
  // A socket that has closed in the meantime needs no takeover: it emits `close`.
  if (typeof handle !== "object" || handle === null) return from;
  const readStop: unknown = Reflect.get(handle, "readStop");
  if (typeof readStop === "function") Reflect.apply(readStop, handle, []);
  Reflect.set(handle, "reading", false);
  Reflect.set(from, "_handle", null);
  const buffer = Buffer.allocUnsafeSlow(READ_LENGTH);
  const onread = {
    buffer,
    callback: (length: number): boolean => {
      onBytes(buffer.subarray(0, length));
      return true;
    },
  };
  const options = { handle, manualStart: true, readable: true, writable: true, onread };
  return new Socket(options);
}
