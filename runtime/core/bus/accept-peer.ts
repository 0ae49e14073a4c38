import type { Socket } from "node:net";
import { errorOf } from "../errors.ts";
import { MAX_AUTHENTICATION_LINE_LENGTH } from "../wire/limits.ts";

/** Most lines that a peer may send, among them failed attempts. */
const MAX_LINES = 16;

/**
 * Authenticates a peer that has connected (D-Bus specification, "Authentication Protocol"): EXTERNAL as the user of this
 * process, or as root. The permissions of the socket file decide who can connect.
 *
 * @param guid - Id of this server.
 * @returns Bytes that follow the authentication. The socket is paused.
 * @throws Error if the peer fails to authenticate, or takes longer than the timeout in milliseconds.
 */
export function acceptPeer(socket: Socket, guid: string, timeout: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let received: Uint8Array = new Uint8Array();
    const authentication = new ServerAuthentication(guid);
    const end = (error?: Error): void => {
      clearTimeout(timer);
      socket.off("data", onData).off("close", onClose);
      socket.pause();
      if (error === undefined) resolve(received);
      else reject(error);
    };
    const onClose = (): void => end(new Error("the peer closed the connection"));
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      try {
        while (!authentication.isComplete) {
          const newline = received.indexOf(0x0a);
          if (Math.max(newline, received.length * Number(newline < 0)) > MAX_AUTHENTICATION_LINE_LENGTH)
            throw new Error("the peer sent a line that is too long");
          if (newline < 0) return;
          const line = Buffer.from(received.subarray(0, newline)).toString("latin1");
          received = received.subarray(newline + 1);
          const answer = authentication.answer(line.replace(/\r$/, ""));
          if (answer !== undefined) socket.write(`${answer}\r\n`);
        }
        end();
      } catch (error) {
        end(errorOf(error));
      }
    };
    const timer = setTimeout(() => end(new Error(`the peer did not authenticate within ${timeout} ms`)), timeout);
    socket.on("data", onData).on("close", onClose);
  });
}

/** The server's side of the authentication: lines of the peer in, answers out. */
export class ServerAuthentication {
  isComplete = false;
  readonly #guid: string;
  #isFirst = true;
  #lines = 0;
  #state: "waiting" | "data" | "accepted" = "waiting";

  constructor(guid: string) {
    this.#guid = guid;
  }

  /** Returns the answer to a line, or undefined after BEGIN. Throws Error if the peer does not follow the protocol. */
  answer(text: string): string | undefined {
    if (this.#isFirst && !text.startsWith("\0")) throw new Error("the peer did not begin with NUL");
    const line = this.#isFirst ? text.slice(1) : text;
    this.#isFirst = false;
    if (++this.#lines > MAX_LINES) throw new Error("the peer sent too many lines");
    const [command = "", mechanism = "", response] = line.split(" ");
    if (this.#state === "accepted" && command === "BEGIN") {
      this.isComplete = true;
      return undefined;
    }
    if (command === "BEGIN") throw new Error("the peer did not authenticate");
    if (this.#state === "data" && command === "DATA") return this.#check(mechanism);
    if (command === "AUTH" && mechanism === "EXTERNAL")
      return response === undefined ? this.#request() : this.#check(response);
    if (command === "AUTH" || command === "CANCEL" || command === "ERROR") return this.#reject();
    return 'ERROR "not supported"';
  }

  #request(): string {
    this.#state = "data";
    return "DATA";
  }

  /** Accepts the user of this process and root; an empty response is the user of the connection. */
  #check(response: string): string {
    const user = Buffer.from(response, "hex").toString("latin1");
    if (!["", "0", String(process.getuid?.())].includes(user)) return this.#reject();
    this.#state = "accepted";
    return `OK ${this.#guid}`;
  }

  #reject(): string {
    this.#state = "waiting";
    return "REJECTED EXTERNAL";
  }
}
