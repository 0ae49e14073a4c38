import { type CompletedCommand, type CompletedFlag, singleQuoted } from "./model.ts";

/** Returns the completion script for bash 3.2 or later. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completion of dbus-codegen for bash.
_dbus_codegen_words() {
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}

_dbus_codegen_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$@" -- "$cur"))
}

_dbus_codegen() {
  local IFS=$'\\n' cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)); then
    _dbus_codegen_words ${list(commands.map(({ name }) => name))}
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join("\n")}
  esac
}

complete -F _dbus_codegen dbus-codegen
`;
}

function commandCase({ name, flags, words }: CompletedCommand): string {
  const cases = flags.flatMap((flag) => flagCase(flag));
  const after =
    words.length > 0 ? `_dbus_codegen_words ${list(words)}` : `_dbus_codegen_files -o plusdirs -f -X '!*.xml'`;
  return `    ${name})
      case $prev in
${cases.map((text) => `        ${text} ;;`).join("\n")}
        *)
          if [[ $cur == -* ]]; then
            _dbus_codegen_words ${list(flags.map((flag) => `--${flag.name}`))}
          else
            ${after}
          fi
          ;;
      esac
      ;;`;
}

/** Returns the branch of the `case` statement that completes the value of a flag; none for a boolean flag. */
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

/** Returns words as one quoted text with a line each, because a word can contain blanks. */
function list(words: readonly string[]): string {
  return singleQuoted(words.join("\n"));
}
