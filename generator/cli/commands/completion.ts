import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { type CompletedCommand, completed } from "../completion/model.ts";
import { zshCompletion } from "../completion/zsh.ts";
import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, GLOBAL_FLAGS } from "./command.ts";
import { COMMANDS } from "./registry.ts";
import { EXIT } from "../shell.ts";

const SCRIPTS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};
const SHELLS = Object.keys(SCRIPTS);

const FLAGS = {} as const satisfies Flags;

/** `dbus-codegen completion`. */
export const COMPLETION: Command<typeof FLAGS> = {
  name: "completion",
  usage: SHELLS.join("|"),
  about: `Prints a script that makes a shell complete commands, flags and what they take.

  bash  eval "$(dbus-codegen completion bash)" in ~/.bashrc
  zsh   dbus-codegen completion zsh > _dbus-codegen, in a folder of $fpath
  fish  dbus-codegen completion fish > ~/.config/fish/completions/dbus-codegen.fish`,
  flags: FLAGS,
  examples: ['eval "$(dbus-codegen completion bash)"'],
  words: () => SHELLS,
  async run({ positionals }, shell) {
    const [name = "", ...more] = positionals;
    const script = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
    if (script === undefined || more.length > 0)
      throw new UsageError(`name one shell: dbus-codegen completion ${SHELLS.join("|")}`);
    const commands = Object.values(COMMANDS).map(async ({ summary, load }) =>
      completed(await load(), summary, GLOBAL_FLAGS),
    );
    shell.writeOutput(script(await Promise.all(commands)));
    return EXIT.fine;
  },
};
