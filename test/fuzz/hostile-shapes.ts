import { Random } from "./mutate.ts";

/** A kind of spec that makes an inefficient program slow. */
export interface Shape {
  readonly name: string;
  /** Returns a spec of about a number of bytes. */
  build(bytes: number): string;
}

type Unit = (index: number) => string;

const HEAD =
  '<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" xmlns:dct="urn:dbus-codegen-ts:dictionary:1" xmlns:xi="http://www.w3.org/2001/XInclude">';

/** Returns distinct names that all become one identifier: the number of underscores between words differs. */
const colliding: Unit = (index) => `A${index.toString(2).padStart(16, "0").replace(/0/g, "_b").replace(/1/g, "__b")}`;
const distinct: Unit = (index) => `Name${index}`;
const similar: Unit = (index) => `Nbme${index}`;

const member = (kind: string, name: string, rest = ""): string => {
  if (kind === "property") return `<property name="${name}" type="s" access="read">${rest}</property>`;
  return `<${kind} name="${name}">${rest}</${kind}>`;
};

/** Repeated members of an interface, by description. */
const MEMBERS: Readonly<Record<string, Unit>> = {
  "identical methods": () => member("method", "M"),
  "identical signals": () => member("signal", "S"),
  "identical properties": () => member("property", "P"),
  "methods with one identifier": (index) => member("method", colliding(index)),
  "signals with one identifier": (index) => member("signal", colliding(index)),
  "properties with one identifier": (index) => member("property", colliding(index)),
  "overloads of one method": (index) =>
    member(
      "method",
      "M",
      `<arg type="${"(s)".repeat(index % 60)}${"a".repeat((index / 60) % 30)}s"/>`.replace("(s)", "s"),
    ),
  "methods with arguments": (index) =>
    member("method", distinct(index), '<arg name="a" type="a{sv}"/><arg type="(isas)" direction="out"/>'),
  "annotated methods": (index) => member("method", distinct(index), `<annotation name="a.b${index}" value="x"/>`),
  "annotations with one name": () => '<annotation name="a.b" value="x"/>',
  "annotations with distinct names": (index) => `<annotation name="a.b${index}" value="x"/>`,
  "invalid annotations": () => '<annotation name="org.freedesktop.DBus.Deprecated" value="x"/>',
  "unknown elements": () => "<metod/>",
  "elements with unknown attributes": () => '<method nam="x" name="M" acces="y"/>',
  "invalid names": (index) => member("method", `1${index}`),
  "invalid signatures": (index) => `<property name="${distinct(index)}" type="a{vs}" access="read"/>`,
  "possible errors": (index) =>
    member("method", distinct(index), '<tp:possible-errors><tp:error name="a.b.Bad"/></tp:possible-errors>'),
  "identical types": () => '<tp:simple-type name="T" type="s"/>',
  "types with one identifier": (index) => `<tp:simple-type name="${colliding(index)}" type="s"/>`,
  "a chain of simple types": (index) => `<tp:simple-type name="T${index}" type="s" tp:type="T${index + 1}"/>`,
  "a chain of simple types from its end": (index) =>
    `<tp:simple-type name="T${index}" type="s" tp:type="T${index - 1}"/>`,
  "a chain of structs": (index) =>
    `<tp:struct name="T${index}"><tp:member name="a" type="s"/><tp:member name="b" type="(ss)" tp:type="T${index + 1}"/></tp:struct>`,
  "structs of arrays": (index) =>
    `<tp:struct name="T${index}" array-name="T${index}_List"><tp:member name="a" type="a(ss)" tp:type="T${index + 1}[]"/><tp:member name="b" type="s"/></tp:struct>`,
  "mappings of mappings": (index) =>
    `<tp:mapping name="T${index}"><tp:member name="k" type="s"/><tp:member name="v" type="a{ss}" tp:type="T${index + 1}"/></tp:mapping>`,
  "dictionaries of dictionaries": (index) =>
    `<dct:dictionary name="T${index}"><dct:key name="k" type="a{sv}" tp:type="T${index + 1}"/><dct:key name="l" type="a{sv}" tp:type="T0"/></dct:dictionary>`,
  "dictionaries in a ring": (index) =>
    `<dct:dictionary name="T${index}"><dct:key name="k" type="a{sv}" tp:type="T${(index * 7919 + 1) % Math.max(1, index)}"/></dct:dictionary>`,
  "uses of unknown types": (index) =>
    `<property name="${distinct(index)}" type="s" access="read" tp:type="${similar(index)}"/><tp:simple-type name="${distinct(index)}" type="s"/>`,
  "uses of one type": (index) =>
    `<property name="${distinct(index)}" type="u" access="read" tp:type="E"/>`.replace(
      /^/,
      index === 0 ? '<tp:enum name="E"><tp:enumvalue suffix="a" value="1"/></tp:enum>' : "",
    ),
  enums: (index) => `<tp:enum name="${distinct(index)}"><tp:enumvalue suffix="A" value="1"/></tp:enum>`,
  "documented members": (index) => member("method", distinct(index), "<tp:docstring>Text.</tp:docstring>"),
  "mentions of all members": (index) =>
    member(
      "method",
      distinct(index),
      `<tp:docstring>See <tp:member-ref>Name${index + 1}</tp:member-ref> and Name${index}.</tp:docstring>`,
    ),
  "unknown mentions": (index) =>
    member(
      "method",
      distinct(index),
      `<tp:docstring><tp:member-ref>${similar(index)}</tp:member-ref> <tp:dbus-ref>a.b.C.${similar(index)}</tp:dbus-ref></tp:docstring>`,
    ),
  "gtk-doc comments": (index) =>
    `<!-- ${distinct(index)}:\n @a: text\n\n Text. -->${member("method", distinct(index), '<arg name="a" type="s"/>')}`,
  comments: () => "<!--x-->",
  "processing instructions": () => "<?x y?>",
};

