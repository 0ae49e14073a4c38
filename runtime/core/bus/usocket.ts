import { createRequire } from "node:module";
import { Duplex } from "node:stream";

/** The native half of a socket of the package `usocket`, as far as it is used here. */
export interface SocketHandle {
  /** Called once when it can write again, after it could not. */
  drain: (() => void) | null;
  /** Descriptors that came and were not taken. */
  fds: readonly number[];
  /** Writes what the kernel takes now: gives how many bytes, or the error. Descriptors go with the first of them. */
  write(bytes: Uint8Array, descriptors?: readonly number[]): unknown;
  pause(): void;
  resume(): void;
}

/**
 * Whether dbus-next can load `usocket`, the optional package that passes file descriptors: it must be installed where
 * dbus-next finds it, and be compiled.
 */
export function hasUsocket(): boolean {
  available ??= canLoad();
  return available;
}

/** The native half of a stream; undefined where the stream is another. */
export function handleOf(stream: Duplex): SocketHandle | undefined {
  const handle: unknown = Reflect.get(stream, "_wrap");
  return isHandle(handle) ? handle : undefined;
}

/** Whether the bus has agreed to take file descriptors, as dbus-next notes it on a stream of the package. */
export function isAgreed(stream: Duplex): boolean {
  return Reflect.get(stream, "supportsUnixFd") === true;
}

/** Whether a stream of the package has connected, or failed to. */
export function isConnected(stream: Duplex): boolean {
  return typeof Reflect.get(stream, "fd") === "number" || handleOf(stream) === undefined;
}

let available: boolean | undefined;

function canLoad(): boolean {
  try {
    const { resolve } = createRequire(import.meta.url);
    const { USocket } = createRequire(resolve("dbus-next"))("usocket");
    return typeof USocket === "function" && USocket.prototype instanceof Duplex;
  } catch {
    return false;
  }
}

function isHandle(handle: unknown): handle is SocketHandle {
  if (typeof handle !== "object" || handle === null) return false;
  return ["write", "pause", "resume"].every((name) => typeof Reflect.get(handle, name) === "function");
}
