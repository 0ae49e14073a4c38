import { execFile, spawn } from "node:child_process";
import type { EventEmitter } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import type { Identity } from "./generated/org.freedesktop.PolicyKit1.Authority.ts";

/** The user interface of an authentication. */
export interface Conversation {
  /**
   * Returns the answer of the user, such as a password.
   *
   * @param question - Text to show, such as `Password: `.
   * @param isVisible - Whether the answer may be shown while it is entered.
   */
  readonly answer: (question: string, isVisible: boolean) => Promise<string> | string;
  /** Shows a message. */
  readonly show?: (message: string, kind: "error" | "info") => void;
}

/** Options of `authenticate`. */
export interface HelperOptions {
  /** Ends the authentication when it is aborted. The authentication then fails with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Path of polkit-agent-helper-1. By default, the helper is reached over its socket or, if there is no socket, started
   * from the path of its installation.
   */
  readonly program?: string;
}

/** Socket over which polkit 126 and later run the helper. */
const SOCKET = "/run/polkit/agent-helper.socket";
const PROGRAMS = ["/usr/lib/polkit-1/polkit-agent-helper-1", "/usr/libexec/polkit-agent-helper-1"];

/**
 * Authenticates a user with polkit's helper, which checks the user's answers with PAM and reports a success to polkit.
 *
 * @param identity - One of the identities of `beginAuthentication`, of kind `unix-user`.
 * @param cookie - The cookie of `beginAuthentication`.
 * @returns Whether the user was authenticated.
 * @throws Error if the identity is not an existing user or the helper cannot be started, the error of `conversation`,
 *   or the reason of `signal`.
 */
export async function authenticate(
  identity: Identity,
  cookie: string,
  conversation: Conversation,
  options: HelperOptions = {},
): Promise<boolean> {
  const { signal } = options;
  signal?.throwIfAborted();
  const helper = startHelper(await userName(identity), options.program);
  signal?.addEventListener("abort", helper.stop, { once: true });
  try {
    helper.input.write(`${cookie}\n`);
    const isAuthenticated = await Promise.race([converse(helper, conversation), helper.failed]);
    signal?.throwIfAborted();
    return isAuthenticated;
  } finally {
    signal?.removeEventListener("abort", helper.stop);
    helper.stop();
  }
}

/**
 * Answers the questions of the helper until it reports a result, and returns whether it was a success. A helper that
 * ends without a result counts as a failure.
 */
async function converse({ input, output }: Helper, { answer, show }: Conversation): Promise<boolean> {
  for await (const line of createInterface({ input: output })) {
    const [, kind, text = ""] = /^(\S+) ?(.*)$/s.exec(unescaped(line)) ?? [];
    if (kind === "SUCCESS") return true;
    if (kind === "PAM_PROMPT_ECHO_OFF" || kind === "PAM_PROMPT_ECHO_ON") {
      const reply = await answer(text, kind === "PAM_PROMPT_ECHO_ON");
      // A line break would begin the next answer.
      input.write(`${reply.replace(/\n.*$/s, "")}\n`);
    } else if (kind === "PAM_ERROR_MSG") show?.(text, "error");
    else if (kind === "PAM_TEXT_INFO") show?.(text, "info");
    else return false;
  }
  return false;
}

/** Decodes a line of the helper, in which special characters and bytes above 127 are escaped as in a C string. */
function unescaped(line: string): string {
  const letters: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
  const bytes: number[] = [];
  for (const [, octal, escaped, plain = ""] of line.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+|\\$)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8) & 0xff);
    else if (escaped !== undefined) bytes.push(letters[escaped] ?? escaped.charCodeAt(0));
    else bytes.push(...Buffer.from(plain));
  }
  return Buffer.from(bytes).toString("utf8");
}

async function userName(identity: Identity): Promise<string> {
  const uid = identity.kind === "unix-user" ? identity.details.uid : undefined;
  if (uid === undefined) throw new Error("only an identity of kind unix-user can be authenticated");
  const { stdout } = await promisify(execFile)("getent", ["passwd", String(uid)]).catch(() => ({ stdout: "" }));
  const [name = ""] = stdout.split(":");
  if (name === "") throw new Error(`no user has the number ${uid}`);
  return name;
}

interface Helper {
  readonly input: Writable;
  readonly output: Readable;
  /** Rejects if the helper cannot be started or reached. */
  readonly failed: Promise<never>;
  readonly stop: () => void;
}

function startHelper(user: string, chosen: string | undefined): Helper {
  if (chosen === undefined && existsSync(SOCKET)) {
    const socket = connect(SOCKET);
    socket.write(`${user}\n`);
    return { input: socket, output: socket, failed: failureOf(socket), stop: () => void socket.destroy() };
  }
  const program = chosen ?? PROGRAMS.find((path) => existsSync(path));
  if (program === undefined) throw new Error("polkit-agent-helper-1 is not installed");
  const child = spawn(program, [user], { stdio: ["pipe", "pipe", "ignore"] });
  // A helper that has ended reads no further answers.
  child.stdin.on("error", () => undefined);
  return { input: child.stdin, output: child.stdout, failed: failureOf(child), stop: () => void child.kill() };
}

function failureOf(emitter: EventEmitter): Promise<never> {
  const failed = new Promise<never>((_, reject) => emitter.on("error", reject));
  failed.catch(() => undefined);
  return failed;
}
