import { UsageError } from "../usage-error.ts";
import { type Command, type Flags, usageOf } from "./command.ts";

const FLAGS = {} as const satisfies Flags;
const SHELLS = ["bash", "zsh", "fish"] as const;

/** The command `dbus-codegen completion`. */
export const COMPLETION: Command<typeof FLAGS> = {
  name: "completion",
  summary: "Print a completion script for bash, zsh or fish",
  usage: [SHELLS.join("|")],
  description: `The script completes commands, flags, values of flags, files, codes, names on the bus and paths of
running services, also behind npx. It runs busctl or dbus-send, and no program of the working folder. Install it with:

  bash  eval "$(dbus-codegen completion bash)" in ~/.bashrc
  zsh   dbus-codegen completion zsh > _dbus-codegen, in a folder of $fpath
  fish  dbus-codegen completion fish > ~/.config/fish/conf.d/dbus-codegen.fish

Write "npx dbus-codegen" in these lines if dbus-codegen is installed only in projects.`,
  flags: FLAGS,
  examples: ['eval "$(dbus-codegen completion bash)"'],
  words: async () => SHELLS,
  async run({ positionals }, shell, commands) {
    const [name, ...more] = positionals;
    const target = SHELLS.find((candidate) => candidate === name);
    if (target === undefined || more.length > 0) throw new UsageError(`name one shell: ${usageOf(COMPLETION)}`);
    const { runCompletion } = await import("../run/completion.ts");
    return runCompletion(target, commands, shell);
  },
};
