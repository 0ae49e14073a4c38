import type { Socket } from "node:net";
import { IRC_LIMITS } from "../../quotas.ts";
import { formatIrcMessage, type IrcMessage, parseIrcMessage } from "./irc-message.ts";
import { Keepalive } from "./keepalive.ts";
import { LineReader } from "./line-reader.ts";

/** Receiver of the messages and failures of an `IrcSocket`. */
export interface IrcSocketListener {
  messageReceived(message: IrcMessage): void;
  /** Called when the server did not answer a PING in time. */
  pingTimeout(): void;
}

/**
 * Messages over a connected socket to an IRC server. PING messages of the server are answered. If the server does
 * not read sent data, the socket is destroyed.
 */
export class IrcSocket {
  readonly #socket: Socket;
  readonly #listener: IrcSocketListener;
  readonly #keepalive: Keepalive;

  /** @param keepaliveSeconds - Seconds without received data after which a PING is sent; 0 if none is sent. */
  constructor(socket: Socket, keepaliveSeconds: number, listener: IrcSocketListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#keepalive = new Keepalive(keepaliveSeconds, {
      sendPing: () => this.send("PING", "keepalive"),
      onTimeout: () => listener.pingTimeout(),
    });
    const reader = new LineReader((line) => this.#onLine(line));
    socket.on("data", (bytes: Buffer) => {
      this.#keepalive.dataReceived();
      try {
        reader.receive(bytes);
      } catch (error) {
        // An exception would end the process, and all other connections with it.
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Starts to send PING messages when the server sends no data. */
  startKeepalive(): void {
    this.#keepalive.start();
  }

  /** Stops sending PING messages and ignores further received data. The socket remains open. */
  stop(): void {
    this.#keepalive.stop();
    this.#socket.removeAllListeners("data").resume();
  }

  /** Sends a message to the server. Throws TypeError if a parameter cannot be sent. */
  send(command: string, ...params: readonly string[]): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${formatIrcMessage(command, params)}\r\n`);
    if (this.#socket.writableLength <= IRC_LIMITS.outgoingBytes) return;
    this.#socket.destroy(new Error("the server does not read the sent data"));
  }

  #onLine(line: string): void {
    const message = this.#socket.destroyed ? undefined : parseIrcMessage(line);
    if (message === undefined) return;
    if (message.command === "PING") this.send("PONG", message.params.at(-1) ?? "");
    else this.#listener.messageReceived(message);
  }
}
