import type { Code } from "../../emit/model.ts";
import type { Argument, Interface, Method, MethodError, Property, Signal } from "../../resolve/ir.ts";
import { textOfCode } from "../code.ts";
import type { SiteContext } from "../context.ts";
import { escapeMarkdown, markdownCode } from "../escape.ts";
import { type Fact, methodFacts, propertyFacts, versionFacts } from "../facts.ts";
import type { Anchored } from "../places.ts";
import { firstSentence } from "../sentence.ts";
import {
  TYPE_KINDS,
  typescriptMethod,
  typescriptProperty,
  typescriptSignal,
  type WirePiece,
  wireMethod,
  wireProperty,
  wireSignal,
} from "../signatures.ts";
import type { Snippet } from "../snippet.ts";
import { Snippets } from "../snippets.ts";
import { link, MarkdownDoc } from "./doc.ts";
import { anchor, annotationsMarkdown, typeMarkdown as linkedType, notes, snippetsMarkdown } from "./parts.ts";
import { markdownTable, paragraphs } from "./table.ts";
import { typeMarkdown } from "./types.ts";

interface MemberParts {
  readonly member: Method | Signal | Property;
  readonly facts: readonly Fact[];
  readonly wire: readonly WirePiece[];
  readonly typescript: Code;
  readonly details: readonly string[];
  readonly snippets: readonly Snippet[];
}

/** The page of an interface as Markdown. */
export class InterfaceMarkdown {
  readonly #one: Interface;
  readonly #site: SiteContext;
  readonly #doc: MarkdownDoc;
  readonly #snippets: Snippets;

  constructor(one: Interface, site: SiteContext) {
    this.#one = one;
    this.#site = site;
    this.#doc = new MarkdownDoc(site.references, one);
    this.#snippets = new Snippets(one, site.names, site.types);
  }

  page(): string {
    const one = this.#one;
    return paragraphs(
      `# ${escapeMarkdown(one.name)}`,
      versionFacts(one.doc)
        .map(({ text }) => escapeMarkdown(text))
        .join(" · "),
      this.#doc.blocks(one.doc.blocks),
      annotationsMarkdown(one.annotations),
      this.#summary(),
      snippetsMarkdown(this.#snippets.interface()),
      section(
        "Methods",
        one.methods.map((method) => this.#member(this.#method(method))),
      ),
      section(
        "Signals",
        one.signals.map((signal) => this.#member(this.#signal(signal))),
      ),
      section(
        "Properties",
        one.properties.map((property) => this.#member(this.#property(property))),
      ),
      section(
        "Types",
        one.types.map((type) => typeMarkdown(type, this.#site, this.#doc, 3)),
      ),
    );
  }

  #summary(): string {
    const { methods, signals, properties, types } = this.#one;
    const rows = [
      ...methods.map((method) => this.#row("method", method, wireMethod(method))),
      ...signals.map((signal) => this.#row("signal", signal, wireSignal(signal))),
      ...properties.map((property) => this.#row("property", property, wireProperty(property))),
      ...types.map((type) => this.#row(TYPE_KINDS[type.kind], type, [type.signature])),
    ];
    return rows.length === 0 ? "" : markdownTable(["Member", "Kind", "D-Bus", "Meaning"], rows);
  }

  #row(
    kind: string,
    thing: Anchored & { readonly doc: Interface["doc"] },
    wire: readonly WirePiece[],
  ): readonly string[] {
    const { doc, name } = thing;
    const deprecated = doc.deprecated === undefined ? "" : " · deprecated";
    return [
      link(markdownCode(name), this.#site.places.of(thing)),
      `${kind}${deprecated}`,
      markdownCode(wireText(wire)),
      this.#doc.inlines(firstSentence(doc)),
    ];
  }

  #member({ member, facts, wire, typescript, details, snippets }: MemberParts): string {
    const all = [...facts, ...versionFacts(member.doc)];
    return paragraphs(
      anchor(this.#site.places.of(member)),
      `### ${escapeMarkdown(member.name)}`,
      all.map(({ text }) => escapeMarkdown(text)).join(" · "),
      `D-Bus: ${markdownCode(wireText(wire))}<br>\nTypeScript: ${markdownCode(textOfCode(typescript))}`,
      this.#doc.blocks(member.doc.blocks),
      ...details,
      annotationsMarkdown(member.annotations),
      snippetsMarkdown(snippets),
    );
  }

  #method(method: Method): MemberParts {
    const args = [...this.#arguments(method.in, "in"), ...this.#arguments(method.out, "out")];
    return {
      member: method,
      facts: methodFacts(method),
      wire: wireMethod(method),
      typescript: typescriptMethod(method, this.#site),
      details: [argumentTable(args), this.#errors(method.errors)],
      snippets: this.#snippets.method(method),
    };
  }

  #signal(signal: Signal): MemberParts {
    return {
      member: signal,
      facts: [],
      wire: wireSignal(signal),
      typescript: typescriptSignal(signal, this.#site),
      details: [argumentTable(this.#arguments(signal.args, ""))],
      snippets: this.#snippets.signal(signal),
    };
  }

  #property(property: Property): MemberParts {
    return {
      member: property,
      facts: propertyFacts(property),
      wire: wireProperty(property),
      typescript: typescriptProperty(property, this.#site),
      details: [linkedType(property.type, this.#site)],
      snippets: this.#snippets.property(property),
    };
  }

  #arguments(args: readonly Argument[], direction: string): readonly (readonly string[])[] {
    return args.map((arg) => [
      markdownCode(arg.name === "" ? (this.#site.names.args.get(arg) ?? "") : arg.name) + notes(versionFacts(arg.doc)),
      direction,
      linkedType(arg.type, this.#site),
      this.#doc.cell(arg.doc.blocks),
    ]);
  }

  #errors(errors: readonly MethodError[]): string {
    const rows = errors.map(({ name, definition, doc }) => {
      const exported = definition && this.#site.names.errors.get(definition);
      return [
        link(markdownCode(name), definition && this.#site.places.of(definition)),
        exported === undefined ? "" : markdownCode(exported.name),
        this.#doc.cell(doc.blocks),
      ];
    });
    return rows.length === 0 ? "" : markdownTable(["Error", "TypeScript", "When"], rows);
  }
}

function argumentTable(rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : markdownTable(["Argument", "Direction", "Type", "Meaning"], rows);
}

function wireText(wire: readonly WirePiece[]): string {
  return wire.map((piece) => wirePieceText(piece)).join("");
}

function wirePieceText(piece: WirePiece): string {
  if (typeof piece === "string") return piece;
  return piece.name === "" ? piece.type.signature : `${piece.type.signature} ${piece.name}`;
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : paragraphs(`## ${title}`, ...parts);
}
