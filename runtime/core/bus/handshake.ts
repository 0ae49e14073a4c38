import { EventEmitter } from "node:events";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type MessageBus, sessionBus } from "dbus-next";
import { remoteError } from "../standard-errors.ts";
import { bodyCodec } from "../wire/arguments-codec.ts";
import { Deframer } from "../wire/deframer.ts";
import { MessageType } from "../wire/header.ts";
import { MAX_DESCRIPTORS } from "../wire/limits.ts";
import { errorText, type Message, readBody } from "../wire/message.ts";
import type { Address } from "./address.ts";
import { DescriptorSocket } from "./descriptor-socket.ts";
import { DescriptorTransport } from "./descriptor-transport.ts";
import { socketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";
import { handleOf, hasUsocket, isAgreed, isConnected } from "./usocket.ts";

const HELLO_SERIAL = 1;
const HELLO_REPLY = bodyCodec("s");

/**
 * Connects to one address and says Hello. dbus-next connects, authenticates and sends Hello; then its stream is taken
 * over, so that no message passes through it.
 *
 * @param timeout - Milliseconds for all of it.
 * @param signal - Gives up when it aborts.
 * @throws Error when nobody listens or answers in time, or dbus-next is not the release this relies on.
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
    // A listener must stay for good: dbus-next emits what happens to the socket, and nobody else listens.
    const fail = (error: unknown): void => {
      release();
      if (socket !== undefined) abandon(socket);
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
          throw unexpected("it does not have one listener for incoming bytes");
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
      const uniqueName = ownName(reply);
      stream.off("data", onData);
      stream.pause();
      done(socketTransport(stream, uniqueName, HELLO_SERIAL, deframer.takeRest().bytes));
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
  if (handle === undefined) throw unexpected("its stream is no socket of node:net or usocket");
  const deframer = new Deframer();
  const socket = new DescriptorSocket(stream, handle);
  socket.start({
    onBytes(chunk, descriptors) {
      try {
        const reply = helloReply(deframer, chunk, descriptors);
        if (reply === undefined) return;
        const uniqueName = ownName(reply);
        socket.stop();
        const maxDescriptors = isAgreed(stream) ? MAX_DESCRIPTORS : 0;
        done(new DescriptorTransport(socket, uniqueName, HELLO_SERIAL, deframer.takeRest(), maxDescriptors));
      } catch (error) {
        fail(error);
      }
    },
    onWritable: () => undefined,
    onEnd: (fault) => fail(fault ?? new Error("the bus closed the connection while it was being set up")),
  });
}

function startDBusNext(address: Address): MessageBus {
  // The cookie mechanism of dbus-next can wait for ever.
  const options = { busAddress: addressOf(address), negotiateUnixFd: true };
  return sessionBus({ ...options, authMethods: ["EXTERNAL", "ANONYMOUS"] });
}

function addressOf(address: Address): string {
  if (address.kind === "tcp") return `tcp:host=${plain(address.host)},port=${address.port}`;
  // `socket=` makes dbus-next use node:net alone, also for abstract sockets; `path=` its addon.
  return `unix:${hasUsocket() ? "path" : "socket"}=${plain(address.path)}`;
}

/** The package usocket does not bear to be closed while it connects, which takes no time. */
function abandon(stream: Duplex): void {
  if (stream instanceof Socket || isConnected(stream)) stream.destroy();
  else stream.once("connected", () => stream.destroy());
}

function plain(value: string): string {
  if (/[;,=:]/.test(value))
    throw new Error(`bus addresses with one of ; , = : in a value are not supported: "${value}"`);
  return value;
}

function connectionOf(bus: MessageBus): EventEmitter {
  const connection: unknown = Reflect.get(bus, "_connection");
  if (!(connection instanceof EventEmitter)) throw unexpected("it has no connection");
  return connection;
}

function streamOf(connection: EventEmitter): Duplex {
  const stream: unknown = Reflect.get(connection, "stream");
  if (!(stream instanceof Duplex)) throw unexpected("its stream is not a socket");
  return stream;
}

function unexpected(what: string): Error {
  return new Error(`this runtime needs dbus-next 0.10.2 and found another: ${what}`);
}

/** The reply to Hello, where it is complete; what stands behind it stays in the deframer. */
function helloReply(deframer: Deframer, chunk: Uint8Array, descriptors?: readonly number[]): Message | undefined {
  for (const message of deframer.feed(chunk, descriptors)) if (message.replySerial === HELLO_SERIAL) return message;
  return undefined;
}

function ownName(reply: Message): string {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
  const [name] = reply.signature === "s" ? readBody(reply, HELLO_REPLY) : [];
  if (typeof name !== "string" || !name.startsWith(":"))
    throw new Error("the bus answered Hello without a unique name");
  return name;
}
