/** Namespace of the Telepathy extensions: docs, named types, errors. */
export const TELEPATHY = "http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0";
/** Namespace of this project's typed dictionaries. */
export const DICTIONARY = "urn:dbus-codegen-ts:dictionary:1";
/** Namespace of freedesktop documentation elements. */
export const DOCUMENTATION = "http://www.freedesktop.org/dbus/1.0/doc.dtd";
export const XINCLUDE = "http://www.w3.org/2001/XInclude";

interface ElementRule {
  readonly children: readonly string[];
  readonly attributes: readonly string[];
}

/** Elements of introspection XML without a namespace: what may stand in them. */
export const ELEMENTS: Readonly<Record<string, ElementRule>> = {
  node: { children: ["interface", "node", "annotation"], attributes: ["name"] },
  interface: { children: ["method", "signal", "property", "annotation"], attributes: ["name"] },
  method: { children: ["arg", "annotation"], attributes: ["name"] },
  signal: { children: ["arg", "annotation"], attributes: ["name"] },
  property: { children: ["annotation"], attributes: ["name", "type", "access"] },
  arg: { children: ["annotation"], attributes: ["name", "type", "direction"] },
  annotation: { children: ["annotation"], attributes: ["name", "value"] },
};
