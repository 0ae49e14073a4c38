import { type CompletedCommand, type CompletedFlag, quoted, type Takes } from "./model.ts";

/** Completion for zsh, by its own `_arguments`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
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
  const specs = [...flags.map(flagSpec), quoted(rest)];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(" \\\n")}\n      ;;`;
}

function flagSpec({ name, short, help, isRepeatable, takes }: CompletedFlag): string {
  const description = `[${help.replace(/[[\]:\\]/g, "\\$&")}]${action(takes)}`;
  if (short === undefined) return quoted(`${isRepeatable ? "*" : ""}--${name}${description}`);
  const first = isRepeatable ? quoted("*") : quoted(`(-${short} --${name})`);
  return `${first}{-${short},--${name}}${quoted(description)}`;
}

function action(takes: Takes): string {
  switch (takes.kind) {
    case "nothing":
      return "";
    case "text":
      return ":text: ";
    case "file":
      return ":file:_files";
    case "folder":
      return ":folder:_files -/";
    case "word":
      return `:word:(${takes.words.join(" ")})`;
  }
}
