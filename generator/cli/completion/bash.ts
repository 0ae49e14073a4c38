import { type CompletedCommand, type CompletedFlag, quoted } from "./model.ts";

/** Completion for bash, from version 3.2 on. */
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
${cases.map((one) => `        ${one} ;;`).join("\n")}
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

/** What comes after a flag with a value. */
function flagCase({ name, short, takes }: CompletedFlag): readonly string[] {
  const flags = `--${name}${short === undefined ? "" : ` | -${short}`}`;
  switch (takes.kind) {
    case "nothing":
      return [];
    case "text":
      return [`${flags}) return`];
    case "file":
      return [`${flags}) _dbus_codegen_files -f`];
    case "folder":
      return [`${flags}) _dbus_codegen_files -d`];
    case "word":
      return [`${flags}) _dbus_codegen_words ${list(takes.words)}`];
  }
}

/** Words with line ends between them: a blank may be part of one. */
function list(words: readonly string[]): string {
  return quoted(words.join("\n"));
}