/** Repeated contents of a docstring, by description. */
const DOC: Readonly<Record<string, Unit>> = {
  "one word": () => "x",
  words: () => "word ",
  "dotted words": () => "a.b.",
  "lines of text": () => "text\n",
  paragraphs: () => "text\n\n",
  "empty lines": () => "\n",
  blanks: () => " ",
  backticks: () => "`",
  "pairs of backticks": () => "`a` ``b",
  asterisks: () => "*",
  "comment ends": () => "*/",
  brackets: () => "[",
  "closing brackets": () => "](",
  "list markers": () => "- a\n",
  "angle brackets": () => "&lt;",
  "character references": () => "&#x41;",
  "at signs": () => "@a {@link ",
  abbreviations: () => "e.g. ",
  "full stops": () => ". ",
  addresses: () => "http://example.org ",
  "www addresses": () => "www.",
  "names of members": (index) => `Name${index % 50} `,
  "names of interfaces": (index) => `a.b.C.Name${index} `,
  "bold words": () => "<b>x</b>",
  "paragraph elements": () => "<tp:p>x</tp:p><p>y</p>",
  "list items": () => "<ul><li>x</li></ul>",
  "definition lists": () => "<dl><dt>x</dt><dd>y</dd></dl>",
  "code blocks": () => "<pre>x\ny</pre>",
  rationales: () => "<tp:rationale>x</tp:rationale>",
  "unknown elements": () => "<x/>",
  "member references": (index) => `<tp:member-ref>Name${index}</tp:member-ref>`,
  "type references": (index) => `<tp:type>Name${index}</tp:type>`,
  "CDATA sections": () => "<![CDATA[x]]>",
  ampersands: () => "&amp;",
  "invalid references": () => "&x;",
  pipes: () => "|",
  backslashes: () => "\\",
  "invisible characters": () => "\u200B",
  emoji: () => "\u{1F3B5}\uFE0F",
  "carriage returns": () => "\r",
};

