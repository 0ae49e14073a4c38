import type { Severity } from "./codes.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Explanation } from "./example.ts";
import { jsonRange } from "./render.ts";
import type { Span } from "./source.ts";

/** The documentation of a code in a SARIF log. */
export interface RuleText extends Explanation {
  readonly title: string;
}

/** Returns a SARIF 2.1.0 log of one run: the findings with their positions, and the documentation of their codes. */
export function toSarif(
  diagnostics: readonly Diagnostic<string>[],
  version: string,
  textOf: (code: string) => RuleText | undefined,
): object {
  const codes = [...new Set(diagnostics.map(({ code }) => code))].toSorted();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "dbus-codegen", version, rules: codes.map((code) => ruleOf(code, textOf(code))) },
        },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, codes.indexOf(diagnostic.code))),
      },
    ],
  };
}

function ruleOf(id: string, text: RuleText | undefined): object {
  if (text === undefined) return { id };
  const help = `${text.meaning}\n\n${text.fix}`;
  return { id, shortDescription: { text: text.title }, fullDescription: { text: text.meaning }, help: { text: help } };
}

const LEVELS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "note" };

function resultOf({ code, severity, message, hint, span, related }: Diagnostic<string>, ruleIndex: number): object {
  return {
    ruleId: code,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: hint === undefined ? message : `${message}\n\nhint: ${hint}` },
    locations: [locationOf(span)],
    ...(related && { relatedLocations: [{ ...locationOf(related.span), message: { text: related.message } }] }),
  };
}

function locationOf(span: Span): object {
  const { file, line, column, endLine, endColumn } = jsonRange(span);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: file
          .replace(/\p{Cs}/gu, "\uFFFD")
          .split("/")
          .map(encodeURIComponent)
          .join("/"),
      },
      region: { startLine: line, startColumn: column, endLine, endColumn },
    },
  };
}
