import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { encodeRawMessage, MessageType, type RawMessage } from "./raw-message.ts";

/** Beginning of a received message. Its body is not kept. */
export interface ReceivedHeader {
  readonly type: number;
  /** Bytes of the whole message. */
  readonly size: number;
  readonly serial: number;
  readonly replySerial: number | undefined;
  readonly errorName: string | undefined;
  readonly member: string | undefined;
  readonly destination: string | undefined;
  readonly sender: string | undefined;
}

/** What a call resulted in. */
export interface CallResult {
  /** `return`, or the name of the error. */
  readonly reply: string;
  /** Bytes of the reply. */
  readonly size: number;
}

/** Bytes of a message that are examined: more than the header of any reply to the attacker. */
const EXAMINED_BYTES = 16_384;

/** A connection to a bus without any of the runtime's checks and limits. */
export class RawPeer {
  /** Received calls that `nextCall` has not returned yet, and the functions that await a call. */
  readonly #receivedCalls: ReceivedHeader[] = [];
  readonly #awaitingCall: ((header: ReceivedHeader) => void)[] = [];
  uniqueName = "";
  readonly #socket: Socket;
  readonly #calls = new Map<number, (result: CallResult) => void>();
  #serial = 0;
  #beginning: Buffer[] = [];
  #received = 0;
  #expected = 0;

  static async connect(address: string): Promise<RawPeer> {
    const path = /^unix:path=([^,;]+)/.exec(address)?.[1] ?? "";
    const socket = createConnection({ path });
    await once(socket, "connect");
    const uid = process.getuid?.() ?? 0;
    socket.write(`\0AUTH EXTERNAL ${Buffer.from(String(uid)).toString("hex")}\r\n`);
    const [answer]: Buffer[] = await once(socket, "data");
    if (!answer?.toString().startsWith("OK")) throw new Error(`the bus refuses the user: ${answer}`);
    socket.write("BEGIN\r\n");
    const peer = new RawPeer(socket);
    const daemon = { path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: "Hello" };
    await peer.call({ ...daemon, destination: "org.freedesktop.DBus" });
    return peer;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#end());
  }

  /** Sends a call. Resolves with the reply, or with `closed` if the bus closed the connection. */
  call(message: Omit<RawMessage, "type" | "serial">): Promise<CallResult> {
    const serial = this.send({ type: MessageType.call, ...message });
    return new Promise((resolve) => {
      if (this.#socket.destroyed) resolve(CLOSED);
      else this.#calls.set(serial, resolve);
    });
  }

  /** Resolves with the next call that this connection receives, each once. */
  nextCall(): Promise<ReceivedHeader> {
    const received = this.#receivedCalls.shift();
    return received ? Promise.resolve(received) : new Promise((resolve) => this.#awaitingCall.push(resolve));
  }

  /** Sends a message and returns its serial. */
  send(message: Omit<RawMessage, "serial">): number {
    this.#serial += 1;
    for (const part of encodeRawMessage({ ...message, serial: this.#serial })) this.#socket.write(part);
    return this.#serial;
  }

  /** Number of bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Stops reading, like a client that hangs. */
  stopReading(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }

  #end(): void {
    for (const resolve of this.#calls.values()) resolve(CLOSED);
    this.#calls.clear();
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      const isComplete = this.#expected > 0 && this.#received + rest.length >= this.#expected;
      const taken = isComplete ? this.#expected - this.#received : rest.length;
      if (this.#received < EXAMINED_BYTES) this.#beginning.push(rest.subarray(0, taken));
      this.#received += taken;
      rest = rest.subarray(taken);
      if (this.#expected === 0 && this.#received >= 16) {
        // The chunk may contain more than this message.
        const beginning = Buffer.concat(this.#beginning);
        this.#expected = totalSize(beginning);
        const excess = beginning.subarray(this.#expected);
        this.#beginning = [beginning.subarray(0, this.#expected)];
        this.#received = Math.min(beginning.length, this.#expected);
        rest = Buffer.concat([excess, rest]);
      }
      if (this.#expected > 0 && this.#received === this.#expected) this.#finish();
    }
  }

  #finish(): void {
    const header = parseHeader(Buffer.concat(this.#beginning), this.#expected);
    this.uniqueName ||= header.destination ?? "";
    this.#beginning = [];
    this.#received = 0;
    this.#expected = 0;
    const resolve = header.replySerial === undefined ? undefined : this.#calls.get(header.replySerial);
    if (header.replySerial === undefined || resolve === undefined) {
      if (header.type !== MessageType.call) return;
      const awaiting = this.#awaitingCall.shift();
      if (awaiting === undefined) this.#receivedCalls.push(header);
      else awaiting(header);
    } else {
      this.#calls.delete(header.replySerial);
      resolve({ reply: header.errorName ?? "return", size: header.size });
    }
  }
}

const CLOSED: CallResult = { reply: "closed", size: 0 };

function totalSize(beginning: Buffer): number {
  return 16 + Math.ceil(beginning.readUInt32LE(12) / 8) * 8 + beginning.readUInt32LE(4);
}

function parseHeader(bytes: Buffer, size: number): ReceivedHeader {
  const fields = new Map<number, string | number>();
  const end = 16 + bytes.readUInt32LE(12);
  for (let offset = 16; offset < end; offset = Math.ceil(offset / 8) * 8) {
    const code = bytes.readUInt8(offset);
    const type = bytes.toString("latin1", offset + 2, offset + 3);
    if (type === "g") {
      const length = bytes.readUInt8(offset + 4);
      offset += 6 + length;
      continue;
    }
    const value = bytes.readUInt32LE(offset + 4);
    if (type === "u") fields.set(code, value);
    else fields.set(code, bytes.toString("latin1", offset + 8, offset + 8 + value));
    offset += type === "u" ? 8 : 9 + value;
  }
  const text = (code: number): string | undefined => {
    const value = fields.get(code);
    return typeof value === "string" ? value : undefined;
  };
  const replySerial = fields.get(5);
  return {
    type: bytes.readUInt8(1),
    size,
    serial: bytes.readUInt32LE(8),
    replySerial: typeof replySerial === "number" ? replySerial : undefined,
    errorName: text(4),
    member: text(3),
    destination: text(6),
    sender: text(7),
  };
}
