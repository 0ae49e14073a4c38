import type { Names } from "../names/identifiers.ts";
import { type Doc, type Inline, NO_DOC } from "../resolve/doc.ts";
import type { Access, Argument, DictionaryType, Entry, Method } from "../resolve/ir.ts";
import { keysOf } from "../resolve/walk.ts";
import { firstSentence, inlineText } from "../text/sentence.ts";
import type { DocModel, DocTag } from "./file-model.ts";

/** Returns the doc comment of a declaration: its documentation, tags and versions; undefined if it would be empty. */
export function docOf(doc: Doc, tags: readonly DocTag[] = []): DocModel | undefined {
  const all = [...tags, ...versionTags(doc)];
  return doc.blocks.length === 0 && all.length === 0 ? undefined : { doc, tags: all };
}

/** Returns the doc comment of a declaration, with a sentence in place of missing documentation. */
export function docOrSentence(doc: Doc, sentence: string): DocModel {
  const tags = versionTags(doc);
  return doc.blocks.length === 0 ? { doc: NO_DOC, sentence, tags } : { doc, tags };
}

/** Returns a doc comment of one sentence, marked as deprecated if the documented declaration is. */
export function sentenceDoc(sentence: string, of: Doc = NO_DOC): DocModel {
  return { doc: NO_DOC, sentence, tags: versionTags(of).filter(({ tag }) => tag === "deprecated") };
}

/** Returns the doc comment of a method: its documentation, arguments, results and errors; undefined if it would be empty. */
export function methodDoc(method: Method, names: Names): DocModel | undefined {
  const tags = [
    ...argumentTags(method.in, names),
    ...resultTags(method.out, names),
    ...method.errors.map((error) => errorTag(error, names)),
  ];
  return docOf(method.doc, tags);
}

/**
 * Returns the doc comment of a method that is documented elsewhere: its first sentence and a link. Undefined if the
 * method has no documentation.
 *
 * @param target - Declaration that has the complete documentation.
 */
export function summaryDoc(method: Method, names: Names, target: string): DocModel | undefined {
  if (methodDoc(method, names) === undefined) return undefined;
  const sentence = firstSentence(method.doc);
  const isOpen = !/[.!?:;]$/.test(inlineText(sentence));
  const text = isOpen ? [...sentence, plainText(".")] : sentence;
  const blocks = sentence.length === 0 ? [] : [{ kind: "paragraph", text } as const];
  return { doc: { blocks }, sentence: `See {@link ${target}}.`, tags: [] };
}

/** Returns tags for the arguments that have documentation. */
export function argumentTags(args: readonly Argument[], names: Names): readonly DocTag[] {
  return args.flatMap((arg): readonly DocTag[] =>
    arg.doc.blocks.length === 0 ? [] : [{ tag: "param", subject: names.argument(arg), doc: arg.doc }],
  );
}

/** Returns the tag for the results of a method. */
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

/**
 * Returns the tag for an error of a method: a link if the class of the error is generated, otherwise the name of the
 * error.
 */
function errorTag({ name, definition, doc }: Method["errors"][number], names: Names): DocTag {
  const exported = definition && names.error(definition);
  if (exported !== undefined) return { tag: "throws", subject: `{@link ${exported.name}}`, doc };
  const lead = { kind: "paragraph", text: [inlineCode(name)] } as const;
  return { tag: "throws", doc: { blocks: [lead, ...doc.blocks] } };
}

/** Returns a tag for the default value of a dictionary entry, if the spec declares it. */
export function entryTags({ default: value }: Entry): readonly DocTag[] {
  return value === undefined ? [] : [{ tag: "defaultValue", doc: plain(value) }];
}

/** Returns a tag that lists the entries of a dictionary that clients may set. */
export function accessTags(type: DictionaryType, names: Names): readonly DocTag[] {
  const listing = (access: Access, lead: string): readonly Inline[] => {
    const chosen = keysOf(type)
      .filter((entry) => entry.access === access)
      .map((entry) => names.member(entry));
    if (chosen.length === 0) return [];
    const items = chosen.flatMap((name, index) => [plainText(index === 0 ? " " : ", "), inlineCode(name)]);
    return [plainText(lead), ...items, plainText(". ")];
  };
  const text = [...listing("readwrite", "A client may set and change"), ...listing("write", "Only a client sets")];
  return text.length === 0 ? [] : [{ tag: "remarks", doc: { blocks: [{ kind: "paragraph", text }] } }];
}

function versionTags({ since, deprecated }: Doc): readonly DocTag[] {
  return [
    ...(since === undefined ? [] : [{ tag: "since", doc: plain(since) } satisfies DocTag]),
    ...(deprecated === undefined ? [] : [{ tag: "deprecated", doc: deprecation(deprecated) } satisfies DocTag]),
  ];
}

/** Returns the text of a `deprecated` tag. A version becomes a sentence; an empty text remains empty. */
function deprecation(text: string): Doc {
  if (text === "") return NO_DOC;
  return plain(/^\d[\w.-]*$/.test(text) ? `Since ${text}.` : text);
}

function inlineCode(text: string): Inline {
  return { kind: "code", text };
}

function plainText(text: string): Inline {
  return { kind: "text", text };
}

function plain(text: string): Doc {
  return { blocks: [{ kind: "paragraph", text: [plainText(text)] }] };
}
