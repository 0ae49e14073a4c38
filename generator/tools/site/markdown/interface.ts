import { textOf, tokensOf } from "../../../compiler/print/code-layout.ts";
import type { Interface, MethodError } from "../../../compiler/resolve/ir.ts";
import { escapeMarkdown, markdownCode } from "../../../compiler/text/escape.ts";
import { firstSentence } from "../../../compiler/text/sentence.ts";
import type { SiteContext } from "../context.ts";
import { type DirectedArgument, type MemberEntry, memberSections } from "../member.ts";
import { versionNotes } from "../notes.ts";
import { TYPE_KINDS, type WirePart, wireMethod, wireProperty, wireSignal, wireText } from "../signatures.ts";
import type { AnchoredDeclaration } from "../site-map.ts";
import { Snippets } from "../snippets.ts";
import { link, MarkdownDoc } from "./doc.ts";
import { anchor, annotationsMarkdown, typeMarkdown as linkedType, notesMarkdown, snippetsMarkdown } from "./parts.ts";
import { markdownTable, paragraphs } from "./table.ts";
import { typeMarkdown } from "./type-section.ts";

/** A writer of the page of an interface as Markdown. */
export class InterfaceMarkdown {
  readonly #iface: Interface;
  readonly #site: SiteContext;
  readonly #doc: MarkdownDoc;
  readonly #snippets: Snippets;

  constructor(iface: Interface, site: SiteContext) {
    this.#iface = iface;
    this.#site = site;
    this.#doc = new MarkdownDoc(site.references, iface);
    this.#snippets = new Snippets(iface, site.names, site.types, site.targets.of(iface.name));
  }

  page(): string {
    const iface = this.#iface;
    return paragraphs(
      `# ${escapeMarkdown(iface.name)}`,
      versionNotes(iface.doc)
        .map(({ text }) => escapeMarkdown(text))
        .join(" · "),
      this.#doc.blocks(iface.doc.blocks),
      annotationsMarkdown(iface.annotations),
      this.#summary(),
      snippetsMarkdown(this.#snippets.interface()),
      ...memberSections(iface, this.#site, this.#snippets).map(([title, members]) =>
        section(
          title,
          members.map((member) => this.#member(member)),
        ),
      ),
      section(
        "Types",
        iface.types.map((type) => typeMarkdown(type, this.#site, this.#doc, 3)),
      ),
    );
  }

  #summary(): string {
    const { methods, signals, properties, types } = this.#iface;
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
    declaration: AnchoredDeclaration & { readonly doc: Interface["doc"] },
    wire: readonly WirePart[],
  ): readonly string[] {
    const { doc, name } = declaration;
    const deprecated = doc.deprecated === undefined ? "" : " · deprecated";
    return [
      link(markdownCode(name), this.#site.siteMap.of(declaration)),
      `${kind}${deprecated}`,
      markdownCode(wireText(wire)),
      this.#doc.inlines(firstSentence(doc)),
    ];
  }

  #member({ member, notes, wire, typescript, args, errors, type, snippets }: MemberEntry): string {
    return paragraphs(
      anchor(this.#site.siteMap.of(member)),
      `### ${escapeMarkdown(member.name)}`,
      notes.map(({ text }) => escapeMarkdown(text)).join(" · "),
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
      markdownCode(arg.name === "" ? this.#site.names.argument(arg) : arg.name) + notesMarkdown(versionNotes(arg.doc)),
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
        link(markdownCode(name), definition && this.#site.siteMap.of(definition)),
        exported === undefined ? "" : markdownCode(exported.name),
        this.#doc.cell(doc.blocks),
      ];
    });
    return rows.length === 0 ? "" : markdownTable(["Error", "TypeScript", "When"], rows);
  }
}

function section(title: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : paragraphs(`## ${title}`, ...parts);
}
