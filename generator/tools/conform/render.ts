import { groupBy } from "../../compiler/group-by.ts";
import { escapeXml, jsonLines } from "../../compiler/text/escape.ts";
import { terminalText } from "../../compiler/text/terminal.ts";
import type { Check, Report } from "./report.ts";
import type { ReportFormat } from "./report-formats.ts";

/** Renders a report. The text contains failed and skipped checks only; the other formats contain all checks. */
export function renderReport(report: Report, format: ReportFormat): string {
  return terminalText(reportLines(report, format), false);
}

/** Returns a report as lines of output; see `renderReport`. */
export function reportLines(report: Report, format: ReportFormat): readonly string[] {
  if (format === "json") return jsonLines(reportJson(report), 2);
  return format === "junit" ? junitLines(report) : textLines(report);
}

/** Counts checks by status. */
export function countByStatus(checks: readonly Check[]): Readonly<Record<Check["status"], number>> {
  const count = (status: Check["status"]): number => checks.filter((check) => check.status === status).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}

function textLines({ checks }: Report): readonly string[] {
  const notPassed = checks.filter(({ status }) => status !== "passed");
  return [...groupBy(notPassed, (check) => check.interface)].flatMap(([name, group]) => [
    name,
    ...group.flatMap(checkLines),
    "",
  ]);
}

function checkLines({ check, status, member, message, span }: Check): readonly string[] {
  const position = status === "failed" && span !== undefined ? [`    ${describePosition(span)}`] : [];
  return [`  ${status}  ${check}: ${member === undefined ? "" : `${member}: `}${message ?? ""}`, ...position];
}

function describePosition({ source, start }: NonNullable<Check["span"]>): string {
  const { line, column } = source.position(start);
  return `${source.path}:${line}:${column}`;
}

function reportJson({ service, path, checks }: Report): object {
  const jsonChecks = checks.map(({ span, ...check }) => {
    return { ...check, ...(span && { file: span.source.path, ...span.source.position(span.start) }) };
  });
  return { version: 1, service, path, ...countByStatus(checks), checks: jsonChecks };
}

function junitLines({ service, path, checks }: Report): readonly string[] {
  const { failed, skipped } = countByStatus(checks);
  const suites = [...groupBy(checks, (check) => check.interface)].flatMap(([name, group]) => {
    const counts = countByStatus(group);
    const suite = attributes({ name, tests: group.length, failures: counts.failed, skipped: counts.skipped });
    return [`  <testsuite${suite}>`, ...group.flatMap(caseLines), "  </testsuite>"];
  });
  const root = attributes({ name: `${service} ${path}`, tests: checks.length, failures: failed, skipped });
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${root}>`, ...suites, "</testsuites>"];
}

function caseLines({ check, status, member, message = "", interface: classname, span }: Check): readonly string[] {
  const file = span === undefined ? {} : { file: span.source.path, line: span.source.position(span.start).line };
  const name = member === undefined ? check : `${member}: ${check}`;
  const start = `    <testcase${attributes({ classname, name, ...file })}`;
  if (status === "passed") return [`${start}/>`];
  const inner =
    status === "failed" ? `failure${attributes({ type: check, message })}` : `skipped${attributes({ message })}`;
  return [`${start}>`, `      <${inner}/>`, "    </testcase>"];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}
