import { Socket } from "node:net";
import { SendQueue } from "./send-queue.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** How long what is queued may take to leave when the connection is closed. */
const FLUSH_TIMEOUT = 1000;
const READ_LENGTH = 1 << 16;

/** A transport over a paused socket; `rest` are bytes that were read from it and belong to later messages. */
export function socketTransport(from: Socket, uniqueName: string, lastSerial: number, rest: Uint8Array): Transport {
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
    drained: () => queue.drained(),
    start(to) {
      receiver = to;
      let fault: Error | undefined;
      let ended = false;
      const end = (): void => {
        if (!ended) to.onClose(fault);
        ended = true;
      };
      socket.on("error", (error) => {
        fault ??= error;
      });
      socket.once("close", end);
      if (rest.length > 0) to.onBytes(rest);
      socket.resume();
      if (socket.closed) end();
    },
    write: (bytes) => queue.add(bytes),
    close() {
      const timer = setTimeout(() => socket.destroy(), FLUSH_TIMEOUT);
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
 * A new socket over the handle of another, which is left without: only a new one can read into the same memory again
 * and again, past the machinery of streams. `onBytes` must not keep the bytes.
 */
function takeOver(from: Socket, onBytes: (bytes: Uint8Array) => void): Socket {
  const handle: unknown = Reflect.get(from, "_handle");
  // A socket that closed in the meantime is as good: it tells so.
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
