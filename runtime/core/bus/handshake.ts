import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type MessageBus, sessionBus } from "dbus-next";
import { remoteError } from "../standard-errors.ts";
import { bodyCodec } from "../wire/arguments-codec.ts";
import { Deframer } from "../wire/deframer.ts";
import { MessageType } from "../wire/header.ts";
import { MAX_DESCRIPTORS } from "../wire/limits.ts";
import { decodeBody, errorText, type Message } from "../wire/message.ts";
import type { Address } from "./address.ts";
import { DescriptorSocket } from "./descriptor-socket.ts";
import { DescriptorTransport } from "./descriptor-transport.ts";
import { socketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";
import { handleOf, hasConnectedOrFailed, hasNegotiatedDescriptors, hasUsocket } from "./usocket.ts";

const HELLO_SERIAL = 1;
const HELLO_REPLY = bodyCodec("s");

/**
 * Connects to one address, authenticates and sends Hello. dbus-next does this; then its stream is taken over, so that
 * no message passes through dbus-next.
 *
 * @param timeout - Milliseconds until the reply to Hello.
 * @param signal - Cancels the attempt when it aborts.
 * @throws Error if nothing listens or replies in time, or dbus-next is not the release that this module relies on.
 */
export function openTransport(address: Address, timeout: number, signal?: AbortSignal): Promise<Transport> {
  return new Promise((resolve, reject) => {
    let socket: Duplex | undefined;
    const timer = setTimeout(() => fail(new Error(`the bus did not answer within ${timeout} ms`)), timeout);
    const abort = (): void => fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const release = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    // This listener is never removed: dbus-next emits errors of the socket, and an error without a listener would be
    // thrown.
    const fail = (error: unknown): void => {
      release();
      if (socket !== undefined) closeStream(socket);
      reject(error);
    };
    try {
      const bus = startDBusNext(address);
      bus.on("error", fail);
      const connection = connectionOf(bus);
      socket = streamOf(connection);
      socket.once("close", () => fail(new Error("the bus closed the connection while it was being set up")));
      connection.once("connect", () => process.nextTick(takeOver, connection));
    } catch (error) {
      fail(error);
    }

    function takeOver(connection: EventEmitter): void {
      try {
        const stream = streamOf(connection);
        const [listener, ...others] = stream.rawListeners("readable");
        if (listener === undefined || others.length > 0)
          throw unsupportedRelease("it does not have one listener for incoming bytes");
        stream.removeAllListeners("readable");
        const done = (transport: Transport): void => {
          release();
          resolve(transport);
        };
        if (stream instanceof Socket) readHello(stream, done, fail);
        else readHelloWithDescriptors(stream, done, fail);
      } catch (error) {
        fail(error);
      }
    }
  });
}

function readHello(stream: Socket, done: (transport: Transport) => void, fail: (error: unknown) => void): void {
  const deframer = new Deframer();
  const onData = (chunk: Buffer): void => {
    try {
      const reply = helloReply(deframer, chunk);
      if (reply === undefined) return;
      const uniqueName = uniqueNameIn(reply);
      stream.off("data", onData);
      stream.pause();
      done(socketTransport(stream, uniqueName, HELLO_SERIAL, deframer.takeRemainder().bytes));
    } catch (error) {
      fail(error);
    }
  };
  stream.on("data", onData);
  stream.resume();
}

function readHelloWithDescriptors(
  stream: Duplex,
  done: (transport: Transport) => void,
  fail: (error: unknown) => void,
): void {
  const handle = handleOf(stream);
  if (handle === undefined) throw unsupportedRelease("its stream is no socket of node:net or usocket");
  const deframer = new Deframer();
  const socket = new DescriptorSocket(stream, handle);
  socket.start({
    onBytes(chunk, descriptors) {
      try {
        const reply = helloReply(deframer, chunk, descriptors);
        if (reply === undefined) return;
        const uniqueName = uniqueNameIn(reply);
        socket.stop();
        const maxDescriptors = hasNegotiatedDescriptors(stream) ? MAX_DESCRIPTORS : 0;
        done(new DescriptorTransport(socket, uniqueName, HELLO_SERIAL, deframer.takeRemainder(), maxDescriptors));
      } catch (error) {
        fail(error);
      }
    },
    onWritable: () => undefined,
    onEnd: (error) => fail(error ?? new Error("the bus closed the connection while it was being set up")),
  });
}

function startDBusNext(address: Address): MessageBus {
  // DBUS_COOKIE_SHA1 is omitted: its implementation in dbus-next can wait forever.
  const options = { busAddress: addressOf(address), negotiateUnixFd: true };
  return sessionBus({ ...options, authMethods: ["EXTERNAL", "ANONYMOUS"] });
}

function addressOf(address: Address): string {
  if (address.kind === "tcp") return `tcp:host=${unescapable(address.host)},port=${address.port}`;
  // With `socket=` dbus-next uses node:net, even for abstract sockets; with `path=` it uses usocket.
  return `unix:${hasUsocket() ? "path" : "socket"}=${unescapable(address.path)}`;
}

/** Closes a stream. A stream of the package usocket crashes if it is closed while it connects. */
function closeStream(stream: Duplex): void {
  if (stream instanceof Socket || hasConnectedOrFailed(stream)) stream.destroy();
  else stream.once("connected", () => stream.destroy());
}

/** Returns the value. Throws if it would need escapes, which dbus-next does not decode. */
function unescapable(value: string): string {
  if (/[;,=:]/.test(value))
    throw new Error(`bus addresses with one of ; , = : in a value are not supported: "${value}"`);
  return value;
}

function connectionOf(bus: MessageBus): EventEmitter {
  const connection: unknown = Reflect.get(bus, "_connection");
  if (!(connection instanceof EventEmitter)) throw unsupportedRelease("it has no connection");
  return connection;
}

function streamOf(connection: EventEmitter): Duplex {
  const stream: unknown = Reflect.get(connection, "stream");
  if (!(stream instanceof Duplex)) throw unsupportedRelease("its stream is not a socket");
  return stream;
}

/** Returns the error for private fields of dbus-next that differ from release 0.10.2. */
function unsupportedRelease(difference: string): Error {
  return new Error(`this runtime needs dbus-next 0.10.2 and found another: ${difference}`);
}

/** Returns the reply to Hello when it is complete. Any bytes after it remain in the deframer. */
function helloReply(deframer: Deframer, chunk: Uint8Array, descriptors?: readonly number[]): Message | undefined {
  for (const message of deframer.split(chunk, descriptors)) if (message.replySerial === HELLO_SERIAL) return message;
  return undefined;
}

/** Returns the unique name in the reply to Hello. Throws the error of an error reply. */
function uniqueNameIn(reply: Message): string {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
  const [name] = reply.signature === "s" ? decodeBody(reply, HELLO_REPLY) : [];
  if (typeof name !== "string" || !name.startsWith(":"))
    throw new Error("the bus answered Hello without a unique name");
  return name;
}
