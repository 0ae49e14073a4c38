/** Every diagnostic code, its severity and what it stands for. Codes are stable; messages may change. */
export const CODES = {
  "xml-encoding": { severity: "error", title: "The file is not UTF-8 text" },
  "xml-too-large": { severity: "error", title: "The file is larger than a spec may be" },
  "xml-depth": { severity: "error", title: "Elements are nested too deeply" },
  "xml-syntax": { severity: "error", title: "The file is not well-formed XML" },
  "xml-dtd": { severity: "error", title: "The document type declares something that is refused" },
  "xml-entity": { severity: "error", title: "An entity is not defined or expands to too much" },
  "xml-root": { severity: "error", title: "The root element is not one of introspection XML" },
  include: { severity: "error", title: "An XInclude cannot be followed" },
  "unknown-element": { severity: "warning", title: "An element is not one of introspection XML" },
  "unknown-attribute": { severity: "warning", title: "An attribute is not one of introspection XML" },
  "attribute-missing": { severity: "error", title: "A required attribute is missing" },
  name: { severity: "error", title: "A name breaks the D-Bus grammar" },
  "property-name": { severity: "warning", title: "A property name would not be a valid member name" },
  direction: { severity: "error", title: "An argument's direction is not in or out" },
  access: { severity: "error", title: "A property's access is not read, write or readwrite" },
  signature: { severity: "error", title: "A type is not a valid signature" },
  "signature-single": { severity: "error", title: "A type is not one single complete type" },
  "signature-length": { severity: "error", title: "The arguments of a message exceed the longest signature" },
  duplicate: { severity: "error", title: "Something is defined twice" },
  conflict: { severity: "error", title: "One interface is defined differently in two files" },
  overload: { severity: "warning", title: "One member name has several signatures" },
  "reserved-interface": {
    severity: "error",
    title: "A standard interface is defined differently from the D-Bus specification",
  },
  annotation: { severity: "error", title: "An annotation has no name or value" },
  "annotation-value": { severity: "warning", title: "An annotation's value has no meaning" },
  "type-unknown": { severity: "warning", title: "A named type is not defined in any given file" },
  "type-mismatch": { severity: "error", title: "A named type has another signature than the place that uses it" },
  "type-items": { severity: "warning", title: "A named type is that of the items of an array" },
  "type-definition": { severity: "error", title: "A type definition is incomplete or contradicts itself" },
  renamed: { severity: "warning", title: "A name would collide in TypeScript and got a suffix" },
  "live-object": { severity: "warning", title: "An object of a running service could not be read" },
  "live-limit": { severity: "warning", title: "A running service has more objects than are read" },
  "live-differs": { severity: "warning", title: "Objects of a running service differ in an interface" },
  "values-syntax": { severity: "error", title: "A file of values is not well-formed JSON or YAML" },
  "values-key": { severity: "error", title: "A file of values has a key that means nothing, or lacks one" },
  "values-type": { severity: "error", title: "A value does not fit its type" },
  "option-unmatched": { severity: "error", title: "A rename or annotation from outside matches nothing in the specs" },
  "option-identifier": { severity: "error", title: "A rename gives what is no identifier" },
  "option-collision": { severity: "error", title: "A rename gives a name that something else has" },
} as const satisfies Record<string, { readonly severity: Severity; readonly title: string }>;

/** A stable diagnostic code. */
export type Code = keyof typeof CODES;
/** How much a finding matters; a note is nothing to mend. */
export type Severity = "error" | "warning" | "note";
