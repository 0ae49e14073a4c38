import { isIP, connect as openPlain, type Socket } from "node:net";
import { connect as openTls } from "node:tls";
import type { IrcSettings } from "./irc-settings.ts";

/** How servers are reached. */
export interface IrcOptions {
  /**
   * Certificates of the authorities that count, in PEM; by default those that Node.js comes with, and those in
   * `NODE_EXTRA_CA_CERTS`.
   */
  readonly authorities?: readonly string[];
  /**
   * Milliseconds in which a server has to speak TLS once it is reached, before it counts as one that does not: 15 000 by
   * default. Servers without TLS often just wait for a line to end.
   */
  readonly tlsTimeout?: number;
}

/** A socket that is being connected. */
export interface Dialing {
  readonly socket: Socket;
  /** Resolves when bytes can be sent: with TLS, when the certificate was found good. Rejects as the socket fails. */
  readonly ready: Promise<void>;
}

/**
 * Milliseconds until a server has to be reached. Without it the kernel tries for minutes where nobody answers.
 */
const TIMEOUT = 60_000;

const TLS_TIMEOUT = 15_000;

/** The server does not speak TLS, or not in time. */
export class NoTlsError extends Error {}

/** Connects to a server. */
export function dial(settings: IrcSettings, options: IrcOptions): Dialing {
  const { server, tls } = settings;
  const socket = tls ? openSecure(settings, options) : openPlain({ host: server, port: settings.port });
  const ready = new Promise<void>((resolve, reject) => {
    let timer = deadline(socket, TIMEOUT, new Error(`${server} does not answer`));
    const { tlsTimeout = TLS_TIMEOUT } = options;
    socket.once("connect", () => {
      clearTimeout(timer);
      if (tls) timer = deadline(socket, tlsTimeout, new NoTlsError(`${server} does not speak TLS`));
      else resolve();
    });
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      reject(new Error("the socket was closed"));
    });
  });
  return { socket, ready };
}

function openSecure({ server, port }: IrcSettings, { authorities }: IrcOptions): Socket {
  return openTls({
    host: server,
    port,
    minVersion: "TLSv1.2",
    // Addresses are checked as well, but not sent as a server name.
    ...(isIP(server) === 0 ? { servername: server } : {}),
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
  });
}

function deadline(socket: Socket, milliseconds: number, error: Error): NodeJS.Timeout {
  return setTimeout(() => socket.destroy(error), milliseconds).unref();
}
