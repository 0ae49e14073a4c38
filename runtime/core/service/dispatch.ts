import type { DBusError } from "../errors.ts";
import { InvalidArgsError, UnknownInterfaceError, UnknownMethodError } from "../standard-errors.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import { excerpt } from "../wire/errors.ts";
import type { Message } from "../wire/message.ts";
import type { Incoming } from "./incoming-call.ts";
import { type MethodMember, type Methods, methodsOf } from "./methods.ts";
import type { ObjectView } from "./object-view.ts";
import { isRefusal, type Refusal, refusal } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import type { ServedInterface } from "./served-interface.ts";
import { type CalledProperty, calledProperty, NAME_ARGUMENTS, SET, STANDARD_HANDLERS } from "./standard-handlers.ts";

/** The method that a call invokes. It is a method of a served interface or of a standard interface. */
export interface CalledMethod {
  readonly member: MethodMember;
  /** Interface of the method; undefined for a standard interface. */
  readonly served: ServedInterface | undefined;
  /** The property to set; absent unless the method sets a property. */
  readonly set?: CalledProperty;
}

/** An interface of the object that has a method with the called name, with all methods of this name. */
interface Candidate {
  readonly interfaceName: string;
  readonly overloads: readonly MethodMember[];
  readonly served: ServedInterface | undefined;
}

/**
 * Finds the method that a call invokes, by interface (if the call has one), member name and signature.
 *
 * @returns The method, or the error reply if no method matches.
 */
export function findMethod(object: ObjectView, call: Message): CalledMethod | Refusal | DBusError {
  const { interface: interfaceName, member = "" } = call;
  const candidates =
    interfaceName === undefined
      ? candidatesOfAll(object, member)
      : candidatesOfInterface(object, interfaceName, member);
  if (candidates === undefined)
    return refusal(UnknownInterfaceError, `${excerpt(object.path)} has no interface ${interfaceName}`);
  const [candidate, ...others] = candidates;
  if (candidate === undefined)
    return refusal(UnknownMethodError, `${interfaceName ?? excerpt(object.path)} has no method ${member}`);
  if (others.length > 0)
    return refusal(
      UnknownMethodError,
      `several interfaces of ${excerpt(object.path)} have a method ${member}: name one`,
    );
  const method = selectOverload(candidate, call);
  if (isRefusal(method) || method.member.contract !== SET) return method;
  const set = calledProperty(object, call);
  return isRefusal(set) ? set : { ...method, set };
}

/**
 * Authorizes the caller, if necessary, before the arguments are decoded. Throws if the caller is refused.
 *
 * @returns The result of `$authorize`, which may be a promise.
 */
export function authorize({ member, served, set }: CalledMethod, incoming: Incoming): unknown {
  const owner = set?.served ?? served;
  const { authorized } = set?.property ?? member;
  if (owner === undefined || !(owner.authorizesAll || authorized.privileged)) return undefined;
  return owner.authorize(authorized, incoming);
}

/** Returns the codec of the arguments of a call. */
export function argumentsOf({ member, served, set }: CalledMethod): ArgumentsCodec {
  if (served !== undefined) return member.in;
  return set?.property.setArguments ?? NAME_ARGUMENTS.get(member.contract) ?? member.in;
}

/** Runs the handler of an authorized call. Returns or throws what the handler returns or throws. */
export function invoke(
  object: ObjectView,
  { member, served, set }: CalledMethod,
  args: readonly unknown[],
  reply: Reply,
): unknown {
  if (set !== undefined) return set.property.set(args[2], reply.incoming);
  if (served === undefined) return STANDARD_HANDLERS.get(member.contract)?.(object, args);
  return served.run(member, args, reply);
}

/**
 * Returns whether a value is a promise or has a method `then`, so that its result must be awaited. Throws the error of
 * reading `then`.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function candidatesOfInterface(
  object: ObjectView,
  interfaceName: string,
  member: string,
): readonly Candidate[] | undefined {
  const served = object.interfaces.get(interfaceName);
  const methods = served?.methods ?? standardMethods(object, interfaceName);
  if (methods === undefined) return undefined;
  const overloads = methods.get(member);
  return overloads === undefined ? [] : [{ interfaceName, overloads, served }];
}

function candidatesOfAll(object: ObjectView, member: string): readonly Candidate[] {
  const names = [...object.interfaces.keys(), ...object.standard.map(({ name }) => name)];
  return names.flatMap((name) => candidatesOfInterface(object, name, member) ?? []);
}

function standardMethods(object: ObjectView, interfaceName: string): Methods | undefined {
  const contract = object.standard.find(({ name }) => name === interfaceName);
  return contract && methodsOf(contract);
}

function selectOverload(
  { interfaceName, overloads, served }: Candidate,
  call: Message,
): CalledMethod | Refusal | DBusError {
  for (const member of overloads) if (member.in.signature === call.signature) return { member, served };
  const expected = overloads.map((overload) => `"${overload.in.signature}"`).join(" or ");
  return refusal(InvalidArgsError, `${interfaceName}.${call.member} takes ${expected}, got "${call.signature}"`);
}
