import type { Variant } from "@dbus-codegen-ts/runtime";
import { toJson } from "./recorded-json.ts";

/** A call to a mock, with the values of the wire. */
export interface ObservedCall {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  /** The method that was called; absent if a property was set. */
  readonly method?: string;
  /** The property that was set. */
  readonly property?: string;
  /** Arguments of the method, or the value of the property. */
  readonly args: readonly Variant[];
  /** Output arguments. */
  readonly reply?: readonly Variant[];
  /** Name of the error reply. */
  readonly error?: string;
}

/** A call to a mock, with values in the JSON form that mock scripts accept. */
export interface RecordedCall {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  /** The method that was called; absent if a property was set. */
  readonly method?: string;
  /** The property that was set. */
  readonly property?: string;
  /** Arguments of the method, or the value of the property. */
  readonly args: readonly unknown[];
  /** The output argument, or a list of several. */
  readonly reply?: unknown;
  /** Name of the error reply. */
  readonly error?: string;
}

/** Returns a call with its values in the JSON form that mock scripts accept. */
export function recordedCall({ args, reply, ...call }: ObservedCall): RecordedCall {
  const values = reply?.map(({ value }) => toJson(value)) ?? [];
  const result = values.length === 1 ? values[0] : values;
  const { error, ...target } = call;
  return {
    ...target,
    args: args.map(({ value }) => toJson(value)),
    ...(values.length > 0 && { reply: result }),
    ...(error !== undefined && { error }),
  };
}
