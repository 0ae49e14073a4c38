import type { Example } from "../../compiler/diagnostics/example.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { type Demonstration, type Topic, topicOf, topics } from "../../tools/explain/explain.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";

/** Prints the explanation of each code, or a list of all codes. */
export async function runExplain(codes: readonly string[], shell: Shell): Promise<number> {
  const selected = codes.map(findTopic);
  if (selected.length === 0) shell.writeOutput(listing(topics()));
  else shell.writeOutput(selected.map((topic) => page(topic, shell.colorOutput)).join("\n\n"));
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

function listing(all: readonly Topic[]): string {
  const codeWidth = Math.max(...all.map(({ code }) => code.length)) + 2;
  const categoryWidth = Math.max(...all.map(({ category }) => category.length)) + 2;
  const sections = HEADINGS.map(([kind, heading]) => {
    const rows = all
      .filter((topic) => topic.kind === kind)
      .map(({ code, category, title }) => `  ${code.padEnd(codeWidth)}${category.padEnd(categoryWidth)}${title}\n`);
    return `${heading}\n\n${rows.join("")}`;
  });
  return sections.join("\n");
}

const NOUNS: Readonly<Record<Topic["kind"], string>> = {
  diagnostic: "diagnostic",
  rule: "lint rule",
  change: "change between versions",
};

function page({ code, kind, category, title, meaning, fix, demonstration }: Topic, color?: boolean): string {
  const head = `${code}: ${title}\n${NOUNS[kind]}, ${category}\n\n${wrap(meaning)}\n`;
  if (demonstration === undefined) return `${head}\n${wrap(fix)}\n`;
  return `${head}\n${demonstrationText(demonstration, color)}\n${wrap(fix)}\n\nBetter:\n\n${specTexts(demonstration.good)}`;
}

/** Returns specs that have the problem, and the output of the tool for them. */
function demonstrationText({ before, bad, run }: Demonstration, color?: boolean): string {
  const specs = before === undefined ? specTexts(bad) : `Before:\n\n${specTexts(before)}\nAfter:\n\n${specTexts(bad)}`;
  return `${specs}\n${render(run(bad), "frame", color).trimEnd()}\n`;
}

/** Longest spec that is shown in full. Longer examples repeat one element many times. */
const MAX_SHOWN_CHARACTERS = 800;

function specTexts(specs: Example): string {
  const hasSeveral = Object.keys(specs).length > 1;
  return Object.entries(specs)
    .map(([path, content]) => {
      const text = typeof content === "string" ? content : Buffer.from(content).toString("latin1");
      const shown = text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, 60)}…\n` : text;
      return `${hasSeveral ? `  ${path}:\n` : ""}${shown.replace(/^(?=.)/gm, "    ")}`;
    })
    .join("\n");
}

/** Breaks a text into lines of at most 100 characters. */
function wrap(text: string): string {
  return text.replace(/(?=.{101})(.{1,100}) /g, "$1\n");
}
