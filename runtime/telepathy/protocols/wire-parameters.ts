import { Variant } from "@dbus-codegen-ts/runtime";
import {
  ConnectionParameters,
  ConnMgrParamFlags,
  type ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import type { ParameterSignature, ParameterSpec, ParameterValue } from "./protocol.ts";

/** What stands for no default; its type is all that matters. */
const EMPTY: Readonly<Record<ParameterSignature, ParameterValue>> = {
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

/** A parameter as clients are told of it. */
export function paramSpecOf({ name, signature, flags = 0, defaultValue }: ParameterSpec): ParamSpec {
  return {
    name,
    flags: flags | (defaultValue === undefined ? 0 : ConnMgrParamFlags.HasDefault),
    signature,
    defaultValue: new Variant(signature, defaultValue ?? EMPTY[signature]),
  };
}

/** Parameters by their names on the wire, each with the type in which it came. */
export function variantsOf(parameters: ConnectionParameters): ReadonlyMap<string, Variant> {
  const variants = new Map<string, Variant>(Object.entries(parameters.extra ?? {}));
  for (const [identifier, { key, type }] of Object.entries(ConnectionParameters.entries)) {
    const value: unknown = Reflect.get(parameters, identifier);
    if (value !== undefined) variants.set(key, new Variant(type, value));
  }
  return variants;
}
