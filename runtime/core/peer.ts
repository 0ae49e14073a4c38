import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { acceptPeer } from "./bus/accept-peer.ts";
import { type Address, escapeValue, parseAddresses } from "./bus/address.ts";
import { openPeerTransport } from "./bus/handshake.ts";
import { replyOfLocalDaemon } from "./bus/local-daemon.ts";
import { listenOnFile } from "./bus/socket-file.ts";
import type { Transport } from "./bus/transport.ts";
import { Bus } from "./bus.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { guarded } from "./hooks.ts";
import { checkQuotas } from "./quotas.ts";
import { DisconnectedError } from "./standard-errors.ts";

const DEFAULT_TIMEOUT_MS = 10_000;
/** Maximum number of simultaneous peers of a server. */
const MAX_PEERS = 256;

/**
 * Options of connections without a message bus. `timeout` is the time for the authentication in milliseconds: 10 000 by
 * default.
 */
export type PeerOptions = Pick<ConnectOptions, "timeout" | "onError" | "quotas" | "refuse">;

/** A socket on which peers connect. */
export interface PeerServer extends AsyncDisposable {
  /** Address for `connectPeer`, with the id of the server. */
  readonly address: string;
  /**
   * Closes the socket and all connections. Removes the file of the socket, unless another file has replaced it. Repeated
   * calls have no effect.
   */
  close(): Promise<void>;
}

/**
 * Connects to a program without a message bus. Both ends can serve objects, and call objects of the other end, whose
 * bus name is `PEER`. Names cannot be owned, and callers have no credentials.
 *
 * @param address - Address that the program listens on, such as `unix:path=/run/user/1000/jukebox`.
 * @throws DisconnectedError that states why the connection failed; InvalidValueError if a quota is invalid.
 *
 * @example
 * ```ts
 * await using peer = await connectPeer("unix:path=/run/user/1000/jukebox");
 * const jukebox = new Jukebox1Client(peer, { destination: PEER, path: "/org/example/Jukebox1" });
 * ```
 */
export async function connectPeer(address: string, options: PeerOptions = {}): Promise<Bus> {
  checkQuotas(options.quotas ?? {});
  const { addresses, problems: unusable } = parseAddresses(address);
  const problems = [...unusable];
  for (const candidate of addresses) {
    try {
      return peerBus(await openPeerTransport(candidate, options.timeout ?? DEFAULT_TIMEOUT_MS), options);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new DisconnectedError(`cannot connect to the peer: ${problems.join("; ")}`);
}

/**
 * Listens for peers on a Unix socket. Only the user of this process and root can connect.
 *
 * @param address - An address `unix:path=…` of at most 107 bytes. The file must not exist; its folder must belong to the
 * user.
 * @param onPeer - Called for each peer that has connected, before its messages are processed. Objects that it serves
 * synchronously exist when the first call arrives. Its errors are passed to `onError`.
 * @throws Error if listening on the address fails; InvalidValueError if a quota is invalid.
 *
 * @example
 * ```ts
 * await using server = await listen("unix:path=/run/user/1000/jukebox", async (peer) => {
 *   await peer.serve("/org/example/Jukebox1", new MyJukebox());
 * });
 * ```
 */
export async function listen(
  address: string,
  onPeer: (peer: Bus) => void | Promise<void>,
  options: PeerOptions = {},
): Promise<PeerServer> {
  checkQuotas(options.quotas ?? {});
  const path = pathOf(parseAddresses(address).addresses);
  const guid = randomUUID().replaceAll("-", "");
  const peers = new Set<Bus>();
  const closing = new AbortController();
  let unauthenticated = 0;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    // An error without a listener would be thrown.
    socket.on("error", () => undefined);
    if (peers.size + unauthenticated >= MAX_PEERS || closing.signal.aborted) {
      socket.destroy();
      return;
    }
    unauthenticated++;
    acceptPeer(socket, guid, options.timeout ?? DEFAULT_TIMEOUT_MS, closing.signal)
      .then(add, () => undefined)
      .finally(() => unauthenticated--);
  });
  const add = (transport: Transport): void => {
    if (closing.signal.aborted) {
      transport.destroy();
      return;
    }
    const bus = peerBus(transport, options);
    peers.add(bus);
    void bus.closed.then(() => peers.delete(bus));
    guarded(onPeer, (error) => bus.onError(error, { kind: "connectionHook" }))(bus);
  };
  const socket = await listenOnFile(server, path);
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing.abort();
    // The server itself never reports its end, because transports take over the handles of its sockets.
    socket.close();
    await Promise.all([...peers].map((peer) => peer.close()));
  };
  return {
    address: `unix:path=${escapeValue(path)},guid=${guid}`,
    close: () => (closed ??= close()),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

function pathOf([address]: readonly Address[]): string {
  if (address?.kind === "unix" && !address.path.startsWith("\0")) return address.path;
  // Only socket files have permissions that prevent peers of other users from connecting.
  throw new Error("a program can listen for peers only at an address unix:path=…");
}

/**
 * Returns a connection that receives messages from the next turn of the event loop on, so that the caller can first
 * serve objects.
 */
function peerBus(transport: Transport, options: PeerOptions): Bus {
  const delayed: Transport = {
    ...transport,
    get queued() {
      return transport.queued;
    },
    start: (receiver) => void setImmediate(() => transport.start(receiver)),
  };
  return new Bus(delayed, options, { daemon: replyOfLocalDaemon });
}
