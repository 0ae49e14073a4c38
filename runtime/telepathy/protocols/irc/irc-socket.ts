import type { Socket } from "node:net";
import { IRC_LIMITS } from "../../quotas.ts";
import { formatIrcMessage, type IrcMessage, parseIrcMessage } from "./irc-message.ts";
import { Keepalive } from "./keepalive.ts";
import { LineReader } from "./line-reader.ts";

/** Receiver of the messages and failures of an `IrcSocket`. */
export interface IrcSocketListener {
  messageReceived(message: IrcMessage): void;
  /** Called if the server did not answer a ping in time. */
  pingTimeout(): void;
}

/**
 * Messages over a socket to an IRC server, from the moment when data can be sent. It answers pings. The socket is
 * destroyed if the server does not read what it is sent.
 */
export class IrcSocket {
  readonly #socket: Socket;
  readonly #listener: IrcSocketListener;
  readonly #keepalive: Keepalive;

  /** @param keepaliveSeconds - Seconds without data after which the server is pinged; 0 for never. */
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
      reader.receive(bytes);
    });
  }

  /** Starts to ping the server when it sends no data. */
  startKeepalive(): void {
    this.#keepalive.start();
  }

  /** Stops to ping the server, and ignores what it sends from now on. The socket is not closed. */
  stop(): void {
    this.#keepalive.stop();
    this.#socket.removeAllListeners("data").resume();
  }

  /** Sends a message, whose parameters are valid. */
  send(command: string, ...params: readonly string[]): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(`${formatIrcMessage(command, params)}\r\n`);
    if (this.#socket.writableLength <= IRC_LIMITS.outgoingBytes) return;
    this.#socket.destroy(new Error("the server does not read"));
  }

  #onLine(line: string): void {
    const message = this.#socket.destroyed ? undefined : parseIrcMessage(line);
    if (message === undefined) return;
    if (message.command === "PING") this.send("PONG", message.params.at(-1) ?? "");
    else this.#listener.messageReceived(message);
  }
}
