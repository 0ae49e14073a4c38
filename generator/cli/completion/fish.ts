import { type CompletedCommand, type CompletedFlag, type FlagValueKind, singleQuoted } from "./model.ts";

/** Returns the completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c dbus-codegen -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
  );
  return `# Completion of dbus-codegen for fish.
complete -c dbus-codegen -f
${names.join("\n")}
${commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ name, flags, words }: CompletedCommand): readonly string[] {
  const head = `complete -c dbus-codegen -n '__fish_seen_subcommand_from ${name}'`;
  const after = words.length > 0 ? fishQuoted(words.join(" ")) : "'(__fish_complete_suffix .xml)'";
  return [`${head} -a ${after}`, ...flags.map((flag) => `${head} ${flagWords(flag)}`)];
}

function flagWords({ name, short, help, value }: CompletedFlag): string {
  return `-l ${name}${short === undefined ? "" : ` -s ${short}`}${valueOptions(value)} -d ${fishQuoted(help)}`;
}

function valueOptions(value: FlagValueKind): string {
  switch (value.kind) {
    case "none":
      return "";
    case "text":
      return " -x";
    case "file":
      return " -r -F";
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    case "word":
      return ` -x -a ${fishQuoted(value.words.join(" "))}`;
  }
}

/** Quotes a text for fish, which reads backslashes in single quotes. */
function fishQuoted(text: string): string {
  return singleQuoted(text.replaceAll("\\", "\\\\"), "\\'");
}
