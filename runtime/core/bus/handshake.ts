import { createConnection, type Socket } from "node:net";
import { deferred } from "../async.ts";
import { remoteError } from "../standard-errors.ts";
import { bodyCodec } from "../wire/arguments-codec.ts";
import { Deframer } from "../wire/deframer.ts";
import { quoted } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import { MAX_BYTES_BEFORE_HELLO_REPLY } from "../wire/limits.ts";
import { decodeBody, encodeMessage, errorText, type Message } from "../wire/message.ts";
import { Writer } from "../wire/writer.ts";
import type { Address } from "./address.ts";
import { authenticate, hasNegotiatedDescriptors, negotiateDescriptors } from "./authenticate.ts";
import { DAEMON, DAEMON_PATH } from "./bus-members.ts";
import { descriptorCalls } from "./descriptor-calls.ts";
import { LOCAL_PEER, PEER } from "./peer-names.ts";
import { startProgram } from "./program-socket.ts";
import { socketTransport } from "./socket-transport.ts";
import type { Transport } from "./transport.ts";

const HELLO_SERIAL = 1;
const HELLO_REPLY = bodyCodec("s");

/**
 * Connects to one address, authenticates and sends Hello.
 *
 * @param timeout - Milliseconds until the reply to Hello.
 * @param signal - Cancels the attempt when it aborts.
 * @throws Error if nothing listens or replies in time, or the server has another id than the address; DBusError if the
 * bus refuses the connection.
 */
export function openTransport(address: Address, timeout: number, signal?: AbortSignal): Promise<Transport> {
  return open(address, timeout, hello, true, signal);
}

/**
 * Connects to one address of a peer and authenticates. File descriptors pass if both ends can pass them. Throws as
 * `openTransport` does.
 */
export async function openPeerTransport(address: Address, timeout: number): Promise<Transport> {
  const calls = descriptorCalls();
  const begin = async (stream: Socket): Promise<Transport> => {
    // Bytes that arrived after the authentication are still in the stream.
    const bytes: unknown = stream.read();
    const remainder = bytes instanceof Uint8Array ? bytes : new Uint8Array();
    const mayLoseDescriptors = hasNegotiatedDescriptors(stream);
    const source = { peerName: PEER, mayLoseDescriptors };
    return socketTransport(stream, LOCAL_PEER, 0, remainder, source, mayLoseDescriptors ? calls : undefined);
  };
  try {
    return await open(address, timeout, begin, calls !== undefined);
  } catch (error) {
    // dbus-next accepts a refusal of descriptors without a text, and fails at one with a text.
    if (!(error instanceof Error && String(error.cause).startsWith("ERROR "))) throw error;
    return await open(address, timeout, begin, false);
  }
}

/** Creates the transport on an authenticated stream. */
type Begin = (stream: Socket) => Promise<Transport>;

/** @param negotiates - Whether to ask the server on a Unix socket to pass file descriptors. */
async function open(
  address: Address,
  timeout: number,
  begin: Begin,
  negotiates: boolean,
  signal?: AbortSignal,
): Promise<Transport> {
  signal?.throwIfAborted();
  const stream = await connectTo(address, negotiates);
  const failed = deferred<never>();
  const timer = setTimeout(() => failed.reject(new Error(`the bus did not answer within ${timeout} ms`)), timeout);
  const abort = (): void => failed.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  // This listener is never removed: an error without a listener would be thrown.
  stream.on("error", failed.reject);
  const onEnd = (): void => failed.reject(new Error("the bus closed the connection while it was being set up"));
  stream.once("close", onEnd);
  try {
    return await Promise.race([setUp(stream, address, begin), failed.promise]);
  } catch (error) {
    stream.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

function connectTo(address: Address, negotiates: boolean): Socket | Promise<Socket> {
  if (address.kind === "unix") {
    const socket = createConnection(address.path);
    return negotiates ? negotiateDescriptors(socket) : socket;
  }
  if (address.kind === "unixexec") return startProgram(address.command);
  const { host, port, family } = address;
  return createConnection({ host, port, noDelay: true, ...(family !== undefined && { family }) });
}

async function setUp(stream: Socket, { guid: expected }: Address, begin: Begin): Promise<Transport> {
  if (stream.readyState !== "open") await new Promise<void>((resolve) => stream.once("connect", () => resolve()));
  const guid = await authenticate(stream);
  if (expected !== undefined && expected !== guid.toLowerCase()) {
    throw new Error(`the bus has the id ${quoted(guid)} instead of "${expected}"`);
  }
  return begin(stream);
}

function hello(stream: Socket): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const deframer = new Deframer();
    const readReply = helloReader(deframer);
    const onData = (chunk: Buffer): void => {
      try {
        const uniqueName = readReply(chunk);
        if (uniqueName === undefined) return;
        stream.off("data", onData);
        stream.pause();
        const mayLoseDescriptors = hasNegotiatedDescriptors(stream);
        const calls = mayLoseDescriptors ? descriptorCalls() : undefined;
        const remainder = deframer.takeRemainder();
        resolve(socketTransport(stream, uniqueName, HELLO_SERIAL, remainder, { mayLoseDescriptors }, calls));
      } catch (error) {
        reject(error);
      }
    };
    stream.on("data", onData);
    stream.resume();
    stream.write(helloMessage());
  });
}

function helloMessage(): Uint8Array {
  const writer = new Writer();
  const target = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON, member: "Hello" };
  encodeMessage(writer, { type: MessageType.MethodCall, flags: 0, serial: HELLO_SERIAL, ...target });
  return writer.copyBytes();
}

/**
 * Returns a function that takes bytes and returns the unique name when the reply to Hello is complete. Any bytes after
 * the reply remain in the deframer. The function throws the error of an error reply, and Error if other bytes come
 * first.
 */
function helloReader(deframer: Deframer): (chunk: Uint8Array) => string | undefined {
  let received = 0;
  return (chunk) => {
    for (const message of deframer.split(chunk)) {
      if (message.replySerial === HELLO_SERIAL) return uniqueNameIn(message);
    }
    received += chunk.length;
    if (received > MAX_BYTES_BEFORE_HELLO_REPLY) throw new Error("the bus sent too much before the reply to Hello");
    return undefined;
  };
}

/** Returns the unique name in the reply to Hello. Throws the error of an error reply. */
function uniqueNameIn(reply: Message): string {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
  const [name] = reply.signature === "s" ? decodeBody(reply, HELLO_REPLY) : [];
  if (typeof name !== "string" || !name.startsWith(":"))
    throw new Error("the bus answered Hello without a unique name");
  return name;
}
