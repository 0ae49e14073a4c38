import type { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";

/** D-Bus types that a parameter may have. */
export type ParameterSignature = "s" | "o" | "b" | "y" | "n" | "q" | "i" | "u" | "x" | "t" | "d" | "as" | "ay";

/** Value of a parameter: a bigint for types `x` and `t`, a number for other numeric types. */
export type ParameterValue = string | number | bigint | boolean | readonly string[] | Uint8Array;

/** Declaration of a parameter that a protocol accepts (Telepathy specification, Param_Spec). */
export interface ParameterSpec {
  /** Name of the parameter. The well-known name is used if one exists, such as `account`, `server` or `password`. */
  readonly name: string;
  readonly signature: ParameterSignature;
  /**
   * Flags `Required`, `Register`, `Secret` and `DBusProperty`: none by default. `HasDefault` is set if there is a
   * `defaultValue`.
   */
  readonly flags?: ConnMgrParamFlags;
  /** Value of the parameter if it is omitted. */
  readonly defaultValue?: ParameterValue;
}

/** Validated parameters of one account, including default values. */
export interface ParameterValues {
  /** Returns a value of the declared type; undefined if the parameter was omitted and has no default. */
  get(name: string): ParameterValue | undefined;
  /** Returns a value of type `s` or `o`; undefined if it is omitted or has another type. */
  getString(name: string): string | undefined;
  /** Returns a value of a numeric type other than `x` and `t`; undefined if it is omitted or has another type. */
  getNumber(name: string): number | undefined;
  /** Returns whether a parameter of type `b` is present and true. */
  getBoolean(name: string): boolean;
}
