import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** Bytes of a line, after which the rest of it is dropped. RFC 1459 has 512. */
const MAX_LINE = 4096;
const NEWLINE = 0x0a;

/** The prefix and the command of a line. */
const LINE = /^(?::[^ ]* +)?([A-Z]+|[0-9]{3})(?= |$)/;

/** What the client is told of, as often as it comes. */
const PASSED: ReadonlySet<string> = new Set([
  ..."PING PONG NICK ERROR".split(" "),
  ..."001 005 432 433 436 437 463 464 465".split(" "),
]);

/** What comes after the last 005, on one server or another. */
const WELCOME_ENDS: ReadonlySet<string> = new Set(["251", "376", "422"]);

/**
 * Stands between the socket of a server and the client library, which believes in servers: it throws at replies that are
 * too short, collects those to requests that nobody made, and stops at long bursts. So lines get through one by one, of
 * bounded length, and only those that say something about the connection itself.
 */
export class LineGate extends Duplex {
  readonly #socket: Socket;
  readonly #onHeard: () => void;
  #pending: Buffer = Buffer.alloc(0);
  #isTooLong = false;
  #isWelcomed = false;

  /** @param onHeard - Called whenever the server says anything at all. */
  constructor(socket: Socket, onHeard: () => void) {
    super();
    this.#socket = socket;
    this.#onHeard = onHeard;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("end", () => this.push(null));
    // The last lines are still on their way to the library.
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

  #take(bytes: Buffer): void {
    this.#onHeard();
    this.#pending = Buffer.concat([this.#pending, bytes]);
    let start = 0;
    for (let end = this.#pending.indexOf(NEWLINE); end >= 0; end = this.#pending.indexOf(NEWLINE, start)) {
      if (!this.#isTooLong) this.#line(this.#pending.subarray(start, end));
      this.#isTooLong = false;
      start = end + 1;
    }
    this.#pending = this.#pending.subarray(start);
    if (this.#pending.length <= MAX_LINE) return;
    this.#isTooLong = true;
    this.#pending = Buffer.alloc(0);
  }

  #line(bytes: Buffer): void {
    if (bytes.length > MAX_LINE) return;
    const text = bytes.toString("utf8").replace(/[\0\r]/g, "");
    const [head = "", command = ""] = LINE.exec(text) ?? [];
    if (!this.#passes(command)) return;
    const rest = text.slice(head.length).replace(/^ +/, "");
    // The library takes the argument of PING only in this form.
    const line = command === "PING" && !rest.startsWith(":") ? `PING :${rest}` : `${head} ${rest}`;
    if (!this.push(`${line}\r\n`)) this.#socket.pause();
  }

  #passes(command: string): boolean {
    if (PASSED.has(command)) return true;
    if (this.#isWelcomed || !WELCOME_ENDS.has(command)) return false;
    this.#isWelcomed = true;
    return true;
  }
}
