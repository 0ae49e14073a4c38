import { resolve } from "node:path";
import type { Format } from "../../compiler/diagnostics/formats.ts";
import { toJson } from "../../compiler/diagnostics/render.ts";
import { applyWritePlan } from "../../compiler/write/output-folder.ts";
import type { WriteStep } from "../../compiler/write/write-plan.ts";
import { type IntrospectResult, introspect } from "../../tools/introspect/introspect.ts";
import { planSpecs } from "../../tools/introspect/write-specs.ts";
import { EXIT, type Shell } from "../shell.ts";
import { checkServiceExists, checkTarget, withBus } from "./bus.ts";
import { checkRefused } from "./output-plan.ts";
import { count, countErrors, diagnosticLines, printJson } from "./report.ts";

export interface IntrospectArguments {
  readonly name: string;
  readonly path: string;
  readonly bus: string | undefined;
  /** Output folder; without it the specs are printed. */
  readonly out: string | undefined;
  readonly format: Format;
}

/** Introspects a running service, prints or writes its specs and returns the exit code. */
export async function runIntrospect(args: IntrospectArguments, shell: Shell): Promise<number> {
  const { name, path, bus: address, out, format } = args;
  checkTarget(name, path);
  return withBus(address, async (bus) => {
    await checkServiceExists(bus, name, address);
    const result = await introspect(bus, name, path);
    if (result.specs.length === 0) return reportNothing(result, format, shell);
    if (out === undefined) printSpecs(result, format, shell);
    else await writeSpecs(result, name, out, format, shell);
    return countErrors(result.diagnostics) > 0 ? EXIT.findings : EXIT.success;
  });
}

function reportNothing(result: IntrospectResult, format: Format, shell: Shell): number {
  report(result, [], format, shell);
  const reason =
    result.objects === 0 ? "no object replied" : `${count(result.objects, "object")} with only standard interfaces`;
  shell.printError([`${reason}, nothing written`]);
  return EXIT.findings;
}

function printSpecs(result: IntrospectResult, format: Format, shell: Shell): void {
  report(result, [], format, shell);
  shell.printOutput(result.document.trimEnd().split("\n"));
  shell.printError([summary(result)]);
}

async function writeSpecs(
  result: IntrospectResult,
  name: string,
  out: string,
  format: Format,
  shell: Shell,
): Promise<void> {
  const folder = resolve(shell.cwd, out);
  const plan = await planSpecs(result, name, folder);
  checkRefused({ out, plan });
  await applyWritePlan(folder, plan);
  report(result, plan.steps, format, shell);
  const unchanged = plan.steps.filter(({ kind }) => kind === "keep").length;
  shell.printError([`${summary(result)}: ${plan.steps.length - unchanged} written, ${unchanged} unchanged`]);
}

function summary({ specs, objects }: IntrospectResult): string {
  return `${count(specs.length, "interface")} of ${count(objects, "object")}`;
}

function report({ diagnostics }: IntrospectResult, steps: readonly WriteStep[], format: Format, shell: Shell): void {
  if (format !== "json") {
    shell.printError(diagnosticLines(diagnostics, format));
    return;
  }
  const files = steps.map(({ kind, path }) => ({ path, change: kind }));
  printJson({ version: 1, files, diagnostics: diagnostics.map(toJson) }, shell);
}
