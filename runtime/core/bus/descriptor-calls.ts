import { endianness } from "node:os";
import { getSystemErrorName } from "node:util";
import { closeDescriptors } from "../wire/descriptors.ts";

/** Calls of the C library that pass file descriptors over a Unix socket. No call blocks. */
export interface DescriptorCalls {
  /**
   * Reads from a socket. The next call overwrites the returned bytes. At the end of input, no bytes are returned.
   *
   * @returns Undefined if there is nothing to read now.
   * @throws Error with a `code` such as EBADF if the kernel rejects the read.
   */
  receive(socket: number): ReceivedBytes | undefined;
  /**
   * Writes as many of the bytes to a socket as the kernel takes now, and all descriptors with them.
   *
   * @returns Number of bytes written. With 0, the kernel takes nothing now, and no descriptor was sent.
   * @throws Error with a `code` such as EBADF if the kernel rejects the write.
   */
  send(socket: number, bytes: Uint8Array, descriptors: readonly number[]): number;
  /**
   * Returns a new descriptor for the same open file.
   *
   * @throws Error with a `code` if the descriptor is not open (EBADF), or the process has too many (EMFILE).
   */
  duplicate(descriptor: number): number;
}

/** Bytes and file descriptors that one read returned. */
export interface ReceivedBytes {
  readonly bytes: Uint8Array;
  /**
   * File descriptors that arrived with the bytes; the receiver must close them. Undefined if none arrived; empty if
   * some of them were lost.
   */
  readonly descriptors: readonly number[] | undefined;
}

/**
 * Returns the calls, which the optional package `koffi` makes. Returns undefined if the package is not found, or if
 * this is not Linux with 64-bit addresses in little-endian order. The package is looked up from this runtime and from
 * the main module of the program, because a runtime that is linked into a project is not in the project's folder.
 */
export function descriptorCalls(): DescriptorCalls | undefined {
  found ??= { calls: find() };
  return found.calls;
}

/** The members of `koffi` that this module uses. */
interface Koffi {
  load(library: null): { func(declaration: string): (...args: readonly unknown[]) => unknown };
  /** Returns the address of a memory area. V8 must not move the area. */
  address(memory: Uint8Array): bigint;
  /** Returns the error number of the last call. */
  errno(): number;
}

let found: { readonly calls: DescriptorCalls | undefined } | undefined;

function find(): DescriptorCalls | undefined {
  if (process.platform !== "linux" || !process.arch.endsWith("64") || endianness() !== "LE") return undefined;
  // With an import, bundlers would include the package.
  const { createRequire } = process.getBuiltinModule("node:module");
  for (const module of [import.meta.url, process.argv[1]]) {
    try {
      const koffi: unknown = createRequire(module ?? "")("koffi");
      if (isKoffi(koffi)) return callsOf(koffi);
    } catch {
      // The package is not found from this module, or it has no binary for this machine.
    }
  }
  return undefined;
}

function isKoffi(module: unknown): module is Koffi {
  if (typeof module !== "object" || module === null) return false;
  return ["load", "address", "errno"].every((name) => typeof Reflect.get(module, name) === "function");
}

// Constants and structures of Linux: unix(7), recvmsg(2), cmsg(3). The fields are little-endian.
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
const F_DUPFD_CLOEXEC = 1030;
const MSGHDR_LENGTH = 56;
const MSGHDR_IOV = 16;
const MSGHDR_IOV_LENGTH = 24;
const MSGHDR_CONTROL = 32;
const MSGHDR_CONTROL_LENGTH = 40;
const MSGHDR_FLAGS = 48;
/** Flag of the result of a read: descriptors were lost, because the process has too many open files. */
const MSG_CTRUNC = 8;
const CMSGHDR_LENGTH = 16;
const CMSGHDR_LEVEL = 8;
const CMSGHDR_TYPE = 12;
const DESCRIPTOR_LENGTH = 4;
/** Maximum number of descriptors that the kernel passes at once. */
const MAX_DESCRIPTORS_PER_CALL = 253;
/** Maximum number of bytes in one read, and in one write with descriptors. */
const DATA_LENGTH = 1 << 16;
const CONTROL_LENGTH = CMSGHDR_LENGTH + MAX_DESCRIPTORS_PER_CALL * DESCRIPTOR_LENGTH + DESCRIPTOR_LENGTH;

