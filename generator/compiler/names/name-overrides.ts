import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Origin } from "../diagnostics/origin.ts";
import { Addresses } from "../resolve/addresses.ts";
import type { Ir, NamedType } from "../resolve/ir.ts";
import { typesOf } from "../resolve/walk.ts";
import type { ChosenName, ChosenNames } from "./decide-names.ts";
import type { Nameable, NamedMember } from "./identifiers.ts";
import { isIdentifier } from "./words.ts";

/** Identifiers from outside the specs, by what gets them. */
export type NameOverrides = Readonly<Record<string, string>>;

/** Finds what each rename means; one that means nothing, or gives no identifier, is a complaint. */
export function chooseNames(ir: Ir, rename: NameOverrides, origin: Origin, diagnostics: Diagnostics): ChosenNames {
  const chosen = new Map<Nameable, ChosenName>();
  const entries = Object.entries(rename);
  if (entries.length === 0) return chosen;
  const addresses = addressesOf(ir);
  for (const [address, name] of entries) {
    const span = origin.find(address);
    const found = addresses.at(address);
    if (!isIdentifier(name) || name.startsWith("$")) {
      diagnostics.report("option-identifier", span, `"${address}" cannot be called "${name}": it is no identifier`, {
        hint: "use letters, digits, _ and $, and begin with no digit and no $: members of the runtime do",
      });
    } else if (found.length === 0) {
      diagnostics.report(
        "option-unmatched",
        span,
        `"${address}" is to be called "${name}", and nothing has that address`,
        {
          hint: hintFor(addresses.nearestWord(address)),
        },
      );
    } else for (const thing of found) chosen.set(thing, { name, span });
  }
  return chosen;
}

function hintFor(near: string | undefined): string {
  if (near !== undefined) return `did you mean ${near}?`;
  return "a method is called org.example.Lamp1.Play or org.example.Lamp1.Play(), an argument org.example.Lamp1.Play()[track]";
}

function addressesOf(ir: Ir): Addresses<Nameable> {
  const addresses = new Addresses<Nameable>();
  const named = <T extends Nameable>(thing: T) => ({ name: thing.name, thing });
  for (const one of ir.interfaces) {
    addresses.addInterface({
      ...named(one),
      methods: one.methods.map((method) => ({ ...named(method), args: [...method.in, ...method.out].map(named) })),
      signals: one.signals.map((signal) => ({ ...named(signal), args: signal.args.map(named) })),
      properties: one.properties.map((property) => ({ ...named(property), args: [] })),
    });
  }
  for (const { errors } of ir.errorDomains) for (const error of errors) addresses.add(error.name, error);
  for (const type of typesOf(ir)) {
    addresses.add(type.name, type);
    for (const part of membersOf(type)) addresses.add(`${type.name}.${part.name}`, part);
  }
  return addresses;
}

function membersOf(type: NamedType): readonly NamedMember[] {
  switch (type.kind) {
    case "struct":
      return type.members;
    case "dictionary":
      return type.entries;
    case "enum":
    case "flags":
      return type.values;
    default:
      return [];
  }
}
