import { isDeepStrictEqual } from "node:util";
import { Variant } from "@dbus-codegen-ts/runtime";
import {
  type ConnectionParameters,
  ConnMgrParamFlags,
  type ParamSpec,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { coerceValue } from "../protocols/coerce-value.ts";
import type { Parameters } from "./account-settings.ts";

/** Parameters of an account, divided into secret and other parameters. */
export interface StoredParameters {
  readonly parameters: Parameters;
  readonly secrets: Parameters;
  /** Names of stored secrets whose values could not be read. */
  readonly unreadSecrets: readonly string[];
}

/** Result of an update of stored parameters. */
export interface UpdatedParameters extends StoredParameters {
  /** Names of parameters whose value has changed, or that were added or removed. */
  readonly changed: readonly string[];
}

export const NO_PARAMETERS: StoredParameters = { parameters: new Map(), secrets: new Map(), unreadSecrets: [] };

/** Declared types of parameters that accept integers of other types. */
const NUMERIC_TYPES = ["y", "n", "q", "i", "u", "x", "t", "d"] as const;

/** Converts parameters to the dictionary that RequestConnection takes. */
export function toConnectionParameters(parameters: Parameters): ConnectionParameters {
  return { extra: Object.fromEntries(parameters) };
}

/**
 * Applies changes to the parameters of an account and validates the result against the declarations of the
 * protocol. An integer is accepted in any integer type if the declared type can hold it, because account editors
 * choose different types.
 *
 * @param given - New values, which replace those of `current`.
 * @param unset - Names of parameters to remove; unknown names are ignored.
 * @throws InvalidArgumentError if a parameter is unknown or has the wrong type, or a required one is missing.
 */
export function updateParameters(
  specs: readonly ParamSpec[],
  current: StoredParameters,
  given: Parameters,
  unset: readonly string[] = [],
): UpdatedParameters {
  const specsByName = new Map(specs.map((spec) => [spec.name, spec]));
  const before = new Map([...current.parameters, ...current.secrets]);
  const after = new Map(before);
  const isReplaced = (name: string): boolean => given.has(name) || unset.includes(name);
  const unreadSecrets = current.unreadSecrets.filter((name) => !isReplaced(name));
  for (const name of unset) after.delete(name);
  for (const [name, value] of given) after.set(name, coerceParameter(specsByName.get(name), name, value));
  requireMandatory(specs, after, unreadSecrets);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => !isDeepStrictEqual(before.get(name), after.get(name)));
  const unread = current.unreadSecrets.filter((name) => isReplaced(name) && !changed.includes(name));
  return { ...separateSecrets(specsByName, current, after), unreadSecrets, changed: [...changed, ...unread] };
}

/** Returns whether stored parameters are valid and complete according to the declarations of a protocol. */
export function areParametersValid(
  specs: readonly ParamSpec[],
  { parameters, secrets, unreadSecrets }: StoredParameters,
): boolean {
  try {
    updateParameters(specs, { ...NO_PARAMETERS, unreadSecrets }, new Map([...parameters, ...secrets]));
    return true;
  } catch (error) {
    if (error instanceof InvalidArgumentError) return false;
    throw error;
  }
}

/**
 * Returns whether a parameter is also a writable property of the connection, so that a changed value needs no
 * reconnection.
 */
export function isConnectionProperty(spec: ParamSpec | undefined): boolean {
  return spec !== undefined && hasFlag(spec, ConnMgrParamFlags.DBusProperty);
}

/** Returns the default value of a parameter; undefined if it has none. */
export function defaultValue(spec: ParamSpec): Variant | undefined {
  return hasFlag(spec, ConnMgrParamFlags.HasDefault) ? spec.defaultValue : undefined;
}

function requireMandatory(specs: readonly ParamSpec[], parameters: Parameters, unreadSecrets: readonly string[]): void {
  // To create an account on the server, the parameters with the flag Register are mandatory instead.
  const isRegistration = parameters.get("register")?.value === true;
  const mandatory = isRegistration ? ConnMgrParamFlags.Register : ConnMgrParamFlags.Required;
  const isPresent = (name: string): boolean => parameters.has(name) || unreadSecrets.includes(name);
  const missing = specs.filter((spec) => hasFlag(spec, mandatory) && !isPresent(spec.name));
  if (missing.length === 0) return;
  throw new InvalidArgumentError(`missing parameters: ${missing.map(({ name }) => name).join(", ")}`);
}

function coerceParameter(spec: ParamSpec | undefined, name: string, value: Variant): Variant {
  if (spec === undefined) throw new InvalidArgumentError(`unknown parameter: ${name}`);
  const expected: string = spec.signature;
  if (value.signature === expected) return value;
  const numericType = NUMERIC_TYPES.find((type) => type === expected);
  const result = numericType === undefined ? undefined : coerceValue(value, numericType);
  if (numericType !== undefined && result !== undefined && "value" in result) {
    return new Variant(expected, result.value);
  }
  throw new InvalidArgumentError(`parameter ${name} takes type ${expected}, got ${value.signature}`);
}

/**
 * Divides parameters into secret and other parameters by their declarations. A parameter without a declaration
 * remains secret if it was secret before.
 */
function separateSecrets(
  specs: ReadonlyMap<string, ParamSpec>,
  before: StoredParameters,
  after: Parameters,
): Pick<StoredParameters, "parameters" | "secrets"> {
  const isSecret = (name: string): boolean => {
    const spec = specs.get(name);
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
