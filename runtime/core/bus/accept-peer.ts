import type { Socket } from "node:net";
import { errorOf } from "../errors.ts";
import { closeDescriptors } from "../wire/descriptors.ts";
import { MAX_AUTHENTICATION_LINE_LENGTH } from "../wire/limits.ts";
import { addAbortListener, removeAbortListener } from "./abort-listeners.ts";
import { descriptorCalls } from "./descriptor-calls.ts";
import { LOCAL_PEER, PEER } from "./peer-names.ts";
import { socketTransport } from "./socket-transport.ts";
import type { Transport, TransportReceiver } from "./transport.ts";

/** Maximum number of lines that a peer may send to authenticate, including failed attempts. */
const MAX_LINES = 16;

/**
 * Authenticates a peer that has connected (D-Bus specification, "Authentication Protocol"): EXTERNAL as the user of
 * this process, or as root. The permissions of the socket file decide who can connect.
 *
 * @param guid - Id of this server.
 * @param signal - When it aborts, the connection is closed unless the peer is authenticated.
 * @returns The transport, which is not started.
 * @throws Error if the peer fails to authenticate, or takes longer than the timeout in milliseconds. The socket is
 * closed.
 */
export function acceptPeer(socket: Socket, guid: string, timeout: number, signal: AbortSignal): Promise<Transport> {
  // Descriptors may arrive with the bytes after the authentication, so the transport must receive descriptors from the
  // start.
  const transport = socketTransport(socket, LOCAL_PEER, 0, new Uint8Array(), { peerName: PEER }, descriptorCalls());
  const authentication = new ServerAuthentication(guid, transport.maxDescriptors > 0);
  return new Promise((resolve, reject) => {
    let line = "";
    let successor: Successor | undefined;
    const end = (error?: Error): void => {
      clearTimeout(timer);
      removeAbortListener(signal, cancellation);
      if (error === undefined) return;
      transport.destroy();
      reject(error);
    };
    const cancellation = { abort: () => end(new Error("the server was closed")) };
    const timer = setTimeout(() => end(new Error(`the peer did not authenticate within ${timeout} ms`)), timeout);
    addAbortListener(signal, cancellation);

    /**
     * Processes the lines in a chunk of bytes. Returns the bytes after the last line of the authentication; undefined
     * if that line has not arrived yet.
     */
    const readLines = (chunk: Uint8Array): Uint8Array | undefined => {
      let rest = Buffer.from(chunk).toString("latin1");
      for (let newline = rest.indexOf("\n"); newline >= 0; newline = rest.indexOf("\n")) {
        const answer = authentication.answer(checkLine(line + rest.slice(0, newline)).replace(/\r$/, ""));
        line = "";
        rest = rest.slice(newline + 1);
        if (authentication.isComplete) return Buffer.from(rest, "latin1");
        if (answer !== undefined) transport.write(Buffer.from(`${answer}\r\n`, "latin1"));
      }
      line = checkLine(line + rest);
      return undefined;
    };
    transport.start({
      onBytes(chunk, descriptors) {
        if (successor !== undefined) {
          successor.onBytes(chunk, descriptors);
          return;
        }
        try {
          const remainder = readLines(chunk);
          if (remainder === undefined || remainder.length === 0) closeDescriptors(descriptors ?? []);
          if (remainder === undefined) return;
          successor = new Successor();
          if (remainder.length > 0) successor.onBytes(remainder, descriptors);
          end();
          resolve(authenticated(transport, authentication.passesDescriptors, successor));
        } catch (error) {
          closeDescriptors(descriptors ?? []);
          end(errorOf(error));
        }
      },
      onClose(error) {
        if (successor === undefined) end(new Error("the peer closed the connection"));
        else successor.onClose(error);
      },
    });
  });
}

/** Returns the line unchanged. Throws Error if it is too long. */
function checkLine(line: string): string {
  if (line.length > MAX_AUTHENTICATION_LINE_LENGTH) throw new Error("the peer sent a line that is too long");
  return line;
}

/** Returns an authenticated transport. All bytes that arrive after the authentication are delivered to `successor`. */
function authenticated(transport: Transport, passesDescriptors: boolean, successor: Successor): Transport {
  return {
    ...transport,
    get queued() {
      return transport.queued;
    },
    maxDescriptors: passesDescriptors ? transport.maxDescriptors : 0,
    start: (receiver) => successor.start(receiver),
  };
}

/** Receives the bytes after the authentication, and keeps them until the final receiver is known. */
class Successor implements TransportReceiver {
  #receiver: TransportReceiver | undefined;
  readonly #events: ((receiver: TransportReceiver) => void)[] = [];

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver;
    for (const event of this.#events.splice(0)) event(receiver);
  }

  onBytes(chunk: Uint8Array, descriptors?: readonly number[]): void {
    if (this.#receiver !== undefined) this.#receiver.onBytes(chunk, descriptors);
    else {
      const copy = Uint8Array.from(chunk);
      this.#events.push((receiver) => receiver.onBytes(copy, descriptors));
    }
  }

  onClose(error?: Error): void {
    if (this.#receiver !== undefined) this.#receiver.onClose(error);
    else this.#events.push((receiver) => receiver.onClose(error));
  }
}

/**
 * The server's side of the authentication, as a state machine: it gets the lines of the peer and returns the answers.
 */
export class ServerAuthentication {
  isComplete = false;
  /** Whether the peer has requested to pass file descriptors, and this process can receive them. */
  passesDescriptors = false;
  readonly #guid: string;
  readonly #canPassDescriptors: boolean;
  #isFirst = true;
  #lines = 0;
  #state: "waiting" | "data" | "accepted" = "waiting";

  /** @param guid - Id of the server. */
  constructor(guid: string, canPassDescriptors: boolean) {
    this.#guid = guid;
    this.#canPassDescriptors = canPassDescriptors;
  }

  /**
   * Returns the answer to a line of the peer; undefined after BEGIN. Throws Error if the peer does not follow the
   * protocol.
   */
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
    if (command === "NEGOTIATE_UNIX_FD" && this.#state === "accepted" && this.#canPassDescriptors) {
      this.passesDescriptors = true;
      return "AGREE_UNIX_FD";
    }
    return 'ERROR "not supported"';
  }

  #request(): string {
    this.#state = "data";
    return "DATA";
  }

  /**
   * Returns the answer to a response of EXTERNAL, which is a uid in hexadecimal. Accepts the user of this process and
   * root. An empty response means the user of the connection, and is accepted.
   */
  #check(response: string): string {
    const user = Buffer.from(response, "hex").toString("latin1");
    // The decoder stops at the first character that is not hexadecimal.
    const isHexadecimal = user.length * 2 === response.length;
    if (!isHexadecimal || !["", "0", String(process.getuid?.())].includes(user)) return this.#reject();
    this.#state = "accepted";
    return `OK ${this.#guid}`;
  }

  #reject(): string {
    this.#state = "waiting";
    this.passesDescriptors = false;
    return "REJECTED EXTERNAL";
  }
}
