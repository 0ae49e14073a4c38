import { example, sharedSpec } from "../../compiler/diagnostics/example.ts";
import type { Introspection } from "../../compiler/read/introspection.ts";
import type { EnumType } from "../../compiler/resolve/ir.ts";
import { typesOf, usedTypes } from "../../compiler/resolve/walk.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { withoutSuffix } from "../../compiler/text/without-suffix.ts";
import {
  countDictionaries,
  dictionaryPercent,
  dictionaryText,
  hasUndeclaredDictionary,
  valuesOf,
} from "./dictionary-count.ts";
import { defineRules, type LintInput } from "./rule.ts";

const PLAY_WITH_ERROR = `<method name="Play">\n  <tp:possible-errors>\n    <tp:error name="org.example.Error.NoTrack"/>\n  </tp:possible-errors>\n</method>`;

/** Rules about types and errors. */
export const TYPE_RULES = defineRules([
  {
    code: "unused-type",
    group: "types",
    severity: "warning",
    title: "No member uses a named type",
    meaning:
      "No method, signal or property has the type, directly or inside another type. Often the attribute tp:type is missing where the type should be used.",
    fix: "Name the type in the tp:type of the values that have it, or remove it.",
    bad: example(`<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" access="read"/>`),
    good: example(
      `<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" tp:type="Track" access="read"/>`,
    ),
    *check({ ir, specs }) {
      const used = usedTypes(ir, contactAttributeTypes(specs));
      for (const type of typesOf(ir)) {
        if (used.has(type)) continue;
        const hint = "remove it, or name it in the tp:type of the values that have it";
        yield { span: type.span, message: `no member uses the type "${type.name}"`, hint };
      }
    },
  },
  {
    code: "undeclared-dictionary",
    group: "types",
    severity: "warning",
    title: "The keys of a dictionary are not declared",
    meaning:
      "An a{sv} can get new keys without breaking its users. But if its keys and their types are not declared, the author of every program has to find them out separately.",
    fix: "Declare the keys in a dct:dictionary and name it in tp:type. The messages stay the same. If no key is defined, declare a dictionary without keys whose documentation states why.",
    bad: example(`<property name="Settings" type="a{sv}" access="read"/>`),
    good: example(
      `<dct:dictionary name="Settings">\n  <dct:key name="Bass" type="d"/>\n</dct:dictionary>\n<property name="Settings" type="a{sv}" tp:type="Settings" access="read"/>`,
    ),
    *check({ ir }) {
      for (const { description, type, span } of valuesOf(ir)) {
        if (!hasUndeclaredDictionary(type)) continue;
        const message = `the keys of ${description}, "${shorten(type.signature)}", are not declared`;
        const hint =
          "declare them in a dct:dictionary and name it in tp:type; the generated type then has a member for each key";
        yield { span, message, hint };
      }
    },
  },
  {
    code: "dictionary-coverage",
    group: "types",
    severity: "off",
    title: "Too few dictionaries have declared keys",
    meaning:
      "The rule counts the arguments and properties whose type contains an a{sv}. It reports one finding if the percentage of those whose keys are all declared is less than required: 100 %, unless lint --min-dictionaries sets another percentage. A dictionary without keys counts as declared only if its documentation states why.",
    fix: "Declare the keys in the specs or in an overlay. The rule undeclared-dictionary lists the positions.",
    bad: example(`<property name="Settings" type="a{sv}" access="read"/>`),
    also: ["undeclared-dictionary"],
    good: example(
      `<dct:dictionary name="Settings">\n  <dct:key name="Bass" type="d"/>\n</dct:dictionary>\n<property name="Settings" type="a{sv}" tp:type="Settings" access="read"/>`,
    ),
    *check({ ir, minDictionaryPercent }) {
      const { firstUndeclared, ...count } = countDictionaries(ir);
      if (firstUndeclared === undefined || dictionaryPercent(count) >= minDictionaryPercent) return;
      const message = `${dictionaryText(count)}, at least ${minDictionaryPercent} % are required`;
      yield {
        span: firstUndeclared,
        message,
        hint: "this is the first undeclared dictionary; the rule undeclared-dictionary lists all",
      };
    },
  },
  {
    code: "bare-variant",
    group: "types",
    severity: "warning",
    title: "A value is a variant and can have any type",
    meaning:
      "A variant can contain a value of any type. Every receiver has to check the type at run time, and its compiler cannot help.",
    fix: "Use the type that the value always has. For several values, use a dictionary with declared keys.",
    bad: example(`<property name="Current" type="v" access="read"/>`),
    good: example(`<property name="Current" type="s" access="read"/>`),
    *check({ ir }) {
      for (const { description, type, span } of valuesOf(ir)) {
        if (type.kind !== "variant") continue;
        const message = `${description} is a variant, so its value can have any type`;
        yield { span, message, hint: "use the type that the value always has" };
      }
    },
  },
  {
    code: "path-as-string",
    group: "types",
    severity: "warning",
    title: "An object path has the type of a string",
    meaning:
      "D-Bus has a separate type for object paths. The bus rejects invalid paths of this type, and tools can follow them.",
    fix: 'Use "o" for a path, "ao" for several.',
    bad: example(`<method name="Play">\n  <arg name="object_path" type="s" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="object_path" type="o" direction="in"/>\n</method>`),
    *check({ ir }) {
      for (const { description, name, type, span } of valuesOf(ir)) {
        if (!/object_?path/i.test(name) || !/^a*s$/.test(type.signature)) continue;
        const message = `${description} is named as an object path, but has the type "${type.signature}"`;
        yield { span, message, hint: `use "${type.signature.replace("s", "o")}"` };
      }
    },
  },
  {
    code: "undeclared-error",
    group: "types",
    severity: "warning",
    title: "A method names an error that no spec defines",
    meaning: "The method names an error that none of the given specs defines, so no class is generated for it.",
    fix: "Define the error in a tp:errors element, and pass the file that contains it to the tool, too.",
    bad: example(PLAY_WITH_ERROR),
    good: {
      ...sharedSpec("errors.xml", `tp:errors namespace="org.example.Error"`, `<tp:error name="NoTrack"/>`),
      ...example(PLAY_WITH_ERROR),
    },
    *check({ ir }) {
      for (const { methods } of ir.interfaces) {
        for (const method of methods) {
          for (const { name, definition, span } of method.errors) {
            if (definition !== undefined || name.startsWith("org.freedesktop.DBus.Error.")) continue;
            const message = `${method.name} may raise "${shorten(name)}", which no given spec defines`;
            const hint = "define it in a tp:errors of a given spec; a class is then generated for it";
            yield { span, message, hint };
          }
        }
      }
    },
  },
  {
    code: "signed-enum",
    group: "types",
    severity: "warning",
    title: "An enum has a signed type without negative values",
    meaning: "A signed type suggests that the enum has negative values, but it has none.",
    fix: 'Remove the type attribute, or set it to "u".',
    bad: example(
      enumWithProperty(`name="Mode" type="i"`, "i", [
        ["Off", 0],
        ["On", 1],
      ]),
    ),
    good: example(
      enumWithProperty(`name="Mode"`, "u", [
        ["Off", 0],
        ["On", 1],
      ]),
    ),
    *check({ ir }) {
      for (const type of enumsOf(ir)) {
        if (!/[nix]/.test(type.code) || type.values.some(({ value }) => Number(value) < 0)) continue;
        const message = `the ${type.kind} "${type.name}" has the signed type "${type.code}" and no negative value`;
        yield { span: type.span, message, hint: 'use "u", the default' };
      }
    },
  },
  {
    code: "enum-without-zero",
    group: "types",
    severity: "warning",
    title: "An enum has no value 0",
    meaning:
      "By convention, 0 is the unknown or default value of an enum. Receivers use it for values that they do not know.",
    fix: "Let the first value be 0.",
    bad: example(
      enumWithProperty(`name="Mode"`, "u", [
        ["Off", 1],
        ["On", 2],
      ]),
    ),
    good: example(
      enumWithProperty(`name="Mode"`, "u", [
        ["Unknown", 0],
        ["Off", 1],
        ["On", 2],
      ]),
    ),
    *check({ ir }) {
      for (const { kind, name, code, values, span } of enumsOf(ir)) {
        if (kind === "flags" || code === "s" || values.length === 0) continue;
        if (values.some(({ value }) => Number(value) === 0)) continue;
        const hint = "0 is by convention the unknown or default value, which receivers use for values they do not know";
        yield { span, message: `no value of the enum "${name}" is 0`, hint };
      }
    },
  },
  {
    code: "repeated-value",
    group: "types",
    severity: "warning",
    title: "Two names of an enum have the same value",
    meaning: "Two names of an enum have the same value, so a receiver cannot distinguish them.",
    fix: "Correct one of the values. If a name only got a new spelling, remove the old name or deprecate it.",
    bad: example(
      enumWithProperty(`name="Mode"`, "u", [
        ["Off", 0],
        ["On", 1],
        ["Loud", 1],
      ]),
    ),
    good: example(
      enumWithProperty(`name="Mode"`, "u", [
        ["Off", 0],
        ["On", 1],
        ["Loud", 2],
      ]),
    ),
    *check({ ir }) {
      for (const { kind, name, values } of enumsOf(ir)) {
        const first = new Map<EnumType["values"][number]["value"], EnumType["values"][number]>();
        for (const member of values) {
          const before = first.get(member.value);
          if (before === undefined) first.set(member.value, member);
          else {
            const message = `"${member.name}" and "${before.name}" of the ${kind} "${name}" have the same value, ${member.value}`;
            const related = { message: `"${before.name}" is declared here`, span: before.span };
            yield { span: member.span, message, related };
          }
        }
      }
    },
  },
  {
    code: "flag-bits",
    group: "types",
    severity: "warning",
    title: "A flag is not exactly one bit",
    meaning:
      "Flags are combined bit by bit. A flag without a bit cannot be set or tested, and a flag with several bits overlaps with other flags.",
    fix: "Give each flag the next power of two.",
    bad: example(
      flagsWithProperty([
        ["Play", 1],
        ["Record", 3],
      ]),
    ),
    good: example(
      flagsWithProperty([
        ["Play", 1],
        ["Record", 2],
      ]),
    ),
    *check({ ir }) {
      for (const { kind, name, values } of enumsOf(ir)) {
        if (kind !== "flags") continue;
        for (const { name: flag, value, span } of values) {
          const bits = BigInt.asUintN(64, BigInt(value));
          if (bits !== 0n && (bits & (bits - 1n)) === 0n) continue;
          const message = `the flag "${flag}" of "${name}" is ${value}, which is ${bits === 0n ? "no bit" : "several bits"}`;
          yield { span, message, hint: "a flag is one bit: 1, 2, 4, 8, …" };
        }
      }
    },
  },
]);

