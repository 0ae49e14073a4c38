import { Diagnostics } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { CODES } from "../../../../generator/compiler/diagnostics/codes.ts";
import { lines, run, type Specs, spec, textOf } from "../../support.ts";

/** Returns a spec whose second line is `body`. */
const inside = (body: string, name?: string): string => spec(`\n${body}\n`, name);

/** Returns an overlay whose second line is `body`. */
const overlay = (body: string): string => inside(body).replace("<node ", '<node dct:overlay="a.b" ');

type Case = readonly [description: string, specs: string | Uint8Array | Specs, expected: readonly string[]];

// biome-ignore format: the diagnostics of a case follow its input
const CASES: readonly Case[] = [
  ["an empty file", "", [
    "a.xml:1:1 error xml-syntax: start tag expected",
  ]],
  ["text instead of XML", "not xml", [
    "a.xml:1:1 error xml-syntax: char 'n' is not expected",
  ]],
  ["an element that is not closed", `<node>\n  <interface name="a.b.C">\n</node>`, [
    "a.xml:3:1 error xml-syntax: expected closing tag 'interface' (opened in line 2, col 3) instead of closing tag 'node'",
  ]],
  ["a document that ends too early", `<node>\n  <interface name="a.b.C">`, [
    "a.xml:2:27 error xml-syntax: the document ends before the end of <node>, <interface>",
  ]],
  ["a document without its last end tag", `<node>\n  <interface name="a.b.C"/>\n`, [
    "a.xml:2:28 error xml-syntax: the document ends before the end of <node>",
  ]],
  ["a duplicate attribute", `<node>\n  <interface name="a.b.C" name="d.e.F"/></node>`, [
    "a.xml:2:27 error xml-syntax: attribute 'name' is repeated",
  ]],
  ["a second root element", "<node/>\n<node/>", [
    "a.xml:2:1 error xml-syntax: a document has only one root element; this is the second one",
  ]],
  ["text after the root element", "<node/> and more", [
    "a.xml:1:9 error xml-syntax: text after the root element is not allowed",
  ]],
  ["a bare < in an attribute", `<node><interface name="a.b<C"/></node>`, [
    "a.xml:1:24 error name: \"a.b<C\" is not an interface name: two or more elements of letters, digits and underscores, separated by dots",
    "a.xml:1:27 error xml-syntax: an attribute value must not contain \"<\"",
  ]],
  ["a NUL character", "<node>\n\0</node>", [
    "a.xml:2:1 error xml-syntax: XML does not allow the character U+0000",
  ]],
  ["UTF-16", Buffer.from("\uFEFF<node/>", "utf16le"), [
    "a.xml:1:1 error xml-encoding: the file is UTF-16",
  ]],
  ["a byte that is not UTF-8", Buffer.from("<node>\n  \xFF</node>", "latin1"), [
    "a.xml:2:3 error xml-encoding: this byte is not valid UTF-8",
  ]],
  ["a file of more than 1 MiB", `<node>${" ".repeat(1024 * 1024)}</node>`, [
    "a.xml:1:1 error xml-too-large: the file has 1048589 bytes; the limit is 1048576",
  ]],
  ["65 nested elements", `${'<node name="n">\n'.repeat(65)}${"</node>".repeat(65)}`, [
    "a.xml:65:1 error xml-depth: elements are nested more than 64 levels deep",
  ]],
  ["an external entity", `<!DOCTYPE node [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<node/>`, [
    "a.xml:1:17 error xml-dtd: external entities are not allowed: a document type must not include other files",
  ]],
  ["a parameter entity", `<!DOCTYPE node [\n  <!ENTITY % x "y">\n]><node/>`, [
    "a.xml:2:3 error xml-dtd: parameter entities are not allowed",
  ]],
  ["an entity of entities", `<!DOCTYPE node [<!ENTITY a "x">\n<!ENTITY b "&a;&a;">]><node/>`, [
    "a.xml:2:1 error xml-dtd: an entity must not contain markup or other entities",
  ]],
  ["a document type in the wrong place", `<node>\n<!DOCTYPE node></node>`, [
    "a.xml:2:1 error xml-dtd: the document type declaration must be before the root element",
  ]],
  ["an entity that is not declared", `<node><interface name="a.b.&bogus;"/></node>`, [
    "a.xml:1:24 error name: \"a.b.\" is not an interface name: two or more elements of letters, digits and underscores, separated by dots",
    "a.xml:1:28 error xml-entity: the entity \"bogus\" is not defined or expands to too much text",
  ]],
  ["an ampersand in a doc comment", inside(`<tp:docstring>cats &dogs;</tp:docstring>`), [
    "a.xml:2:20 error xml-entity: the entity \"dogs\" is not defined or expands to too much text",
  ]],
  ["an entity that only the external document type may define", `<!DOCTYPE node SYSTEM "types.dtd" [<!ENTITY a "x">]>
<node><interface name="a.b.C"><annotation name="org.gtk.GDBus.DocString" value="&a; &b; &amp; &;"/></interface></node>`, [
    "a.xml:2:85 warning entity-unknown: the entity \"b\" is not defined in this file",
    "a.xml:2:95 error xml-entity: \"&\" is not a character or entity reference",
  ]],
  ["the name of the root node is not an object path", `<node name="/a.b.C"><node name="/x"/><interface name="a.b.C"/></node>`, [
    "a.xml:1:13 warning node-name: \"/a.b.C\" is not an object path",
    "a.xml:1:33 error name: \"/x\" is not a relative object path: elements of letters, digits and underscores",
  ]],
  ["another root element", `<nodes/>`, [
    "a.xml:1:1 error xml-root: the root element is <nodes>, not <node>",
  ]],
  ["an interface as the root element", `<interface name="a.b.C">\n  <method name="M"/></interface>`, [
    "a.xml:1:1 warning interface-root: the root element is <interface>, not <node>",
  ]],
  ["prefixes without namespaces", `<node>\n  <interface name="a.b.C"><method name="M" tp:name-for-bindings="M"/>\n  <x:y/><tp:docstring/></interface></node>`, [
    "a.xml:2:44 warning xml-prefix: the prefix \"tp\" is not declared; elements and attributes with it are ignored",
    "a.xml:3:3 warning xml-prefix: the prefix \"x\" is not declared; elements and attributes with it are ignored",
  ]],
  ["an element that the Telepathy namespace lacks", inside(`<method name="M"><tp:docstrin>Plays.</tp:docstrin></method>`), [
    "a.xml:2:18 warning unknown-element: <tp:docstrin> is not an element of the Telepathy namespace; it is ignored",
  ]],
  ["an include that leaves its folder", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include href="../secret.xml"/></node>`, [
    "a.xml:2:21 error include: an include must name a file in the folder of the including file or below it",
  ]],
  ["an include of a file that is not given", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include href="b.xml"/></node>`, [
    "a.xml:2:3 error include: the included file \"b.xml\" is not among the given files",
  ]],
  ["an include without a file", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include/></node>`, [
    "a.xml:2:3 error include: an include must have an href that names a file",
  ]],
  ["an include of text", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include href="b.txt" parse="text"/></node>`, [
    "a.xml:2:28 error include: only whole XML files can be included",
  ]],
  ["an unknown element", inside(`<metod name="M"/>`), [
    "a.xml:2:1 warning unknown-element: <metod> is not an element of <interface>; it is ignored",
  ]],
  ["an unknown attribute", inside(`<property name="P" typ="s" type="s" access="read"/>`), [
    "a.xml:2:20 warning unknown-attribute: \"typ\" is not an attribute of <property>; it is ignored",
  ]],
  ["an unknown element of this project's vocabulary", inside(`<dct:dictionry name="D"/>`), [
    "a.xml:2:1 warning unknown-element: <dct:dictionry> is not an element of this vocabulary; it is ignored",
  ]],
  ["a method without a name", inside(`<method/>`), [
    "a.xml:2:1 error attribute-missing: <method> has no \"name\"",
  ]],
  ["a property without type and access", inside(`<property name="P"/>`), [
    "a.xml:2:1 error attribute-missing: <property> has no \"access\"",
    "a.xml:2:1 error attribute-missing: <property> has no \"type\"",
  ]],
  ["a child node without a name", `<node>\n  <node/></node>`, [
    "a.xml:2:3 error attribute-missing: a child node must have a name",
  ]],
  ["an interface name without a dot", `<node>\n  <interface name="nodot"/></node>`, [
    "a.xml:2:20 error name: \"nodot\" is not an interface name: two or more elements of letters, digits and underscores, separated by dots",
  ]],
  ["an interface name of 256 characters", `<node>\n  <interface name="a.${"b".repeat(254)}"/></node>`, [
    "a.xml:2:20 error name: the name has 256 characters; the limit is 255",
  ]],
  ["a member name with a dash", inside(`<signal name="over-heated"/>`), [
    "a.xml:2:15 error name: \"over-heated\" is not a signal name: letters, digits and underscores, not starting with a digit",
  ]],
  ["a child node several levels below", `<node><interface name="a.b.C"/>\n  <node name="link/_33"/></node>`, [
    "a.xml:2:15 warning node-path: the child node \"link/_33\" is several levels below its parent",
  ]],
  ["a child node with a path", `<node>\n  <node name="../../etc"/></node>`, [
    "a.xml:2:15 error name: \"../../etc\" is not a relative object path: elements of letters, digits and underscores",
  ]],
  ["a type name with a space", inside(`<tp:simple-type name="My Type" type="u"/>`), [
    "a.xml:2:23 error name: \"My Type\" is not a type name: letters, digits and underscores",
  ]],
  ["an error name with a dash", inside(`<method name="M"><tp:possible-errors><tp:error name="no-dots"/></tp:possible-errors></method>`), [
    "a.xml:2:54 error name: \"no-dots\" is not an error name",
  ]],
  ["an error domain without a dot", `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"\n  namespace="nodot"/>`, [
    "a.xml:2:14 error name: \"nodot\" is not a valid prefix of error names",
  ]],
  ["a direction that is neither in nor out", inside(`<method name="M"><arg type="s" direction="inout"/></method>`), [
    "a.xml:2:43 error direction: direction \"inout\" is not in or out",
  ]],
  ["an input argument of a signal", inside(`<signal name="S"><arg type="s" direction="in"/></signal>`), [
    "a.xml:2:43 warning signal-direction: the direction of a signal argument is out, not \"in\"",
  ]],
  ["an unknown access", inside(`<property name="P" type="s" access="rw"/>`), [
    "a.xml:2:37 error access: access \"rw\" is not read, write or readwrite",
  ]],
  ["a letter that is not a type code", inside(`<property name="P" type="a(sz)" access="read"/>`), [
    "a.xml:2:29 error signature: invalid signature \"a(sz)\" of property P: \"z\" is not a type code",
  ]],
  ["a dictionary with a variant as its key", inside(`<property name="P" type="a{vs}" access="read"/>`), [
    "a.xml:2:28 error signature: invalid signature \"a{vs}\" of property P: a dictionary key must be a basic type",
  ]],
  ["a dict entry outside an array", inside(`<property name="P" type="{sv}" access="read"/>`), [
    "a.xml:2:26 error signature: invalid signature \"{sv}\" of property P: a dict entry is valid only inside an array, as in a{sv}",
  ]],
  ["a struct that is not closed", inside(`<property name="P" type="s(ii" access="read"/>`), [
    "a.xml:2:27 error signature: invalid signature \"s(ii\" of property P: the struct is not closed, expected \")\"",
  ]],
  ["a struct without fields", inside(`<property name="P" type="a()" access="read"/>`), [
    "a.xml:2:27 error signature: invalid signature \"a()\" of property P: a struct has at least one field",
  ]],
  ["33 nested arrays", inside(`<property name="P" type="${"a".repeat(33)}s" access="read"/>`), [
    "a.xml:2:58 error signature: invalid signature \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaas\" of property P: arrays are nested more than 32 deep",
  ]],
  ["an empty type", inside(`<property name="P" type="" access="read"/>`), [
    "a.xml:2:26 error signature-single: the type of property P is empty, not one complete type",
  ]],
  ["two types", inside(`<property name="P" type="sas" access="read"/>`), [
    "a.xml:2:27 error signature-single: the type of property P contains 2 complete types, not one",
  ]],
  ["arguments with more than 255 characters of signature", inside(`<method name="M">${'<arg type="ai"/>'.repeat(128)}</method>`), [
    "a.xml:2:15 error signature-length: the signature of the input arguments of M has 256 characters; the limit is 255",
  ]],
  ["a method defined twice", inside(`<method name="M"/><method name="M"/>`), [
    "a.xml:2:33 error duplicate: the method \"M\" is defined twice",
  ]],
  ["a property defined twice", inside(`<property name="P" type="s" access="read"/><property name="P" type="u" access="read"/>`), [
    "a.xml:2:60 error duplicate: the property \"P\" is defined twice",
  ]],
  ["an interface defined twice", `<node><interface name="a.b.C"/>\n  <interface name="a.b.C"/></node>`, [
    "a.xml:2:20 error duplicate: the interface \"a.b.C\" is defined twice",
  ]],
  ["one interface, two definitions", { "a.xml": `<node><interface name="a.b.C"/></node>`, "b.xml": `<node><interface name="a.b.C"><method name="M"/></interface></node>` }, [
    "b.xml:1:24 error conflict: the interface \"a.b.C\" is defined differently in two files",
  ]],
  ["a property name of GObject style", inside(`<property name="power-saver" type="b" access="read"/>`), [
    "a.xml:2:17 warning property-name: \"power-saver\" is not a member name; some bindings cannot access this property",
  ]],
  ["a method with two signatures", inside(`<method name="M"/><method name="M"><arg type="s"/></method>`), [
    "a.xml:2:33 warning overload: the method \"M\" has several signatures: (), (s)",
    "a.xml:2:33 warning renamed: method \"M\" is called \"m$\": method \"M\" has that name",
  ]],
  ["a standard interface with another definition", inside(`<method name="Ping"><arg type="s"/></method>`, "org.freedesktop.DBus.Peer"), [
    "a.xml:1:141 warning reserved-interface: \"org.freedesktop.DBus.Peer\" is a standard interface, but the D-Bus specification does not define its \"Ping\" in this way",
  ]],
  ["an annotation without a value", inside(`<annotation name="x.y"/>`), [
    "a.xml:2:1 error annotation: <annotation> has no \"value\"",
  ]],
  ["an annotation without a name", inside(`<annotation name="" value="x"/>`), [
    "a.xml:2:19 error annotation: the name of an annotation must not be empty",
  ]],
  ["an invalid value of a standard annotation", inside(`<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="sometimes"/>`), [
    "a.xml:2:76 warning annotation-value: \"sometimes\" is not a value of org.freedesktop.DBus.Property.EmitsChangedSignal; the annotation is ignored",
  ]],
  ["NoReply on a method with results", inside(`<method name="M"><arg type="s" direction="out"/><annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>`), [
    "a.xml:2:67 warning annotation-value: a method with out arguments has a reply; NoReply is ignored",
  ]],
  ["a repeated annotation", inside(`<annotation name="x.y" value="1"/><annotation name="x.y" value="2"/>`), [
    "a.xml:2:53 warning annotation-value: \"x.y\" is declared twice; the first value is used",
  ]],
  ["a named type that is not defined", inside(`<property name="P" type="u" access="read" tp:type="Handle"/>`), [
    "a.xml:2:52 warning type-unknown: the type \"Handle\" is not defined in the given specs",
  ]],
  ["a named type with another signature", inside(`<tp:simple-type name="Handle" type="u"/><property name="P" type="s" access="read" tp:type="Handle"/>`), [
    "a.xml:2:92 error type-mismatch: property P has type \"s\", but \"Handle\" is \"u\"",
  ]],
  ["a named type on an array of it", inside(`<tp:simple-type name="Handle" type="u" array-name="Handle_List"/><property name="P" type="au" access="read" tp:type="Handle"/>`), [
    "a.xml:2:118 warning type-items: property P has type \"au\", but \"Handle\" is the type of its items",
  ]],
  ["an array of a named type without array-name", inside(`<tp:simple-type name="Handle" type="u"/><property name="P" type="au" access="read" tp:type="Handle[]"/>`), [
    "a.xml:2:93 error type-definition: \"Handle[]\" is used, but \"Handle\" has no array-name",
  ]],
  ["results with more than 255 characters of signature", inside(`<method name="M">${'<arg type="ai" direction="out"/>'.repeat(128)}</method>`), [
    "a.xml:2:15 error signature-length: the signature of the output arguments of M has 256 characters; the limit is 255",
  ]],
  ["a type defined twice", inside(`<tp:simple-type name="T" type="u"/><tp:simple-type name="T" type="s"/>`), [
    "a.xml:2:58 error duplicate: the type \"T\" is defined twice",
  ]],
  ["a type that two other folders define", { "a/t.xml": spec(`<tp:simple-type name="T" type="u"/>`, "a.One"), "b/t.xml": spec(`<tp:simple-type name="T" type="u"/>`, "b.Two"), "c/u.xml": spec(`<property name="P" type="u" access="read" tp:type="T"/>`) }, [
    "c/u.xml:1:199 warning type-unknown: the type \"T\" is defined in several other folders",
  ]],
  ["an enum of doubles", inside(`<tp:enum name="E" type="d"><tp:enumvalue suffix="Half" value="1"/></tp:enum>`), [
    "a.xml:2:16 error type-definition: an enum is an integer or a string, not \"d\"",
  ]],
  ["flags of strings", inside(`<tp:flags name="F" type="s"><tp:flag suffix="A" value="a"/></tp:flags>`), [
    "a.xml:2:17 error type-definition: flags are an integer, not \"s\"",
  ]],
  ["a mapping with three members", inside(`<tp:mapping name="M"><tp:member name="A" type="s"/><tp:member name="B" type="s"/><tp:member name="C" type="s"/></tp:mapping>`), [
    "a.xml:2:19 error type-definition: a mapping has two members: key and value",
  ]],
  ["a mapping with an invalid key type", inside(`<tp:mapping name="M"><tp:member name="A" type="v"/><tp:member name="B" type="s"/></tp:mapping>`), [
    "a.xml:2:19 error type-definition: the key of a mapping is a basic type",
  ]],
  ["a contact attribute with an invalid type", inside(`<tp:contact-attribute name="alias" type="!"/>`), [
    "a.xml:2:42 error signature: invalid signature \"!\" of the contact attribute \"alias\": \"!\" is not a type code",
  ]],
  ["a type with a name of 256 characters", inside(`<tp:simple-type name="${"t".repeat(256)}" type="u"/>`), [
    "a.xml:2:23 error name: the name has 256 characters; the limit is 255",
  ]],
  ["a struct without members", inside(`<tp:struct name="Nothing"/>`), [
    "a.xml:2:18 error type-definition: a struct has at least one member",
  ]],
  ["a struct that contains itself", inside(`<tp:struct name="S"><tp:member name="Inner" type="(s)" tp:type="S"/></tp:struct>`), [
    "a.xml:2:65 error type-definition: the type \"S\" contains itself, so it has no finite signature",
  ]],
  ["an enum value out of range", inside(`<tp:enum name="E" type="y"><tp:enumvalue suffix="Big" value="256"/></tp:enum>`), [
    "a.xml:2:62 error type-definition: \"256\" is not a value of type \"y\"",
  ]],
  ["an overlay with another type than its target", { "a.xml": inside(`<property name="P" type="u" access="read"/>`), "b.xml": overlay(`<property name="P" type="s"/>`) }, [
    "b.xml:2:26 error overlay-mismatch: the type of the property P is \"u\", not \"s\"",
  ]],
  ["an overlay with a member that its target lacks", { "a.xml": inside(""), "b.xml": overlay(`<property name="P"/>`) }, [
    "b.xml:2:17 note overlay-unmatched: a.b.C does not have the property \"P\"",
  ]],
  ["a member named then", inside(`<method name="then"/>`), [
    "a.xml:2:15 warning renamed: method \"then\" is called \"then$\": \"then\" is a member that every client, service or object has",
  ]],
  ["two names that differ in case only", inside(`<method name="Foo"/><method name="foo"/>`), [
    "a.xml:2:15 warning renamed: method \"Foo\" is called \"foo$\": method \"foo\" has that name",
  ]],
];

