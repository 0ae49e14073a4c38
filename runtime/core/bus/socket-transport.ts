import type { Socket } from "node:net";
import type { Transport, TransportReceiver } from "./transport.ts";

/** How long what is queued may take to leave when the connection is closed. */
const FLUSH_TIMEOUT = 1000;

/** A transport over a paused socket; `rest` are bytes that were read from it and belong to later messages. */
export function socketTransport(socket: Socket, uniqueName: string, lastSerial: number, rest: Uint8Array): Transport {
  return {
    uniqueName,
    lastSerial,
    start(receiver: TransportReceiver): void {
      let fault: Error | undefined;
      let ended = false;
      const end = (): void => {
        if (!ended) receiver.onClose(fault);
        ended = true;
      };
      socket.on("error", (error) => {
        fault ??= error;
      });
      socket.once("close", end);
      if (rest.length > 0) receiver.onBytes(rest);
      socket.on("data", (chunk: Buffer) => receiver.onBytes(chunk));
      socket.resume();
      if (socket.closed) end();
    },
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    close() {
      const timer = setTimeout(() => socket.destroy(), FLUSH_TIMEOUT);
      timer.unref();
      socket.once("close", () => clearTimeout(timer));
      socket.end(() => socket.destroy());
    },
    destroy() {
      socket.destroy();
    },
  };
}
