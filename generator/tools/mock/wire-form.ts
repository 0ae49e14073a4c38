import {
  type Argument,
  type FieldShape,
  type InterfaceContract,
  InvalidArgsError,
  InvalidValueError,
  type MethodContract,
  UnknownMethodError,
  UnknownPropertyError,
  type Variant,
} from "@dbus-codegen-ts/runtime";
import { withShape } from "@dbus-codegen-ts/runtime/shapes";
import type { Interface, Type } from "../../compiler/resolve/ir.ts";
import { quote } from "../conform/report.ts";
import { findValueProblem } from "../conform/value-problem.ts";

/** An interface of a mock: its contract, and its spec with the types that overlays declare. */
export interface DescribedInterface {
  readonly contract: InterfaceContract;
  /** Spec of the interface; undefined if it is not known. Then only signatures are checked. */
  readonly spec: Interface | undefined;
}

/**
 * Converts values of properties by name to values by key in the contract.
 *
 * @throws UnknownPropertyError, or InvalidArgsError if a value contradicts its declared type.
 */
export function propertyValues(
  { contract, spec }: DescribedInterface,
  values: Readonly<Record<string, Variant>>,
): Readonly<Record<string, unknown>> {
  const declared = new Map(Object.entries(contract.properties ?? {}).map((entry) => [entry[1].name, entry]));
  const types = new Map(spec?.properties.map(({ name, type }) => [name, type]));
  return Object.fromEntries(
    Object.entries(values).map(([name, variant]) => {
      const [key, property] = declared.get(name) ?? [];
      if (key === undefined || property === undefined)
        throw new UnknownPropertyError(`${contract.name} has no property ${quote(name)}`);
      return [key, checkedValue(property, types.get(name), variant, name)];
    }),
  );
}

/**
 * Returns the key of a signal and its arguments. Throws InvalidArgsError if the signal does not exist, or an argument
 * contradicts its declared type.
 */
export function signalArguments(
  { contract, spec }: DescribedInterface,
  name: string,
  args: readonly Variant[],
): readonly [key: string, args: readonly unknown[]] {
  const [key, signal] = Object.entries(contract.signals ?? {}).find(([, member]) => member.name === name) ?? [];
  if (key === undefined || signal === undefined)
    throw new InvalidArgsError(`${contract.name} has no signal ${quote(name)}`);
  const types = spec?.signals.find((member) => member.name === name)?.args ?? [];
  return [key, argumentValues(signal.args, types, args, name)];
}

/**
 * Returns a result for each method with a name, by key. Several overloads can have the name. Throws UnknownMethodError
 * if there is no such method, InvalidArgsError if the reply does not match.
 */
export function methodResults(
  described: DescribedInterface,
  name: string,
  reply: readonly Variant[],
): ReadonlyMap<string, unknown> {
  const methods = described.spec?.methods ?? [];
  return new Map(
    methodsNamed(described.contract, name).map(([key, { out }]) => {
      const types = methods.find((method) => method.name === name && method.out.length === out.length)?.out ?? [];
      const values = argumentValues(out, types, reply, name);
      return [key, values.length === 1 ? values[0] : values];
    }),
  );
}

/** Returns the methods with a name, with their keys. Throws UnknownMethodError if there is no such method. */
export function methodsNamed(
  contract: InterfaceContract,
  name: string,
): readonly (readonly [key: string, method: MethodContract])[] {
  const methods = Object.entries(contract.methods ?? {}).filter(([, method]) => method.name === name);
  if (methods.length === 0) throw new UnknownMethodError(`${contract.name} has no method ${quote(name)}`);
  return methods;
}

function argumentValues(
  args: readonly Argument[],
  types: readonly { readonly type: Type }[],
  values: readonly Variant[],
  member: string,
): readonly unknown[] {
  if (values.length !== args.length)
    throw new InvalidArgsError(`${quote(member)} has ${args.length} arguments, got ${values.length}`);
  return values.map((variant, index) => {
    const argument = args[index];
    if (argument === undefined) return undefined;
    return checkedValue(argument, types[index]?.type, variant, argument.name ?? `argument ${index + 1} of ${member}`);
  });
}

/** Returns the value of a variant in the shape of a field. Throws InvalidArgsError if it contradicts the declared type. */
function checkedValue(field: FieldShape, type: Type | undefined, variant: Variant, subject: string): unknown {
  if (variant.signature !== field.type)
    throw new InvalidArgsError(`${subject} has the type "${field.type}", got ${quote(variant.signature)}`);
  const problem = type && findValueProblem(type, variant.value);
  if (problem !== undefined) throw new InvalidArgsError(`${subject}: ${problem.message}`);
  try {
    return withShape(field, variant.value);
  } catch (error) {
    if (error instanceof InvalidValueError) throw new InvalidArgsError(`${subject}: ${error.message}`);
    throw error;
  }
}
