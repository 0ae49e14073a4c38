import { busNamesCommand, objectPathsCommand } from "./bus-queries.ts";
import { type CompletedCommand, type CompletedFlag, type FlagValueKind, singleQuoted } from "./model.ts";

/** Returns the completion script for zsh, which calls zsh's function `_arguments`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, summary }) => `    ${singleQuoted(`${name}:${summary}`)}`);
  return `#compdef dbus-codegen npx
# Completion of dbus-codegen for zsh.

# Offers the names on the bus of --bus, and the words of the arguments.
_dbus_codegen_names() {
  local bus=$words[\${words[(i)--bus]}+1]
  compadd -- "$@" \${(f)"$(${busNamesCommand('"$bus"')})"}
}

# Offers the objects of the service that the first argument names, if it runs.
_dbus_codegen_paths() {
  local bus=$words[\${words[(i)--bus]}+1]
  compadd -- "$@" \${(f)"$(${objectPathsCommand('"$bus"', '"$line[1]"', '"$PREFIX"')})"}
}

# Completes npx dbus-codegen.
_dbus_codegen_npx() {
  local index
  for ((index = 2; index < CURRENT; index++)); do
    case $words[index] in
      -*) ;;
      dbus-codegen)
        words=("\${(@)words[index,-1]}")
        ((CURRENT -= index - 1))
        service=dbus-codegen _dbus_codegen
        return
        ;;
      *) break ;;
    esac
  done
  _default
}

_dbus_codegen() {
  if [[ $service == npx ]]; then
    _dbus_codegen_npx
    return
  fi
  local -a commands
  commands=(
${names.join("\n")}
    'help:Show the help of a command'
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
    help) _describe command commands ;;
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _dbus_codegen ]]; then
  _dbus_codegen "$@"
else
  compdef _dbus_codegen dbus-codegen
  (($+_comps[npx])) || compdef _dbus_codegen npx
fi
`;
}

function commandCase({ name, flags, words, completes }: CompletedCommand): string {
  const args = completes.map((kind, index) => {
    const place = index === completes.length - 1 ? "*" : String(index + 1);
    return singleQuoted(`${place}:${argumentAction(kind, words)}`);
  });
  const specs = [...flags.map(flagSpec), ...args];
  return `    ${name})\n      _arguments \\\n${specs.map((spec) => `        ${spec}`).join(" \\\n")}\n      ;;`;
}

function argumentAction(kind: CompletedCommand["completes"][number], words: readonly string[]): string {
  switch (kind) {
    case "word":
      return `word:(${words.join(" ")})`;
    case "bus-name":
      return `bus name:_dbus_codegen_names ${words.join(" ")}`.trimEnd();
    case "object-path":
      return "path:_dbus_codegen_paths";
    case "folder":
      return "folder:_files -/";
    case "spec":
      return `spec:_files -g "*.xml(-.)"`;
    case "none":
      return "argument: ";
  }
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