describe("problems of specs are reported with their positions", () => {
  test.each(CASES)("%s", async (_, specs, expected) => {
    const result = await run(specs);
    expect(lines(result)).toEqual(expected);
    // After an error no module is generated.
    expect(result.files.length > 0).toBe(!expected.some((line) => / error /.test(line)));
  });

  test("the table contains every code", () => {
    const seen = new Set(
      CASES.flatMap(([, , expected]) => expected.map((line) => / (?:error|warning|note) ([\w-]+): /.exec(line)?.[1])),
    );
    // The tests of the tools cover running services, files of values and options.
    const ofSpecs = Object.keys(CODES).filter((code) => !/^(live|installed|values|option|diagnostic)-/.test(code));
    expect(ofSpecs.filter((code) => !seen.has(code))).toEqual([]);
  });

  test("every diagnostic has the severity of its code", () => {
    for (const line of CASES.flatMap(([, , expected]) => expected)) {
      const [, severity, code = ""] = / (error|warning|note) ([\w-]+): /.exec(line) ?? [];
      expect(Object.entries(CODES).find(([name]) => name === code)?.[1].severity, line).toBe(severity);
    }
  });

  test("one run reports all problems of all files, sorted by file and position", async () => {
    const result = await run({
      "b.xml": inside(`<method name="2"/>`, "a.b.D"),
      "a.xml": inside(`<property name="P" type="zz" access="rw"/>\n<signal name="S"><arg type="a{vs}"/></signal>`),
    });
    expect(lines(result)).toMatchInlineSnapshot(`
      [
        "a.xml:2:26 error signature: invalid signature "zz" of property P: "z" is not a type code",
        "a.xml:2:38 error access: access "rw" is not read, write or readwrite",
        "a.xml:3:31 error signature: invalid signature "a{vs}" of argument of S: a dictionary key must be a basic type",
        "b.xml:2:15 error name: "2" is not a method name: letters, digits and underscores, not starting with a digit",
      ]
    `);
  });
});

