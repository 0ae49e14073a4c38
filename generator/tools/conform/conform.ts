/**
 * Running services checked against their specs.
 *
 * @packageDocumentation
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Target } from "@dbus-codegen-ts/runtime";
import { compareText, type Diagnostic, Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { read } from "../../compiler/read/read.ts";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { resolve } from "../../compiler/resolve/resolve.ts";
import { type CallCheck, checkCall } from "./call-checks.ts";
import { Exercise } from "./setter-checks.ts";
import { Probe } from "./checked-object.ts";
import { PropertyChecks } from "./property-checks.ts";
import { Recorder, type Report } from "./report.ts";
import { checkStandard } from "./standard-checks.ts";
import { checkStructure } from "./structure-checks.ts";
import { Watch } from "./signal-monitor.ts";

export { type ReportFormat, renderReport } from "./render.ts";
export { CHECKS, type Check, type CheckName, type Report } from "./report.ts";

/** How thoroughly a service is checked. Nothing of it changes unless `exercise` says so. */
export interface ConformOptions {
  /** Milliseconds for each call: 5 000 by default. */
  readonly timeout?: number;
  /** The object may have interfaces and members that the specs do not know. */
  readonly allowExtra?: boolean;
  /** Milliseconds to listen to what the service announces of itself: 0 by default. */
  readonly watch?: number;
  /**
   * `"present"`: sets each writable property to the value that it has. `"change"`: also to another value, and back: the
   * service does what it does then.
   */
  readonly exercise?: "none" | "present" | "change";
  /** Milliseconds in which a change must be announced: 500 by default. */
  readonly settle?: number;
  /** Methods to call, by interface and method, such as `org.example.Jukebox1.Play`, with arguments. */
  readonly calls?: readonly CallCheck[];
}

/** What came out, or what is wrong with the specs: then nothing was asked. */
export interface Conformed {
  readonly report?: Report;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks an object of a running service against specs. What the service does wrong is in the report. */
export async function conform(
  bus: Bus,
  target: Target,
  sources: readonly Source[],
  options: ConformOptions = {},
): Promise<Conformed> {
  const diagnostics = new Diagnostics();
  const { interfaces } = resolve(read(sources, diagnostics), diagnostics);
  if (diagnostics.hasErrors) return { diagnostics: diagnostics.sorted() };
  return { report: await conformTo(bus, target, interfaces, options), diagnostics: diagnostics.sorted() };
}

/** Checks an object against interfaces that were read before. */
export async function conformTo(
  bus: Bus,
  target: Target,
  interfaces: readonly Interface[],
  options: ConformOptions = {},
): Promise<Report> {
  const { timeout = 5_000, settle = 500, exercise = "none", allowExtra = false } = options;
  const specs = interfaces.toSorted((a, b) => compareText(a.name, b.name));
  const probe = new Probe(bus, target, timeout);
  const recorder = new Recorder();
  await using watch = new Watch(probe, specs, recorder);
  await watch.start();
  const present = await checkStructure(probe, specs, allowExtra, recorder);
  await checkStandard(probe, present, recorder);
  const checks = present.map((spec) => ({ spec, properties: new PropertyChecks(probe, spec, recorder) }));
  for (const { properties } of checks) await properties.run();
  for (const call of options.calls ?? []) await checkCall(probe, present, call, recorder);
  const actions = new Exercise(probe, watch, recorder, settle);
  for (const { spec } of checks) {
    if (exercise !== "none") await actions.present(spec);
    if (exercise === "change") await actions.change(spec);
  }
  if (options.watch !== undefined) await sleep(options.watch);
  for (const { properties } of checks) await properties.again((property) => watch.announcements(property) > 0, settle);
  return { service: target.destination, path: target.path, checks: recorder.checks };
}