function enumsOf(ir: LintInput["ir"]): readonly EnumType[] {
  return typesOf(ir).filter((type): type is EnumType => type.kind === "enum" || type.kind === "flags");
}

/** Returns the names of the types that `tp:contact-attribute` elements use. The IR does not contain these elements. */
function contactAttributeTypes(specs: readonly Introspection[]): ReadonlySet<string> {
  const attributes = specs.flatMap(({ interfaces }) => interfaces.flatMap((iface) => iface.contactAttributes));
  return new Set(
    attributes.flatMap(({ type }) => (type.named === undefined ? [] : withoutSuffix(type.named.value, "[]"))),
  );
}

type EnumValues = readonly (readonly [name: string, value: number])[];

/** Returns an example of an enum and a property that has it. */
function enumWithProperty(attributes: string, code: string, values: EnumValues): string {
  const lines = values.map(([name, value]) => `  <tp:enumvalue suffix="${name}" value="${value}"/>\n`).join("");
  const name = /name="(\w+)"/.exec(attributes)?.[1] ?? "";
  return `<tp:enum ${attributes}>\n${lines}</tp:enum>\n<property name="Current" type="${code}" tp:type="${name}" access="read"/>`;
}

/** Returns an example of flags and a property that has them. */
function flagsWithProperty(values: EnumValues): string {
  return enumWithProperty(`name="Abilities"`, "u", values)
    .replaceAll("enumvalue", "flag")
    .replaceAll("tp:enum", "tp:flags");
}
