import type { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";

/** D-Bus types that a parameter may have. */
export type ParameterSignature = "s" | "o" | "b" | "y" | "n" | "q" | "i" | "u" | "x" | "t" | "d" | "as" | "ay";

/** Value of a parameter: a bigint for `x` and `t`, a number for all other numeric types. */
export type ParameterValue = string | number | bigint | boolean | readonly string[] | Uint8Array;

/** Declaration of a parameter that a protocol accepts (Telepathy specification, Param_Spec). */
export interface ParameterSpec {
  /** A well-known name such as `account`, `server` or `password` if one exists. */
  readonly name: string;
  readonly signature: ParameterSignature;
  /** `Required`, `Register`, `Secret`, `DBusProperty`; no flag by default. `HasDefault` follows from `defaultValue`. */
  readonly flags?: ConnMgrParamFlags;
  /** Value of the parameter if it is omitted. */
  readonly defaultValue?: ParameterValue;
}

/** Validated parameters of one account, including default values. */
export interface ParameterValues {
  /** Returns a value of the declared type; undefined if the parameter was omitted and has no default. */
  get(name: string): ParameterValue | undefined;
  /** Returns a value of type `s` or `o`; undefined for other types. */
  getString(name: string): string | undefined;
  /** Returns a value of a numeric type except `x` and `t`; undefined for other types. */
  getNumber(name: string): number | undefined;
  /** Returns whether a value of type `b` is true. */
  getBoolean(name: string): boolean;
}
