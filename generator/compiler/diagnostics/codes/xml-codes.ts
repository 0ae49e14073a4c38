import { example } from "../example.ts";
import type { DiagnosticKinds } from "./diagnostic-kind.ts";

const FILE = "org.example.Jukebox1.xml";

/** Returns a spec with a document type that refers to the entity `maker`. */
function withType(type: string): string {
  return `${type}\n<node>\n  <interface name="org.example.Jukebox1">\n    <annotation name="org.gtk.GDBus.DocString" value="Made by &maker;"/>\n  </interface>\n</node>\n`;
}
const INCLUDING = `<node xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="org.example.Jukebox1.xml"/>
</node>
`;

/** Problems of the form of a spec: its bytes, its XML, its elements and attributes. */
export const XML_CODES = {
  "xml-encoding": {
    severity: "error",
    title: "The file is not UTF-8 text",
    meaning:
      "A spec must be valid UTF-8. A file in another encoding is rejected, because guessing the encoding could produce wrong names.",
    fix: "Save the file as UTF-8.",
    bad: { [FILE]: Buffer.from(`<node>\n  <!-- caf\xE9 -->\n</node>\n`, "latin1") },
    good: { [FILE]: `<node>\n  <!-- caf\u00E9 -->\n</node>\n` },
  },
  "xml-too-large": {
    severity: "error",
    title: "The file is larger than a spec may be",
    meaning:
      "A spec may have at most 1 MiB and 1,000 interfaces and error domains. The largest known spec has a sixth of that size, so a larger file is a mistake or an attack.",
    fix: "Put each interface into a separate file.",
    bad: { [FILE]: `<node>${" ".repeat(1024 * 1024)}</node>\n` },
    good: { [FILE]: "<node></node>\n" },
  },
  "xml-depth": {
    severity: "error",
    title: "Elements are nested too deeply",
    meaning: "Elements may be nested at most 64 levels deep. The deepest known spec has 14 levels.",
    fix: "Put nested nodes into separate files, or write one node with a path as its name.",
    bad: { "tree.xml": `<node>${'<node name="n">'.repeat(65)}${"</node>".repeat(66)}\n` },
    good: { "tree.xml": `<node>${'<node name="n">'.repeat(8)}${"</node>".repeat(9)}\n` },
  },
  "xml-syntax": {
    severity: "error",
    title: "The file is not well-formed XML",
    meaning: "The file is not well-formed XML, so its content cannot be read.",
    fix: "Correct the markup at the reported position. Later errors in the same file may be consequences of this one.",
    bad: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1">\n</node>\n` },
    good: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  "xml-dtd": {
    severity: "error",
    title: "The document type contains a forbidden declaration",
    meaning:
      "The document type may declare only short text entities. External entities, parameter entities and entities that contain other entities are rejected: they can make a parser read other files or expand without bound.",
    fix: "Remove the declaration, or use the standard document type of introspection XML, which is never downloaded.",
    bad: { [FILE]: `<!DOCTYPE node [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n<node/>\n` },
    good: { [FILE]: `<!DOCTYPE node [<!ENTITY maker "Example Ltd">]>\n<node/>\n` },
  },
  "xml-entity": {
    severity: "error",
    title: "An entity is not defined or expands to too much text",
    meaning:
      "A reference such as &name; has no definition, or the entities of the document expand to more than 64 KiB. A frequent cause is an & that is not escaped.",
    fix: "Write &amp; for the character &, or declare the entity in the document type.",
    bad: example(`<tp:docstring>Rhythm &blues;</tp:docstring>`),
    good: example(`<tp:docstring>Rhythm &amp; blues</tp:docstring>`),
  },
  "entity-unknown": {
    severity: "warning",
    title: "An entity may be defined only in the external document type",
    meaning:
      "A reference such as &name; has no definition in the file. The external document type that the file names could define it, but is never read. The reference is kept as text. Parsers that check entities reject the file.",
    fix: "Declare the entity in the document type of the file, or write &amp; for the character &.",
    bad: { [FILE]: withType(`<!DOCTYPE node SYSTEM "types.dtd">`) },
    good: { [FILE]: withType(`<!DOCTYPE node SYSTEM "types.dtd" [<!ENTITY maker "Example Ltd">]>`) },
  },
  "xml-root": {
    severity: "error",
    title: "The root element is not a root of introspection XML",
    meaning: "The file is well-formed XML, but neither introspection XML nor a file of the Telepathy vocabulary.",
    fix: "Put the interfaces into a <node> element, or do not pass the file to the tool.",
    bad: { [FILE]: `<busconfig/>\n` },
    good: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  "interface-root": {
    severity: "warning",
    title: "The root element is an interface",
    meaning:
      "The root element of introspection XML is a node. A file with an interface as its root is accepted, but other tools may reject it.",
    fix: "Put the interface into a <node> element.",
    bad: { [FILE]: `<interface name="org.example.Jukebox1"/>\n` },
    good: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  "node-name": {
    severity: "warning",
    title: "The name of the root node is not an object path",
    meaning:
      "The name of the root node is the path of the object that has the interfaces, such as /org/example/Jukebox1. Another name, such as that of the interface, has no meaning and is ignored.",
    fix: "Write the object path, or remove the name.",
    bad: { [FILE]: `<node name="org.example.Jukebox1"/>\n` },
    good: { [FILE]: `<node name="/org/example/Jukebox1"/>\n` },
  },
  "node-path": {
    severity: "warning",
    title: "The name of a child node has several elements",
    meaning:
      "The D-Bus specification allows a relative path such as deck/left as the name of a child node. Some tools expect the name of a direct child.",
    fix: "No action is required. To support such tools, write one node for each element of the path.",
    bad: { "tree.xml": `<node>\n  <node name="deck/left"/>\n</node>\n` },
    good: { "tree.xml": `<node>\n  <node name="deck">\n    <node name="left"/>\n  </node>\n</node>\n` },
  },
  include: {
    severity: "error",
    title: "An XInclude cannot be resolved",
    meaning:
      "An XInclude names a file that was not passed to the tool, or a file that it may not include. An include can only name whole XML files in the folder of the including file or below it.",
    fix: "Check the path in href. It is relative to the including file.",
    bad: { "all.xml": INCLUDING },
    good: { "all.xml": INCLUDING, ...example(`<method name="Play"/>`) },
  },
  "xml-prefix": {
    severity: "warning",
    title: "A namespace prefix is not declared",
    meaning:
      "An element or attribute has a prefix that no xmlns attribute declares, so it belongs to no vocabulary and is ignored. Types such as tp:type then have no effect.",
    fix: 'Declare the prefix on the root element, such as xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0".',
    bad: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1" tp:name-for-bindings="Jukebox"/>\n</node>\n` },
    good: { [FILE]: `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  "unknown-element": {
    severity: "warning",
    title: "An element is not defined by introspection XML",
    meaning:
      "Introspection XML or the Telepathy namespace does not define this element at this position, so the element is ignored. Elements of unknown namespaces are not reported.",
    fix: "Correct the name of the element, or put it into a separate namespace.",
    bad: example(`<metod name="Play"/>`),
    good: example(`<method name="Play"/>`),
  },
  "unknown-attribute": {
    severity: "warning",
    title: "An attribute is not defined by introspection XML",
    meaning:
      "Introspection XML does not define this attribute for the element, so the attribute is ignored. Attributes of other namespaces are not reported.",
    fix: "Correct the name of the attribute, or put it into a separate namespace.",
    bad: example(`<method name="Play" returns="t"/>`),
    good: example(`<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>`),
  },
  "attribute-missing": {
    severity: "error",
    title: "A required attribute is missing",
    meaning: "The element has no meaning without this attribute.",
    fix: "Add the attribute.",
    bad: example(`<property name="Volume" type="d"/>`),
    good: example(`<property name="Volume" type="d" access="read"/>`),
  },
} as const satisfies DiagnosticKinds;
