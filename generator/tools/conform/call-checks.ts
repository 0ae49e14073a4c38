import type { Interface, Method } from "../../compiler/resolve/ir.ts";
import { contractOf, memberKey } from "../mock/contract.ts";
import { describeError, type Probe } from "./checked-object.ts";
import type { Recorder } from "./report.ts";

/** A method that may be called to see what it answers. */
export interface CallCheck {
  readonly interface: string;
  readonly method: string;
  /** Values of the input arguments: empty by default. */
  readonly args?: readonly unknown[];
}

/** The method that a call means: the one of its name that takes as many arguments. */
export function methodOf(specs: readonly Interface[], call: CallCheck): Method | undefined {
  const count = call.args?.length ?? 0;
  const spec = specs.find(({ name }) => name === call.interface);
  return spec?.methods.find((method) => method.name === call.method && method.in.length === count);
}

/** Calls a method and looks at the types of its answer. */
export async function checkCall(
  probe: Probe,
  specs: readonly Interface[],
  call: CallCheck,
  recorder: Recorder,
): Promise<void> {
  const spec = specs.find(({ name }) => name === call.interface);
  const method = methodOf(specs, call);
  const subject = { interface: call.interface, member: call.method };
  if (spec === undefined || method === undefined) {
    recorder.fail("call-result", subject, `no spec has a method that takes ${call.args?.length ?? 0} arguments`);
    return;
  }
  const args = call.args ?? [];
  const answered = await probe.outcome(
    probe.interface(contractOf(spec)).invoke(memberKey(method.name, method.in), args),
  );
  const fault = "error" in answered ? describeError(answered.error) : undefined;
  recorder.expect("call-result", { ...subject, span: method.span }, fault);
}
