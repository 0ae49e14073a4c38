import { getSystemErrorMap } from "node:util";

/** Meanings of the codes of system errors, for messages to users. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "the address is in use",
  EAI_AGAIN: "the host name cannot be resolved at present",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was closed",
  EEXIST: "it exists",
  EISDIR: "it is a folder",
  ELOOP: "too many links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "it does not exist",
  ENOTFOUND: "the host name is not known",
  ENOSPC: "no space is left",
  ENOTDIR: "it is not a folder",
  ENOTEMPTY: "the folder is not empty",
  EPERM: "it is not permitted",
  EROFS: "the file system is read-only",
};

/** An error of a system call, as Node reports it. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** Returns whether a system call failed, such as a write into a folder that is a file. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}

/** Returns a message for a failed system call, such as `cannot write "out/a.ts": permission denied`. */
export function systemErrorMessage(error: SystemError): string {
  const { code, syscall, path } = error;
  const action = syscall === "connect" ? "connect to" : "access";
  const reason = reasonOf(code);
  return path === undefined ? `cannot ${action} a file: ${reason}` : `cannot ${action} "${path}": ${reason}`;
}

/** Returns the meaning of an error code. For a code without an entry in this file, returns the text of the system. */
function reasonOf(code: string): string {
  const known = [...getSystemErrorMap().values()].find(([name]) => name === code);
  return REASONS[code] ?? known?.[1] ?? code;
}

/**
 * Replaces reports of failed connections in a text, such as `connect ENOENT /run/bus`, by their meaning.
 *
 * @param address - The address of the connection. A report does not repeat a path or host that the address contains.
 */
export function withReasons(text: string, address = ""): string {
  return text.replace(/\b(?:connect|getaddrinfo) (E[A-Z_]+) ([^\s;]+)/g, (_, code: string, place: string) => {
    const shown = place.replace(/^\0/, "@");
    const isNamed = address.includes(place.replace(/^\0/, "")) || address.includes(place.replace(/:\d+$/, ""));
    return isNamed ? reasonOf(code) : `"${shown}": ${reasonOf(code)}`;
  });
}
