import { execFile } from "node:child_process";

/** Maximum duration of a command. Most commands take milliseconds, but `getent` may wait for a directory server. */
const TIMEOUT_MS = 10_000;
/** Maximum output of a command: enough for 300,000 routes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** A command of the system has failed. */
export class CommandError extends Error {
  /** Program and arguments, separated by spaces. */
  readonly command: string;
  /** What the command wrote to its standard error; empty if the command could not be run. */
  readonly stderr: string;
  /** Whether the program is not installed. */
  readonly isMissing: boolean;

  constructor(command: string, stderr: string, options: ErrorOptions) {
    const cause = options.cause instanceof Error ? options.cause.message : "the command failed";
    super(`${command}: ${stderr.trim() || cause}`, options);
    this.name = "CommandError";
    this.command = command;
    this.stderr = stderr;
    this.isMissing = isMissing(options.cause);
  }
}

export interface CommandOptions {
  /** Text for the standard input of the command. Default: empty. */
  readonly input?: string;
  /** An exit code other than 0 with which the command has succeeded, too. */
  readonly acceptedExitCode?: number;
}

/**
 * Runs a program without a shell and returns its standard output. The messages of the program are in English (locale
 * `C`).
 *
 * @throws CommandError if the program cannot be run, ends with an exit code that is not accepted, or runs for more than
 * 10 seconds.
 */
export function runCommand(
  program: "ip" | "nft" | "iw" | "getent" | "id",
  args: readonly string[],
  { input = "", acceptedExitCode = 0 }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" };
    const options = { env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, killSignal: "SIGKILL" } as const;
    const child = execFile(program, args, options, (cause, stdout, stderr) => {
      if (cause === null || cause.code === acceptedExitCode) resolve(stdout);
      else reject(new CommandError([program, ...args].join(" "), stderr, { cause }));
    });
    // A program that ends before it has read its input reports the reason with its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
