import type { DBusError } from "../errors.ts";
import { InvalidArgsError, UnknownInterfaceError, UnknownMethodError } from "../standard-errors.ts";
import type { Message } from "../wire/message.ts";
import { type MethodMember, membersOf } from "./members.ts";
import type { Reply } from "./reply.ts";
import type { ObjectView, ServedInterface } from "./served.ts";
import { inside } from "./service.ts";
import { STANDARD_HANDLERS } from "./standard-handlers.ts";
import { announceChanges } from "./state.ts";

/** The method that a call means, of a served interface or of a standard one. */
export interface FoundMethod {
  readonly member: MethodMember;
  /** The interface that has it; undefined for a standard one. */
  readonly served: ServedInterface | undefined;
}

/** One interface of an object that has a method of the name that is called. */
interface Candidate {
  readonly name: string;
  readonly overloads: readonly MethodMember[];
  readonly served: ServedInterface | undefined;
}

/** The method of an object that a call means, by interface where it names one, and by the types of its arguments. */
export function findMethod(object: ObjectView, call: Message): FoundMethod | DBusError {
  const { interface: interfaceName, member = "" } = call;
  const candidates = interfaceName === undefined ? allNamed(object, member) : oneNamed(object, interfaceName, member);
  if (candidates === undefined) return new UnknownInterfaceError(`${object.path} has no interface ${interfaceName}`);
  const [candidate, ...others] = candidates;
  if (candidate === undefined) return new UnknownMethodError(`${interfaceName ?? object.path} has no method ${member}`);
  if (others.length > 0)
    return new UnknownMethodError(`several interfaces of ${object.path} have a method ${member}: name one`);
  return selectOverload(candidate, call);
}

/** Runs the handler of a method, after who calls was authorized; the arguments are its own then. Throws what it throws. */
export function invoke(
  object: ObjectView,
  { member, served }: FoundMethod,
  args: readonly unknown[],
  answer: Reply,
): unknown {
  const { incoming } = answer;
  if (served === undefined) return STANDARD_HANDLERS.get(member.contract)?.(object, args, incoming);
  if (served.guarded || member.access.privileged) {
    const allowed: unknown = inside.authorize(served.service, member.access, incoming);
    if (isThenable(allowed)) return allowed.then(() => runHandler(served, member, args, answer));
  }
  return runHandler(served, member, args, answer);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function oneNamed(object: ObjectView, name: string, member: string): readonly Candidate[] | undefined {
  const served = object.interfaces.get(name);
  const members = served?.state.members ?? standardMembers(object, name);
  if (members === undefined) return undefined;
  const overloads = members.methods.get(member);
  return overloads === undefined ? [] : [{ name, overloads, served }];
}

function allNamed(object: ObjectView, member: string): readonly Candidate[] {
  const names = [...object.interfaces.keys(), ...object.standard.map(({ name }) => name)];
  return names.flatMap((name) => oneNamed(object, name, member) ?? []);
}

function standardMembers(object: ObjectView, name: string) {
  const contract = object.standard.find((one) => one.name === name);
  return contract && membersOf(contract);
}

function selectOverload({ name, overloads, served }: Candidate, call: Message): FoundMethod | InvalidArgsError {
  for (const member of overloads) if (member.in.signature === call.signature) return { member, served };
  const expected = overloads.map((overload) => `"${overload.in.signature}"`).join(" or ");
  return new InvalidArgsError(`${name}.${call.member} takes ${expected}, got "${call.signature}"`);
}

function runHandler(
  { service }: ServedInterface,
  member: MethodMember,
  args: readonly unknown[],
  answer: Reply,
): unknown {
  const handler: unknown = Reflect.get(service, member.key);
  if (typeof handler !== "function") throw new TypeError(`the service has no method ${member.key}`);
  answer.handOver();
  try {
    return Reflect.apply(handler, service, [...args, answer.incoming]);
  } finally {
    announceChanges();
  }
}