test("warnings do not prevent output", async () => {
  const result = await run(inside(`<metod/><method name="then"/>`));
  expect(result.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  expect(textOf(result)).toContain("then$(");
});

test("more than 10,000 problems are counted but not reported, errors last", async () => {
  const { diagnostics } = await run(spec(`${"<x/>".repeat(12_000)}<method name="1"/>`));
  expect(diagnostics).toHaveLength(10_001);
  expect(diagnostics.slice(-2).map(({ code, message }) => `${code}: ${message}`)).toEqual([
    expect.stringMatching(/^name: "1" is not a method name/),
    "diagnostic-limit: 2001 more problems are not reported",
  ]);
});

test("a file has at most 1,000 interfaces", async () => {
  const interfaces = (count: number): string =>
    `<node>${Array.from({ length: count }, (_, index) => `<interface name="a.b${index}"/>`).join("")}</node>`;
  const diagnostics = new Diagnostics();
  analyze([{ path: "a.xml", content: interfaces(1000) }], diagnostics);
  expect(diagnostics.sorted()).toEqual([]);
  expect(lines(await run(interfaces(1002)))).toEqual([
    expect.stringMatching(/xml-too-large: the file declares more than 1000 interfaces and error domains$/),
  ]);
});

describe("words of other languages get a hint", () => {
  // biome-ignore format: one case a line
  test.each([
    ["type", "string", 'write type="s"'],
    ["type", "uint32_t", 'write type="u"'],
    ["type", "Object Path", 'write type="o"'],
    ["type", "string[]", 'write type="as"'],
    ["type", "zz", "the codes are y b n q i u x t d s o g h v, a for arrays, ( ) for structs and a{ } for dictionaries"],
    ["access", "rw", 'write access="readwrite"'],
    ["access", "read-write", 'write access="readwrite"'],
    ["access", "readonly", 'write access="read"'],
    ["access", "wo", 'write access="write"'],
    ["access", "x", undefined],
  ])("%s %s", async (attribute, word, hint) => {
    const property = `<property name="P" type="s" access="read"/>`;
    const content = inside(property.replace(new RegExp(`${attribute}="[^"]*"`), `${attribute}="${word}"`));
    const { diagnostics } = await run(content);
    expect(diagnostics.map((diagnostic) => diagnostic.hint)).toEqual([hint]);
  });
});
