import { isDeepStrictEqual } from "node:util";
import { Variant } from "@dbus-codegen-ts/runtime";
import {
  type ConnectionParameters,
  ConnMgrParamFlags,
  type ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { coerce } from "../protocols/coerce-value.ts";
import type { Parameters } from "./account-settings.ts";

/** Parameters by what may be shown of them. */
export interface SortedParameters {
  readonly parameters: Parameters;
  readonly secrets: Parameters;
}

/** What an update makes of stored parameters. */
export interface UpdatedParameters extends SortedParameters {
  /** Names of those that have another value now, or none any more. */
  readonly changed: readonly string[];
}

/** Types whose values may come in another type. */
const NUMERIC = ["y", "n", "q", "i", "u", "x", "t", "d"] as const;

/** Parameters as they are sent. */
export function shapedParameters(named: Parameters): ConnectionParameters {
  return { extra: Object.fromEntries(named) };
}

/**
 * Checks the parameters of an account as its protocol wants them. Integers are taken in any integer type that holds them,
 * because account editors do not agree on one.
 *
 * @param current - Stored ones; `given` takes precedence.
 * @param unset - Names of stored ones to forget.
 * @throws InvalidArgumentError when one is unknown, has the wrong type, or a required one is missing.
 */
export function updateParameters(
  specs: readonly ParamSpec[],
  current: SortedParameters,
  given: Parameters,
  unset: readonly string[] = [],
): UpdatedParameters {
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const before = new Map([...current.parameters, ...current.secrets]);
  const after = new Map(before);
  for (const name of unset) after.delete(name);
  for (const [name, value] of given) after.set(name, fitting(known.get(name), name, value));
  checkComplete(specs, after);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)));
  return { ...sorted(known, current, after), changed };
}

/** Whether stored parameters are what a protocol wants. */
export function areComplete(specs: readonly ParamSpec[], { parameters, secrets }: SortedParameters): boolean {
  try {
    updateParameters(specs, { parameters: new Map(), secrets: new Map() }, new Map([...parameters, ...secrets]));
    return true;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return false;
    throw error;
  }
}

/** Whether a parameter is a property of the connection, so that a change reaches it at once. */
export function isLive(spec: ParamSpec | undefined): boolean {
  return spec !== undefined && hasFlag(spec, ConnMgrParamFlags.DBusProperty);
}

/** What leaving a parameter out means; undefined where nothing is known of it. */
export function defaultOf(spec: ParamSpec): Variant | undefined {
  return hasFlag(spec, ConnMgrParamFlags.HasDefault) ? spec.defaultValue : undefined;
}

function checkComplete(specs: readonly ParamSpec[], parameters: Parameters): void {
  // An account that is to be created on the server needs what registering needs, instead.
  const registers = parameters.get("register")?.value === true;
  const needed = registers ? ConnMgrParamFlags.Register : ConnMgrParamFlags.Required;
  const missing = specs.filter((spec) => hasFlag(spec, needed) && !parameters.has(spec.name));
  if (missing.length === 0) return;
  throw new InvalidArgumentError(`missing parameters: ${missing.map(({ name }) => name).join(", ")}`);
}

function fitting(spec: ParamSpec | undefined, name: string, value: Variant): Variant {
  if (spec === undefined) throw new InvalidArgumentError(`unknown parameter: ${name}`);
  const wanted: string = spec.signature;
  if (value.signature === wanted) return value;
  const numeric = NUMERIC.find((type) => type === wanted);
  const fitted = numeric === undefined ? undefined : coerce(value, numeric);
  if (numeric !== undefined && fitted !== undefined && "value" in fitted) return new Variant(numeric, fitted.value);
  throw new InvalidArgumentError(`parameter ${name} takes type ${wanted}, got ${value.signature}`);
}

/** Keeps apart what is secret; what the protocol does not know any more stays where it was. */
function sorted(known: ReadonlyMap<string, ParamSpec>, before: SortedParameters, after: Parameters): SortedParameters {
  const isSecret = (name: string): boolean => {
    const spec = known.get(name);
    return spec === undefined ? before.secrets.has(name) : hasFlag(spec, ConnMgrParamFlags.Secret);
  };
  const entries = [...after];
  return {
    parameters: new Map(entries.filter(([name]) => !isSecret(name))),
    secrets: new Map(entries.filter(([name]) => isSecret(name))),
  };
}

function hasFlag({ flags }: ParamSpec, flag: ConnMgrParamFlags): boolean {
  return (flags & flag) !== 0;
}
