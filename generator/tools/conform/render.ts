import { escapeXml } from "../introspect/spec-xml.ts";
import type { Check, Report } from "./report.ts";

/** How a report is written: for people, for programs, for CI. */
export const REPORT_FORMATS = ["text", "json", "junit"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Writes a report. The text tells what failed and what could not be checked; the others have everything. */
export function renderReport(report: Report, format: ReportFormat): string {
  if (format === "json") return renderJson(report);
  return format === "junit" ? renderJunit(report) : renderText(report);
}

/** How many checks have passed, failed and were left out. */
export function tally(checks: readonly Check[]): Readonly<Record<Check["status"], number>> {
  const of = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  return { passed: of("passed"), failed: of("failed"), skipped: of("skipped") };
}

function renderText({ checks }: Report): string {
  const told = checks.filter(({ status }) => status !== "passed");
  return byInterface(told)
    .map(([name, own]) => `${name}\n${own.map(textLine).join("")}\n`)
    .join("");
}

function textLine({ check, status, member, message, span }: Check): string {
  const place = status === "failed" && span !== undefined ? `\n    ${placeOf(span)}` : "";
  return `  ${status}  ${check}: ${member === undefined ? "" : `${member}: `}${message ?? ""}${place}\n`;
}

function placeOf({ source, start }: NonNullable<Check["span"]>): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

function renderJson({ service, path, checks }: Report): string {
  const shown = checks.map(({ span, ...check }) => {
    return { ...check, ...(span && { file: span.source.path, ...span.source.position(span.start) }) };
  });
  return `${JSON.stringify({ version: 1, service, path, ...tally(checks), checks: shown }, undefined, 2)}\n`;
}

function renderJunit({ service, path, checks }: Report): string {
  const { failed, skipped } = tally(checks);
  const suites = byInterface(checks).map(([name, own]) => {
    const counts = tally(own);
    const head = attributes({ name, tests: own.length, failures: counts.failed, skipped: counts.skipped });
    return `  <testsuite${head}>\n${own.map(junitCase).join("")}  </testsuite>\n`;
  });
  const head = attributes({ name: `${service} ${path}`, tests: checks.length, failures: failed, skipped });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${suites.join("")}</testsuites>\n`;
}

function junitCase({ check, status, member, message = "", interface: classname, span }: Check): string {
  const file = span === undefined ? {} : { file: span.source.path, line: span.source.position(span.start).line };
  const name = member === undefined ? check : `${member}: ${check}`;
  const start = `    <testcase${attributes({ classname, name, ...file })}`;
  if (status === "passed") return `${start}/>\n`;
  const inner =
    status === "failed" ? `failure${attributes({ type: check, message })}` : `skipped${attributes({ message })}`;
  return `${start}>\n      <${inner}/>\n    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}

function byInterface(checks: readonly Check[]): readonly (readonly [string, readonly Check[]])[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) groups.set(check.interface, [...(groups.get(check.interface) ?? []), check]);
  return [...groups];
}
