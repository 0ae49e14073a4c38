import { execFile } from "node:child_process";

/** Milliseconds after which a command is ended: they only talk to the kernel, which answers at once. */
const TIMEOUT = 10_000;
/** Bytes of output a command may print: a machine may have the routes of a whole internet exchange. */
const MAX_OUTPUT = 256 * 1024 * 1024;

/** A program of the system did not do what it was asked. */
export class CommandError extends Error {
  /** Program and arguments, for people. */
  readonly command: string;
  /** What it printed about it; empty where it could not even be run. */
  readonly stderr: string;

  constructor(command: string, stderr: string, options: ErrorOptions) {
    const cause = options.cause instanceof Error ? options.cause.message : "it failed";
    super(`${command}: ${stderr.trim() || cause}`, options);
    this.name = "CommandError";
    this.command = command;
    this.stderr = stderr;
  }
}

/**
 * Runs a program, not through a shell, and gives what it prints.
 *
 * @param input - What it reads from its standard input.
 * @throws CommandError when it cannot be run, ends with a code other than 0, or takes longer than 10 seconds.
 */
export function runCommand(program: "ip" | "nft", args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const limits = { timeout: TIMEOUT, maxBuffer: MAX_OUTPUT, killSignal: "SIGKILL" } as const;
    const child = execFile(program, args, limits, (cause, stdout, stderr) => {
      if (cause === null) resolve(stdout);
      else reject(new CommandError([program, ...args].join(" "), stderr, { cause }));
    });
    // A program that ends before it has read everything says why with its code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
