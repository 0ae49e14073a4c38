import { Diagnostics } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { gtkInlinesOf } from "../../../../generator/compiler/resolve/inline-markup.ts";
import { spec } from "../../support.ts";

/** Returns the blocks of the documentation of a method. */
function blocksOf(markup: string): unknown {
  const content = spec(`<method name="M"><tp:docstring>${markup}</tp:docstring></method>`);
  const diagnostics = new Diagnostics();
  const { interfaces } = analyze([{ path: "a.xml", content }], diagnostics).ir;
  expect(diagnostics.sorted()).toEqual([]);
  return interfaces[0]?.methods[0]?.doc.blocks;
}

const text = (value: string) => ({ kind: "text", text: value });
const paragraph = (...inlines: readonly object[]) => ({ kind: "paragraph", text: inlines });

test.each<readonly [string, string, readonly object[]]>([
  [
    "code in one line is part of its paragraph",
    "Call <tp:code>Play()</tp:code> first",
    [paragraph(text("Call "), { kind: "code", text: "Play()" }, text(" first"))],
  ],
  [
    "code in several lines is a block",
    "Call<tp:code>\n  a\n    b\n</tp:code>first",
    [paragraph(text("Call")), { kind: "code", text: "a\n  b" }, paragraph(text("first"))],
  ],
  [
    "a numbered list has only its items",
    "<tp:ol>before<tp:li>one</tp:li><tp:p>between</tp:p><tp:li>two</tp:li></tp:ol>",
    [{ kind: "list", ordered: true, items: [[paragraph(text("one"))], [paragraph(text("two"))]] }],
  ],
  [
    "a list without numbers",
    "<tp:ul><tp:li>one</tp:li></tp:ul>",
    [{ kind: "list", ordered: false, items: [[paragraph(text("one"))]] }],
  ],
  [
    "a term has all definitions that follow it, and a definition without a term an empty one",
    "<tp:dl><tp:dd>none</tp:dd><tp:dt>term</tp:dt><tp:dd>one</tp:dd><tp:dd>two</tp:dd></tp:dl>",
    [
      {
        kind: "definitions",
        items: [
          { term: [], blocks: [paragraph(text("none"))] },
          { term: [text("term")], blocks: [paragraph(text("one")), paragraph(text("two"))] },
        ],
      },
    ],
  ],
  [
    "paragraphs are separate, and an empty one is none",
    "<tp:p>one</tp:p><tp:p/><tp:p>two</tp:p>three",
    [paragraph(text("one")), paragraph(text("two")), paragraph(text("three"))],
  ],
  [
    "a list of DocBook",
    "<tp:itemizedlist><tp:listitem>one</tp:listitem></tp:itemizedlist>",
    [{ kind: "list", ordered: false, items: [[paragraph(text("one"))]] }],
  ],
  [
    "a numbered list of DocBook",
    "<tp:orderedlist><tp:listitem>one</tp:listitem></tp:orderedlist>",
    [{ kind: "list", ordered: true, items: [[paragraph(text("one"))]] }],
  ],
  [
    "an address is in parentheses after its text",
    `<tp:ulink url="x:y">text</tp:ulink>`,
    [paragraph(text("text"), text(" (x:y)"))],
  ],
  ["an address without text is the text", `See <tp:ulink url="x:y"/>`, [paragraph(text("See "), text("x:y"))]],
  [
    "a reference is a full name",
    `<tp:dbus-ref a="b" namespace="imt1.Channel">Close</tp:dbus-ref>`,
    [paragraph({ kind: "code", text: "im.telepathy1.Channel.Close" })],
  ],
  [
    "a reference without namespace is its text",
    `<tp:dbus-ref a="b">Close</tp:dbus-ref>`,
    [paragraph({ kind: "code", text: "Close" })],
  ],
  [
    "code with a namespace is its text",
    `<tp:code namespace="a.b">Close</tp:code>`,
    [paragraph({ kind: "code", text: "Close" })],
  ],
  [
    "a value is named with its enum",
    `<tp:value-ref a="b" type="Kind">On</tp:value-ref>`,
    [paragraph({ kind: "code", text: "Kind_On" })],
  ],
])("%s", (_, markup, expected) => {
  expect(blocksOf(markup)).toEqual(expected);
});

describe("values and their meanings are a table", () => {
  const entry = (term: string, meaning: string): string =>
    `<tp:varlistentry><tp:term>${term}</tp:term><tp:listitem>${meaning}</tp:listitem></tp:varlistentry>`;
  test.each([
    ["if there are several", entry("on", "lit") + entry("off", "dark"), "table"],
    ["if they have names", entry("0 (Off)", "dark") + entry("ON = 1", "lit"), "table"],
    ["but not if there is one", entry("on", "lit"), "definitions"],
    [
      "but not if a value has several words",
      entry("on", "lit") + entry("a b", "dark") + entry("c", "d"),
      "definitions",
    ],
    [
      "but not if a meaning has several paragraphs",
      entry("on", "lit") + entry("c", "d") + entry("off", "<tp:p>a</tp:p><tp:p>b</tp:p>"),
      "definitions",
    ],
  ])("%s", (_description, entries, kind) => {
    expect(blocksOf(`<tp:variablelist>${entries}</tp:variablelist>`)).toMatchObject([{ kind }]);
  });
});

test.each<readonly [string, readonly object[]]>([
  ["%ON is on", [{ kind: "code", text: "ON" }, text(" is on")]],
  ["it is %ON", [text("it is "), { kind: "code", text: "ON" }]],
  ["plain", [text("plain")]],
  ["%ON", [{ kind: "code", text: "ON" }]],
  ["", []],
  ["a@b.c and play()", [text("a@b.c and "), { kind: "code", text: "play()" }]],
])("marked words of %j are %j", (value, expected) => {
  expect(gtkInlinesOf({ kind: "text", text: value })).toEqual(expected);
});

test("listings in a comment are blocks of code, except one without an end", () => {
  const comment = "<!-- M:\n\nFirst |[\n  a\n\n    b\n]| then |[c]||[d]| and |[ e -->";
  const { interfaces } = analyze(
    [{ path: "a.xml", content: spec(`${comment}<method name="M"/>`) }],
    new Diagnostics(),
  ).ir;
  expect(interfaces[0]?.methods[0]?.doc.blocks).toEqual([
    paragraph(text("First")),
    { kind: "code", text: "a\n\n  b" },
    paragraph(text("then")),
    { kind: "code", text: "c" },
    { kind: "code", text: "d" },
    paragraph(text("and |[ e")),
  ]);
});
