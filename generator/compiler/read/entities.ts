import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "../diagnostics/source.ts";
import { hasOnlyXmlCharacters } from "./decode.ts";
import type { Entities, PlainDocument } from "./doctype.ts";

const PREDEFINED: Entities = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);
const REFERENCE = /&(?:#x([0-9A-Fa-f]{1,6});|#([0-9]{1,7});|([A-Za-z_:][\w:.-]*);)?/g;

/** Largest number of characters that the entities of a document may expand to in total. */
const MAX_EXPANSION = 64 * 1024;

/** Replaces references in the texts of one document. The expansions of its entities share one limit. */
export class EntityDecoder {
  readonly #source: SourceText;
  readonly #document: PlainDocument;
  readonly #diagnostics: Diagnostics;
  #expanded = 0;

  constructor(source: SourceText, document: PlainDocument, diagnostics: Diagnostics) {
    this.#source = source;
    this.#document = document;
    this.#diagnostics = diagnostics;
  }

  /**
   * Replaces the references in a raw text. `offset` is the position of the text in the source. Invalid references are
   * reported and removed. References to entities that the external document type may define are reported and kept.
   */
  decode(raw: string, offset: number): string {
    if (!raw.includes("&")) return raw;
    return raw.replace(
      REFERENCE,
      (
        reference: string,
        hex: string | undefined,
        decimal: string | undefined,
        name: string | undefined,
        at: number,
      ) => {
        const text = (hex ?? decimal) ? character(hex, decimal) : name === undefined ? undefined : this.#entity(name);
        if (text !== undefined) return text;
        const span = { source: this.#source, start: offset + at, end: offset + at + reference.length };
        if (name !== undefined && this.#document.hasExternalType && !this.#document.entities.has(name)) {
          this.#diagnostics.report("entity-unknown", span, `the entity "${name}" is not defined in this file`, {
            hint: 'declare it in the document type, or write "&amp;" for an ampersand',
          });
          return reference;
        }
        const message =
          name === undefined
            ? `"${reference}" is not a character or entity reference`
            : `the entity "${name}" is not defined or expands to too much text`;
        this.#diagnostics.report("xml-entity", span, message, { hint: 'write "&amp;" for an ampersand' });
        return "";
      },
    );
  }

  #entity(name: string): string | undefined {
    const predefined = PREDEFINED.get(name);
    if (predefined !== undefined) return predefined;
    const raw = this.#document.entities.get(name);
    if (raw === undefined) return undefined;
    this.#expanded += raw.length;
    if (this.#expanded > MAX_EXPANSION) return undefined;
    // `readDoctype` ensures that an entity contains only predefined and numeric references.
    return raw.replace(
      REFERENCE,
      (_, hex, decimal, inner) => (inner === undefined ? character(hex, decimal) : PREDEFINED.get(inner)) ?? "",
    );
  }
}

function character(hex: string | undefined, decimal: string | undefined): string | undefined {
  const code = hex === undefined ? Number.parseInt(decimal ?? "", 10) : Number.parseInt(hex, 16);
  if (!(code > 0 && code <= 0x10ffff)) return undefined;
  const text = String.fromCodePoint(code);
  return hasOnlyXmlCharacters(text) ? text : undefined;
}
