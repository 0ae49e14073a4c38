import type { Annotations, Argument, Interface, Method, MethodError, Property, Signal } from "../../resolve/ir.ts";
import type { SiteContext } from "../context.ts";
import { type Fact, methodFacts, otherAnnotations, propertyFacts, versionFacts } from "../facts.ts";
import type { Anchored, Place } from "../places.ts";
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
import { typeCell, typescriptCode, wireCode } from "./code.ts";
import { HtmlDoc } from "./doc.ts";
import { type Html, type HtmlElement, h } from "./element.ts";
import { badges, dotted, idOf, type Page, type PageSection, permalink } from "./page.ts";
import { snippetTabs } from "./snippets.ts";
import { type Row, table } from "./table.ts";
import { typeSection } from "./types.ts";

/** The page of an interface: summary first, then everything in the order of the spec. */
export function interfacePage(one: Interface, site: SiteContext): Page {
  const writer = new InterfaceWriter(one, site);
  return { title: one.name, home: one, main: writer.main(), sections: writer.sections() };
}

/** What the sections of methods, signals and properties have in common. */
interface MemberParts {
  readonly kind: "method" | "signal" | "property";
  readonly member: Method | Signal | Property;
  readonly facts: readonly Fact[];
  readonly wire: readonly WirePiece[];
  readonly typescript: Html;
  readonly details: Html;
  readonly snippets: readonly Snippet[];
}

class InterfaceWriter {
  readonly #one: Interface;
  readonly #site: SiteContext;
  readonly #doc: HtmlDoc;
  readonly #snippets: Snippets;

  constructor(one: Interface, site: SiteContext) {
    this.#one = one;
    this.#site = site;
    this.#doc = new HtmlDoc(site.references, one);
    this.#snippets = new Snippets(one, site.names, site.types);
  }

