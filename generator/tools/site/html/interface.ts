import type { Annotations, Interface, MethodError } from "../../../compiler/resolve/ir.ts";
import { firstSentence } from "../../../compiler/text/sentence.ts";
import type { SiteContext } from "../context.ts";
import { namedPart } from "../describe-type.ts";
import type { Location } from "../location.ts";
import { type DirectedArgument, type MemberEntry, memberSections } from "../member.ts";
import { otherAnnotations, versionNotes } from "../notes.ts";
import { TYPE_KINDS, type WirePart, wireMethod, wireSignal, wireText } from "../signatures.ts";
import type { AnchoredDeclaration } from "../site-map.ts";
import { memberSnippets, type PageSnippets } from "../snippet-phrases.ts";
import { Snippets } from "../snippets.ts";
import { breakableName } from "./breakable-name.ts";
import { typeCell, typescriptCode, typescriptText, wireCode } from "./code.ts";
import { HtmlDoc } from "./doc.ts";
import { type Html, type HtmlElement, h } from "./element.ts";
import { anchorOf, noteBadges, type Page } from "./page.ts";
import { snippetChoice, snippetGroup } from "./snippets.ts";
import { sourceLink, sourceSection } from "./source.ts";
import { type Row, table } from "./table.ts";
import { typeSection } from "./type-section.ts";

/** Returns the page of an interface: a summary, then all members and types in the order of the spec. */
export function interfacePage(iface: Interface, site: SiteContext): Page {
  const writer = new InterfaceWriter(iface, site);
  const { methods, signals, properties, types } = iface;
  const hasMembers = [methods, signals, properties, types].some((list) => list.length > 0);
  return { title: iface.name, subject: iface, main: writer.main(), hasMembers, snippets: writer.snippets() };
}

class InterfaceWriter {
  readonly #iface: Interface;
  readonly #site: SiteContext;
  readonly #doc: HtmlDoc;
  readonly #snippets: Snippets;
  readonly #sections: ReturnType<typeof memberSections>;

  constructor(iface: Interface, site: SiteContext) {
    this.#iface = iface;
    this.#site = site;
    this.#doc = new HtmlDoc(site.references, iface);
    this.#snippets = new Snippets(iface, site.names, site.types, site.targets.of(iface.name));
    this.#sections = memberSections(iface, site, this.#snippets);
  }

