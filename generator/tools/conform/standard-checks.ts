import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { type CheckedObject, callProblem } from "./checked-object.ts";
import { NotJudged, quote, type Recorder } from "./report.ts";

const ERROR_PREFIX = "org.freedesktop.DBus.Error.";
/** A name that no interface and no member has. */
const UNKNOWN_NAME = "DbusCodegenNoSuchMember";

/** Checks the behavior that the D-Bus specification requires of every object. */
export async function checkStandardBehavior(
  object: CheckedObject,
  specs: readonly Interface[],
  recorder: Recorder,
): Promise<void> {
  if (!recorder.omits("peer")) await checkPeer(object, recorder);
  if (!recorder.omits("unknown-interface")) await checkUnknownInterface(object, recorder);
  for (const spec of specs) {
    if (!recorder.omits("unknown-method")) await checkUnknownMethod(object, spec, recorder);
    if (spec.properties.length > 0 && !recorder.omits("unknown-property"))
      await checkUnknownProperty(object, spec, recorder);
  }
}

async function checkPeer(object: CheckedObject, recorder: Recorder): Promise<void> {
  const ping = await object.outcome(object.ping());
  const pingProblem = "error" in ping ? callProblem(ping.error) : undefined;
  recorder.expect("peer", { interface: Peer.name, member: Peer.methods.ping.name }, pingProblem);
  const machineId = await object.outcome(object.machineId());
  const machineIdProblem =
    "error" in machineId ? callProblem(machineId.error) : findMachineIdProblem(String(machineId.value));
  recorder.expect("peer", { interface: Peer.name, member: Peer.methods.getMachineId.name }, machineIdProblem);
}

function findMachineIdProblem(machineId: string): string | undefined {
  return /^[0-9a-f]{32}$/i.test(machineId)
    ? undefined
    : `${quote(machineId)} is not a machine id: 32 hexadecimal digits`;
}

async function checkUnknownInterface(object: CheckedObject, recorder: Recorder): Promise<void> {
  const interfaceName = `org.freedesktop.DBus.${UNKNOWN_NAME}`;
  const call = object.callUnknown(interfaceName, "Call");
  const problem = await rejectionProblem(object, call, ["UnknownInterface", "UnknownMethod"]);
  recorder.expect("unknown-interface", { interface: interfaceName }, problem);
}

async function checkUnknownMethod(object: CheckedObject, { name, span }: Interface, recorder: Recorder): Promise<void> {
  const problem = await rejectionProblem(object, object.callUnknown(name, UNKNOWN_NAME), ["UnknownMethod"]);
  recorder.expect("unknown-method", { interface: name, span }, problem);
}

async function checkUnknownProperty(
  object: CheckedObject,
  { name, span }: Interface,
  recorder: Recorder,
): Promise<void> {
  const call = object.properties.get(name, UNKNOWN_NAME);
  const problem = await rejectionProblem(object, call, ["UnknownProperty", "InvalidArgs"]);
  recorder.expect("unknown-property", { interface: name, span }, problem);
}

/** Returns what is wrong if a call does not fail with one of the given standard errors. */
export async function rejectionProblem(
  object: CheckedObject,
  call: Promise<unknown>,
  errors: readonly string[],
): Promise<string | NotJudged | undefined> {
  const outcome = await object.outcome(call);
  const expected = errors.join(" or ");
  if (!("error" in outcome)) return `the call succeeded instead of failing with ${expected}`;
  const problem = callProblem(outcome.error);
  if (problem instanceof NotJudged) return problem;
  const isExpected = errors.some((name) => outcome.error.errorName === ERROR_PREFIX + name);
  return isExpected ? undefined : `${problem}, not with ${expected}`;
}
