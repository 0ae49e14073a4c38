import { createRequire } from "node:module";
import { Duplex } from "node:stream";

/** The native handle of a socket of the package `usocket`: the members that this package uses. */
export interface SocketHandle {
  /** Called once when the kernel takes bytes after it took only part of a write. */
  drain: (() => void) | null;
  /** Received descriptors that were not taken. */
  fds: readonly number[];
  /**
   * Writes as many bytes as the kernel takes now. Returns their number, or an error. Descriptors are sent with the
   * first byte.
   */
  write(bytes: Uint8Array, descriptors?: readonly number[]): unknown;
  pause(): void;
  resume(): void;
}

/**
 * Connects to a Unix socket by `usocket`, the optional package that passes file descriptors, so that dbus-next negotiates
 * them. Returns undefined if the package is not compiled, or neither this runtime nor the main module of the program
 * finds it. A runtime that is linked into a project is not in the project's folder.
 */
export function connectWithDescriptors(path: string): Duplex | undefined {
  socketClass ??= { loaded: load() };
  const { loaded } = socketClass;
  if (loaded === undefined) return undefined;
  const stream = new loaded({ path });
  if (!(stream instanceof Duplex)) return undefined;
  return negotiatingDescriptors(stream);
}

/**
 * Returns the stream, on which dbus-next negotiates file descriptors. A socket of Node, which drops them, does so too: the
 * bus does not deliver a reply with descriptors to a connection without them, and the call would wait for its timeout.
 */
export function negotiatingDescriptors<S extends Duplex>(stream: S): S {
  Reflect.set(stream, "supportsUnixFd", true);
  return stream;
}

/** Returns the native handle of a stream; undefined if the stream is not of the package. */
export function handleOf(stream: Duplex): SocketHandle | undefined {
  const handle: unknown = Reflect.get(stream, "_wrap");
  return isHandle(handle) ? handle : undefined;
}

/** Returns whether the bus has agreed to pass file descriptors, which dbus-next records on a stream. */
export function hasNegotiatedDescriptors(stream: Duplex): boolean {
  return Reflect.get(stream, "supportsUnixFd") === true;
}

/** Returns whether a stream of the package has connected or failed to connect. */
export function hasConnectedOrFailed(stream: Duplex): boolean {
  return typeof Reflect.get(stream, "fd") === "number" || handleOf(stream) === undefined;
}

/** The class of the package; its value may be no stream, because the package has no types. */
type SocketClass = new (options: { readonly path: string }) => unknown;

let socketClass: { readonly loaded: SocketClass | undefined } | undefined;

function load(): SocketClass | undefined {
  for (const module of [import.meta.url, process.argv[1]]) {
    try {
      const { USocket } = createRequire(module ?? "")("usocket");
      if (typeof USocket === "function" && USocket.prototype instanceof Duplex) return USocket;
    } catch {
      // The package is not found from this module, or it is not compiled.
    }
  }
  return undefined;
}

function isHandle(handle: unknown): handle is SocketHandle {
  if (typeof handle !== "object" || handle === null) return false;
  return ["write", "pause", "resume"].every((name) => typeof Reflect.get(handle, name) === "function");
}
