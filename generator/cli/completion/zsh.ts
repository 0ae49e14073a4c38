import { type CompletedCommand, type CompletedFlag, type FlagValueKind, singleQuoted } from "./model.ts";

/** Returns the completion script for zsh, which uses its function `_arguments`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${singleQuoted(`${name}:${summary}`)}`);
  return `#compdef dbus-codegen
# Completion of dbus-codegen for zsh.
_dbus_codegen() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _dbus_codegen ]]; then
  _dbus_codegen "$@"
else
  compdef _dbus_codegen dbus-codegen
fi
`;
}

function commandCase({ name, flags, words }: CompletedCommand): string {
  const rest = words.length > 0 ? `*:word:(${words.join(" ")})` : `*:spec:_files -g "*.xml(-.)"`;
  const specs = [...flags.map(flagSpec), singleQuoted(rest)];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(" \\\n")}\n      ;;`;
}

function flagSpec({ name, short, help, isRepeatable, value }: CompletedFlag): string {
  const description = `[${help.replace(/[[\]:\\]/g, "\\$&")}]${valueAction(value)}`;
  if (short === undefined) return singleQuoted(`${isRepeatable ? "*" : ""}--${name}${description}`);
  const first = isRepeatable ? singleQuoted("*") : singleQuoted(`(-${short} --${name})`);
  return `${first}{-${short},--${name}}${singleQuoted(description)}`;
}

function valueAction(value: FlagValueKind): string {
  switch (value.kind) {
    case "none":
      return "";
    case "text":
      return ":text: ";
    case "file":
      return ":file:_files";
    case "folder":
      return ":folder:_files -/";
    case "word":
      return `:word:(${value.words.join(" ")})`;
  }
}
