// Rejects words that docs/glossary.md lists as avoided: in comments, documentation, specs and test names.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import ts from "typescript";

/** Avoided words, each with what to write instead. */
const AVOIDED = [
  [/\b(tells?|told)\b/i, "report, notify, emit, state"],
  [/\bhears?\b|\bheard\b/i, "receive"],
  [/\bstands?\b|\bstood\b/i, "is, is defined in, contains, remains"],
  [/\b(is|are|was|were) none\b/i, "is not a …, is invalid, does not exist"],
  [/\b(nobody|somebody|anybody|everybody|whoever|whom|whoso)\b/i, "no caller, the caller, any client"],
  [/\bsees? to\b|\bsaw to\b/i, "handles, ensures"],
  [/\basks? for\b|\basked for\b/i, "request, require"],
  [/\bwants?\b|\bwanted\b/i, "request, require, expect"],
  [/\b(anew|afresh|once more)\b/i, "repeat, restart, a second time"],
  [/\bagain\b/i, "repeat, a second time, re-…"],
  [/\bof (its|their|his|her|one's|our|your|my) own\b/i, "separate, own"],
  [/\bwhat (comes of|becomes of|is said|was said)\b/i, "the result, the configured value"],
  [/\brides? along\b/i, "gets a free ride"],
];

/** Loop variables and parameters that do not name their element. */
const VAGUE_VARIABLE = /\bconst (one|own|thing|what) of\b|\(\(?(one|own|thing|what)\)? =>/;

/** Printed output, foreign words and the lists of avoided words themselves. */
const EXCLUDED =
  /^(generated\/|generator\/catalogue\/[^/]+\/generated\/|generator\/tools\/mock\/control\/generated\/|test\/(data|.*\/generated)\/|docs\/glossary\.md$|\.ci\/check-words\.mjs$|package-lock\.json$)/;

const only = process.argv.slice(2);
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => /\.(ts|mjs|js|md|xml|css)$/.test(file) && !EXCLUDED.test(file))
  .filter((file) => only.length === 0 || only.some((path) => file.startsWith(path)));

let found = 0;
for (const file of files) {
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    continue; // Deleted, and not committed yet.
  }
  for (const [line, prose] of proseOf(file, text)) {
    for (const [pattern, instead] of AVOIDED) {
      const match = pattern.exec(prose);
      if (match !== null) report(file, line, `"${match[0]}": write ${instead}`);
    }
  }
  if (/\.ts$/.test(file)) {
    for (const [index, code] of text.split("\n").entries()) {
      const match = VAGUE_VARIABLE.exec(code);
      if (match !== null) report(file, index + 1, `"${match[0]}": name the variable after its element`);
    }
  }
}
if (found > 0) {
  process.stderr.write(`${found} avoided words\n`);
  process.exitCode = 1;
}

function report(file, line, problem) {
  found++;
  process.stdout.write(`${file}:${line}: ${problem}\n`);
}

/** Lines of prose with their line numbers. */
function* proseOf(file, text) {
  if (file.endsWith(".md")) yield* markdown(text);
  else if (file.endsWith(".xml")) yield* numbered(text.replace(/<[^>]*>/g, (tag) => tag.replace(/[^\n]/g, " ")));
  else if (file.endsWith(".css")) yield* comments(text, /\/\*[\s\S]*?\*\//g);
  else yield* codeComments(file, text);
}

function* numbered(text, first = 1) {
  for (const [index, line] of text.split("\n").entries()) yield [first + index, line];
}

function* markdown(text) {
  let isCode = false;
  for (const [line, content] of numbered(text)) {
    if (/^\s*```/.test(content)) isCode = !isCode;
    else if (!isCode) yield [line, content.replace(/`[^`]*`/g, "")];
  }
}

function* comments(text, pattern) {
  for (const { 0: comment, index } of text.matchAll(pattern)) {
    yield* numbered(comment, text.slice(0, index).split("\n").length);
  }
}

function* codeComments(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const seen = new Set();
  const ranges = [];
  const visit = (node) => {
    for (const range of ts.getLeadingCommentRanges(text, node.pos) ?? []) add(range);
    for (const range of ts.getTrailingCommentRanges(text, node.end) ?? []) add(range);
    if (ts.isCallExpression(node) && /^(describe|test|it)\b/.test(node.expression.getText(source))) {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteralLike(name)) ranges.push([name.getStart(source), name.end]);
    }
    ts.forEachChild(node, visit);
  };
  const add = ({ pos, end }) => {
    if (!seen.has(pos)) ranges.push([pos, end]);
    seen.add(pos);
  };
  visit(source);
  for (const [pos, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const line = source.getLineAndCharacterOfPosition(pos).line + 1;
    yield* numbered(text.slice(pos, end).replace(/`[^`]*`/g, ""), line);
  }
}
