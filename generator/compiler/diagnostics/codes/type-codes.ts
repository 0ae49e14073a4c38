import { example } from "../example.ts";
import type { DiagnosticKinds } from "./diagnostic-kind.ts";

const MODE = `<tp:simple-type name="Mode" type="u" array-name="Mode_List"/>`;

/** Problems of named types, and of the names in the output. */
export const TYPE_CODES = {
  "type-unknown": {
    severity: "warning",
    title: "A named type is not defined in the given files",
    meaning:
      "A tp:type names a type that none of the given specs defines, or that several specs in other folders define. The plain type of the signature is used instead.",
    fix: "Pass the file that defines the type to the tool, define the type in the same folder, or remove the tp:type.",
    bad: example(`<property name="Mode" type="u" tp:type="Mode" access="read"/>`),
    good: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="u" tp:type="Mode" access="read"/>`,
    ),
  },
  "type-mismatch": {
    severity: "error",
    title: "A named type has a different signature from the declaration that uses it",
    meaning:
      "The signature of a named type differs from the signature of the argument, property or member that has the type.",
    fix: "Correct the type attribute, which determines the encoding, or name another type.",
    bad: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="s" tp:type="Mode" access="read"/>`,
    ),
    good: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="u" tp:type="Mode" access="read"/>`,
    ),
  },
  "type-items": {
    severity: "warning",
    title: "A named type is the type of an array's items",
    meaning:
      "The declaration has an array type, and the named type is the type of the items. It is accepted as the type of the items.",
    fix: "Append [] to the name of the type.",
    bad: example(`${MODE}\n<property name="Modes" type="au" tp:type="Mode" access="read"/>`),
    good: example(`${MODE}\n<property name="Modes" type="au" tp:type="Mode[]" access="read"/>`),
  },
  "type-definition": {
    severity: "error",
    title: "A type definition is incomplete or contradictory",
    meaning:
      "The definition of a named type is incomplete or contradictory. Examples: a struct without members, a mapping without exactly two members, an enum value that is out of range, a type that contains itself, an array of a type without array-name.",
    fix: "Complete or correct the definition.",
    bad: example(`<tp:enum name="Mode" type="y">\n  <tp:enumvalue suffix="Loud" value="256"/>\n</tp:enum>`),
    good: example(`<tp:enum name="Mode" type="y">\n  <tp:enumvalue suffix="Loud" value="255"/>\n</tp:enum>`),
  },
  renamed: {
    severity: "warning",
    title: "An identifier collides in TypeScript and got a suffix",
    meaning:
      "Two declarations would have the same identifier in TypeScript, or an identifier would be a reserved word or a member that every object has. The identifier gets the suffix $. The name on the bus does not change.",
    fix: "No action is required. To avoid the suffix, choose another name in the spec, or set one in the config with rename.",
    bad: example(`<method name="Foo"/>\n<method name="foo"/>`),
    good: example(`<method name="Foo"/>\n<method name="Bar"/>`),
  },
} as const satisfies DiagnosticKinds;
