/**
 * Checks of running services against their specs.
 *
 * @packageDocumentation
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Target } from "@dbus-codegen-ts/runtime";
import { analyze } from "../../compiler/analyze.ts";
import { compareText, type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { type CallCheck, checkCall } from "./call-checks.ts";
import { CheckedObject } from "./checked-object.ts";
import { PropertyChecks } from "./property-checks.ts";
import { type CheckName, Recorder, type Report } from "./report.ts";
import { SetterChecks } from "./setter-checks.ts";
import { SignalMonitor } from "./signal-monitor.ts";
import { checkStandardBehavior } from "./standard-checks.ts";
import { checkStructure } from "./structure-checks.ts";

export { renderReport } from "./render.ts";
export { CHECKS, type Check, type CheckName, type Report } from "./report.ts";
export type { ReportFormat } from "./report-formats.ts";

/** Options of `conform`. By default, no check changes the state of the service. */
export interface ConformOptions {
  /** Milliseconds for each call: 5 000 by default. */
  readonly timeout?: number;
  /** Whether to accept interfaces and members that the specs do not declare. */
  readonly allowExtra?: boolean;
  /** Milliseconds to wait for signals after all other checks: 0 by default. */
  readonly watch?: number;
  /**
   * `"present"` sets each writable property to its current value. `"change"` also sets it to another value and back, which
   * can have effects outside of the service.
   */
  readonly exercise?: "none" | "present" | "change";
  /** Milliseconds within which a change must be reported by a signal: 500 by default. */
  readonly settle?: number;
  /** Whether to list dictionary keys that the specs do not declare, as skipped checks. */
  readonly undeclaredKeys?: boolean;
  /** Checks that are not made. `declaration` includes all differences of declarations, such as `property-access`. */
  readonly skip?: readonly CheckName[];
  /** Method calls whose results are checked. */
  readonly calls?: readonly CallCheck[];
}

/** The result of `conform`. */
export interface ConformResult {
  /** The report; absent if the specs have errors, because then no check runs. */
  readonly report?: Report;
  /** Problems of the specs. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks an object of a running service against specs. Problems of the service are in the report. */
export async function conform(
  bus: Bus,
  target: Target,
  sources: readonly Source[],
  options: ConformOptions = {},
): Promise<ConformResult> {
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze(sources, diagnostics).ir;
  if (diagnostics.hasErrors) return { diagnostics: diagnostics.sorted() };
  return { report: await conformTo(bus, target, interfaces, options), diagnostics: diagnostics.sorted() };
}

/** Checks an object against interfaces from specs that are already compiled. */
export async function conformTo(
  bus: Bus,
  target: Target,
  interfaces: readonly Interface[],
  options: ConformOptions = {},
): Promise<Report> {
  const { timeout = 5_000, settle = 500, exercise = "none", allowExtra = false } = options;
  const specs = interfaces.toSorted((a, b) => compareText(a.name, b.name));
  const object = new CheckedObject(bus, target, timeout);
  const recorder = new Recorder(options.undeclaredKeys, options.skip);
  await using monitor = new SignalMonitor(object, specs, recorder);
  await monitor.start();
  const present = await checkStructure(object, specs, allowExtra, recorder);
  await checkStandardBehavior(object, present, recorder);
  const propertyChecks = present.map((spec) => new PropertyChecks(object, spec, recorder));
  for (const checks of propertyChecks) await checks.run();
  for (const call of options.calls ?? []) await checkCall(object, present, call, recorder);
  const setterChecks = new SetterChecks(object, monitor, recorder, settle);
  for (const spec of present) {
    if (exercise !== "none") await setterChecks.setCurrentValues(spec);
    if (exercise === "change") await setterChecks.setOtherValues(spec);
  }
  if (options.watch !== undefined) await sleep(options.watch);
  const isReported = (property: Interface["properties"][number]): boolean => monitor.reportCount(property) > 0;
  for (const checks of propertyChecks) await checks.checkChanges(isReported, settle);
  return { service: target.destination, path: target.path, checks: recorder.checks };
}
