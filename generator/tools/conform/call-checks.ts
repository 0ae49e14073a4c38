import type { Interface, Method } from "../../compiler/resolve/ir.ts";
import { contractOf, memberKey } from "../mock/contract.ts";
import { type CheckedObject, describeError } from "./checked-object.ts";
import type { Recorder } from "./report.ts";

/** A method call whose result is checked. */
export interface CallCheck {
  readonly interface: string;
  readonly method: string;
  /** Values of the input arguments: none by default. */
  readonly args?: readonly unknown[];
}

/** Returns the method with the name and the number of arguments of a call. */
export function methodOf(specs: readonly Interface[], call: CallCheck): Method | undefined {
  const count = call.args?.length ?? 0;
  const spec = specs.find(({ name }) => name === call.interface);
  return spec?.methods.find((method) => method.name === call.method && method.in.length === count);
}

/** Calls a method and checks the types of its reply. */
export async function checkCall(
  object: CheckedObject,
  specs: readonly Interface[],
  call: CallCheck,
  recorder: Recorder,
): Promise<void> {
  const spec = specs.find(({ name }) => name === call.interface);
  const method = methodOf(specs, call);
  const subject = { interface: call.interface, member: call.method };
  const args = call.args ?? [];
  if (spec === undefined || method === undefined) {
    recorder.fail("call-result", subject, `no spec has a method of this name that takes ${args.length} arguments`);
    return;
  }
  const outcome = await object.outcome(
    object.interface(contractOf(spec)).invoke(memberKey(method.name, method.in), args),
  );
  const problem = "error" in outcome ? describeError(outcome.error) : undefined;
  recorder.expect("call-result", { ...subject, span: method.span }, problem);
}
