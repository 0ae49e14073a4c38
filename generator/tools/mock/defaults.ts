import { type Argument, NotSupportedError, type Shape, Variant } from "@dbus-codegen-ts/runtime";
import { readSignature, type Type } from "@dbus-codegen-ts/runtime/grammar";

/**
 * Returns the empty value of a type: 0, "", false, "/" or no items.
 *
 * @throws NotSupportedError for a file descriptor.
 */
export function defaultValue(signature: string, shape?: Shape): unknown {
  if (shape?.kind === "dictionary" || shape?.kind === "choice") return {};
  if (shape?.kind === "selected") return { extra: ["", {}] };
  if (shape?.kind === "struct")
    return Object.fromEntries(
      Object.entries(shape.fields).map(([name, field]) => [name, defaultValue(field.type, field.as?.())]),
    );
  const result = readSignature(signature);
  const [type] = result.ok ? result.types : [];
  return type === undefined ? undefined : emptyValue(type);
}

/** Returns the default result of a method: undefined without output arguments, a value for one, a list for several. */
export function defaultResult(out: readonly Argument[]): unknown {
  const values = out.map(({ type, as }) => defaultValue(type, as?.()));
  return values.length === 1 ? values[0] : values;
}

function emptyValue(type: Type): unknown {
  switch (type.kind) {
    case "variant":
      return new Variant("s", "");
    case "array":
      return type.signature === "ay" ? new Uint8Array() : [];
    case "dict":
      return type.key.code === "s" ? {} : new Map();
    case "struct":
      return type.fields.map(emptyValue);
    case "basic":
      return emptyBasic(type.code);
  }
}

function emptyBasic(code: string): unknown {
  if (code === "b") return false;
  if (code === "o") return "/";
  if (code === "s" || code === "g") return "";
  if (code === "x" || code === "t") return 0n;
  if (code === "h") throw new NotSupportedError("a mock has no file descriptor of its own to give");
  return 0;
}
