import { busNamesCommand, objectPathsCommand } from "./bus-queries.ts";
import { type CompletedCommand, type CompletedFlag, singleQuoted } from "./model.ts";

/** Returns the completion script for bash 3.2 or later. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = list([...commands.map(({ name }) => name), "help"]);
  return `# Completion of dbus-codegen for bash.
_dbus_codegen_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_dbus_codegen_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$@" -- "$cur"))
}

# Prints the bus of --bus.
_dbus_codegen_bus() {
  local index bus=
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == --bus ]]; then
      bus=\${COMP_WORDS[index+1]}
      [[ $bus != = ]] || bus=\${COMP_WORDS[index+2]}
    fi
  done
  echo "$bus"
}

# Prints the names on the bus of --bus.
_dbus_codegen_names() {
  ${busNamesCommand('"$(_dbus_codegen_bus)"')}
}

# Prints the paths of the objects of a running service. $1: its name.
_dbus_codegen_paths() {
  ${objectPathsCommand('"$(_dbus_codegen_bus)"', '"$1"', '"$cur"')}
}

# Prints the arguments before the cursor, a line each. $1: the flags that have a value, between blanks.
_dbus_codegen_arguments() {
  local index
  for ((index = first + 2; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in -* | =) continue ;; esac
    [[ $1 == *" \${COMP_WORDS[index-1]} "* || \${COMP_WORDS[index-1]} == = ]] ||
      printf '%s\\n' "\${COMP_WORDS[index]}"
  done
}

# Completes a command line. $1: the index of the program.
_dbus_codegen_from() {
  local IFS=$'\\n' first=$1 cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == first + 1)); then
    _dbus_codegen_words ${names}
    return
  fi
  case \${COMP_WORDS[first+1]} in
    help) _dbus_codegen_words ${names} ;;
${commands.map(commandCase).join("\n")}
  esac
}

_dbus_codegen() {
  _dbus_codegen_from 0
}

# Completes npx dbus-codegen. Other command lines of npx are completed as before.
_dbus_codegen_npx() {
  local index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      -*) ;;
      dbus-codegen)
        _dbus_codegen_from $index
        return
        ;;
      *) break ;;
    esac
  done
  _dbus_codegen_npx_before "$@"
}

if [[ $(complete -p npx 2>/dev/null) =~ -F\\ ([A-Za-z_]+) ]]; then
  if [[ \${BASH_REMATCH[1]} != _dbus_codegen_npx ]]; then
    eval "_dbus_codegen_npx_before() { \${BASH_REMATCH[1]} \\"\\$@\\"; }"
  fi
else
  _dbus_codegen_npx_before() { COMPREPLY=(); }
fi

complete -F _dbus_codegen dbus-codegen
complete -o bashdefault -o default -F _dbus_codegen_npx npx
`;
}

function commandCase(command: CompletedCommand): string {
  const { name, flags } = command;
  const cases = flags.flatMap((flag) => flagCase(flag));
  return `    ${name})
      case $prev in
${cases.map((text) => `        ${text} ;;`).join("\n")}
        *)
          if [[ $cur == -* ]]; then
            _dbus_codegen_words ${list(flags.map((flag) => `--${flag.name}`))}
          else
            ${argumentLines(command)}
          fi
          ;;
      esac
      ;;`;
}

function argumentLines({ completes, flags, words }: CompletedCommand): string {
  const [only, ...more] = completes.map((kind) => argumentAction(kind, words));
  if (more.length === 0) return only ?? "";
  const withValue = flags.filter(({ value }) => value.kind !== "none");
  const names = withValue.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
  const cases = [only, ...more].map((action, index) => {
    const pattern = index === completes.length - 1 ? "*" : String(index);
    return `              ${pattern}) ${action} ;;`;
  });
  return `local given=($(_dbus_codegen_arguments ' ${names.join(" ")} '))
            case \${#given[@]} in\n${cases.join("\n")}\n            esac`;
}

function argumentAction(kind: CompletedCommand["completes"][number], words: readonly string[]): string {
  switch (kind) {
    case "word":
      return `_dbus_codegen_words ${list(words)}`;
    case "bus-name":
      return `_dbus_codegen_words ${words.length === 0 ? "" : `${list(words)}$'\\n'`}"$(_dbus_codegen_names)"`;
    case "object-path":
      return `_dbus_codegen_words "$(_dbus_codegen_paths "\${given[0]}")"`;
    case "folder":
      return "_dbus_codegen_files -d";
    case "spec":
      return `_dbus_codegen_files -o plusdirs -f -X '!*.xml'`;
    case "none":
      return "return";
  }
}

/**
 * Returns the branch of the `case` statement that completes the value of a flag. The list is empty for a boolean flag.
 */
function flagCase({ name, short, value }: CompletedFlag): readonly string[] {
  const flags = `--${name}${short === undefined ? "" : ` | -${short}`}`;
  switch (value.kind) {
    case "none":
      return [];
    case "text":
      return [`${flags}) return`];
    case "file":
      return [`${flags}) _dbus_codegen_files -f`];
    case "folder":
      return [`${flags}) _dbus_codegen_files -d`];
    case "word":
      return [`${flags}) _dbus_codegen_words ${list(value.words)}`];
  }
}

/**
 * Returns words as one quoted text with one word on each line. Lines are necessary, because a word can contain blanks.
 */
function list(words: readonly string[]): string {
  return singleQuoted(words.join("\n"));
}