/** Other specs with a repeated part, by description. `$` is the place of the part in the frame. */
const FRAMES: Readonly<Record<string, readonly [frame: string, unit: Unit]>> = {
  "identical interfaces": [`${HEAD}$</node>`, () => '<interface name="a.b.C"/>'],
  "interfaces with one identifier": [`${HEAD}$</node>`, (index) => `<interface name="a${index}.b.C"/>`],
  "interfaces that differ in case": [`${HEAD}$</node>`, (index) => `<interface name="a.${caseVariant(index)}"/>`],
  "interfaces with long names": [`${HEAD}$</node>`, (index) => `<interface name="a.${"b".repeat(230)}${index}"/>`],
  "interfaces with types": [
    `${HEAD}$</node>`,
    (index) =>
      `<interface name="a.b.C${index}"><tp:simple-type name="T" type="s"/><property name="P" type="s" access="read" tp:type="T"/></interface>`,
  ],
  "child nodes": [`${HEAD}$</node>`, () => '<node name="a"/>'],
  includes: [`${HEAD}$</node>`, () => '<xi:include href="b.xml"/>'],
  "includes of distinct files": [`${HEAD}$</node>`, (index) => `<xi:include href="b${index}.xml"/>`],
  "shared types": [
    `${HEAD}<tp:generic-types>$</tp:generic-types></node>`,
    (index) => `<tp:simple-type name="${distinct(index)}" type="s"/>`,
  ],
  "shared types that differ in case": [
    `${HEAD}<tp:generic-types>$</tp:generic-types></node>`,
    (index) => `<tp:simple-type name="${caseVariant(index)}" type="s"/>`,
  ],
  errors: [
    `${HEAD}<tp:errors namespace="a.b">$</tp:errors></node>`,
    (index) => `<tp:error name="${distinct(index)}"/>`,
  ],
  "errors with one identifier": [
    `${HEAD}<tp:errors namespace="a.b">$</tp:errors></node>`,
    (index) => `<tp:error name="${colliding(index)}"/>`,
  ],
  "error domains": [
    `${HEAD}$</node>`,
    (index) => `<tp:errors namespace="a.b${index}"><tp:error name="X"/></tp:errors>`,
  ],
  "error domains with one namespace": [
    `${HEAD}$</node>`,
    () => '<tp:errors namespace="a.b"><tp:error name="X"/></tp:errors>',
  ],
  "arguments of one method": [
    `${HEAD}<interface name="a.b.C"><method name="M">$</method></interface></node>`,
    () => '<arg name="a" type="s"/>',
  ],
  "annotations of one argument": [
    `${HEAD}<interface name="a.b.C"><method name="M"><arg type="s">$</arg></method></interface></node>`,
    (index) => `<annotation name="a.b${index}" value="x"/>`,
  ],
  "values of one enum": [
    `${HEAD}<interface name="a.b.C"><tp:enum name="E">$</tp:enum></interface></node>`,
    (index) => `<tp:enumvalue suffix="${distinct(index)}" value="${index}"/>`,
  ],
  "values of one enum with one identifier": [
    `${HEAD}<interface name="a.b.C"><tp:enum name="E">$</tp:enum></interface></node>`,
    (index) => `<tp:enumvalue suffix="${colliding(index)}" value="${index}"/>`,
  ],
  "equal values of one enum": [
    `${HEAD}<interface name="a.b.C"><tp:enum name="E">$</tp:enum></interface></node>`,
    () => '<tp:enumvalue suffix="A" value="1"/>',
  ],
  "equal flags": [
    `${HEAD}<interface name="a.b.C"><tp:flags name="E">$</tp:flags></interface></node>`,
    (index) => `<tp:flag suffix="${distinct(index)}" value="1"/>`,
  ],
  "members of one struct": [
    `${HEAD}<interface name="a.b.C"><tp:struct name="S">$</tp:struct></interface></node>`,
    () => '<tp:member name="a" type="s"/>',
  ],
  "keys of one dictionary": [
    `${HEAD}<interface name="a.b.C"><dct:dictionary name="D">$</dct:dictionary></interface></node>`,
    (index) => `<dct:key name="${distinct(index)}" type="s"/>`,
  ],
  "keys of one dictionary with one identifier": [
    `${HEAD}<interface name="a.b.C"><dct:dictionary name="D">$</dct:dictionary></interface></node>`,
    (index) => `<dct:key name="${colliding(index)}" type="s"/>`,
  ],
  "equal keys of one dictionary": [
    `${HEAD}<interface name="a.b.C"><dct:dictionary name="D">$</dct:dictionary></interface></node>`,
    () => '<dct:key name="a" type="s"/>',
  ],
  "possible errors of one method": [
    `${HEAD}<interface name="a.b.C"><method name="M"><tp:possible-errors>$</tp:possible-errors></method></interface></node>`,
    (index) => `<tp:error name="a.b.${distinct(index)}"/>`,
  ],
  "docstrings of one member": [
    `${HEAD}<interface name="a.b.C"><method name="M">$</method></interface></node>`,
    () => "<tp:docstring>x</tp:docstring>",
  ],
  "contact attributes": [
    `${HEAD}<interface name="a.b.C">$</interface></node>`,
    (index) => `<tp:contact-attribute name="${distinct(index)}" type="s"/>`,
  ],
  "attributes of one element": ["<node $/>", (index) => `a${index}="" `],
  "namespaces of one element": ["<node $/>", (index) => `xmlns:a${index}="" `],
  "one long attribute name": ["<node $=''/>", () => "a"],
  "one long attribute value": ['<node><interface name="$"/></node>', () => "a"],
  "one long interface name of elements": ['<node><interface name="$b"/></node>', () => "a."],
  "one long signature": [
    '<node><interface name="a.b"><property name="P" type="$s" access="read"/></interface></node>',
    () => "a",
  ],
  "one long struct signature": [
    '<node><interface name="a.b"><property name="P" type="$" access="read"/></interface></node>',
    () => "(",
  ],
  "one long method name": ['<node><interface name="a.b"><method name="$"/></interface></node>', () => "aB_"],
  "one long annotation value": [
    '<node><interface name="a.b"><annotation name="a.b" value="$"/></interface></node>',
    () => "a ",
  ],
  "one long element name": ["<node><$/></node>", () => "a"],
  "blanks in a start tag": ["<node$/>", () => " "],
  "blanks in a doctype": ["<!DOCTYPE node [$]><node/>", () => " "],
  "comments in a doctype": ["<!DOCTYPE node [$]><node/>", () => "<!-- x -->"],
  "an unclosed doctype": ["<!DOCTYPE node [$", () => "<!ENTITY "],
  entities: ["<!DOCTYPE node [$]><node/>", (index) => `<!ENTITY e${index} "x">`],
  "uses of an entity": [
    '<!DOCTYPE node [<!ENTITY e "xxxx">]><node><interface name="a.b"><annotation name="a.b" value="$"/></interface></node>',
    () => "&e;",
  ],
  "nested elements": ["$", () => "<node>"],
  "unclosed comments": ["<node>$", () => "<!--"],
  "unclosed CDATA sections": ["<node>$", () => "<![CDATA["],
  "unclosed tags": ["<node>$", () => "<a "],
  "text outside of the root": ["<node/>$", () => "x"],
  "comments after the root": ["<node/>$", () => "<!--x-->"],
  "blanks before the root": ["$<node/>", () => " "],
  "line breaks": ["<node>$</node>", () => "\n"],
  "quotes in a start tag": ["<node $>", () => '"'],
  "namespaces of nested elements": [
    `<node ${Array.from({ length: 5000 }, (_, index) => `xmlns:a${index}=""`).join(" ")}>$</node>`,
    (index) => `<node name="a" xmlns:b${index}=""/>`,
  ],
};

