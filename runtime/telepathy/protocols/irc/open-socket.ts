import { isIP, connect as openPlain, type Socket } from "node:net";
import { DEFAULT_CIPHERS, connect as openTls } from "node:tls";
import type { IrcSettings } from "./irc-settings.ts";

/** Options of the connections to IRC servers. */
export interface IrcOptions {
  /**
   * Trusted certificate authorities in PEM. By default those of Node.js and of `NODE_EXTRA_CA_CERTS`. Certificates are
   * always verified, also if `NODE_TLS_REJECT_UNAUTHORIZED` is 0.
   */
  readonly authorities?: readonly string[];
  /**
   * Milliseconds that a server has for the TLS handshake: 15 000 by default. Then it counts as a server without TLS,
   * because such servers often just wait for the end of a line.
   */
  readonly tlsTimeout?: number;
}

/** A socket that is being connected. */
export interface PendingSocket {
  readonly socket: Socket;
  /** Resolves when data can be sent: with TLS, after the certificate was verified. Rejects if the socket fails. */
  readonly ready: Promise<void>;
}

/** Time to connect a socket. Without it, the kernel tries for minutes if the host does not answer. */
const CONNECT_TIMEOUT_MS = 60_000;

const TLS_TIMEOUT_MS = 15_000;

/** The server does not support TLS, or did not complete the handshake in time. */
export class TlsNotSupportedError extends Error {}

/** Starts to connect a socket to an IRC server. */
export function openSocket(settings: IrcSettings, options: IrcOptions): PendingSocket {
  const { server, useTls } = settings;
  const socket = useTls ? openSecure(settings, options) : openPlain({ host: server, port: settings.port });
  const ready = new Promise<void>((resolve, reject) => {
    let timer = destroyAfter(socket, CONNECT_TIMEOUT_MS, new Error(`${server} does not answer`));
    const { tlsTimeout = TLS_TIMEOUT_MS } = options;
    socket.once("connect", () => {
      clearTimeout(timer);
      const problem = `${server} does not speak TLS`;
      if (useTls) timer = destroyAfter(socket, tlsTimeout, new TlsNotSupportedError(problem));
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
    // OpenSSL rejects weak keys and signatures: less than 112 bits of security, such as RSA with less than 2048 bits.
    ciphers: `${DEFAULT_CIPHERS}:@SECLEVEL=2`,
    // Otherwise the environment variable NODE_TLS_REJECT_UNAUTHORIZED decides.
    rejectUnauthorized: true,
    // The certificate must match an address, too, but an address must not be sent as a server name (RFC 6066).
    ...(isIP(server) === 0 ? { servername: server } : {}),
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
  });
}

function destroyAfter(socket: Socket, milliseconds: number, error: Error): NodeJS.Timeout {
  return setTimeout(() => socket.destroy(error), milliseconds).unref();
}
