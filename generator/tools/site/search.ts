import { groupBy } from "../../compiler/group-by.ts";
import type { Doc } from "../../compiler/resolve/doc.ts";
import type { Interface, NamedType, Type } from "../../compiler/resolve/ir.ts";
import { keysOf } from "../../compiler/resolve/walk.ts";
import { escapeScript } from "../../compiler/text/escape.ts";
import { plainText } from "../../compiler/text/sentence.ts";
import { SCRIPT_MARKER } from "./asset-names.ts";
import type { SiteContext } from "./context.ts";
import { namedPart } from "./describe-type.ts";
import type { Location } from "./location.ts";
import { TYPE_KINDS, wireMethod, wireSignal, wireText } from "./signatures.ts";
import type { AnchoredDeclaration, PageSubject } from "./site-map.ts";

/** An entry of the search index. */
interface SearchEntry {
  readonly kind: string;
  readonly name: string;
  /** Name in generated code; empty if it equals the D-Bus name, or if the declaration has no such name. */
  readonly identifier: string;
  /** Name of the type that contains a dictionary key or an enum value; empty for other declarations. */
  readonly context: string;
  readonly subject: PageSubject;
  readonly location: Location;
  /** D-Bus types, such as `a{sv} settings → o session`. */
  readonly types: string;
  readonly text: string;
}

/** Returns the search index as a script, because pages that are opened from files can load nothing else. */
export function searchIndex(site: SiteContext): string {
  const pages = groupBy([...entriesOf(site)], ({ subject }) => subject);
  const lines = [...pages].map(([subject, entries]) => {
    const { page } = site.siteMap.page(subject);
    const isUsual = page === `${subject.name}.html`;
    const short = entries.map((entry, at) => shortEntry(entry, entries[at - 1]?.kind));
    return escapeScript([isUsual ? 0 : page, subject.name, ...short]);
  });
  return `${SCRIPT_MARKER}\nglobalThis.dbusDocsIndex = [\n${lines.join(",\n")}\n];\n`;
}

/** First part of the usual ids of declarations, such as `Method` in `Method:Play`, by kind of declaration. */
const ID_PREFIXES: Readonly<Record<string, string>> = {
  method: "Method",
  signal: "Signal",
  property: "Property",
  key: "Type",
  value: "Type",
  ...Object.fromEntries(Object.values(TYPE_KINDS).map((kind) => [kind, "Type"])),
};

/**
 * Returns an entry of the search index as a list: kind, name, types, text, context, identifier, id. Values that the
 * script of the search can derive are 0: a kind equal to that of the previous entry, the name of the page, and usual or
 * empty values. Zeros at the end are left out.
 */
function shortEntry(
  { kind, name, identifier, context, location, types, text, subject }: SearchEntry,
  kindBefore: string | undefined,
): readonly (string | 0)[] {
  const usualId = [ID_PREFIXES[kind], context, name].filter((part) => part !== "").join(":");
  const { id = "" } = location;
  const isUsual = kind in ID_PREFIXES ? id === usualId : id === "";
  // The search ignores the case.
  const isSame = identifier.toLowerCase() === name.toLowerCase();
  const isOfPage = location.id === undefined && name === subject.name;
  const values = [
    kind === kindBefore ? "" : kind,
    isOfPage ? "" : name,
    types,
    text,
    context,
    isSame ? "" : identifier,
    isUsual ? "" : id,
  ];
  const last = values.findLastIndex((value) => value !== "");
  return values.slice(0, last + 1).map((value) => (value === "" ? 0 : value));
}

function* entriesOf(site: SiteContext): Iterable<SearchEntry> {
  const { ir, names } = site;
  for (const iface of ir.interfaces) {
    yield pageEntry("interface", iface, names.interface(iface).client, textOf(iface.doc), site);
    yield* memberEntries(iface, site);
    yield* typeEntries(iface.types, iface, site);
  }
  for (const shared of ir.shared) yield* typeEntries(shared.types, shared, site);
  for (const domain of ir.errorDomains) {
    yield pageEntry("errors", domain, "", textOf(domain.doc), site);
    for (const error of domain.errors)
      yield entry("error", error, names.error(error).name, domain, { text: textOf(error.doc) }, site);
  }
}

