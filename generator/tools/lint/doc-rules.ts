import { example } from "../../compiler/diagnostics/example.ts";
import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Block, Doc, Inline } from "../../compiler/resolve/doc.ts";
import type { NamedType } from "../../compiler/resolve/ir.ts";
import { argumentsOf, keysOf, membersOf, type PlacedMember, typesOf } from "../../compiler/resolve/walk.ts";
import { defineRules, type Finding, type LintInput } from "./rule.ts";

const HINT = "add a tp:docstring, a doc:doc, or a comment before it that begins with its name";
const DOC = "<tp:docstring>Plays music.</tp:docstring>";
const PLAY = `<method name="Play"/>`;

/** Rules about documentation. */
export const DOC_RULES = defineRules([
  {
    code: "undocumented-interface",
    group: "docs",
    severity: "warning",
    title: "An interface is not documented",
    meaning:
      "The spec does not describe what the interface is for, which objects implement it and how its members work together. Readers need this first.",
    fix: "Describe it in a tp:docstring, a doc:doc, or a comment before the interface that begins with its name.",
    bad: example(`<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n</method>`),
    good: example(`${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n</method>`),
    *check({ ir }) {
      for (const { name, doc, span } of ir.interfaces) {
        if (isEmpty(doc)) yield { span, message: `the interface "${name}" is not documented`, hint: HINT };
      }
    },
  },
  {
    code: "undocumented-method",
    group: "docs",
    severity: "warning",
    title: "A method is not documented",
    meaning: "The spec does not describe what the method does, when it replies, and how it can fail.",
    fix: "Describe it in a tp:docstring, a doc:doc, or a comment before the method that begins with its name.",
    bad: example(`${DOC}\n${PLAY}`),
    good: example(`${DOC}\n<!--\n  Play:\n\n  Starts the music and replies when it plays.\n-->\n${PLAY}`),
    check: (input) => findUndocumented("method", input),
  },
  {
    code: "undocumented-signal",
    group: "docs",
    severity: "warning",
    title: "A signal is not documented",
    meaning: "The spec does not describe when the signal is emitted.",
    fix: "Describe it in a tp:docstring, a doc:doc, or a comment before the signal that begins with its name.",
    bad: example(`${DOC}\n<signal name="Finished"/>`),
    good: example(
      `${DOC}\n<signal name="Finished">\n  <tp:docstring>The last track is over.</tp:docstring>\n</signal>`,
    ),
    check: (input) => findUndocumented("signal", input),
  },
  {
    code: "undocumented-property",
    group: "docs",
    severity: "warning",
    title: "A property is not documented",
    meaning: "The spec does not describe what the property contains, in which unit, and which values are possible.",
    fix: "Describe it in a tp:docstring, a doc:doc, or a comment before the property that begins with its name.",
    bad: example(`${DOC}\n<property name="Volume" type="d" access="read"/>`),
    good: example(
      `${DOC}\n<property name="Volume" type="d" access="read">\n  <tp:docstring>From 0, silent, to 1.</tp:docstring>\n</property>`,
    ),
    check: (input) => findUndocumented("property", input),
  },
  {
    code: "undocumented-argument",
    group: "docs",
    severity: "warning",
    title: "An argument is not documented",
    meaning:
      "The spec does not describe what the argument means. Its type and name rarely express the unit, the range or which values are invalid.",
    fix: "Add a tp:docstring to the argument, or a line @name: to the comment of its method or signal.",
    bad: example(
      `${DOC}\n<!--\n  Seek:\n\n  Goes to a position in the track.\n-->\n<method name="Seek">\n  <arg name="position" type="t" direction="in"/>\n</method>`,
    ),
    good: example(
      `${DOC}\n<!--\n  Seek:\n  @position: Microseconds from the beginning.\n\n  Goes to a position in the track.\n-->\n<method name="Seek">\n  <arg name="position" type="t" direction="in"/>\n</method>`,
    ),
    *check({ ir }) {
      for (const { arg, of } of argumentsOf(ir)) {
        if (!isEmpty(arg.doc)) continue;
        const argument = arg.name === "" ? `an argument of ${of.name}` : `the argument "${arg.name}" of ${of.name}`;
        const hint = "add a tp:docstring to it, or @name: to the comment of its method or signal";
        yield { span: arg.span, message: `${argument} is not documented`, hint };
      }
    },
  },
  {
    code: "undocumented-type",
    group: "docs",
    severity: "warning",
    title: "A named type or a part of it is not documented",
    meaning: "The spec does not describe what the type represents, or what one of its values, members or keys means.",
    fix: "Add a tp:docstring to the type and to each of its parts.",
    bad: example(
      `${DOC}\n<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" tp:type="Track" access="read">\n  <tp:docstring>The current track.</tp:docstring>\n</property>`,
    ),
    good: example(
      `${DOC}\n<tp:simple-type name="Track" type="u">\n  <tp:docstring>Number of a track, from 1.</tp:docstring>\n</tp:simple-type>\n<property name="Current" type="u" tp:type="Track" access="read">\n  <tp:docstring>The current track.</tp:docstring>\n</property>`,
    ),
    *check({ ir }) {
      const hint = "add a tp:docstring";
      for (const type of typesOf(ir)) {
        if (isEmpty(type.doc)) {
          yield { span: type.span, message: `the type "${type.name}" is not documented`, hint };
        }
        for (const part of namedPartsOf(type)) {
          if (!isEmpty(part.doc)) continue;
          yield { span: part.span, message: `"${part.name}" of the type "${type.name}" is not documented`, hint };
        }
      }
    },
  },
  {
    code: "deprecated-without-replacement",
    group: "docs",
    severity: "warning",
    title: "A deprecated declaration does not name its replacement",
    meaning:
      "Users of a deprecated declaration need to know what to use instead and whether it still works. Its documentation does not mention either.",
    fix: "Name the replacement, as in “Use … instead”, or state that the declaration no longer has an effect.",
    bad: example(
      `${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n  <annotation name="org.freedesktop.DBus.Deprecated" value="true"/>\n</method>`,
    ),
    good: example(
      `${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music. Use Resume instead.</tp:docstring>\n  <annotation name="org.freedesktop.DBus.Deprecated" value="true"/>\n</method>`,
    ),
    *check({ ir }) {
      const interfaces = ir.interfaces.map((iface) => ({ kind: "interface", ...iface }));
      const members = membersOf(ir).map(({ kind, member }) => ({ kind, ...member }));
      const types = typesOf(ir).map(({ name, doc, span }) => ({ kind: "type", name, doc, span }));
      for (const { kind, name, doc, span } of [...interfaces, ...members, ...types]) {
        if (doc.deprecated === undefined || REPLACEMENT.test(`${doc.deprecated} ${textOf(doc)}`)) continue;
        const message = `the ${kind} "${name}" is deprecated, and its documentation does not name a replacement`;
        yield { span, message, hint: "add to its documentation: use … instead" };
      }
    },
  },
]);

