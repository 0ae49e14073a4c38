import { textOf, tokensOf } from "../../../compiler/print/code-layout.ts";
import type { Interface, MethodError } from "../../../compiler/resolve/ir.ts";
import { escapeMarkdown, markdownCode } from "../../../compiler/text/escape.ts";
import { firstSentence } from "../../../compiler/text/sentence.ts";
import type { SiteContext } from "../context.ts";
import { versionFacts } from "../facts.ts";
import { type DirectedArgument, type MemberEntry, memberSections } from "../member.ts";
import type { Anchored } from "../places.ts";
import { TYPE_KINDS, type WirePiece, wireMethod, wireProperty, wireSignal } from "../signatures.ts";
import { Snippets } from "../snippets.ts";
import { link, MarkdownDoc } from "./doc.ts";
import { anchor, annotationsMarkdown, typeMarkdown as linkedType, notes, snippetsMarkdown } from "./parts.ts";
import { markdownTable, paragraphs } from "./table.ts";
import { typeMarkdown } from "./type-section.ts";

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
      ...memberSections(one, this.#site, this.#snippets).map(([title, members]) =>
        section(
          title,
          members.map((member) => this.#member(member)),
        ),
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

  #member({ member, facts, wire, typescript, args, errors, type, snippets }: MemberEntry): string {
    return paragraphs(
      anchor(this.#site.places.of(member)),
      `### ${escapeMarkdown(member.name)}`,
      facts.map(({ text }) => escapeMarkdown(text)).join(" · "),
      `D-Bus: ${markdownCode(wireText(wire))}<br>\nTypeScript: ${markdownCode(textOf(tokensOf(typescript)))}`,
      this.#doc.blocks(member.doc.blocks),
      this.#arguments(args),
      this.#errors(errors),
      type === undefined ? "" : linkedType(type, this.#site),
      annotationsMarkdown(member.annotations),
      snippetsMarkdown(snippets),
    );
  }

  #arguments(args: readonly DirectedArgument[]): string {
    const rows = args.map(({ arg, direction }) => [
      markdownCode(arg.name === "" ? this.#site.names.argument(arg) : arg.name) + notes(versionFacts(arg.doc)),
      direction,
      linkedType(arg.type, this.#site),
      this.#doc.cell(arg.doc.blocks),
    ]);
    return rows.length === 0 ? "" : markdownTable(["Argument", "Direction", "Type", "Meaning"], rows);
  }

  #errors(errors: readonly MethodError[]): string {
    const rows = errors.map(({ name, definition, doc }) => {
      const exported = definition && this.#site.names.error(definition);
      return [
        link(markdownCode(name), definition && this.#site.places.of(definition)),
        exported === undefined ? "" : markdownCode(exported.name),
        this.#doc.cell(doc.blocks),
      ];
    });
    return rows.length === 0 ? "" : markdownTable(["Error", "TypeScript", "When"], rows);
  }
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
