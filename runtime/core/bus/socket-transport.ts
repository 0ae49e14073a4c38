import { Socket } from "node:net";
import { errorOf } from "../errors.ts";
import type { MessageSource } from "../wire/deframer.ts";
import { MAX_DESCRIPTORS } from "../wire/limits.ts";
import type { DescriptorCalls } from "./descriptor-calls.ts";
import { DescriptorQueue } from "./descriptor-queue.ts";
import { SendQueue } from "./send-queue.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** Maximum time after `close()` in which the other end reads what was sent and closes, in milliseconds. */
const CLOSE_TIMEOUT_MS = 5000;
/** Maximum number of bytes that are read at once. */
const READ_LENGTH = 1 << 16;

/** Maximum number of reads of a socket before other events of the process are handled. */
const MAX_READS_PER_TURN = 16;

/** Called with the bytes of each read, and with the file descriptors that arrived with them. */
type OnBytes = (bytes: Uint8Array, descriptors?: readonly number[]) => void;

/**
 * Returns a transport over a paused socket. `remainder` contains bytes that were already read from the socket and
 * belong to messages.
 *
 * @param source - Properties of the connection.
 * @param calls - Calls that pass file descriptors. If undefined, the kernel drops received descriptors.
 */
export function socketTransport(
  from: Socket,
  uniqueName: string,
  lastSerial: number,
  remainder: Uint8Array,
  source: MessageSource = {},
  calls?: DescriptorCalls,
): Transport {
  let receiver: TransportReceiver | undefined;
  let socketError: Error | undefined;
  const onBytes: OnBytes = (bytes, descriptors) => receiver?.onBytes(bytes, descriptors);
  const onError = (error: Error): void => {
    socketError ??= error;
    socket.destroy();
  };
  const open = calls && passing(from, calls, onBytes, onError);
  const { socket, queue } = open ?? plain(from, onBytes);
  return {
    uniqueName,
    lastSerial,
    get queued() {
      return queue.length;
    },
    maxDescriptors: open === undefined ? 0 : MAX_DESCRIPTORS,
    ...source,
    // Reading with system calls reports whether descriptors were lost.
    ...(open && { mayLoseDescriptors: false }),
    drained: () => queue.drained(),
    start(to) {
      receiver = to;
      let hasEnded = false;
      const end = (): void => {
        if (!hasEnded) to.onClose(socketError);
        hasEnded = true;
      };
      socket.on("error", onError);
      socket.once("close", end);
      // Node has read the remainder, and may have lost descriptors of it.
      if (remainder.length > 0) to.onBytes(remainder, source.mayLoseDescriptors ? [] : undefined);
      socket.resume();
      if (socket.closed) end();
    },
    write: (bytes, descriptors) => queue.add(bytes, descriptors),
    close() {
      const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS);
      timer.unref();
      socket.once("close", () => clearTimeout(timer));
      queue.flush();
      // The other end closes when it has read everything. If this end closed while messages to it are unread, the kernel
      // would report an error to the bus, which drops what it has not read when it sends the next message.
      void queue.drained().then(() => socket.end());
    },
    destroy() {
      socket.destroy();
    },
  };
}

/** A socket that reads, with the queue of messages to be written to it. */
interface OpenSocket {
  readonly socket: Socket;
  readonly queue: Pick<DescriptorQueue, "length" | "drained" | "add" | "flush">;
}

/**
 * Reads and writes bytes with functions of Node. Uses the socket as a stream if the socket has no handle like that of
 * Node. `onBytes` must not keep the bytes.
 */
function plain(from: Socket, onBytes: OnBytes): OpenSocket {
  const handle = takeHandle(from);
  if (handle === undefined) return { socket: from.on("data", (bytes) => onBytes(bytes)), queue: new SendQueue(from) };
  const buffer = Buffer.allocUnsafeSlow(READ_LENGTH);
  const socket = newSocket(handle, buffer, (length) => onBytes(buffer.subarray(0, length)));
  return { socket, queue: new SendQueue(socket, handle) };
}

/**
 * Reads bytes and descriptors with system calls when Node reports that there are some. Node itself reads nothing,
 * because its buffer has no space. Returns undefined if the socket has no handle like that of Node.
 */
function passing(
  from: Socket,
  calls: DescriptorCalls,
  onBytes: OnBytes,
  onError: (error: Error) => void,
): OpenSocket | undefined {
  const descriptor: unknown = Reflect.get(Object(Reflect.get(from, "_handle")), "fd");
  const handle = typeof descriptor === "number" ? takeHandle(from) : undefined;
  if (typeof descriptor !== "number" || handle === undefined) return undefined;
  const socket = newSocket(handle, new Uint8Array(), () => undefined);
  const read = (): void => {
    for (let count = 0; count < MAX_READS_PER_TURN && !socket.destroyed; count++) {
      const received = calls.receive(descriptor);
      if (received === undefined) return;
      if (received.bytes.length === 0) socket.destroy();
      else onBytes(received.bytes, received.descriptors);
      // After a shorter read, usually nothing is left. If bytes are left, Node reports them.
      if (received.bytes.length < READ_LENGTH) return;
    }
  };
  Reflect.set(handle, "onread", () => {
    try {
      read();
    } catch (error) {
      onError(errorOf(error));
    }
  });
  const queue = new DescriptorQueue(descriptor, calls, new SendQueue(socket, handle), onError);
  socket.once("close", () => queue.close());
  return { socket, queue };
}

/**
 * Removes the handle from a socket and returns it. The socket then cannot be used. Returns undefined if the socket has
 * closed, or has no handle like that of Node; sockets of Bun have none.
 */
function takeHandle(from: Socket): object | undefined {
  const handle: unknown = Reflect.get(from, "_handle");
  if (typeof handle !== "object" || handle === null) return undefined;
  const readStop: unknown = Reflect.get(handle, "readStop");
  if (typeof readStop !== "function") return undefined;
  Reflect.apply(readStop, handle, []);
  Reflect.set(handle, "reading", false);
  Reflect.set(from, "_handle", null);
  return handle;
}

/**
 * Returns a new, paused socket with an existing handle. Only a new socket can read repeatedly into the same memory,
 * without the overhead of streams.
 */
function newSocket(handle: object, buffer: Uint8Array, onRead: (length: number) => void): Socket {
  const onread = {
    buffer,
    callback: (length: number): boolean => {
      onRead(length);
      return true;
    },
  };
  const options = { handle, manualStart: true, readable: true, writable: true, onread };
  return new Socket(options);
}
