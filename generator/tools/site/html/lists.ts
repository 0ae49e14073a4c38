import type { ErrorDomain, Interface, SharedTypes } from "../../../compiler/resolve/ir.ts";
import { firstSentence, inlineText } from "../../../compiler/text/sentence.ts";
import type { SiteContext } from "../context.ts";
import { type InterfaceGroup, shortName } from "../interface-groups.ts";
import { versionNotes } from "../notes.ts";
import { TYPE_KINDS } from "../signatures.ts";
import { breakableName } from "./breakable-name.ts";
import { HtmlDoc } from "./doc.ts";
import { type Html, h } from "./element.ts";
import { anchorOf, noteBadges, type Page, permalink } from "./page.ts";
import { sourceLink } from "./source.ts";
import { type Row, table } from "./table.ts";
import { typeSection } from "./type-section.ts";

/**
 * Returns the first page: all interfaces, error domains and files of shared types, with the first sentences of their
 * documentation.
 */
export function indexPage(site: SiteContext): Page {
  const { ir, title } = site;
  const main = [
    h("h1", {}, title),
    h("p", { class: "counts" }, counts(site)),
    site.groups.map((group) => groupSection(group, site)),
    errorDomains(ir.errorDomains, site),
    sharedTypes(ir.shared, site),
  ];
  return { title, main, hasMembers: false };
}

function counts({ ir }: SiteContext): string {
  const sum = (countOf: (iface: Interface) => number): number =>
    ir.interfaces.reduce((total, iface) => total + countOf(iface), 0);
  const types = [...ir.interfaces, ...ir.shared].reduce((total, owner) => total + owner.types.length, 0);
  return [
    count(ir.interfaces.length, "interface", "interfaces"),
    count(
      sum(({ methods }) => methods.length),
      "method",
      "methods",
    ),
    count(
      sum(({ signals }) => signals.length),
      "signal",
      "signals",
    ),
    count(
      sum(({ properties }) => properties.length),
      "property",
      "properties",
    ),
    count(types, "type", "types"),
    count(
      ir.errorDomains.reduce((total, { errors }) => total + errors.length, 0),
      "error",
      "errors",
    ),
  ]
    .filter((text) => !text.startsWith("0 "))
    .join(" · ");
}

function count(number: number, singular: string, plural: string): string {
  return `${number} ${number === 1 ? singular : plural}`;
}

function groupSection(group: InterfaceGroup, site: SiteContext): Html {
  const names = new Set(group.interfaces.map(({ name }) => name));
  const rows = group.interfaces.map(
    (iface): Row => ({
      class: `depth-${depthOf(iface, names)}${iface.doc.deprecated === undefined ? "" : " deprecated"}`,
      cells: [
        h("a", { href: site.siteMap.page(iface) }, breakableName(shortName(iface, group.prefix))),
        [
          summary(iface, site),
          noteBadges(iface.doc.deprecated === undefined ? [] : [{ kind: "deprecated", text: "deprecated" }]),
        ],
      ],
    }),
  );
  return h(
    "details",
    { class: "group-section", open: true },
    h("summary", {}, h("h2", {}, breakableName(group.prefix)), " ", h("span", { class: "words" }, String(rows.length))),
    table(`Interfaces of ${group.prefix}`, ["Interface", "Meaning"], rows),
  );
}

/** Largest indentation of an interface below its parents. */
const MAX_DEPTH = 4;

/**
 * Returns the depth at which an interface is shown in the list of its group: the number of other interfaces whose names
 * are beginnings of its name.
 */
function depthOf(iface: Interface, names: ReadonlySet<string>): number {
  let depth = 0;
  for (let dot = iface.name.lastIndexOf("."); dot > 0 && depth < MAX_DEPTH; dot = iface.name.lastIndexOf(".", dot - 1))
    if (names.has(iface.name.slice(0, dot))) depth++;
  return depth;
}

function summary(subject: Interface | ErrorDomain, site: SiteContext): Html {
  return new HtmlDoc(site.references, subject).inlines(firstSentence(subject.doc));
}

function errorDomains(domains: readonly ErrorDomain[], site: SiteContext): Html {
  if (domains.length === 0) return [];
  const rows = domains.map(
    (domain): Row => ({
      cells: [
        h("a", { href: site.siteMap.page(domain) }, breakableName(domain.name)),
        inlineText(firstSentence(domain.doc)) === ""
          ? count(domain.errors.length, "error", "errors")
          : summary(domain, site),
      ],
    }),
  );
  return h("section", {}, h("h2", {}, "Errors"), table("Errors", ["Domain", "Meaning"], rows));
}

function sharedTypes(shared: readonly SharedTypes[], site: SiteContext): Html {
  if (shared.length === 0) return [];
  const rows = shared.map(
    (file): Row => ({
      cells: [h("a", { href: site.siteMap.page(file) }, file.name), count(file.types.length, "type", "types")],
    }),
  );
  return h("section", {}, h("h2", {}, "Shared types"), table("Shared types", ["File", "Types"], rows));
}

/** Returns the page of a file of types that belong to no interface. */
export function sharedPage(shared: SharedTypes, site: SiteContext): Page {
  const doc = new HtmlDoc(site.references, shared);
  const rows = shared.types.map(
    (type): Row => ({
      cells: [
        h("a", { href: site.siteMap.of(type) }, breakableName(type.name)),
        [TYPE_KINDS[type.kind], " ", h("code", { class: "wire" }, type.signature)],
        doc.inlines(firstSentence(type.doc)),
      ],
    }),
  );
  return {
    title: shared.name,
    subject: shared,
    main: [
      h("p", { class: "eyebrow" }, "Shared types"),
      h("h1", {}, shared.name),
      h(
        "section",
        { class: "summary" },
        h("h2", {}, "Summary"),
        table("Summary", ["Type", "D-Bus", "Meaning"], rows, "unlabelled"),
      ),
      h(
        "section",
        {},
        h("h2", {}, "Types"),
        shared.types.map((type) => typeSection(type, site, doc)),
      ),
    ],
    hasMembers: true,
  };
}

/** Returns the page of an error domain. */
export function errorsPage(domain: ErrorDomain, site: SiteContext): Page {
  const doc = new HtmlDoc(site.references, domain);
  const rows = domain.errors.map((error): Row => {
    const location = site.siteMap.of(error);
    return {
      id: anchorOf(location),
      cells: [
        [
          permalink(location, h("code", {}, breakableName(error.suffix))),
          noteBadges(versionNotes(error.doc)),
          " ",
          sourceLink(error.span, site),
        ],
        h("code", {}, breakableName(site.names.error(error).name)),
        doc.blocks(error.doc.blocks),
      ],
    };
  });
  return {
    title: domain.name,
    subject: domain,
    main: [
      h("p", { class: "eyebrow" }, "Errors"),
      h("h1", {}, breakableName(domain.name), noteBadges(versionNotes(domain.doc))),
      h("div", { class: "lead" }, doc.blocks(domain.doc.blocks)),
      h("p", {}, "On the wire each name begins with ", h("code", {}, `${domain.name}.`)),
      table(`Errors of ${domain.name}`, ["Error", "TypeScript", "Meaning"], rows),
    ],
    hasMembers: false,
  };
}