/** Words by which documentation usually names a replacement. */
const REPLACEMENT =
  /\b(?:use|using|instead|replace[sd]?|replacement|supersede[sd]?|obsoleted|see|no longer|removed)\b/i;

/** Finds members of one kind without documentation. */
function* findUndocumented(wantedKind: PlacedMember["kind"], { ir }: LintInput): Iterable<Finding> {
  for (const { kind, member } of membersOf(ir)) {
    if (kind !== wantedKind || !isEmpty(member.doc)) continue;
    yield { span: member.span, message: `the ${kind} "${member.name}" is not documented`, hint: HINT };
  }
}

function namedPartsOf(type: NamedType): readonly { readonly name: string; readonly doc: Doc; readonly span: Span }[] {
  switch (type.kind) {
    case "simple":
      return [];
    case "enum":
    case "flags":
      return type.values;
    case "struct":
      return type.members;
    case "mapping":
      return [type.key, type.value];
    case "dictionary":
      return keysOf(type);
    case "choice":
      return [];
  }
}

function isEmpty({ blocks }: Doc): boolean {
  return blocks.length === 0;
}

function textOf({ blocks }: Doc): string {
  return blocks.map(textOfBlock).join(" ");
}

function textOfBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return inlineText(block.text);
    case "list":
      return block.items.map((blocks) => textOf({ blocks })).join(" ");
    case "table":
      return block.rows.map((row) => row.map(inlineText).join(" ")).join(" ");
    case "definitions":
      return block.items.map(({ term, blocks }) => `${inlineText(term)} ${textOf({ blocks })}`).join(" ");
    case "code":
      return block.text;
    case "rationale":
      return textOf(block);
  }
}

function inlineText(parts: readonly Inline[]): string {
  return parts.map(({ text }) => text).join("");
}
