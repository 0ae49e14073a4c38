/** XML namespace of the Telepathy extensions: documentation, named types, errors. */
export const TELEPATHY = "http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0";
/** XML namespace of typed dictionaries, which this project defines. */
export const DICTIONARY = "urn:dbus-codegen-ts:dictionary:1";
/** XML namespace of the documentation elements of freedesktop.org. */
export const DOCUMENTATION = "http://www.freedesktop.org/dbus/1.0/doc.dtd";
/** XML namespace of XInclude. */
export const XINCLUDE = "http://www.w3.org/2001/XInclude";

/** Namespaces whose elements this project reads, by their usual prefix. */
export const NAMESPACES_BY_PREFIX: ReadonlyMap<string, string> = new Map([
  ["tp", TELEPATHY],
  ["dct", DICTIONARY],
  ["doc", DOCUMENTATION],
  ["xi", XINCLUDE],
]);

/** Elements of the Telepathy namespace: those that this project reads, and those of human-readable documents. */
export const TELEPATHY_ELEMENTS: readonly string[] = [
  "added",
  "changed",
  "client-interest",
  "contact-attribute",
  "copyright",
  "dbus-ref",
  "deprecated",
  "docstring",
  "enum",
  "enumvalue",
  "error",
  "error-ref",
  "errors",
  "external-type",
  "flag",
  "flags",
  "generic-types",
  "handler-capability-token",
  "hct",
  "license",
  "list-dbus-property-parameters",
  "mapping",
  "member",
  "member-ref",
  "possible-errors",
  "rationale",
  "requires",
  "section",
  "simple-type",
  "spec",
  "struct",
  "title",
  "token",
  "token-ref",
  "type",
  "value-ref",
  "version",
  "xor-requires",
];

interface ElementRule {
  readonly children: readonly string[];
  readonly attributes: readonly string[];
}

/** Allowed children and attributes of the elements of introspection XML, by element name. */
export const ELEMENTS: Readonly<Record<string, ElementRule>> = {
  node: { children: ["interface", "node", "annotation"], attributes: ["name"] },
  interface: { children: ["method", "signal", "property", "annotation"], attributes: ["name"] },
  method: { children: ["arg", "annotation"], attributes: ["name"] },
  signal: { children: ["arg", "annotation"], attributes: ["name"] },
  property: { children: ["annotation"], attributes: ["name", "type", "access"] },
  arg: { children: ["annotation"], attributes: ["name", "type", "direction"] },
  annotation: { children: ["annotation"], attributes: ["name", "value"] },
};
