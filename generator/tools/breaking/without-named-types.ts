import type { Argument, Interface, Ir, NamedType, Type } from "../../compiler/resolve/ir.ts";

/**
 * Returns interfaces in the form of introspection data of a running service: with signatures instead of named types,
 * and without errors.
 *
 * @param reference - If given, only interfaces that it contains are kept.
 */
export function withoutNamedTypes({ interfaces }: Ir, reference?: Ir): Ir {
  const names = new Set(reference?.interfaces.map(({ name }) => name));
  const kept = interfaces.filter(({ name }) => reference === undefined || names.has(name));
  return { interfaces: kept.map(plainInterface), shared: [], errorDomains: [] };
}

function plainInterface(iface: Interface): Interface {
  return {
    ...iface,
    methods: iface.methods.map((method) => ({
      ...method,
      in: method.in.map(plainArgument),
      out: method.out.map(plainArgument),
      errors: [],
    })),
    signals: iface.signals.map((signal) => ({ ...signal, args: signal.args.map(plainArgument) })),
    properties: iface.properties.map((property) => ({ ...property, type: plainType(property.type) })),
    types: [],
    errors: [],
  };
}

function plainArgument(arg: Argument): Argument {
  return { ...arg, type: plainType(arg.type) };
}

function plainType(type: Type): Type {
  switch (type.kind) {
    case "basic":
    case "variant":
      return type;
    case "array":
      return { ...type, element: plainType(type.element) };
    case "dict":
      return { ...type, key: plainType(type.key), value: plainType(type.value) };
    case "struct":
      return { ...type, fields: type.fields.map(plainType) };
    case "named":
      return plainNamed(type.type);
  }
}

const STRING: Type = { kind: "basic", code: "s", signature: "s" };

function plainNamed(type: NamedType): Type {
  const { signature } = type;
  switch (type.kind) {
    case "simple":
      return plainType(type.type);
    case "enum":
    case "flags":
      return { kind: "basic", code: type.code, signature };
    case "struct":
      return { kind: "struct", fields: type.members.map((member) => plainType(member.type)), signature };
    case "mapping":
      return { kind: "dict", key: plainType(type.key.type), value: plainType(type.value.type), signature };
    case "dictionary":
      return { kind: "dict", key: STRING, value: plainType(type.value), signature };
    case "choice":
      if (type.fields !== undefined) {
        const { selector, entries } = type.fields;
        return { kind: "struct", fields: [selector.type, entries.type], signature };
      }
      return { kind: "dict", key: STRING, value: { kind: "variant", signature: "v" }, signature };
  }
}
