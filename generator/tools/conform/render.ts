import { escapeXml } from "../../compiler/text/escape.ts";
import type { Check, Report } from "./report.ts";

/** Formats of a report: for people, for programs and for CI services. */
export const REPORT_FORMATS = ["text", "json", "junit"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Renders a report. The text contains failed and skipped checks only; the other formats contain all checks. */
export function renderReport(report: Report, format: ReportFormat): string {
  if (format === "json") return renderJson(report);
  return format === "junit" ? renderJunit(report) : renderText(report);
}

/** Counts checks by status. */
export function countByStatus(checks: readonly Check[]): Readonly<Record<Check["status"], number>> {
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

function renderText({ checks }: Report): string {
  const notPassed = checks.filter(({ status }) => status !== "passed");
  return groupByInterface(notPassed)
    .map(([name, group]) => `${name}\n${group.map(renderTextLine).join("")}\n`)
    .join("");
}

function renderTextLine({ check, status, member, message, span }: Check): string {
  const position = status === "failed" && span !== undefined ? `\n    ${describePosition(span)}` : "";
  return `  ${status}  ${check}: ${member === undefined ? "" : `${member}: `}${message ?? ""}${position}\n`;
}

function describePosition({ source, start }: NonNullable<Check["span"]>): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

function renderJson({ service, path, checks }: Report): string {
  const jsonChecks = checks.map(({ span, ...check }) => {
    return { ...check, ...(span && { file: span.source.path, ...span.source.position(span.start) }) };
  });
  return `${JSON.stringify({ version: 1, service, path, ...countByStatus(checks), checks: jsonChecks }, undefined, 2)}\n`;
}

function renderJunit({ service, path, checks }: Report): string {
  const { failed, skipped } = countByStatus(checks);
  const suites = groupByInterface(checks).map(([name, group]) => {
    const counts = countByStatus(group);
    const suite = attributes({ name, tests: group.length, failures: counts.failed, skipped: counts.skipped });
    return `  <testsuite${suite}>\n${group.map(renderJunitCase).join("")}  </testsuite>\n`;
  });
  const root = attributes({ name: `${service} ${path}`, tests: checks.length, failures: failed, skipped });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${root}>\n${suites.join("")}</testsuites>\n`;
}

function renderJunitCase({ check, status, member, message = "", interface: classname, span }: Check): string {
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

function groupByInterface(checks: readonly Check[]): readonly (readonly [string, readonly Check[]])[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) groups.set(check.interface, [...(groups.get(check.interface) ?? []), check]);
  return [...groups];
}
