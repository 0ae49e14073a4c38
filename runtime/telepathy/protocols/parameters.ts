import type { Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { coerce } from "./coerce-value.ts";
import type { ParameterSpec, ParameterValue, ParameterValues } from "./protocol.ts";

/** How many unknown parameters an error names, and how much of each. */
const NAMED = 8;
const NAME_LENGTH = 64;

/**
 * Checks parameters that came from outside, and fills in defaults. No error tells a value, as some are secret.
 *
 * @throws InvalidArgumentError for a parameter that is unknown, missing, of the wrong type or out of range. Those with the
 * flag `Required` are needed; when `register` is true those with the flag `Register` are needed instead.
 */
export function checkParameters(specs: readonly ParameterSpec[], given: ReadonlyMap<string, Variant>): ParameterValues {
  refuseUnknown(specs, given);
  const values = new Map<string, ParameterValue>();
  for (const { name, signature, defaultValue } of specs) {
    const variant = given.get(name);
    const value = variant === undefined ? defaultValue : checked(name, coerce(variant, signature));
    if (value !== undefined) values.set(name, value);
  }
  const needed = values.get("register") === true ? ConnMgrParamFlags.Register : ConnMgrParamFlags.Required;
  for (const { name, flags = 0 } of specs) {
    if ((flags & needed) !== 0 && !values.has(name)) throw new InvalidArgumentError(`parameter ${name} is missing`);
  }
  return new CheckedParameters(values);
}

function checked(name: string, coerced: ReturnType<typeof coerce>): ParameterValue {
  if ("problem" in coerced) throw new InvalidArgumentError(`parameter ${name} ${coerced.problem}`);
  return coerced.value;
}

function refuseUnknown(specs: readonly ParameterSpec[], given: ReadonlyMap<string, Variant>): void {
  const known = new Set(specs.map(({ name }) => name));
  const unknown = [...given.keys()].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  const names = unknown.slice(0, NAMED).map((name) => JSON.stringify(name.slice(0, NAME_LENGTH)));
  const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : "";
  throw new InvalidArgumentError(`unknown parameters: ${names.join(", ")}${more}`);
}

/** Private fields keep secrets out of what is logged or inspected. */
class CheckedParameters implements ParameterValues {
  readonly #values: ReadonlyMap<string, ParameterValue>;

  constructor(values: ReadonlyMap<string, ParameterValue>) {
    this.#values = values;
  }

  get(name: string): ParameterValue | undefined {
    return this.#values.get(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name);
    return typeof value === "number" ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }
}
