import { analyze } from "../../compiler/analyze.ts";
import { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import { render } from "../../compiler/diagnostics/render.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { type CallCheck, methodOf } from "../../tools/conform/call-checks.ts";
import { type ConformOptions, conformTo } from "../../tools/conform/conform.ts";
import { countByStatus, reportLines } from "../../tools/conform/render.ts";
import { CHECK_NAMES, type CheckName, isCheck } from "../../tools/conform/report.ts";
import type { ReportFormat } from "../../tools/conform/report-formats.ts";
import { WireValueReader } from "../../tools/mock/wire-values.ts";
import { itemsOf, YamlDocument } from "../../tools/mock/yaml-document.ts";
import type { Project } from "../config/project.ts";
import { readSpecs } from "../config/specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { checkServiceExists, checkTarget, withBus } from "./bus.ts";
import { readSpecsProject, type SpecsProjectArguments } from "./project.ts";
import { diagnosticLines } from "./report.ts";

export interface ConformArguments extends Required<Pick<ConformOptions, "exercise" | "allowExtra" | "undeclaredKeys">> {
  /** Bus name of the service. */
  readonly name: string;
  /** Path of the object. */
  readonly path: string;
  readonly bus: string | undefined;
  /** Flags that select specs. */
  readonly flags: SpecsProjectArguments["flags"];
  readonly specs: readonly string[];
  /** Interfaces to check; if empty, all. */
  readonly interfaces: readonly string[];
  /** Methods to call, in the form `Interface.Method` or `Interface.Method=[args]`. */
  readonly calls: readonly string[];
  /** Names of checks that are skipped. */
  readonly skip: readonly string[];
  readonly watchMs: number;
  readonly format: ReportFormat;
  readonly usage: string;
}

/** Checks an object of a running service, prints the report and returns the exit code. */
export async function runConform(args: ConformArguments, shell: Shell): Promise<number> {
  const { name, path, bus: address, watchMs, exercise, allowExtra, undeclaredKeys, format } = args;
  checkTarget(name, path);
  const skip = args.skip.map(parseCheck);
  const project = await readSpecsProject(args, shell);
  const interfaces = await readInterfaces(project, args.interfaces, shell);
  if (interfaces === undefined) return EXIT.findings;
  const calls = args.calls.map((text) => parseCall(text, interfaces));
  return withBus(address, async (bus) => {
    await checkServiceExists(bus, name, address);
    const options = { watch: watchMs, calls, exercise, allowExtra, undeclaredKeys, skip };
    const report = await conformTo(bus, { destination: name, path }, interfaces, options);
    shell.printOutput(reportLines(report, format));
    const { passed, failed, skipped } = countByStatus(report.checks);
    const skippedNote = skipped === 0 ? "" : `, ${skipped} could not be checked`;
    shell.printError([`${name} ${path}: ${passed} passed, ${failed} failed${skippedNote}`]);
    return failed === 0 ? EXIT.success : EXIT.findings;
  });
}

/** Returns the interfaces to check. If the specs have errors, prints them and returns undefined. */
async function readInterfaces(
  project: Project,
  selected: readonly string[],
  shell: Shell,
): Promise<readonly Interface[] | undefined> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(await readSpecs(project, shell), diagnostics, project.options, new Diagnostics()).ir;
  if (diagnostics.hasErrors) {
    shell.printError([...diagnosticLines(diagnostics.sorted()), "the specs have errors, nothing was checked"]);
    return undefined;
  }
  const names = interfaces.map(({ name }) => name);
  if (names.length === 0) throw new UsageError("the specs declare no interface");
  const unknown = selected.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`the specs do not declare the interface ${unknown}; they declare ${names.join(", ")}`);
  return selected.length === 0 ? interfaces : interfaces.filter(({ name }) => selected.includes(name));
}

/** Parses a value of `--skip`. */
function parseCheck(text: string): CheckName {
  if (isCheck(text)) return text;
  const near = nearestWord(text, CHECK_NAMES);
  const hint = near === undefined ? `the checks are ${CHECK_NAMES.join(", ")}` : `did you mean ${near}?`;
  throw new UsageError(`--skip: "${text}" is not a check; ${hint}`);
}

/** Parses a value of `--call`: a method, and its arguments as a JSON list. */
function parseCall(text: string, interfaces: readonly Interface[]): CallCheck {
  const [, target = text, argumentsText = "[]"] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const dot = target.lastIndexOf(".");
  const call = { interface: target.slice(0, Math.max(0, dot)), method: target.slice(dot + 1) };
  const diagnostics = new Diagnostics();
  const document = YamlDocument.parse({ path: `--call ${target}`, content: argumentsText }, diagnostics);
  if (document === undefined) throw invalidCall(diagnostics);
  const items = itemsOf(document.resolve(document.root));
  if (items === undefined) throw new UsageError(`--call: the arguments of ${target} are a list, such as ["text", 7]`);
  const method = methodOf(interfaces, { ...call, args: items });
  if (method === undefined)
    throw new UsageError(`--call: no spec has a method ${target} that takes ${items.length} arguments`);
  const reader = new WireValueReader(document, diagnostics);
  const args = method.in.map(({ type, name }, index) =>
    reader.read(type, items[index], `argument ${index + 1} ${name}`.trim()),
  );
  if (diagnostics.hasErrors) throw invalidCall(diagnostics);
  return { ...call, args };
}

function invalidCall(diagnostics: Diagnostics): UsageError {
  const [message = "", ...details] = render(diagnostics.sorted(), "plain").trimEnd().split("\n");
  return new UsageError(message, { details });
}
