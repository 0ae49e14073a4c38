import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Origin } from "../diagnostics/origin.ts";
import { Addresses } from "../resolve/addresses.ts";
import type { Ir, NamedType } from "../resolve/ir.ts";
import { keysOf, typesOf } from "../resolve/walk.ts";
import type { ChosenName, ChosenNames } from "./decide-names.ts";
import type { Nameable, NamedMember } from "./identifiers.ts";
import { isIdentifier } from "./words.ts";

/** Identifiers from outside the specs, by the address of the declaration. */
export type NameOverrides = Readonly<Record<string, string>>;

/** Returns the chosen names by declaration. Reports invalid identifiers, and addresses that match no declaration. */
export function chooseNames(ir: Ir, rename: NameOverrides, origin: Origin, diagnostics: Diagnostics): ChosenNames {
  const chosen = new Map<Nameable, ChosenName>();
  const entries = Object.entries(rename);
  if (entries.length === 0) return chosen;
  const addresses = addressesOf(ir);
  for (const [address, name] of entries) {
    const span = origin.find(address);
    const declarations = addresses.at(address);
    if (!isIdentifier(name) || name.startsWith("$")) {
      const message = `"${address}" cannot be called "${name}": it is not a valid identifier`;
      const hint = "use letters, digits, _ and $; do not begin with a digit or $, which is reserved for the runtime";
      diagnostics.report("option-identifier", span, message, { hint });
    } else if (declarations.length === 0) {
      const message = `cannot rename "${address}" to "${name}": no declaration has this address`;
      diagnostics.report("option-unmatched", span, message, { hint: hintFor(addresses.nearest(address)) });
    } else for (const declaration of declarations) chosen.set(declaration, { name, span });
  }
  return chosen;
}

function hintFor(near: string | undefined): string {
  if (near !== undefined) return `did you mean ${near}?`;
  return "write a method as org.example.Lamp1.Play or org.example.Lamp1.Play(), an argument as org.example.Lamp1.Play()[track]";
}

function addressesOf(ir: Ir): Addresses<Nameable> {
  const addresses = new Addresses<Nameable>();
  const named = <T extends Nameable>(value: T) => ({ name: value.name, value });
  for (const iface of ir.interfaces) {
    addresses.addInterface({
      ...named(iface),
      methods: iface.methods.map((method) => ({ ...named(method), args: [...method.in, ...method.out].map(named) })),
      signals: iface.signals.map((signal) => ({ ...named(signal), args: signal.args.map(named) })),
      properties: iface.properties.map((property) => ({ ...named(property), args: [] })),
    });
  }
  for (const { errors } of ir.errorDomains) for (const error of errors) addresses.add(error.name, error);
  for (const type of typesOf(ir)) {
    addresses.add(type.name, type);
    for (const member of namedMembersOf(type)) addresses.add(`${type.name}.${member.name}`, member);
  }
  return addresses;
}

/** Returns the parts of a type that have identifiers. */
function namedMembersOf(type: NamedType): readonly NamedMember[] {
  switch (type.kind) {
    case "struct":
      return type.members;
    case "dictionary":
      return keysOf(type);
    case "enum":
    case "flags":
      return type.values;
    default:
      return [];
  }
}
