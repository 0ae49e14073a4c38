import type { Span } from "../../compiler/diagnostics/source.ts";
import type { Block, Doc, Inline } from "../../compiler/resolve/doc.ts";
import type { NamedType } from "../../compiler/resolve/ir.ts";
import { argumentsOf, membersOf, type PlacedMember, typesOf } from "../../compiler/resolve/walk.ts";
import type { Finding, Subject } from "./rule.ts";

const HINT = "add a tp:docstring, a doc:doc, or a comment before it that begins with its name";

/** Interfaces of which nothing says what they are for. */
export function* undocumentedInterfaces({ ir }: Subject): Iterable<Finding> {
  for (const { name, doc, span } of ir.interfaces) {
    if (isEmpty(doc)) yield { span, message: `nothing says what the interface "${name}" is for`, hint: HINT };
  }
}

/** A rule about members of one kind without documentation. */
export function undocumentedMembers(kind: PlacedMember["kind"]): (subject: Subject) => Iterable<Finding> {
  return function* ({ ir }) {
    for (const { kind: own, member } of membersOf(ir)) {
      if (own !== kind || !isEmpty(member.doc)) continue;
      yield { span: member.span, message: `the ${kind} "${member.name}" is not documented`, hint: HINT };
    }
  };
}

/** Arguments without documentation of their own. */
export function* undocumentedArguments({ ir }: Subject): Iterable<Finding> {
  for (const { arg, of } of argumentsOf(ir)) {
    if (!isEmpty(arg.doc)) continue;
    const what = arg.name === "" ? `an argument of ${of.name}` : `the argument "${arg.name}" of ${of.name}`;
    yield {
      span: arg.span,
      message: `${what} is not documented`,
      hint: "add a tp:docstring, or @name: to the comment",
    };
  }
}

/** Named types without documentation, and what they consist of. */
export function* undocumentedTypes({ ir }: Subject): Iterable<Finding> {
  for (const type of typesOf(ir)) {
    if (isEmpty(type.doc)) {
      yield { span: type.span, message: `the type "${type.name}" is not documented`, hint: "add a tp:docstring" };
    }
    for (const part of namedPartsOf(type)) {
      if (!isEmpty(part.doc)) continue;
      const message = `"${part.name}" of the type "${type.name}" is not documented`;
      yield { span: part.span, message, hint: "add a tp:docstring" };
    }
  }
}

/** Deprecated things whose documentation does not lead on. */
export function* deprecatedWithoutReplacement({ ir }: Subject): Iterable<Finding> {
  const members = membersOf(ir).map(({ kind, member }) => ({ kind, ...member }));
  const interfaces = ir.interfaces.map((one) => ({ kind: "interface", ...one }));
  const types = typesOf(ir).map(({ name, doc, span }) => ({ kind: "type", name, doc, span }));
  for (const { kind, name, doc, span } of [...interfaces, ...members, ...types]) {
    if (doc.deprecated === undefined || LEADS_ON.test(`${doc.deprecated} ${textOf(doc)}`)) continue;
    const message = `the ${kind} "${name}" is deprecated, and nothing says what to use instead`;
    yield { span, message, hint: "say it in its documentation: use … instead" };
  }
}

const LEADS_ON = /\b(?:use|using|instead|replace[sd]?|replacement|supersede[sd]?|obsoleted|see|no longer|removed)\b/i;

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
      return type.entries;
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
