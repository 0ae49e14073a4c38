import { isIP, connect as openPlain, type Socket } from "node:net";
import { DEFAULT_CIPHERS, connect as openTls } from "node:tls";
import type { IrcSettings } from "./irc-settings.ts";

/** Options of connections to IRC servers. */
export interface IrcOptions {
  /**
   * Trusted certificate authorities in PEM format. By default those of Node.js and of `NODE_EXTRA_CA_CERTS`.
   * Certificates are always verified, even if `NODE_TLS_REJECT_UNAUTHORIZED` is 0.
   */
  readonly authorities?: readonly string[];
  /**
   * Milliseconds that a server has for the TLS handshake: 15,000 by default. A server that takes longer is treated
   * as one without TLS, because such servers often wait for the end of a line.
   */
  readonly tlsTimeout?: number;
}

/** A socket that is connecting to a server. */
export interface PendingSocket {
  readonly socket: Socket;
  /**
   * Resolves when data can be sent: without TLS when connected, with TLS when the certificate was verified. Rejects
   * if the socket fails.
   */
  readonly ready: Promise<void>;
}

/**
 * Milliseconds that a socket has to connect. Without this limit, the kernel waits minutes for a host that does not
 * answer.
 */
const CONNECT_TIMEOUT_MS = 60_000;

const TLS_TIMEOUT_MS = 15_000;

/** Error of a server that does not support TLS, or did not complete the handshake in time. */
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
      const problem = `${server} does not support TLS, or did not complete the handshake in time`;
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
    // Without this option, the environment variable NODE_TLS_REJECT_UNAUTHORIZED could disable verification.
    rejectUnauthorized: true,
    // An IP address is verified, too, but must not be sent as server name (RFC 6066).
    ...(isIP(server) === 0 ? { servername: server } : {}),
    ...(authorities === undefined ? {} : { ca: [...authorities] }),
  });
}

function destroyAfter(socket: Socket, milliseconds: number, error: Error): NodeJS.Timeout {
  return setTimeout(() => socket.destroy(error), milliseconds).unref();
}
