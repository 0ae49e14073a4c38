import type { Example } from "../../compiler/diagnostics/example.ts";
import { renderLines } from "../../compiler/diagnostics/render.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import type { Line } from "../../compiler/text/terminal.ts";
import { type Demonstration, type Topic, topicOf, topics } from "../../tools/explain/explain.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";

/** Prints the explanation of each code, or a list of all codes. */
export async function runExplain(codes: readonly string[], shell: Shell): Promise<number> {
  const selected = codes.map(findTopic);
  if (selected.length === 0) shell.printOutput(listing(topics()));
  else shell.printOutput(selected.flatMap((topic, index) => (index === 0 ? page(topic) : ["", "", ...page(topic)])));
  return EXIT.success;
}

function findTopic(code: string): Topic {
  const topic = topicOf(code);
  if (topic !== undefined) return topic;
  const codes = topics().map((candidate) => candidate.code);
  const nearest = nearestWord(code, codes);
  const hint = nearest === undefined ? ";" : `; did you mean ${nearest}?`;
  throw new UsageError(`"${code}" is not a code${hint} "dbus-codegen explain" lists them`);
}

const HEADINGS = [
  ["diagnostic", "Diagnostics: problems of specs and of files that accompany them"],
  ["rule", "Lint rules, with group and severity"],
  ["change", "Changes between two versions, with what they break"],
] as const satisfies readonly (readonly [Topic["kind"], string])[];

function listing(all: readonly Topic[]): readonly string[] {
  const codeWidth = Math.max(...all.map(({ code }) => code.length)) + 2;
  const categoryWidth = Math.max(...all.map(({ category }) => category.length)) + 2;
  return HEADINGS.flatMap(([kind, heading], index) => {
    const rows = all
      .filter((topic) => topic.kind === kind)
      .map(({ code, category, title }) => `  ${code.padEnd(codeWidth)}${category.padEnd(categoryWidth)}${title}`);
    return [...(index === 0 ? [] : [""]), heading, "", ...rows];
  });
}

const NOUNS: Readonly<Record<Topic["kind"], string>> = {
  diagnostic: "diagnostic",
  rule: "lint rule",
  change: "change between versions",
};

function page({ code, kind, category, title, meaning, fix, demonstration }: Topic): readonly Line[] {
  const head = [`${code}: ${title}`, `${NOUNS[kind]}, ${category}`, "", ...wrap(meaning), ""];
  if (demonstration === undefined) return [...head, ...wrap(fix)];
  return [
    ...head,
    ...demonstrationLines(demonstration),
    ...wrap(fix),
    "",
    "Better:",
    "",
    ...specLines(demonstration.good),
  ];
}

/** Returns the specs of a demonstration, and the output of the tool for them. */
function demonstrationLines({ before, bad, run }: Demonstration): readonly Line[] {
  const versions = before === undefined ? [] : ["Before:", "", ...specLines(before), "", "After:", ""];
  return [...versions, ...specLines(bad), "", ...renderLines(run(bad), "frame")];
}

/** Largest number of characters of a spec that is shown in full. Longer examples repeat one element many times. */
const MAX_SHOWN_CHARACTERS = 800;

function specLines(specs: Example): readonly string[] {
  const hasSeveral = Object.keys(specs).length > 1;
  return Object.entries(specs).flatMap(([path, content], index) => {
    const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
    const shown = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, 60)}…` : text.trimEnd();
    const heading = hasSeveral ? [`  ${path}:`] : [];
    return [...(index === 0 ? [] : [""]), ...heading, ...shown.replace(/^(?=.)/gm, "    ").split("\n")];
  });
}

/** Breaks a text into lines of at most 100 characters. */
function wrap(text: string): readonly string[] {
  return text.replace(/(?=.{101})(.{1,100}) /g, "$1\n").split("\n");
}