function* memberEntries(iface: Interface, site: SiteContext): Iterable<SearchEntry> {
  const { names } = site;
  for (const method of iface.methods) {
    const args = [...method.in, ...method.out];
    const errors = method.errors.map(({ name, doc }) => `${name} ${textOf(doc)}`);
    const text = join([textOf(method.doc), ...argumentTexts(args), ...errors]);
    const types = typesText(method.name, wireText(wireMethod(method)));
    yield entry("method", method, names.member(method), iface, { types, text }, site);
  }
  for (const signal of iface.signals) {
    const text = join([textOf(signal.doc), ...argumentTexts(signal.args)]);
    const types = typesText(signal.name, wireText(wireSignal(signal)));
    yield entry("signal", signal, names.member(signal), iface, { types, text }, site);
  }
  for (const property of iface.properties) {
    const text = join([namedTypeText(property.type), textOf(property.doc)]);
    yield entry("property", property, names.member(property), iface, { types: property.type.signature, text }, site);
  }
}

/** Returns the types of a declaration without its name and the parentheses of its arguments: `s track → t position`. */
function typesText(name: string, declaration: string): string {
  const [inputs = "", outputs = ""] = declaration.slice(name.length).split(" → ");
  return [inputs.slice(1, -1), outputs.replace(/^\((.* .*)\)$/, "$1")].join(outputs === "" ? "" : " → ").trim();
}

function argumentTexts(args: readonly { readonly type: Type; readonly doc: Doc }[]): readonly string[] {
  return args.map(({ type, doc }) => join([namedTypeText(type), textOf(doc)]));
}

function namedTypeText(type: Type): string {
  return namedPart(type)?.type.name ?? "";
}

function* typeEntries(types: readonly NamedType[], subject: PageSubject, site: SiteContext): Iterable<SearchEntry> {
  const { names } = site;
  for (const type of types) {
    const parts = type.kind === "struct" ? type.members : type.kind === "mapping" ? [type.key, type.value] : [];
    const text = join([textOf(type.doc), ...parts.map(({ name, doc }) => `${name} ${textOf(doc)}`)]);
    const kind = TYPE_KINDS[type.kind];
    yield entry(kind, type, names.type(type).name, subject, { types: type.signature, text }, site);
    const within = { context: type.name };
    if (type.kind === "dictionary")
      for (const key of keysOf(type)) {
        const details = { ...within, types: key.type.signature, text: textOf(key.doc) };
        yield entry("key", key, names.member(key), subject, details, site);
      }
    if (type.kind === "enum" || type.kind === "flags")
      for (const value of type.values)
        yield entry("value", value, names.member(value), subject, { ...within, text: textOf(value.doc) }, site);
  }
}

function entry(
  kind: string,
  declaration: AnchoredDeclaration,
  identifier: string,
  subject: PageSubject,
  { context = "", types = "", text }: { readonly context?: string; readonly types?: string; readonly text: string },
  site: SiteContext,
): SearchEntry {
  return {
    kind,
    name: declaration.name,
    identifier: identifier === declaration.name ? "" : identifier,
    context,
    subject,
    location: site.siteMap.of(declaration),
    types,
    text,
  };
}

function pageEntry(
  kind: string,
  subject: PageSubject,
  identifier: string,
  text: string,
  site: SiteContext,
): SearchEntry {
  const location = site.siteMap.page(subject);
  return { kind, name: subject.name, identifier, context: "", subject, location, types: "", text };
}

function textOf({ blocks }: Doc): string {
  return plainText(blocks);
}

function join(texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .join(" ");
}
