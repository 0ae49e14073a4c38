import { defaultOf } from "./arguments.ts";
import { type Command, type Flag, GLOBAL_FLAGS } from "./command.ts";

/** Returns the lines of `dbus-codegen --help`. */
export function mainHelp(commands: readonly Command[]): readonly string[] {
  return `Generate typed D-Bus clients and services for TypeScript from introspection XML.

Usage:
  dbus-codegen <command> [arguments] [flags]

Commands:
${commands.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}\n`).join("")}
A spec is a D-Bus introspection XML document. Run dbus-codegen help <command> for flags and examples.

Exit code: 0 success, 1 findings (such as errors in specs or stale output), 2 wrong usage or internal error.`.split(
    "\n",
  );
}

/** Returns the lines of `dbus-codegen <command> --help`. */
export function commandHelp({ name, summary, usage, description, flags, examples }: Command): readonly string[] {
  return `Usage:
${usage.map((form) => `  dbus-codegen ${name} ${form}\n`).join("")}
${indent([summary, ...(description === undefined ? [] : [description])].join(".\n\n"))}

Flags:
${Object.entries({ ...flags, ...GLOBAL_FLAGS })
  .map(flagLine)
  .join("")}
${examples.length === 1 ? "Example" : "Examples"}:
${examples.map((example) => `  ${example}`).join("\n")}`.split("\n");
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function flagLine([name, flag]: readonly [string, Flag]): string {
  const { short, value, values, help } = flag;
  const syntax = `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
  const accepted = values?.map((text) => (text === defaultOf(flag) ? `${text} (default)` : text)).join(", ");
  return `  ${syntax.padEnd(32)}${help}${accepted === undefined ? "" : `: ${accepted}`}\n`;
}
