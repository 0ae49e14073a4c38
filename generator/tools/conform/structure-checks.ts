import { Introspectable } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Introspectable";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { describeDifferenceOfMember, interfaceDifferences } from "../introspect/interface-differences.ts";
import { readLiveDocument } from "../introspect/live-document.ts";
import { type CheckedObject, callProblem } from "./checked-object.ts";
import type { Recorder } from "./report.ts";

const INTROSPECT = { interface: Introspectable.name, member: Introspectable.methods.introspect.name };
/** Number of problems of one document that are reported. */
const MAX_PROBLEMS = 10;

/**
 * Compares the introspection data of the object with the specs. Returns the specs of the interfaces that the object has, or
 * all specs if it cannot be introspected.
 */
export async function checkStructure(
  object: CheckedObject,
  specs: readonly Interface[],
  allowExtra: boolean,
  recorder: Recorder,
): Promise<readonly Interface[]> {
  const live = await readLiveInterfaces(object, recorder);
  if (live === undefined) {
    for (const { name, span } of specs)
      recorder.skip("declaration", { interface: name, span }, "the object cannot be introspected");
    return specs;
  }
  for (const spec of specs) checkInterface(spec, live.get(spec.name), allowExtra, recorder);
  const declared = new Set(specs.map(({ name }) => name));
  for (const name of live.keys())
    if (!declared.has(name) && !allowExtra)
      recorder.fail("interface-extra", { interface: name }, "the object has an interface that no spec declares");
  return specs.filter(({ name }) => live.has(name));
}

/** Returns the interfaces of the object by name, or undefined if its introspection data cannot be read. */
async function readLiveInterfaces(
  object: CheckedObject,
  recorder: Recorder,
): Promise<ReadonlyMap<string, Interface> | undefined> {
  const outcome = await object.outcome(object.introspect());
  if ("error" in outcome) {
    recorder.expect("introspectable", INTROSPECT, callProblem(outcome.error));
    return undefined;
  }
  const { destination, path } = object.target;
  const source = { path: `${destination}${path}`, content: String(outcome.value) };
  const { objects, diagnostics } = readLiveDocument(source, path);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  for (const { message, span } of errors.slice(0, MAX_PROBLEMS))
    recorder.fail("introspectable", { ...INTROSPECT, span }, message);
  if (errors.length === 0) recorder.pass("introspectable", INTROSPECT);
  const atPath = objects.filter((liveObject) => liveObject.path === path);
  if (atPath.length === 0) return undefined;
  return new Map(atPath.flatMap(({ interfaces }) => interfaces.map((iface) => [iface.name, iface] as const)));
}

function checkInterface(spec: Interface, live: Interface | undefined, allowExtra: boolean, recorder: Recorder): void {
  const subject = { interface: spec.name, span: spec.span };
  if (live === undefined) {
    recorder.fail("interface-missing", subject, "the object does not have the interface");
    return;
  }
  recorder.pass("interface-missing", subject);
  const differences = interfaceDifferences(spec, live).filter(({ kind }) => !(allowExtra && kind.endsWith("-extra")));
  for (const difference of differences) {
    const { kind, member, span } = difference;
    recorder.fail(kind, { ...subject, member, span }, describeDifferenceOfMember(difference));
  }
  const different = new Set(differences.map(({ member }) => member));
  for (const { name, span } of [...spec.methods, ...spec.signals, ...spec.properties])
    if (!different.has(name)) recorder.pass("declaration", { interface: spec.name, member: name, span });
}
