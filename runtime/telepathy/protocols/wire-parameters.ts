import { type EntryShape, Variant } from "@dbus-codegen-ts/runtime";
import {
  ConnectionParameters,
  ConnMgrParamFlags,
  type ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import type { ParameterSignature, ParameterSpec, ParameterValue } from "./parameters.ts";

/** Values for parameters without a default value in Param_Spec. Only their types are meaningful. */
const PLACEHOLDERS: Readonly<Record<ParameterSignature, ParameterValue>> = {
  s: "",
  o: "/",
  b: false,
  y: 0,
  n: 0,
  q: 0,
  i: 0,
  u: 0,
  x: 0n,
  t: 0n,
  d: 0,
  as: [],
  ay: new Uint8Array(),
};

/** Converts the declaration of a parameter to the struct Param_Spec of the Telepathy specification. */
export function toParamSpec({ name, signature, flags = 0, defaultValue }: ParameterSpec): ParamSpec {
  const type: string = signature;
  return {
    name,
    flags: flags | (defaultValue === undefined ? 0 : ConnMgrParamFlags.HasDefault),
    signature,
    defaultValue: new Variant(type, defaultValue ?? PLACEHOLDERS[signature]),
  };
}

/** Converts decoded parameters to variants, by their names in the D-Bus API. */
export function toVariants(parameters: ConnectionParameters): ReadonlyMap<string, Variant> {
  const variants = new Map<string, Variant>(Object.entries(parameters.extra ?? {}));
  const declared: Readonly<Record<string, EntryShape>> = ConnectionParameters.entries;
  for (const [identifier, { key, type }] of Object.entries(declared)) {
    const value: unknown = Reflect.get(parameters, identifier);
    if (value !== undefined) variants.set(key, new Variant(type, value));
  }
  return variants;
}
