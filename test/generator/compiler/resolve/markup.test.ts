import { Diagnostics } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
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
])("%s", (_, markup, expected) => {
  expect(blocksOf(markup)).toEqual(expected);
});
