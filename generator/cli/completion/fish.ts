import { busNamesCommand, objectPathsCommand } from "./bus-queries.ts";
import { type CompletedCommand, type CompletedFlag, type FlagValueKind, singleQuoted } from "./model.ts";

/** Returns the completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(
    ({ name, summary }) => `complete -c dbus-codegen -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
  );
  const all = fishQuoted(commands.map(({ name }) => name).join(" "));
  return `# Completion of dbus-codegen for fish.

# Prints the bus of --bus.
function __dbus_codegen_bus
    set -l bus (commandline -cp | string replace -rf -- '.*--bus[= ]\\s*(\\S+).*' '$1')
    test -n "$bus"; or set bus session
    echo $bus
end

# Prints the names on the bus of --bus.
function __dbus_codegen_names
    set -l bus (__dbus_codegen_bus)
    ${busNamesCommand('"$bus"')}
end

# Prints the argument that is a bus name.
function __dbus_codegen_name
    set -l before
    set -l found
    for word in (commandline -opc)[3..-1]
        if not string match -q -- '-*' $before $word; and string match -qr -- '^[A-Za-z_:][\\w-]*(\\.[\\w-]+)+$' $word
            set found $word
            break
        end
        set before $word
    end
    echo $found
end

# Prints the paths of the objects of the service that an argument names, if it runs.
function __dbus_codegen_paths
    set -l bus (__dbus_codegen_bus)
    set -l name (__dbus_codegen_name)
    set -l text (commandline -ct)
    ${objectPathsCommand('"$bus"', '"$name"', '"$text"')}
end

# Returns the part of a command line of npx that begins with dbus-codegen.
function __dbus_codegen_behind_npx
    commandline -cp | string replace -rf -- '^\\s*npx\\s+(?:-\\S+\\s+)*(dbus-codegen\\s.*)$' '$1'
end

complete -c npx -n __dbus_codegen_behind_npx -x -a '(complete -C (__dbus_codegen_behind_npx))'
complete -c dbus-codegen -f
${names.join("\n")}
complete -c dbus-codegen -n __fish_use_subcommand -a help -d 'Show the help of a command'
complete -c dbus-codegen -n '__fish_seen_subcommand_from help' -a ${all}
${commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines({ name, flags, words, completes }: CompletedCommand): readonly string[] {
  const head = `complete -c dbus-codegen -n '__fish_seen_subcommand_from ${name}'`;
  const offered = [...(words.length > 0 ? [fishQuoted(words.join(" "))] : []), ...completes.flatMap(argumentWords)];
  return [...offered.map((text) => `${head} -a ${text}`), ...flags.map((flag) => `${head} ${flagWords(flag)}`)];
}

function argumentWords(kind: CompletedCommand["completes"][number]): readonly string[] {
  switch (kind) {
    case "bus-name":
      return ["'(__dbus_codegen_names)'"];
    case "object-path":
      return ["'(__dbus_codegen_paths)'"];
    case "folder":
      return ["'(__fish_complete_directories)'"];
    case "spec":
      return ["'(__fish_complete_suffix .xml)'"];
    case "word":
    case "none":
      return [];
  }
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

/** Quotes a text for fish. In single quotes, fish interprets backslashes. */
function fishQuoted(text: string): string {
  return singleQuoted(text.replaceAll("\\", "\\\\"), "\\'");
}