function callsOf(koffi: Koffi): DescriptorCalls {
  const library = koffi.load(null);
  const recvmsg = library.func("intptr_t recvmsg(int, void *, int)");
  const sendmsg = library.func("intptr_t sendmsg(int, void *, int)");
  const fcntl = library.func("int fcntl(int, int, ...)");
  const [data, control] = [Buffer.allocUnsafeSlow(DATA_LENGTH), Buffer.allocUnsafeSlow(CONTROL_LENGTH)];
  const part = Buffer.alloc(16);
  const message = Buffer.alloc(MSGHDR_LENGTH);
  part.writeBigUInt64LE(koffi.address(data));
  message.writeBigUInt64LE(koffi.address(part), MSGHDR_IOV);
  message.writeBigUInt64LE(1n, MSGHDR_IOV_LENGTH);
  message.writeBigUInt64LE(koffi.address(control), MSGHDR_CONTROL);

  /** Makes a call of the C library. Returns undefined if the call would have to wait. */
  const transfer = (call: typeof recvmsg, socket: number, dataLength: number, flags: number): number | undefined => {
    part.writeBigUInt64LE(BigInt(dataLength), 8);
    const length = Number(call(socket, message, flags | MSG_DONTWAIT));
    if (length >= 0) return length;
    const error = systemError("the connection to the bus failed", koffi.errno());
    if (error.code === "EAGAIN" || error.code === "EINTR") return undefined;
    throw error;
  };
  return {
    receive(socket) {
      message.writeBigUInt64LE(BigInt(CONTROL_LENGTH), MSGHDR_CONTROL_LENGTH);
      const length = transfer(recvmsg, socket, DATA_LENGTH, MSG_CMSG_CLOEXEC);
      if (length === undefined) return undefined;
      const controlLength = Number(message.readBigUInt64LE(MSGHDR_CONTROL_LENGTH));
      const descriptors = descriptorsIn(control.subarray(0, controlLength));
      const isTruncated = (message.readInt32LE(MSGHDR_FLAGS) & MSG_CTRUNC) !== 0;
      if (isTruncated) closeDescriptors(descriptors ?? []);
      return { bytes: data.subarray(0, length), descriptors: isTruncated ? [] : descriptors };
    },
    send(socket, bytes, descriptors) {
      const length = CMSGHDR_LENGTH + descriptors.length * DESCRIPTOR_LENGTH;
      control.writeBigUInt64LE(BigInt(length));
      control.writeInt32LE(SOL_SOCKET, CMSGHDR_LEVEL);
      control.writeInt32LE(SCM_RIGHTS, CMSGHDR_TYPE);
      for (const [index, descriptor] of descriptors.entries())
        control.writeInt32LE(descriptor, CMSGHDR_LENGTH + index * DESCRIPTOR_LENGTH);
      message.writeBigUInt64LE(BigInt(length), MSGHDR_CONTROL_LENGTH);
      const first = bytes.subarray(0, DATA_LENGTH);
      data.set(first);
      return transfer(sendmsg, socket, first.length, MSG_NOSIGNAL) ?? 0;
    },
    duplicate(descriptor) {
      const duplicate = Number(fcntl(descriptor, F_DUPFD_CLOEXEC, "int", 0));
      if (duplicate >= 0) return duplicate;
      throw systemError("a file descriptor cannot be sent", koffi.errno());
    },
  };
}

/** Returns an error with a code such as `EBADF`, like those of Node. */
function systemError(problem: string, errno: number): Error & { readonly code: string } {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${problem}: ${code}`), { code });
}

/**
 * Returns the descriptors in the control data of a read; undefined if the data contain no descriptors. The kernel puts
 * all descriptors into one element.
 */
function descriptorsIn(control: Buffer): readonly number[] | undefined {
  if (control.length < CMSGHDR_LENGTH) return undefined;
  if (control.readInt32LE(CMSGHDR_LEVEL) !== SOL_SOCKET || control.readInt32LE(CMSGHDR_TYPE) !== SCM_RIGHTS)
    return undefined;
  const count = (Number(control.readBigUInt64LE()) - CMSGHDR_LENGTH) / DESCRIPTOR_LENGTH;
  return Array.from({ length: count }, (_, index) => control.readInt32LE(CMSGHDR_LENGTH + index * DESCRIPTOR_LENGTH));
}
