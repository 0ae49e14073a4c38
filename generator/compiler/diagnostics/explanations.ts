import type { Code } from "./codes.ts";
import { type Example, example, type SpecExplanation } from "./example.ts";

const PLAY = example(`<method name="Play"/>`);
const INCLUDING = `<node xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="org.example.Jukebox1.xml"/>
</node>
`;

/** What each diagnostic code means, with specs that show it and the same ones mended. */
export const EXPLANATIONS: Readonly<Record<Code, SpecExplanation>> = {
  "xml-encoding": {
    meaning:
      "Specs are read as UTF-8, strictly: a file in another encoding would give wrong names instead of an error.",
    fix: "Save the file as UTF-8.",
    bad: { "org.example.Jukebox1.xml": Buffer.from(`<node>\n  <!-- caf\xE9 -->\n</node>\n`, "latin1") },
    good: { "org.example.Jukebox1.xml": `<node>\n  <!-- caf\u00E9 -->\n</node>\n` },
  },
  "xml-too-large": {
    meaning:
      "A spec may have 1 MiB. The largest known one is a sixth of that; what is larger is a mistake or an attack.",
    fix: "Give each interface a file of its own.",
    bad: { "org.example.Jukebox1.xml": `<node>${" ".repeat(1024 * 1024)}</node>\n` },
    good: { "org.example.Jukebox1.xml": "<node></node>\n" },
  },
  "xml-depth": {
    meaning: "Elements stand at most 64 deep in each other. No real spec needs a tenth of that.",
    fix: "Write nested nodes as files of their own, or as one node with a path.",
    bad: { "tree.xml": `<node>${'<node name="n">'.repeat(65)}${"</node>".repeat(66)}\n` },
    good: { "tree.xml": `<node>${'<node name="n">'.repeat(8)}${"</node>".repeat(9)}\n` },
  },
  "xml-syntax": {
    meaning: "The file is not well-formed XML, so that nothing can be said about what stands in it.",
    fix: "Mend the markup at the place that is shown; what comes after it may be a consequence.",
    bad: { "org.example.Jukebox1.xml": `<node>\n  <interface name="org.example.Jukebox1">\n</node>\n` },
    good: { "org.example.Jukebox1.xml": `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  "xml-dtd": {
    meaning:
      "A document type may declare small texts as entities and nothing else: external entities, parameter entities and entities of entities are how XML files are made to read other files or to grow without bound.",
    fix: "Remove the declaration, or use the standard document type of introspection XML, which is never fetched.",
    bad: { "org.example.Jukebox1.xml": `<!DOCTYPE node [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n<node/>\n` },
    good: { "org.example.Jukebox1.xml": `<!DOCTYPE node [<!ENTITY maker "Example Ltd">]>\n<node/>\n` },
  },
  "xml-entity": {
    meaning: "A reference such as &name; stands for nothing that is declared. Often it is a bare & in a text.",
    fix: "Write &amp; for the character, or declare the entity in the document type.",
    bad: example(`<tp:docstring>Rhythm &blues;</tp:docstring>`),
    good: example(`<tp:docstring>Rhythm &amp; blues</tp:docstring>`),
  },
  "xml-root": {
    meaning: "The file is XML, but neither introspection XML nor a file of Telepathy's vocabulary.",
    fix: "Put the interfaces into <node>, or leave the file out.",
    bad: { "org.example.Jukebox1.xml": `<interface name="org.example.Jukebox1"/>\n` },
    good: { "org.example.Jukebox1.xml": `<node>\n  <interface name="org.example.Jukebox1"/>\n</node>\n` },
  },
  include: {
    meaning:
      "An XInclude names a file that was not given or that may not be read: it stays in the folder of the file that includes, and takes whole XML files.",
    fix: "Check the path in href; it is relative to the including file.",
    bad: { "all.xml": INCLUDING },
    good: { "all.xml": INCLUDING, ...PLAY },
  },
  "unknown-element": {
    meaning:
      "The element is none that introspection XML has at this place, so that it is ignored. Elements of other namespaces are left alone.",
    fix: "Correct the name, or give the element a namespace of its own.",
    bad: example(`<metod name="Play"/>`),
    good: PLAY,
  },
  "unknown-attribute": {
    meaning: "The attribute is none that its element has, so that it is ignored.",
    fix: "Correct the name, or give the attribute a namespace of its own.",
    bad: example(`<method name="Play" returns="t"/>`),
    good: example(`<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>`),
  },
  "attribute-missing": {
    meaning: "The element says nothing without this attribute.",
    fix: "Add it.",
    bad: example(`<property name="Volume" type="d"/>`),
    good: example(`<property name="Volume" type="d" access="read"/>`),
  },
  name: {
    meaning:
      "D-Bus has a grammar for names, and a bus disconnects whoever sends one that breaks it. Members: letters, digits and underscores. Interfaces and errors: two or more such elements with dots between them. None begins with a digit or has more than 255 characters.",
    fix: "Change the name; it cannot be in use, because no message can carry it.",
    bad: example(`<method name="Play-Next"/>`),
    good: example(`<method name="PlayNext"/>`),
  },
  "property-name": {
    meaning:
      "D-Bus lets property names have more characters than member names, and services use it; many bindings cannot get at such a property.",
    fix: "Use letters, digits and underscores where the name is yours to choose.",
    bad: example(`<property name="debug-level" type="u" access="read"/>`),
    good: example(`<property name="DebugLevel" type="u" access="read"/>`),
  },
  direction: {
    meaning: "An argument of a method goes in or out; one of a signal goes out, and need not say it.",
    fix: "Write in or out; for both, write two arguments.",
    bad: example(`<method name="Play">\n  <arg name="track" type="s" direction="inout"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
  },
  access: {
    meaning: "A property says who may do what: read, write or readwrite.",
    fix: "Write one of these words.",
    bad: example(`<property name="Volume" type="d" access="rw"/>`),
    good: example(`<property name="Volume" type="d" access="readwrite"/>`),
  },
  signature: {
    meaning:
      "The type is not a valid D-Bus signature. A dictionary is an array of entries with a basic key, a{sv}; structs are closed; at most 32 arrays and 32 structs stand in each other.",
    fix: "Correct the signature at the place that is shown.",
    bad: example(`<property name="Tracks" type="a{vs}" access="read"/>`),
    good: example(`<property name="Tracks" type="a{sv}" access="read"/>`),
  },
  "signature-single": {
    meaning: "An argument, property or member has exactly one complete type.",
    fix: "Write one argument for each type, or one struct for all of them.",
    bad: example(`<property name="Size" type="uu" access="read"/>`),
    good: example(`<property name="Size" type="(uu)" access="read"/>`),
  },
  "signature-length": {
    meaning: "The signature of a message has at most 255 characters, so that no message can carry these arguments.",
    fix: "Put some of them into one struct or dictionary.",
    bad: example(
      `<signal name="Sampled">\n  <arg name="one" type="(${"u".repeat(150)})"/>\n  <arg name="other" type="(${"u".repeat(150)})"/>\n</signal>`,
    ),
    good: example(`<signal name="Sampled">\n  <arg name="samples" type="au"/>\n</signal>`),
  },
  duplicate: {
    meaning: "Two things of one kind have one name at one place, and nothing says which one is meant.",
    fix: "Remove or rename one of them.",
    bad: example(`<method name="Play"/>\n<method name="Play"/>`),
    good: PLAY,
  },
  conflict: {
    meaning: "Two files define one interface in two ways. The same definition twice is fine, whatever its docs say.",
    fix: "Give the tool only one of the files, or make them equal.",
    bad: {
      "new/org.example.Jukebox1.xml": textOf(example(`<method name="Play"/>`)),
      "old/org.example.Jukebox1.xml": textOf(example(`<method name="Start"/>`)),
    },
    good: { "new/org.example.Jukebox1.xml": textOf(PLAY), "old/org.example.Jukebox1.xml": textOf(PLAY) },
  },
  overload: {
    meaning:
      "D-Bus finds a method by its name, so that two methods of one name and different signatures work with few bindings. Both are generated, the second with a suffix.",
    fix: "Give the second a name of its own.",
    bad: example(
      `<method name="Play"/>\n<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`,
    ),
    also: ["renamed"],
    good: example(
      `<method name="Play"/>\n<method name="PlayTrack">\n  <arg name="track" type="s" direction="in"/>\n</method>`,
    ),
  },
  "reserved-interface": {
    meaning:
      "The standard interfaces are served and called by the runtime itself, as the D-Bus specification has them. A spec may repeat them, but not change them.",
    fix: "Remove the interface from the spec, or give it a name of your own.",
    bad: example(`<method name="Ping">\n  <arg type="s" direction="out"/>\n</method>`, "org.freedesktop.DBus.Peer"),
    good: example(`<method name="Ping"/>`, "org.freedesktop.DBus.Peer"),
  },
  annotation: {
    meaning: "An annotation is a name and a value.",
    fix: "Add what is missing.",
    bad: example(`<annotation name="org.freedesktop.DBus.Deprecated"/>`),
    good: example(`<annotation name="org.freedesktop.DBus.Deprecated" value="true"/>`),
  },
  "annotation-value": {
    meaning: "An annotation that D-Bus gives a meaning has a value without one, or stands there twice. It is ignored.",
    fix: "Use a value of the specification: true or false, and for EmitsChangedSignal also invalidates and const.",
    bad: example(
      `<method name="Play">\n  <annotation name="org.freedesktop.DBus.Method.NoReply" value="yes"/>\n</method>`,
    ),
    good: example(
      `<method name="Play">\n  <annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>\n</method>`,
    ),
  },
  "type-unknown": {
    meaning:
      "A tp:type names a type that no given spec defines, or several in other folders do. The plain type serves in its place.",
    fix: "Give the file that defines it, too; or define it, in the same folder; or remove the tp:type.",
    bad: example(`<property name="Mode" type="u" tp:type="Mode" access="read"/>`),
    good: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="u" tp:type="Mode" access="read"/>`,
    ),
  },
  "type-mismatch": {
    meaning: "The signature of a named type is not that of the argument, property or member which names it.",
    fix: "Correct the type attribute, which is what travels, or name another type.",
    bad: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="s" tp:type="Mode" access="read"/>`,
    ),
    good: example(
      `<tp:simple-type name="Mode" type="u"/>\n<property name="Mode" type="u" tp:type="Mode" access="read"/>`,
    ),
  },
  "type-items": {
    meaning: "The type is an array, and the named type is that of its items. It is understood so.",
    fix: "Write the name with [] behind it.",
    bad: example(
      `<tp:simple-type name="Mode" type="u" array-name="Mode_List"/>\n<property name="Modes" type="au" tp:type="Mode" access="read"/>`,
    ),
    good: example(
      `<tp:simple-type name="Mode" type="u" array-name="Mode_List"/>\n<property name="Modes" type="au" tp:type="Mode[]" access="read"/>`,
    ),
  },
  "type-definition": {
    meaning:
      "A named type is incomplete or contradicts itself: a struct without members, a mapping that is not of two, an enum value out of range, a type that contains itself, an array of a type without array-name.",
    fix: "Complete the definition.",
    bad: example(`<tp:enum name="Mode" type="y">\n  <tp:enumvalue suffix="Loud" value="256"/>\n</tp:enum>`),
    good: example(`<tp:enum name="Mode" type="y">\n  <tp:enumvalue suffix="Loud" value="255"/>\n</tp:enum>`),
  },
  "live-object": {
    meaning:
      "An object of a running service did not answer, or answered with something that is not introspection XML. The others are read without it.",
    fix: "Look at what it answers: busctl introspect --xml-interface <service> <object>.",
  },
  "live-limit": {
    meaning:
      "A running service names more objects, or deeper or larger ones, than are read. What was found until then is given.",
    fix: "Begin further down: name the object that matters.",
  },
  "live-differs": {
    meaning: "Two objects of a running service have one interface in two ways. The first one that was read counts.",
    fix: "Tell the authors of the service; until then, begin at the object whose interface you want.",
  },
  "values-syntax": {
    meaning: "A file of values for a mock service is JSON or YAML, and this one is neither.",
    fix: "Mend the text at the place that is shown.",
  },
  "values-key": {
    meaning:
      "A file of values has a key that no member of the spec and no word of the format has, or lacks one it needs.",
    fix: "Correct the key: members are called as on the wire.",
  },
  "values-type": {
    meaning: "A value does not fit the type that the spec gives its member.",
    fix: "Correct the value, or the type in the spec.",
  },
  "option-unmatched": {
    meaning:
      "A rename or an annotation in the config, or on the command line, is for something that no spec declares. It would silently do nothing.",
    fix: "Correct it: an interface is called org.example.Jukebox1, a method org.example.Jukebox1.Play(), a property org.example.Jukebox1:Volume, a signal org.example.Jukebox1::Finished, an argument org.example.Jukebox1.Play()[track].",
  },
  "option-identifier": {
    meaning: "A rename in the config, or on the command line, gives a name that TypeScript cannot have.",
    fix: "Use letters, digits, _ and $, and begin with no digit and no $: that is how members of the runtime begin.",
  },
  "option-collision": {
    meaning:
      "A rename in the config, or on the command line, gives a name that something beside it has, or that every client, service or object has. Nothing gives way to it unasked: code that uses the other one would change its meaning.",
    fix: "Choose another name, or rename what is in the way too.",
  },
  renamed: {
    meaning:
      "Two things would have one name in TypeScript, or one would be called as a word of the language or a member that every object has. It gets a $ suffix; its name on the wire is what it was.",
    fix: "Nothing needs to be done. Choose another name where it is yours to choose.",
    bad: example(`<method name="Foo"/>\n<method name="foo"/>`),
    good: example(`<method name="Foo"/>\n<method name="Bar"/>`),
  },
};

function textOf(specs: Example): string {
  return Object.values(specs).map(String).join("");
}
