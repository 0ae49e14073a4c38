import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";

/** Byte after the output of a command and after its exit status. Commands of tests do not print it. */
const END = "\0";
const END_OF_INPUT = "END_OF_INPUT";

interface WaitingCommand {
  readonly command: readonly string[];
  resolve(output: string): void;
  reject(error: Error): void;
}

/**
 * A shell that runs commands one after another. The process of tests is so large that starting a command from it takes
 * longer than running the command.
 */
export class Shell {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: WaitingCommand[] = [];
  readonly #stdout: string[] = [""];
  readonly #stderr: string[] = [""];

  /** @param prefix - Command that starts the shell, such as `ip netns exec a`. */
  constructor(...prefix: readonly string[]) {
    const [program = "sh", ...args] = [...prefix, "sh"];
    this.#process = spawn(program, args);
    // The reason is reported by `close`.
    this.#process.stdin.on("error", () => undefined);
    this.#process.stdout.setEncoding("utf8").on("data", (text: string) => this.#onOutput(this.#stdout, text));
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => this.#onOutput(this.#stderr, text));
    this.#process.once("error", (error) => this.#end(error));
    this.#process.once("close", () => this.#end(new Error(`${program} ${args.join(" ")} has ended`)));
  }

  /** Runs a command, optionally with standard input. Returns its output. Rejects with its error output if it fails. */
  run(command: readonly string[], input = ""): Promise<string> {
    const words = command.map(quoted).join(" ");
    const redirection = input === "" ? "</dev/null" : `<<'${END_OF_INPUT}'\n${input}\n${END_OF_INPUT}`;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject });
      this.#process.stdin.write(`${words} ${redirection}\nprintf '\\000%d\\000' $?; printf '\\000' >&2\n`);
    });
  }

  /** Ends the shell after all requested commands. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.stdin.end();
    await once(this.#process, "close");
  }

  /**
   * Handles output of the shell.
   *
   * @param parts - Parts of the stream so far. All but the last are complete.
   */
  #onOutput(parts: string[], text: string): void {
    const [rest = "", ...next] = text.split(END);
    parts.push(`${parts.pop()}${rest}`, ...next);
    while (this.#stdout.length > 2 && this.#stderr.length > 1) {
      const [output = "", status] = this.#stdout.splice(0, 2);
      const [errors] = this.#stderr.splice(0, 1);
      const waiting = this.#waiting.shift();
      if (status === "0") waiting?.resolve(output);
      else waiting?.reject(new Error(`Command failed: ${waiting.command.join(" ")}\n${errors}`));
    }
  }

  #end(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
