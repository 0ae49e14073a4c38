import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import type { Interface } from "../../compiler/resolve/ir.ts";
import { describeError, type Probe } from "./checked-object.ts";
import { quote, type Recorder } from "./report.ts";

const ERROR = "org.freedesktop.DBus.Error.";
/** A name that nobody gives to anything. */
const NOBODY = "DbusCodegenNoSuchMember";

/** Checks what every object has to do, whatever it is for. */
export async function checkStandard(probe: Probe, specs: readonly Interface[], recorder: Recorder): Promise<void> {
  await checkPeer(probe, recorder);
  await checkUnknownInterface(probe, recorder);
  for (const spec of specs) {
    await checkUnknownMethod(probe, spec, recorder);
    if (spec.properties.length > 0) await checkUnknownProperty(probe, spec, recorder);
  }
}

async function checkPeer(probe: Probe, recorder: Recorder): Promise<void> {
  const ping = await probe.outcome(probe.ping());
  recorder.expect(
    "peer",
    { interface: Peer.name, member: Peer.methods.ping.name },
    "error" in ping ? describeError(ping.error) : undefined,
  );
  const id = await probe.outcome(probe.machineId());
  const subject = { interface: Peer.name, member: Peer.methods.getMachineId.name };
  if ("error" in id) recorder.fail("peer", subject, describeError(id.error));
  else
    recorder.expect(
      "peer",
      subject,
      /^[0-9a-f]{32}$/i.test(String(id.value))
        ? undefined
        : `${quote(String(id.value))} is not a machine id: 32 hexadecimal digits`,
    );
}

async function checkUnknownInterface(probe: Probe, recorder: Recorder): Promise<void> {
  const interfaceName = `org.freedesktop.DBus.${NOBODY}`;
  const fault = await refusal(probe, probe.call(interfaceName, "Call"), ["UnknownInterface", "UnknownMethod"]);
  recorder.expect("unknown-interface", { interface: interfaceName }, fault);
}

async function checkUnknownMethod(probe: Probe, { name, span }: Interface, recorder: Recorder): Promise<void> {
  const fault = await refusal(probe, probe.call(name, NOBODY), ["UnknownMethod"]);
  recorder.expect("unknown-method", { interface: name, span }, fault);
}

async function checkUnknownProperty(probe: Probe, { name, span }: Interface, recorder: Recorder): Promise<void> {
  const fault = await refusal(probe, probe.properties.get(name, NOBODY), ["UnknownProperty", "InvalidArgs"]);
  recorder.expect("unknown-property", { interface: name, span }, fault);
}

/** What is wrong with how a call is refused; undefined where nothing is. */
export async function refusal(
  probe: Probe,
  call: Promise<unknown>,
  errors: readonly string[],
): Promise<string | undefined> {
  const answered = await probe.outcome(call);
  const wanted = errors.join(" or ");
  if (!("error" in answered)) return `it was answered, and not refused with ${wanted}`;
  if (errors.some((name) => answered.error.errorName === ERROR + name)) return undefined;
  return `${describeError(answered.error)}, and not with ${wanted}`;
}