  main(): Html {
    const iface = this.#iface;
    const source = this.#site.siteMap.sources.onPageOf(iface);
    return [
      this.#header(),
      this.#summary(),
      snippetChoice(),
      h("section", { class: "use" }, h("h2", {}, "Use it"), snippetGroup(this.#snippets.interface())),
      this.#sections.map(([title, members]) =>
        section(
          title,
          members.map((member) => this.#member(member)),
        ),
      ),
      section(
        "Types",
        iface.types.map((type) => typeSection(type, this.#site, this.#doc)),
      ),
      source === undefined ? [] : sourceSection(source),
    ];
  }

  /** Returns the snippets of the members as data, from which the script of the page writes them. */
  snippets(): PageSnippets {
    const { name } = this.#iface;
    const { variable } = this.#snippets;
    const members = this.#sections.flatMap(([, entries]) =>
      entries.map(({ member, typescript, snippets }) => {
        const identifier = this.#site.names.member(member);
        const values = { name, variable, member: member.name, identifier, declaration: typescriptText(typescript) };
        return memberSnippets(snippets, values);
      }),
    );
    return { variable, members };
  }

  #header(): Html {
    const { name, file, span, doc, annotations } = this.#iface;
    const dot = name.lastIndexOf(".") + 1;
    return [
      h("p", { class: "eyebrow" }, "Interface"),
      h(
        "h1",
        {},
        h("span", { class: "prefix" }, breakableName(name.slice(0, dot))),
        h("wbr", {}),
        breakableName(name.slice(dot)),
        noteBadges(versionNotes(doc)),
      ),
      h("div", { class: "lead" }, this.#doc.blocks(doc.blocks)),
      annotationList(annotations),
      h("p", { class: "origin" }, "Described in ", h("a", { href: this.#site.siteMap.sources.of(span) }, file)),
    ];
  }

  /** Returns the summary: one row for each member and type. */
  #summary(): Html {
    const { methods, signals, properties, types } = this.#iface;
    const rows: readonly Row[] = [
      ...methods.map((method) => this.#summaryRow(method, wireMethod(method))),
      ...signals.map((signal) => this.#summaryRow(signal, wireSignal(signal))),
      ...properties.map((property) => this.#summaryRow(property, [{ type: property.type, name: "" }])),
      ...types.map((type) => this.#summaryRow(type, [TYPE_KINDS[type.kind], " ", type.signature])),
    ];
    if (rows.length === 0) return h("p", {}, "The interface is empty.");
    return h(
      "section",
      { class: "summary" },
      h("h2", {}, "Summary"),
      table(undefined, ["Member", "D-Bus", "Meaning"], rows, "unlabelled"),
    );
  }

  #summaryRow(declaration: AnchoredDeclaration & { readonly doc: Interface["doc"] }, wire: readonly WirePart[]): Row {
    const { doc, name } = declaration;
    const isDeprecated = doc.deprecated !== undefined;
    const link = h("a", { href: this.#site.siteMap.of(declaration) }, breakableName(name));
    return {
      ...(isDeprecated && { class: "deprecated" }),
      cells: [
        link,
        wireText(wire[0] === name ? wire.slice(1) : wire),
        [
          this.#doc.inlines(firstSentence(doc)),
          isDeprecated ? noteBadges([{ kind: "deprecated", text: "deprecated" }]) : [],
        ],
      ],
    };
  }

  #member({ member, notes, wire, typescript, args, errors }: MemberEntry): HtmlElement {
    const location: Location = this.#site.siteMap.of(member);
    const id = anchorOf(location);
    return h(
      "section",
      { id },
      h("h3", {}, breakableName(member.name), noteBadges(notes), " ", sourceLink(member.span, this.#site)),
      h(
        "dl",
        {},
        h("dt", {}, "D-Bus"),
        h("dd", {}, wireCode(wire, this.#site)),
        h("dt", {}, "TypeScript"),
        h("dd", {}, typescriptCode(typescript, this.#site)),
      ),
      this.#doc.blocks(member.doc.blocks),
      this.#arguments(args),
      this.#errors(errors),
      annotationList(member.annotations),
    );
  }

  #arguments(args: readonly DirectedArgument[]): Html {
    // The signatures contain the names and types of arguments, so a table without more than that is left out.
    const isSelfEvident = ({ arg }: DirectedArgument): boolean =>
      arg.doc.blocks.length === 0 &&
      versionNotes(arg.doc).length === 0 &&
      otherAnnotations(arg.annotations).length === 0 &&
      namedPart(arg.type) === undefined;
    if (args.every(isSelfEvident)) return [];
    const tableRows = args.map(
      ({ arg, direction }): Row => ({
        cells: [
          [
            h("code", {}, breakableName(arg.name === "" ? this.#site.names.argument(arg) : arg.name)),
            noteBadges(versionNotes(arg.doc)),
          ],
          direction === "" ? [] : h("span", { class: `direction ${direction}` }, direction),
          typeCell(arg.type, this.#site),
          [this.#doc.blocks(arg.doc.blocks), annotationList(arg.annotations)],
        ],
      }),
    );
    return table("Arguments", ["Argument", "Direction", "Type", "Meaning"], tableRows);
  }

  #errors(errors: readonly MethodError[]): Html {
    if (errors.length === 0) return [];
    return [
      h("h4", {}, "Errors"),
      table(
        "Errors",
        ["Error", "TypeScript", "When"],
        errors.map((error) => this.#errorRow(error)),
      ),
    ];
  }

  #errorRow({ name, definition, doc }: MethodError): Row {
    const exported = definition && this.#site.names.error(definition);
    const code = h("code", {}, breakableName(name));
    return {
      cells: [
        definition === undefined ? code : h("a", { href: this.#site.siteMap.of(definition) }, code),
        exported === undefined ? [] : h("code", {}, breakableName(exported.name)),
        this.#doc.blocks(doc.blocks),
      ],
    };
  }
}

function section(title: string, members: readonly Html[]): Html {
  if (members.length === 0) return [];
  return h("section", {}, h("h2", { id: title }, title), members);
}

function annotationList(annotations: Annotations): Html {
  const others = otherAnnotations(annotations);
  if (others.length === 0) return [];
  return h(
    "dl",
    { class: "annotations" },
    others.map(([name, value]) => [h("dt", {}, h("code", {}, breakableName(name))), h("dd", {}, h("code", {}, value))]),
  );
}
