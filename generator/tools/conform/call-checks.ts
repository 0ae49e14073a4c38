import type { Argument, Interface, Method } from "../../compiler/resolve/ir.ts";
import { contractOf, memberKey } from "../mock/contract.ts";
import { type CheckedObject, callProblem } from "./checked-object.ts";
import type { CheckSubject, Recorder } from "./report.ts";
import { describeUndeclaredKeys, findValueProblem } from "./value-problem.ts";

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
  const problem = "error" in outcome ? callProblem(outcome.error) : undefined;
  const described = { ...subject, span: method.span };
  recorder.expect("call-result", described, problem);
  if ("error" in outcome) return;
  const values = method.out.length === 1 ? [outcome.value] : outcome.value;
  if (Array.isArray(values)) checkValues(method.out, values, described, recorder);
}

/** Checks the named types of the values of arguments: values of enums, and keys of dictionaries. */
export function checkValues(
  args: readonly Argument[],
  values: readonly unknown[],
  subject: CheckSubject,
  recorder: Recorder,
): void {
  for (const [index, { type, name }] of args.entries()) {
    const label = name === "" ? `argument ${index}` : `the argument ${name}`;
    const problem = findValueProblem(type, values[index]);
    if (problem !== undefined) recorder.fail(problem.check, subject, `${label}: ${problem.message}`);
    const undeclared = recorder.listsUndeclaredKeys ? describeUndeclaredKeys(type, values[index]) : undefined;
    if (undeclared !== undefined) recorder.skip("value-keys", subject, `${label}: ${undeclared}`);
  }
}
