import type { Names } from "../names/identifiers.ts";
import { type Doc, type Inline, NO_DOC } from "../resolve/doc.ts";
import type { Access, Argument, Entry, Method } from "../resolve/ir.ts";
import type { DocModel, DocTag } from "./model.ts";

/** The doc comment of a thing: its documentation with the tags that belong to it. Undefined where there is nothing to say. */
export function docOf(doc: Doc, tags: readonly DocTag[] = [], lead?: string): DocModel | undefined {
  const all = [...tags, ...versionTags(doc)];
  if (doc.blocks.length === 0 && all.length === 0 && lead === undefined) return undefined;
  return { doc, tags: all, ...(lead !== undefined && { lead }) };
}

/** A doc comment in the generator's own words, with the version tags of what it speaks of. */
export function leadDoc(lead: string, of: Doc = NO_DOC): DocModel {
  return { lead, doc: NO_DOC, tags: versionTags(of) };
}

/** Tags for the arguments that have documentation of their own. */
export function argumentTags(args: readonly Argument[], names: Names): readonly DocTag[] {
  return args.flatMap((arg): readonly DocTag[] =>
    arg.doc.blocks.length === 0 ? [] : [{ tag: "param", subject: names.argument(arg), doc: arg.doc }],
  );
}

/** Tags for what a method gives back and raises. */
export function methodTags(method: Method, names: Names): readonly DocTag[] {
  return [
    ...argumentTags(method.in, names),
    ...resultTags(method.out, names),
    ...method.errors.map((error) => errorTag(error, names)),
  ];
}

function resultTags(args: readonly Argument[], names: Names): readonly DocTag[] {
  const [only, ...more] = args.filter((arg) => arg.doc.blocks.length > 0);
  if (only === undefined) return [];
  if (args.length === 1 && more.length === 0) return [{ tag: "returns", doc: only.doc }];
  const items = [only, ...more].map((arg) => ({
    term: [inlineCode(names.argument(arg))],
    blocks: arg.doc.blocks,
  }));
  return [{ tag: "returns", doc: { blocks: [{ kind: "definitions", items }] } }];
}

function errorTag({ name, definition, doc }: Method["errors"][number], names: Names): DocTag {
  const exported = definition && names.error(definition);
  if (exported !== undefined) return { tag: "throws", subject: `{@link ${exported.name}}`, doc };
  const lead = { kind: "paragraph", text: [inlineCode(name)] } as const;
  return { tag: "throws", doc: { blocks: [lead, ...doc.blocks] } };
}

/** What the spec says of a dictionary key beside its type. */
export function entryTags({ access, default: standard }: Entry): readonly DocTag[] {
  const remark = access === undefined ? undefined : ACCESS[access];
  return [
    ...(remark === undefined ? [] : [{ tag: "remarks", doc: plain(remark) } satisfies DocTag]),
    ...(standard === undefined ? [] : [{ tag: "defaultValue", doc: plain(standard) } satisfies DocTag]),
  ];
}

const ACCESS: Readonly<Record<Access, string | undefined>> = {
  read: undefined,
  readwrite: "A client may give and change it.",
  write: "Given by a client alone.",
};

function versionTags({ since, deprecated }: Doc): readonly DocTag[] {
  return [
    ...(since === undefined ? [] : [{ tag: "since", doc: plain(since) } satisfies DocTag]),
    ...(deprecated === undefined ? [] : [{ tag: "deprecated", doc: deprecation(deprecated) } satisfies DocTag]),
  ];
}

/** A version gets a word before it, a sentence stays as it is, and often only the fact is known. */
function deprecation(text: string): Doc {
  if (text === "") return NO_DOC;
  return plain(/^\d[\w.-]*$/.test(text) ? `Since ${text}.` : text);
}

function inlineCode(text: string): Inline {
  return { kind: "code", text };
}

function plain(text: string): Doc {
  return { blocks: [{ kind: "paragraph", text: [{ kind: "text", text }] }] };
}
