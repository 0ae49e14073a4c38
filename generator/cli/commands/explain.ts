import type { Example } from "../../compiler/diagnostics/example.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { type Demonstration, type Topic, topicOf, topics } from "../../tools/explain/explain.ts";
import { UsageError } from "../usage-error.ts";
import type { Command, Flags } from "./command.ts";
import { EXIT } from "../shell.ts";

const FLAGS = {} as const satisfies Flags;

/** `dbus-codegen explain`. */
export const EXPLAIN: Command<typeof FLAGS> = {
  name: "explain",
  usage: "[<code>…]",
  about: `Tells what a code means that generate, lint or breaking have printed, with specs that have it and how
to mend them. Without a code it lists all.`,
  flags: FLAGS,
  examples: ["dbus-codegen explain", "dbus-codegen explain property-would-do"],
  words: () => topics().map(({ code }) => code),
  async run({ positionals: codes }, shell) {
    const found = codes.map(find);
    if (found.length === 0) shell.writeOutput(listing(topics()));
    else shell.writeOutput(found.map((topic) => page(topic, shell.colorOut)).join("\n\n"));
    return EXIT.fine;
  },
};

function find(code: string): Topic {
  const topic = topicOf(code);
  if (topic !== undefined) return topic;
  const near = nearestWord(
    code,
    topics().map((one) => one.code),
  );
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(`"${code}" is not a code${hint || ";"} dbus-codegen explain lists them`);
}

const KINDS = [
  ["diagnostic", "Diagnostics: what may be wrong with specs"],
  ["rule", "Rules of lint, with their group and severity"],
  ["change", "Changes that breaking tells apart"],
] as const satisfies readonly (readonly [Topic["kind"], string])[];

function listing(all: readonly Topic[]): string {
  const width = Math.max(...all.map(({ code }) => code.length)) + 2;
  const category = Math.max(...all.map((topic) => topic.category.length)) + 2;
  const lines = KINDS.map(([kind, heading]) => {
    const rows = all
      .filter((topic) => topic.kind === kind)
      .map((topic) => `  ${topic.code.padEnd(width)}${topic.category.padEnd(category)}${topic.title}\n`);
    return `${heading}\n\n${rows.join("")}`;
  });
  return lines.join("\n");
}

const NOUNS: Readonly<Record<Topic["kind"], string>> = {
  diagnostic: "diagnostic",
  rule: "lint rule",
  change: "change between versions",
};

function page({ code, kind, category, title, meaning, fix, demonstration }: Topic, color?: boolean): string {
  const head = `${code}: ${title}\n${NOUNS[kind]}, ${category}\n\n${wrap(meaning)}\n`;
  if (demonstration === undefined) return `${head}\n${wrap(fix)}\n`;
  return `${head}\n${example(demonstration, color)}\n${wrap(fix)}\n\nBetter:\n\n${texts(demonstration.good)}`;
}

/** Specs that have the code, and what the tool says about them. */
function example({ before, bad, run }: Demonstration, color?: boolean): string {
  const specs = before === undefined ? texts(bad) : `Before:\n\n${texts(before)}\nAfter:\n\n${texts(bad)}`;
  return `${specs}\n${render(run(bad), "frame", color).trimEnd()}\n`;
}

/** Longest text of a spec that is worth a look; the others are made of one thing many times. */
const LONGEST = 800;

function texts(specs: Example): string {
  const named = Object.keys(specs).length > 1;
  return Object.entries(specs)
    .map(([path, content]) => {
      const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
      const shown = text.length > LONGEST ? `${text.slice(0, 60)}…\n` : text;
      return `${named ? `  ${path}:\n` : ""}${shown.replace(/^(?=.)/gm, "    ")}`;
    })
    .join("\n");
}

/** Breaks a text into lines of at most 100 characters. */
function wrap(text: string): string {
  return text.replace(/(?=.{101})(.{1,100}) /g, "$1\n");
}
