import { type CompletedCommand, type CompletedFlag, quoted, type Takes } from "./model.ts";

/** Completion for fish. */
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

function flagWords({ name, short, help, takes }: CompletedFlag): string {
  return `-l ${name}${short === undefined ? "" : ` -s ${short}`}${argument(takes)} -d ${fishQuoted(help)}`;
}

function argument(takes: Takes): string {
  switch (takes.kind) {
    case "nothing":
      return "";
    case "text":
      return " -x";
    case "file":
      return " -r -F";
    case "folder":
      return " -x -a '(__fish_complete_directories)'";
    case "word":
      return ` -x -a ${fishQuoted(takes.words.join(" "))}`;
  }
}

function fishQuoted(text: string): string {
  return quoted(text.replaceAll("\\", "\\\\"), "\\'");
}
