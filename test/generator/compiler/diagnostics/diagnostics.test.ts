import { render, toJson } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { CODES } from "../../../../generator/compiler/diagnostics/codes.ts";
import { lines, run, type Specs, spec, textOf } from "../../support.ts";

/** A spec whose second line is `body`. */
const inside = (body: string, name?: string): string => spec(`\n${body}\n`, name);

type Case = readonly [what: string, given: string | Uint8Array | Specs, want: readonly string[]];

// biome-ignore format: input and output of a case stand together
const CASES: readonly Case[] = [
  ["an empty file", "", [
    "a.xml:1:1 error xml-syntax: start tag expected",
  ]],
  ["words instead of XML", "not xml", [
    "a.xml:1:1 error xml-syntax: char 'n' is not expected",
  ]],
  ["an element that is not closed", `<node>\n  <interface name="a.b.C">\n</node>`, [
    "a.xml:3:1 error xml-syntax: expected closing tag 'interface' (opened in line 2, col 3) instead of closing tag 'node'",
  ]],
  ["a document that just ends", `<node>\n  <interface name="a.b.C">`, [
    "a.xml:2:27 error xml-syntax: the document ends before the end of <node>, <interface>",
  ]],
  ["an attribute given twice", `<node>\n  <interface name="a.b.C" name="d.e.F"/></node>`, [
    "a.xml:2:27 error xml-syntax: attribute 'name' is repeated",
  ]],
  ["a second root element", "<node/>\n<node/>", [
    "a.xml:2:1 error xml-syntax: a document has only one root element; this is the second one",
  ]],
  ["text behind the root element", "<node/> and more", [
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
  ["an entity that nobody declared", `<node><interface name="a.b.&bogus;"/></node>`, [
    "a.xml:1:24 error name: \"a.b.\" is not an interface name: two or more elements of letters, digits and underscores, separated by dots",
    "a.xml:1:28 error xml-entity: the entity \"bogus\" is not defined or expands to too much text",
  ]],
  ["an ampersand in a doc comment", inside(`<tp:docstring>cats &dogs;</tp:docstring>`), [
    "a.xml:2:20 error xml-entity: the entity \"dogs\" is not defined or expands to too much text",
  ]],
  ["another root element", `<nodes/>`, [
    "a.xml:1:1 error xml-root: the root element is <nodes>, not <node>",
  ]],
  ["an include that leaves its folder", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include href="../secret.xml"/></node>`, [
    "a.xml:2:21 error include: an include must name a file in the folder of the including file or below it",
  ]],
  ["an include of a file that was not given", `<node xmlns:xi="http://www.w3.org/2001/XInclude">\n  <xi:include href="b.xml"/></node>`, [
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
  ["a child node with a path", `<node>\n  <node name="../../etc"/></node>`, [
    "a.xml:2:15 error name: \"../../etc\" is not one element of an object path: letters, digits and underscores",
  ]],
  ["a root node that is no path", `<node name="/a/"/>`, [
    "a.xml:1:13 error name: \"/a/\" is not an object path",
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
  ["an argument of a signal that goes in", inside(`<signal name="S"><arg type="s" direction="in"/></signal>`), [
    "a.xml:2:43 error direction: the direction of a signal argument is out or absent, not \"in\"",
  ]],
  ["an access that is none", inside(`<property name="P" type="s" access="rw"/>`), [
    "a.xml:2:37 error access: access \"rw\" is not read, write or readwrite",
  ]],
  ["a letter that is no type code", inside(`<property name="P" type="a(sz)" access="read"/>`), [
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
  ["no type at all", inside(`<property name="P" type="" access="read"/>`), [
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
  ["a standard interface of one's own", inside(`<method name="Ping"><arg type="s"/></method>`, "org.freedesktop.DBus.Peer"), [
    "a.xml:1:141 error reserved-interface: \"org.freedesktop.DBus.Peer\" is a standard interface, but the D-Bus specification does not define its \"Ping\" in this way",
  ]],
  ["an annotation without a value", inside(`<annotation name="x.y"/>`), [
    "a.xml:2:1 error annotation: <annotation> has no \"value\"",
  ]],
  ["an annotation without a name", inside(`<annotation name="" value="x"/>`), [
    "a.xml:2:19 error annotation: the name of an annotation must not be empty",
  ]],
  ["an annotation value without a meaning", inside(`<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="sometimes"/>`), [
    "a.xml:2:76 warning annotation-value: \"sometimes\" is not a value of org.freedesktop.DBus.Property.EmitsChangedSignal; the annotation is ignored",
  ]],
  ["NoReply on a method with results", inside(`<method name="M"><arg type="s" direction="out"/><annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>`), [
    "a.xml:2:67 warning annotation-value: a method with out arguments has a reply; NoReply is ignored",
  ]],
  ["one annotation twice", inside(`<annotation name="x.y" value="1"/><annotation name="x.y" value="2"/>`), [
    "a.xml:2:53 warning annotation-value: \"x.y\" is declared twice; the first value is used",
  ]],
  ["a named type that nobody defines", inside(`<property name="P" type="u" access="read" tp:type="Handle"/>`), [
    "a.xml:2:52 warning type-unknown: the type \"Handle\" is not defined in the given specs",
  ]],
  ["a named type with another signature", inside(`<tp:simple-type name="Handle" type="u"/><property name="P" type="s" access="read" tp:type="Handle"/>`), [
    "a.xml:2:92 error type-mismatch: property P has type \"s\", but \"Handle\" is \"u\"",
  ]],
  ["a named type on a list of it", inside(`<tp:simple-type name="Handle" type="u" array-name="Handle_List"/><property name="P" type="au" access="read" tp:type="Handle"/>`), [
    "a.xml:2:118 warning type-items: property P has type \"au\", but \"Handle\" is the type of its items",
  ]],
  ["a list of a named type without array-name", inside(`<tp:simple-type name="Handle" type="u"/><property name="P" type="au" access="read" tp:type="Handle[]"/>`), [
    "a.xml:2:93 error type-definition: \"Handle[]\" is used, but \"Handle\" has no array-name",
  ]],
  ["results with more than 255 characters of signature", inside(`<method name="M">${'<arg type="ai" direction="out"/>'.repeat(128)}</method>`), [
    "a.xml:2:15 error signature-length: the signature of the output arguments of M has 256 characters; the limit is 255",
  ]],
  ["a type defined twice", inside(`<tp:simple-type name="T" type="u"/><tp:simple-type name="T" type="s"/>`), [
    "a.xml:2:58 error duplicate: the type \"T\" is defined twice",
  ]],
  ["a type of two folders, and of none that uses it", { "a/t.xml": spec(`<tp:simple-type name="T" type="u"/>`, "a.One"), "b/t.xml": spec(`<tp:simple-type name="T" type="u"/>`, "b.Two"), "c/u.xml": spec(`<property name="P" type="u" access="read" tp:type="T"/>`) }, [
    "c/u.xml:1:199 warning type-unknown: the type \"T\" is defined in several other folders",
  ]],
  ["an enum of fractions", inside(`<tp:enum name="E" type="d"><tp:enumvalue suffix="Half" value="1"/></tp:enum>`), [
    "a.xml:2:16 error type-definition: an enum is an integer or a string, not \"d\"",
  ]],
  ["flags of texts", inside(`<tp:flags name="F" type="s"><tp:flag suffix="A" value="a"/></tp:flags>`), [
    "a.xml:2:17 error type-definition: flags are an integer, not \"s\"",
  ]],
  ["a mapping of three", inside(`<tp:mapping name="M"><tp:member name="A" type="s"/><tp:member name="B" type="s"/><tp:member name="C" type="s"/></tp:mapping>`), [
    "a.xml:2:19 error type-definition: a mapping has two members: key and value",
  ]],
  ["a mapping by what is no key", inside(`<tp:mapping name="M"><tp:member name="A" type="v"/><tp:member name="B" type="s"/></tp:mapping>`), [
    "a.xml:2:19 error type-definition: the key of a mapping is a basic type",
  ]],
  ["a contact attribute of no type", inside(`<tp:contact-attribute name="alias" type="!"/>`), [
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
  ["a member called then", inside(`<method name="then"/>`), [
    "a.xml:2:15 warning renamed: method \"then\" is called \"then$\": \"then\" is a member that every client, service or object has",
  ]],
  ["two names that differ in case only", inside(`<method name="Foo"/><method name="foo"/>`), [
    "a.xml:2:15 warning renamed: method \"Foo\" is called \"foo$\": method \"foo\" has that name",
  ]],
];

describe("what is wrong with a spec, and where", () => {
  test.each(CASES)("%s", async (_, given, want) => {
    const result = await run(given);
    expect(lines(result)).toEqual(want);
    // Nothing is generated where anything is an error.
    expect(result.files.length > 0).toBe(!want.some((line) => / error /.test(line)));
  });

  test("the table above has every code", () => {
    const seen = new Set(
      CASES.flatMap(([, , want]) => want.map((line) => / (?:error|warning) ([\w-]+): /.exec(line)?.[1])),
    );
    // Running services, files of values and options are no specs: test/workbench has theirs.
    const ofSpecs = Object.keys(CODES).filter((code) => !/^(live|values|option)-/.test(code));
    expect(ofSpecs.filter((code) => !seen.has(code))).toEqual([]);
  });

  test("every code has the severity of the table of codes", () => {
    for (const line of CASES.flatMap(([, , want]) => want)) {
      const [, severity, code = ""] = / (error|warning) ([\w-]+): /.exec(line) ?? [];
      expect(Object.entries(CODES).find(([name]) => name === code)?.[1].severity, line).toBe(severity);
    }
  });

  test("all complaints about all files come in one run, by file and place", async () => {
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

describe("hints", () => {
  // biome-ignore format: one case a line
  test.each([
    ["<metod/>", "did you mean <method>?"],
    ["<Signal/>", "did you mean <signal>?"],
    ["<anotation/>", "did you mean <annotation>?"],
    [`<method nme="M" name="M"/>`, 'did you mean "name"?'],
    [`<property name="P" type="s" acces="read" access="read"/>`, 'did you mean "access"?'],
    [`<method name="M"><arg typ="s" type="s"/></method>`, 'did you mean "type"?'],
    ["<frobnicate/>", undefined],
    [`<property name="P" type="a{vs}" access="read"/>`, "use an array of structs, such as a(vs), or another key type"],
    [`<property name="P" type="ss" access="read"/>`, "write several elements, or one struct: (ss)"],
    [`<property name="P" type="s"/>`, "access is read, write or readwrite"],
  ])("%s", async (body, hint) => {
    const { diagnostics } = await run(inside(body));
    expect(diagnostics.map((one) => one.hint)).toEqual([hint]);
  });
});

describe("formats", () => {
  const given = inside(`  <method name="M">\n    <arg name="x" type="a{vs}" direction="in"/>\n  </method>`);
  const twice = "<node>\n  <interface name='a.b.C'/>\n  <interface name='a.b.C'/>\n</node>";

  test("frame points into the signature", async () => {
    expect(render((await run(given)).diagnostics, "frame")).toMatchInlineSnapshot(`
      "a.xml:3:27 error signature: invalid signature "a{vs}" of argument "x" of M: a dictionary key must be a basic type
        2 |   <method name="M">
      > 3 |     <arg name="x" type="a{vs}" direction="in"/>
          |                           ^
        4 |   </method>
        hint: use an array of structs, such as a(vs), or another key type

      "
    `);
  });

  test("frame names the other place", async () => {
    expect(render((await run(twice)).diagnostics, "frame")).toMatchInlineSnapshot(`
      "a.xml:3:20 error duplicate: the interface "a.b.C" is defined twice
        2 |   <interface name='a.b.C'/>
      > 3 |   <interface name='a.b.C'/>
          |                    ^^^^^
        4 | </node>
        a.xml:2:20 first defined here

      "
    `);
  });

  test("frame cuts a long line around the place", async () => {
    const result = await run(spec(`${" ".repeat(300)}<method name="1"/>${" ".repeat(300)}`));
    expect(render(result.diagnostics, "frame")).toMatchInlineSnapshot(`
      "a.xml:1:462 error name: "1" is not a method name: letters, digits and underscores, not starting with a digit
      > 1 |                                               <method name="1"/>
          |                                                             ^

      "
    `);
  });

  test("plain is one line a complaint", async () => {
    expect(render((await run(given)).diagnostics, "plain")).toMatchInlineSnapshot(`
      "a.xml:3:27 error signature: invalid signature "a{vs}" of argument "x" of M: a dictionary key must be a basic type
      "
    `);
  });

  test("github is a workflow command a complaint", async () => {
    expect(render((await run({ "specs/a,b.xml": given })).diagnostics, "github")).toMatchInlineSnapshot(`
      "::error file=specs/a%2Cb.xml,line=3,col=27,title=signature::invalid signature "a{vs}" of argument "x" of M: a dictionary key must be a basic type%0Ahint: use an array of structs, such as a(vs), or another key type
      "
    `);
  });

  test("json has lines, columns and ends", async () => {
    expect((await run(twice)).diagnostics.map(toJson)).toMatchInlineSnapshot(`
      [
        {
          "code": "duplicate",
          "column": 20,
          "endColumn": 25,
          "endLine": 3,
          "file": "a.xml",
          "line": 3,
          "message": "the interface "a.b.C" is defined twice",
          "related": {
            "column": 20,
            "endColumn": 25,
            "endLine": 2,
            "file": "a.xml",
            "line": 2,
            "message": "first defined here",
          },
          "severity": "error",
        },
      ]
    `);
  });

  test("colour is asked for, never guessed", async () => {
    const { diagnostics } = await run(given);
    expect(render(diagnostics, "frame", true)).toContain("\u001B[31merror");
    expect(render(diagnostics, "frame", false)).not.toContain("\u001B");
  });

  test("a spec cannot write lines or control the terminal", async () => {
    const { diagnostics } = await run(`<node name="a&#10;b.xml:1:1 error name: forged&#x9B;31m&#x202E;"/>`);
    for (const format of ["plain", "github"] as const)
      expect(render(diagnostics, format).trimEnd()).not.toMatch(/[\n\u009B\u202E]/);
    expect(render(diagnostics, "frame")).not.toMatch(/[\u009B\u202E]|^b\.xml/m);
  });
});

describe("places", () => {
  test.each([
    ["\\n", "\n"],
    ["\\r\\n", "\r\n"],
  ])("lines that end in %s count alike", async (_, end) => {
    const given = [
      "<node>",
      "<!-- two",
      "lines -->",
      "",
      '  <interface name="a.b.C">',
      '    <method name="1"/>',
      "  </interface>",
      "</node>",
    ];
    expect(lines(await run(given.join(end)))).toEqual([expect.stringMatching(/^a\.xml:6:19 error name: /)]);
  });

  test("a byte order mark has no width", async () => {
    expect(lines(await run("\uFEFF<nodes/>"))).toEqual([expect.stringMatching(/^a\.xml:1:1 error xml-root: /)]);
    expect(lines(await run(Buffer.from("\uFEFF<nodes/>")))).toEqual([
      expect.stringMatching(/^a\.xml:1:1 error xml-root: /),
    ]);
  });

  test("where references stand in a signature, the whole of it is shown", async () => {
    expect(lines(await run(inside(`<property name="P" type="a&#x7B;vs}" access="read"/>`)))).toEqual([
      expect.stringMatching(/^a\.xml:2:26 error signature: /),
    ]);
  });

  test("text behind comments and character data is found", async () => {
    expect(lines(await run("<node><!-- &a; --> x <![CDATA[ &b; ]]>\n  &c;</node>"))).toEqual([
      expect.stringMatching(/^a\.xml:2:3 error xml-entity: the entity "c"/),
    ]);
  });
});

test("warnings do not stop the output", async () => {
  const result = await run(inside(`<metod/><method name="then"/>`));
  expect(result.diagnostics.map(({ severity }) => severity)).toEqual(["warning", "warning"]);
  expect(textOf(result)).toContain("then$(");
});
