import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { IRC_LIMITS } from "../../quotas.ts";

const NEWLINE = 0x0a;

/** The prefix and the command of a line. */
const PREFIX_AND_COMMAND = /^(?::[^ ]* +)?([A-Z]+|[0-9]{3})(?= |$)/;

/** Commands and replies that the library receives. */
const FORWARDED: ReadonlySet<string> = new Set([
  ..."PING PONG NICK ERROR".split(" "),
  ..."001 005 432 433 436 437 463 464 465".split(" "),
]);

/** Replies that follow the last 005, depending on the server. Only the first of them is forwarded. */
const WELCOME_ENDS: ReadonlySet<string> = new Set(["251", "376", "422"]);

/**
 * Stream between the socket and slate-irc that protects the library from hostile servers: the library throws at replies
 * that are too short, collects replies that were never requested, and stalls on long bursts. The filter forwards single
 * lines of bounded length, and only those that concern the connection itself. It ends the connection if the server does
 * not read the answers.
 */
export class LineFilter extends Duplex {
  readonly #socket: Socket;
  readonly #onData: () => void;
  #incomplete: Buffer = Buffer.alloc(0);
  #isLineTooLong = false;
  #isWelcomed = false;

  /** @param onData - Called for all data of the server, forwarded or not. */
  constructor(socket: Socket, onData: () => void) {
    super();
    this.#socket = socket;
    this.#onData = onData;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("end", () => this.push(null));
    // The library has not processed the last lines yet.
    socket.on("close", () => setImmediate(() => this.destroy()));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done();
  }

  #receive(bytes: Buffer): void {
    this.#onData();
    if (this.writableLength > IRC_LIMITS.outgoingBytes) {
      this.#socket.destroy(new Error("the server does not read"));
      return;
    }
    this.#incomplete = Buffer.concat([this.#incomplete, bytes]);
    let start = 0;
    for (let end = this.#incomplete.indexOf(NEWLINE); end >= 0; end = this.#incomplete.indexOf(NEWLINE, start)) {
      if (!this.#isLineTooLong) this.#forward(this.#incomplete.subarray(start, end));
      this.#isLineTooLong = false;
      start = end + 1;
    }
    this.#incomplete = this.#incomplete.subarray(start);
    if (this.#incomplete.length <= IRC_LIMITS.lineBytes) return;
    this.#isLineTooLong = true;
    this.#incomplete = Buffer.alloc(0);
  }

  #forward(bytes: Buffer): void {
    if (bytes.length > IRC_LIMITS.lineBytes) return;
    const text = bytes.toString("utf8").replace(/[\0\r]/g, "");
    const [head = "", command = ""] = PREFIX_AND_COMMAND.exec(text) ?? [];
    if (!this.#isForwarded(command)) return;
    const params = text.slice(head.length).replace(/^ +/, "");
    // The library reads the parameter of PING only if it is a trailing parameter.
    const line = command === "PING" && !params.startsWith(":") ? `PING :${params}` : `${head} ${params}`;
    if (!this.push(`${line}\r\n`)) this.#socket.pause();
  }

  /** Returns whether the library gets lines with a command. Records the end of the welcome. */
  #isForwarded(command: string): boolean {
    if (FORWARDED.has(command)) return true;
    if (this.#isWelcomed || !WELCOME_ENDS.has(command)) return false;
    this.#isWelcomed = true;
    return true;
  }
}