  main(): Html {
    const one = this.#one;
    return [
      this.#header(),
      this.#summary(),
      h("section", { class: "use" }, h("h2", {}, "Use it"), snippetTabs(this.#snippets.interface(), "use")),
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
        one.types.map((type) => typeSection(type, this.#site, this.#doc)),
      ),
    ];
  }

  sections(): readonly PageSection[] {
    const one = this.#one;
    const items = (things: readonly (Anchored & { readonly doc: Interface["doc"] })[]) =>
      things.map((thing) => ({
        name: thing.name,
        place: this.#site.places.of(thing),
        isDeprecated: thing.doc.deprecated !== undefined,
      }));
    return [
      { title: "Methods", items: items(one.methods) },
      { title: "Signals", items: items(one.signals) },
      { title: "Properties", items: items(one.properties) },
      { title: "Types", items: items(one.types) },
    ].filter(({ items: found }) => found.length > 0);
  }

  #header(): Html {
    const { name, file, doc, annotations } = this.#one;
    const dot = name.lastIndexOf(".") + 1;
    return [
      h("p", { class: "eyebrow" }, "Interface"),
      h(
        "h1",
        {},
        h("span", { class: "prefix" }, dotted(name.slice(0, dot))),
        h("wbr", {}),
        dotted(name.slice(dot)),
        badges(versionFacts(doc)),
      ),
      h("div", { class: "lead" }, this.#doc.blocks(doc.blocks)),
      annotationList(annotations),
      h("p", { class: "origin" }, "Described in ", h("code", {}, file)),
    ];
  }

  /** Everything on one screen, as far as it fits. */
  #summary(): Html {
    const { methods, signals, properties, types } = this.#one;
    const rows: readonly Row[] = [
      ...methods.map((method) => this.#summaryRow("method", method, wireMethod(method))),
      ...signals.map((signal) => this.#summaryRow("signal", signal, wireSignal(signal))),
      ...properties.map((property) => this.#summaryRow("property", property, [{ type: property.type, name: "" }])),
      ...types.map((type) => this.#summaryRow("type", type, [TYPE_KINDS[type.kind], " ", type.signature])),
    ];
    if (rows.length === 0) return h("p", {}, "The interface is empty.");
    return h(
      "section",
      { class: "summary" },
      h("h2", {}, "Summary"),
      table("Summary", ["Member", "D-Bus", "Meaning"], rows),
    );
  }

  #summaryRow(kind: string, thing: Anchored & { readonly doc: Interface["doc"] }, wire: readonly WirePiece[]): Row {
    const { doc, name } = thing;
    const isDeprecated = doc.deprecated !== undefined;
    const link = h("a", { href: this.#site.places.of(thing) }, dotted(name));
    return {
      class: `${kind}${isDeprecated ? " deprecated" : ""}`,
      cells: [
        [h("span", { class: `mark ${kind}`, title: kind }, kind.charAt(0).toUpperCase()), " ", link],
        wireCode(wire[0] === name ? wire.slice(1) : wire, this.#site),
        [
          this.#doc.inlines(firstSentence(doc)),
          isDeprecated ? badges([{ kind: "deprecated", text: "deprecated" }]) : [],
        ],
      ],
    };
  }

  #member({ kind, member, facts, wire, typescript, details, snippets }: MemberParts): HtmlElement {
    const place: Place = this.#site.places.of(member);
    const id = idOf(place);
    return h(
      "section",
      { class: `member ${kind}`, id },
      h("h3", {}, dotted(member.name), badges([...facts, ...versionFacts(member.doc)]), permalink(place, member.name)),
      h(
        "dl",
        { class: "signatures" },
        h("dt", {}, "D-Bus"),
        h("dd", {}, wireCode(wire, this.#site)),
        h("dt", {}, "TypeScript"),
        h("dd", {}, typescript),
      ),
      this.#doc.blocks(member.doc.blocks),
      details,
      annotationList(member.annotations),
      snippetTabs(snippets, id),
    );
  }

  #method(method: Method): MemberParts {
    return {
      kind: "method",
      member: method,
      facts: methodFacts(method),
      wire: wireMethod(method),
      typescript: typescriptCode(typescriptMethod(method, this.#site), this.#site),
      details: [this.#arguments([...rows(method.in, "in"), ...rows(method.out, "out")]), this.#errors(method.errors)],
      snippets: this.#snippets.method(method),
    };
  }

  #signal(signal: Signal): MemberParts {
    return {
      kind: "signal",
      member: signal,
      facts: [],
      wire: wireSignal(signal),
      typescript: typescriptCode(typescriptSignal(signal, this.#site), this.#site),
      details: this.#arguments(rows(signal.args, "")),
      snippets: this.#snippets.signal(signal),
    };
  }

  #property(property: Property): MemberParts {
    return {
      kind: "property",
      member: property,
      facts: propertyFacts(property),
      wire: wireProperty(property),
      typescript: typescriptCode(typescriptProperty(property, this.#site), this.#site),
      details: [],
      snippets: this.#snippets.property(property),
    };
  }

  #arguments(args: readonly ArgumentRow[]): Html {
    if (args.length === 0) return [];
    const tableRows = args.map(
      ({ arg, direction }): Row => ({
        cells: [
          [
            h("code", {}, dotted(arg.name === "" ? (this.#site.names.args.get(arg) ?? "") : arg.name)),
            badges(versionFacts(arg.doc)),
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
    const exported = definition && this.#site.names.errors.get(definition);
    const code = h("code", {}, dotted(name));
    return {
      cells: [
        definition === undefined ? code : h("a", { href: this.#site.places.of(definition) }, code),
        exported === undefined ? [] : h("code", {}, dotted(exported.name)),
        this.#doc.blocks(doc.blocks),
      ],
    };
  }
}

interface ArgumentRow {
  readonly arg: Argument;
  readonly direction: "in" | "out" | "";
}

function rows(args: readonly Argument[], direction: ArgumentRow["direction"]): readonly ArgumentRow[] {
  return args.map((arg) => ({ arg, direction }));
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
    others.map(([name, value]) => [h("dt", {}, h("code", {}, dotted(name))), h("dd", {}, h("code", {}, value))]),
  );
}
