import type { InterfaceContract, MethodContract, PropertyContract } from "../contract.ts";
import { type ArgumentsCodec, argumentsCodec } from "../wire/arguments-codec.ts";
import { type AuthorizedMember, privilegedAnnotation } from "./authorization.ts";

/** A method with its codecs. */
export interface MethodMember {
  /** Identifier in TypeScript. */
  readonly key: string;
  readonly contract: MethodContract;
  readonly in: ArgumentsCodec;
  readonly out: ArgumentsCodec;
  /** The method as argument of `$authorize`. */
  readonly authorized: AuthorizedMember;
}

/** Methods of an interface by name on the wire. Overloads share a name. */
export type Methods = ReadonlyMap<string, readonly MethodMember[]>;

const methodsByContract = new WeakMap<InterfaceContract, Methods>();

/** Returns the methods of a contract, compiled once. Throws InvalidValueError if a type in the contract is invalid. */
export function methodsOf(contract: InterfaceContract): Methods {
  let methods = methodsByContract.get(contract);
  if (methods === undefined) {
    methods = compileMethods(contract);
    methodsByContract.set(contract, methods);
  }
  return methods;
}

function compileMethods(contract: InterfaceContract): Methods {
  const methods = new Map<string, MethodMember[]>();
  for (const [key, method] of Object.entries(contract.methods ?? {})) {
    const overloads = methods.get(method.name) ?? [];
    overloads.push({
      key,
      contract: method,
      in: argumentsCodec(method.in),
      out: argumentsCodec(method.out),
      authorized: authorizedMember("method", key, method, contract),
    });
    methods.set(method.name, overloads);
  }
  return methods;
}

/** Returns the argument that `$authorize` gets for a member. */
export function authorizedMember(
  kind: AuthorizedMember["kind"],
  key: string,
  { name, annotations }: MethodContract | PropertyContract,
  contract: InterfaceContract,
): AuthorizedMember {
  const privileged = privilegedAnnotation(annotations) ?? privilegedAnnotation(contract.annotations) ?? false;
  return { kind, key, name, privileged };
}
