import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidIntrospectionError } from "../../../../runtime/core/dynamic/invalid-introspection.ts";
import { parseXml as parseInSteps, type XmlElement } from "../../../../runtime/core/dynamic/parse-xml.ts";
import { anyText } from "../../../setup/any-text.ts";
import { runs } from "../../../setup/runs.ts";
import { runToEnd } from "../fixtures/run-to-end.ts";

const parseXml = (text: string): XmlElement => runToEnd(parseInSteps(text)).result;

/** Returns an XML tree as text with parentheses. */
const textOf = ({ name, attributes, children }: XmlElement): string =>
  [
    name,
    ...[...attributes].map(([key, value]) => `${key}=${value}`),
    ...children.map((child) => `(${textOf(child)})`),
  ].join(" ");

test.each([
  ["<node/>", "node"],
  ["<node></node >", "node"],
  ['<node a="1" b = \'2"\'><x/>text<y z="">more</y></node>', 'node a=1 b=2" (x) (y z=)'],
  ['<?xml version="1.0"?>\n<!DOCTYPE node PUBLIC "-//a//b" "http://c">\n<node/>\n', "node"],
  ["\uFEFF<!-- <a> --><node><!-- </node> --><![CDATA[</node>]]><?php </node> ?></node>", "node"],
  ['<node a="&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;"/>', "node a=<>&\"'A😀"],
  ['<tp:spec xmlns:tp="urn:x"><tp:a tp:b="c"/></tp:spec>', "tp:spec xmlns:tp=urn:x (tp:a tp:b=c)"],
  [`${"<a>".repeat(64)}${"</a>".repeat(64)}`, `${"a (".repeat(63)}a${")".repeat(63)}`],
])("%s is %s", (document, tree) => expect(textOf(parseXml(document))).toBe(tree));

describe("the document is refused", () => {
  test.each([
    ["", "there is no element"],
    ["only text", "there is no element"],
    ["<node>", 'the element "node" has no end'],
    ["<node></nod>", 'the end tag of "nod" does not match'],
    ["</node>", 'the end tag of "node" does not match'],
    ["<node/></node>", 'the end tag of "node" does not match'],
    ["<node/><node/>", "more than one root element"],
    ["<node", 'the tag of "node" is not valid'],
    ["<node a></node>", 'the tag of "node" is not valid'],
    ["<node a=1/>", 'the tag of "node" is not valid'],
    ['<node a="<"/>', 'the tag of "node" is not valid'],
    ['<node a="1"b="2"/>', 'the tag of "node" is not valid'],
    ['<node a="1" a="2"/>', 'the attribute "a" is repeated'],
    ["<node></node a='1'>", 'the end tag of "node" is not closed'],
    ["< node/>", "a tag has no name"],
    ["<!-- <node/>", '"-->" is missing'],
    ["<node><![CDATA[</node>", '"]]>" is missing'],
    ['<!DOCTYPE node [<!ENTITY a "b">]><node/>', "document type without declarations"],
    ["<node><!DOCTYPE node></node>", "document type without declarations"],
    ["<!ELEMENT a (b)><node/>", "document type without declarations"],
    ['<node a="&b;"/>', "a reference is not valid"],
    ['<node a="&"/>', "a reference is not valid"],
    ['<node a="&#xD800;"/>', "a reference is not valid"],
    ['<node a="&#0;"/>', "a reference is not valid"],
    ['<node a="&#x110000;"/>', "a reference is not valid"],
    ["<a>".repeat(65), "nested more than 64 levels deep"],
    [`<a>${"<b/>".repeat(2 ** 16)}</a>`, "more than 65536 elements"],
    [`<a ${Array.from({ length: 257 }, (_, index) => `b${index}=""`).join(" ")}/>`, "more than 256 attributes"],
    ['<node a="&constructor;"/>', "a reference is not valid"],
    [`<a b="${"&amp;".repeat(5000)}"/>`, "more than 4096 references"],
    [`<a>${"é".repeat(2 ** 19)}</a>`, "more than 1048576 bytes"],
  ])("%#: %s", (document, problem) => {
    expect(() => parseXml(document)).toThrow(InvalidIntrospectionError);
    expect(() => parseXml(document)).toThrow(problem);
  });

  test("or read, whatever its text", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "<",
        ">",
        "/",
        "</a>",
        "<a",
        "<a>",
        "=",
        '"',
        "'",
        " b",
        "&lt;",
        "&",
        "<!--",
        "-->",
        "<?",
        "<!DOCTYPE",
        "]]>",
      ),
      anyText({ maxLength: 3 }),
    );
    const property = fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      try {
        parseXml(parts.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidIntrospectionError);
      }
    });
    fc.assert(property, { numRuns: runs(500) });
  });
});

test("a document of 65,536 tags is read in 256 steps", () => {
  expect(runToEnd(parseInSteps(`<a>${"<b/>".repeat(2 ** 16 - 2)}</a>`)).pauses).toBe(256);
});

test("a written tree is read as it was", () => {
  const name = fc.constantFrom("node", "interface", "a-b", "tp:c");
  const attributes = fc
    .dictionary(
      name,
      anyText({ maxLength: 5 }).map((text) => text.replaceAll("\0", "")),
    )
    .map((record) => new Map(Object.entries(record)));
  const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.record({ name, attributes, children: fc.constant([]) }),
      fc.record({ name, attributes, children: fc.array(tie("tree"), { maxLength: 3 }) }),
    ),
  }));
  const escaped = (text: string): string =>
    text.replace(/["&<\s\p{Cc}\p{Cs}]/gu, (character) => `&#${character.codePointAt(0)};`);
  const write = ({ name: tag, attributes: pairs, children }: XmlElement): string => {
    const written = [...pairs].map(([key, value]) => ` ${key}="${escaped(value)}"`);
    return `<${tag}${written.join("")}>${children.map(write).join("\n")}</${tag}>`;
  };
  const property = fc.property(tree, (element) => {
    expect(parseXml(write(element))).toEqual(element);
  });
  fc.assert(property, { numRuns: runs(200) });
});
