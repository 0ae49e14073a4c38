import type { Command } from "../commands/command.ts";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { completedCommand } from "../completion/model.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { EXIT, type Shell } from "../shell.ts";

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Prints the completion script of a shell. */
export async function runCompletion(
  target: keyof typeof SCRIPTS,
  commands: readonly Command[],
  shell: Shell,
): Promise<number> {
  shell.printOutput(
    SCRIPTS[target](await Promise.all(commands.map(completedCommand)))
      .trimEnd()
      .split("\n"),
  );
  return EXIT.success;
}
