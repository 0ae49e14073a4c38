import { render, toJson } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { lines, run, spec } from "../../support.ts";

/** Returns a spec whose second line is `body`. */
const inside = (body: string): string => spec(`\n${body}\n`);

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
    expect(diagnostics.map((diagnostic) => diagnostic.hint)).toEqual([hint]);
  });
});

describe("formats", () => {
  const given = inside(`  <method name="M">\n    <arg name="x" type="a{vs}" direction="in"/>\n  </method>`);
  const twice = "<node>\n  <interface name='a.b.C'/>\n  <interface name='a.b.C'/>\n</node>";

  test("frame marks a position inside the signature", async () => {
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

  test("frame shows the related position", async () => {
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

  test("frame shortens a long line", async () => {
    const result = await run(spec(`${" ".repeat(300)}<method name="1"/>${" ".repeat(300)}`));
    expect(render(result.diagnostics, "frame")).toMatchInlineSnapshot(`
      "a.xml:1:462 error name: "1" is not a method name: letters, digits and underscores, not starting with a digit
      > 1 |                                               <method name="1"/>
          |                                                             ^

      "
    `);
  });

  test("plain is one line per diagnostic", async () => {
    expect(render((await run(given)).diagnostics, "plain")).toMatchInlineSnapshot(`
      "a.xml:3:27 error signature: invalid signature "a{vs}" of argument "x" of M: a dictionary key must be a basic type
      "
    `);
  });

  test("github is one workflow command per diagnostic", async () => {
    expect(render((await run({ "specs/a,b.xml": given })).diagnostics, "github")).toMatchInlineSnapshot(`
      "::error file=specs/a%2Cb.xml,line=3,col=27,title=signature::invalid signature "a{vs}" of argument "x" of M: a dictionary key must be a basic type%0Ahint: use an array of structs, such as a(vs), or another key type
      "
    `);
  });

  test("json contains start and end as line and column", async () => {
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

  test("colours are used only on request", async () => {
    const { diagnostics } = await run(given);
    expect(render(diagnostics, "frame", true)).toContain("\u001B[31merror");
    expect(render(diagnostics, "frame", false)).not.toContain("\u001B");
  });

  test("a spec cannot add lines or control the terminal", async () => {
    const { diagnostics } = await run(`<node name="a&#10;b.xml:1:1 error name: forged&#x9B;31m&#x202E;"/>`);
    for (const format of ["plain", "github"] as const)
      expect(render(diagnostics, format).trimEnd()).not.toMatch(/[\n\u009B\u202E]/);
    expect(render(diagnostics, "frame")).not.toMatch(/[\u009B\u202E]|^b\.xml/m);
  });
});

describe("positions", () => {
  test.each([
    ["\\n", "\n"],
    ["\\r\\n", "\r\n"],
  ])("lines that end in %s are counted the same way", async (_, end) => {
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

  test("a signature with character references is reported as a whole", async () => {
    expect(lines(await run(inside(`<property name="P" type="a&#x7B;vs}" access="read"/>`)))).toEqual([
      expect.stringMatching(/^a\.xml:2:26 error signature: /),
    ]);
  });

  test("text after comments and CDATA has the right position", async () => {
    expect(lines(await run("<node><!-- &a; --> x <![CDATA[ &b; ]]>\n  &c;</node>"))).toEqual([
      expect.stringMatching(/^a\.xml:2:3 error xml-entity: the entity "c"/),
    ]);
  });
});