/** Returns a name of 16 letters whose case depends on a number. */
function caseVariant(index: number): string {
  return Array.from({ length: 16 }, (_, bit) => ((index >> bit) & 1 ? "A" : "a")).join("");
}

function repeat(bytes: number, unit: Unit): string {
  const parts: string[] = [];
  for (let length = 0, index = 0; length < bytes; index++) {
    const part = unit(index);
    parts.push(part);
    length += part.length;
  }
  return parts.join("");
}

function fill(frame: string, bytes: number, unit: Unit): string {
  const [before = "", after = ""] = frame.split("$");
  return before + repeat(bytes - frame.length, unit) + after;
}

const inInterface = `${HEAD}<interface name="a.b.C">$</interface></node>`;
const inDoc = `${HEAD}<interface name="a.b.C">${Array.from({ length: 50 }, (_, index) => member("method", distinct(index))).join("")}<method name="M"><tp:docstring>$</tp:docstring></method></interface></node>`;
const inComment = `${HEAD}<interface name="a.b.C"><!-- M:\n$--><method name="M"><arg name="a" type="s"/></method></interface></node>`;

/** All shapes that have one repeated part. */
export const SHAPES: readonly Shape[] = [
  ...Object.entries(MEMBERS).map(([name, unit]) => shape(name, inInterface, unit)),
  ...Object.entries(DOC).map(([name, unit]) => shape(`documentation: ${name}`, inDoc, unit)),
  ...[
    "@a: text\n",
    "@b: text\n",
    "text\n",
    "\n",
    "x",
    " ",
    "|[",
    "a.",
    "#a-",
    "- x\n",
    "<para>x</para>",
    "<para>",
    "&lt;",
  ].map((text) => shape(`gtk-doc: ${JSON.stringify(text)}`, inComment, () => text)),
  ...Object.entries(FRAMES).map(([name, [frame, unit]]) => shape(name, frame, unit)),
];

function shape(name: string, frame: string, unit: Unit): Shape {
  return { name, build: (bytes) => fill(frame, bytes, unit) };
}

/** Returns the shape of a seed: an interface of several kinds of members, mixed or one after the other, some documented. */
export function randomShape(seed: number): Shape {
  const random = new Random(seed);
  const names = Array.from({ length: 1 + random.below(3) }, () => random.of(Object.keys(MEMBERS)));
  const isMixed = random.below(2) === 0;
  const doc = random.of(Object.keys(DOC));
  const docLength = random.of([0, 0, 8, 500]);
  const documented: Unit = (index) =>
    member("method", distinct(index), `<tp:docstring>${fill("$", docLength, DOC[doc] ?? distinct)}</tp:docstring>`);
  const units = [...names.map((name) => MEMBERS[name] ?? distinct), ...(docLength > 0 ? [documented] : [])];
  const name = `seed ${seed}: ${isMixed ? "mixed" : "consecutive"} ${names.join(", ")}; documentation: ${docLength} of ${doc}`;
  return {
    name,
    build(bytes) {
      const mixed: Unit = (index) => units[index % units.length]?.(index) ?? "";
      const part = Math.ceil(bytes / units.length);
      const body = isMixed ? repeat(bytes, mixed) : units.map((unit) => repeat(part, unit)).join("");
      return inInterface.replace("$", () => body);
    },
  };
}
