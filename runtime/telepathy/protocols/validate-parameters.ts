import type { Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { type CoercionResult, coerceValue } from "./coerce-value.ts";
import type { ParameterSpec, ParameterValue, ParameterValues } from "./parameters.ts";

/** Maximum number of unknown parameters that an error message lists. */
const MAX_REPORTED_PARAMETERS = 8;
/** Maximum number of UTF-16 code units of each listed name. */
const MAX_REPORTED_NAME_LENGTH = 64;

/**
 * Validates the parameters of a request and adds default values. Error messages do not contain values, which may be
 * secret.
 *
 * @throws InvalidArgumentError for a parameter that is unknown, missing, of the wrong type or out of range.
 * Parameters with the flag `Required` must be present. If the parameter `register` is true, those with the flag
 * `Register` must be present instead.
 */
export function validateParameters(
  specs: readonly ParameterSpec[],
  given: ReadonlyMap<string, Variant>,
): ParameterValues {
  rejectUnknown(specs, given);
  const values = new Map<string, ParameterValue>();
  for (const { name, signature, defaultValue } of specs) {
    const variant = given.get(name);
    const value = variant === undefined ? defaultValue : requireValue(name, coerceValue(variant, signature));
    if (value !== undefined) values.set(name, value);
  }
  const mandatory = values.get("register") === true ? ConnMgrParamFlags.Register : ConnMgrParamFlags.Required;
  for (const { name, flags = 0 } of specs) {
    if ((flags & mandatory) !== 0 && !values.has(name)) throw new InvalidArgumentError(`parameter ${name} is missing`);
  }
  return new ValidatedParameters(values);
}

function requireValue(name: string, result: CoercionResult): ParameterValue {
  if ("problem" in result) throw new InvalidArgumentError(`parameter ${name} ${result.problem}`);
  return result.value;
}

function rejectUnknown(specs: readonly ParameterSpec[], given: ReadonlyMap<string, Variant>): void {
  const declared = new Set(specs.map(({ name }) => name));
  const unknown = [...given.keys()].filter((name) => !declared.has(name));
  if (unknown.length === 0) return;
  const names = unknown
    .slice(0, MAX_REPORTED_PARAMETERS)
    .map((name) => JSON.stringify(name.slice(0, MAX_REPORTED_NAME_LENGTH)));
  const more = unknown.length > MAX_REPORTED_PARAMETERS ? ` and ${unknown.length - MAX_REPORTED_PARAMETERS} more` : "";
  throw new InvalidArgumentError(`unknown parameters: ${names.join(", ")}${more}`);
}

/** Validated parameters. The values are in a private field, so that secrets are not logged with the object. */
class ValidatedParameters implements ParameterValues {
  readonly #values: ReadonlyMap<string, ParameterValue>;

  constructor(values: ReadonlyMap<string, ParameterValue>) {
    this.#values = values;
  }

  get(name: string): ParameterValue | undefined {
    return this.#values.get(name);
  }

  getString(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  getNumber(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  getBoolean(name: string): boolean {
    return this.#values.get(name) === true;
  }
}
