import type { DBusError } from "@dbus-codegen-ts/runtime";
import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { describeFault, differences } from "../introspect/interface-differences.ts";
import { readLiveDocument } from "../introspect/live-document.ts";
import { describeError, type Probe } from "./checked-object.ts";
import type { Recorder } from "./report.ts";

const INTROSPECTABLE = { interface: Introspectable.name, member: Introspectable.methods.introspect.name };
/** Faults of one document that are told. */
const MAX_FAULTS = 10;

/** Compares what the object says of itself with the specs, and gives the specs of what it may have. */
export async function checkStructure(
  probe: Probe,
  specs: readonly Interface[],
  allowExtra: boolean,
  recorder: Recorder,
): Promise<readonly Interface[]> {
  const answered = await probe.outcome(probe.introspect());
  const live = "error" in answered ? refused(answered.error, recorder) : read(probe, answered.value, recorder);
  if (live === undefined) {
    for (const { name, span } of specs)
      recorder.skip("declaration", { interface: name, span }, "the object cannot be introspected");
    return specs;
  }
  for (const spec of specs) checkInterface(spec, live.get(spec.name), allowExtra, recorder);
  const known = new Set(specs.map(({ name }) => name));
  for (const name of live.keys())
    if (!known.has(name) && !allowExtra)
      recorder.fail("interface-extra", { interface: name }, "the object has an interface that no spec knows");
  return specs.filter(({ name }) => live.has(name));
}

function refused(error: DBusError, recorder: Recorder): undefined {
  recorder.fail("introspectable", INTROSPECTABLE, describeError(error));
}

/** The interfaces that the object lists, by name; undefined where its document is none. */
function read(probe: Probe, xml: unknown, recorder: Recorder): ReadonlyMap<string, Interface> | undefined {
  const { destination, path } = probe.target;
  const { objects, diagnostics } = readLiveDocument({ path: `${destination}${path}`, content: String(xml) }, path);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  for (const { message, span } of errors.slice(0, MAX_FAULTS))
    recorder.fail("introspectable", { ...INTROSPECTABLE, span }, message);
  if (errors.length === 0) recorder.pass("introspectable", INTROSPECTABLE);
  const own = objects.filter((object) => object.path === path);
  if (own.length === 0) return undefined;
  return new Map(own.flatMap(({ interfaces }) => interfaces.map((one) => [one.name, one] as const)));
}

function checkInterface(spec: Interface, live: Interface | undefined, allowExtra: boolean, recorder: Recorder): void {
  const subject = { interface: spec.name, span: spec.span };
  if (live === undefined) {
    recorder.fail("interface-missing", subject, "the object does not have the interface");
    return;
  }
  recorder.pass("interface-missing", subject);
  const found = differences(spec, live).filter(({ kind }) => !(allowExtra && kind.endsWith("-extra")));
  for (const one of found)
    recorder.fail(one.kind, { ...subject, member: one.member, span: one.span }, describeFault(one));
  const wrong = new Set(found.map(({ member }) => member));
  for (const { name, span } of [...spec.methods, ...spec.signals, ...spec.properties])
    if (!wrong.has(name)) recorder.pass("declaration", { interface: spec.name, member: name, span });
}
