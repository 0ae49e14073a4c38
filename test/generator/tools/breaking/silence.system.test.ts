import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Source } from "dbus-codegen-ts";
import { compareSpecs } from "dbus-codegen-ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CORPUS_NOTE, corpus, hasCorpus, ROOT } from "../../support.ts";
import { changed, classes } from "./support.ts";

/** Edits of the text of a spec that affect neither peers nor code. */
const EDITS: Readonly<Record<string, (text: string) => string>> = {
  "documentation is removed": (text) => text.replace(/<tp:docstring\b[\s\S]*?<\/tp:docstring>/g, ""),
  "documentation is added": (text) =>
    text.replace(
      /(<(?:method|signal|property|tp:struct|tp:enum)\b[^>]*[^/]>)/g,
      "$1<tp:docstring>New words.</tp:docstring>",
    ),
  "comments are replaced": (text) => text.replace(/<!--[\s\S]*?-->/g, "").replace(/>(\s*)</g, ">$1<!-- a note -->$1<"),
  "the indentation changes": (text) => text.replace(/>\s*</g, ">\n\t\t<"),
  "line ends are CR LF": (text) => text.replace(/\r?\n/g, "\r\n"),
  "attributes have another order": (text) =>
    text.replace(/<(\w+)((?:\s+[\w:-]+="[^"]*")+)(\s*\/?)>/g, (_, name: string, given: string, end: string) => {
      const attributes = given.match(/[\w:-]+="[^"]*"/g) ?? [];
      return `<${name} ${attributes.toReversed().join(" ")}${end}>`;
    }),
  "attributes have other quotes": (text) => text.replace(/([\w:-]+)="([^"']*)"(?=[^<>]*>)/g, "$1='$2'"),
};

function readFolder(folder: string): readonly Source[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".xml"));
  return names.map((path) => ({ path, content: readFileSync(join(folder, path), "utf8") }));
}

function fromCorpus(): readonly Source[] {
  return Object.entries(corpus("telepathy")).map(([path, content]) => ({ path, content: String(content) }));
}

const edited = (sources: readonly Source[], edit: (text: string) => string): readonly Source[] =>
  sources.map(({ path, content }) => ({ path, content: edit(String(content)) }));

/** Defines a test for each edit of real specs. */
function testEdits(sources: () => readonly Source[]): void {
  test.each(Object.entries(EDITS))("%s", (_, edit) => {
    const [before, after] = [sources(), edited(sources(), edit)];
    expect(after).not.toEqual(before);
    expect(compareSpecs(before, after)).toEqual({ changes: [], bump: "none", diagnostics: [] });
  });

  test("files are in another folder and in another order", () => {
    const before = sources();
    const moved = before.map(({ path, content }) => ({ path: `deep/down/${path}`, content })).toReversed();
    expect(compareSpecs(before, moved)).toEqual({ changes: [], bump: "none", diagnostics: [] });
  });
}

describe("reports no change of the specs in this repository if", () =>
  testEdits(() => readFolder(join(ROOT, "specs"))));

describe.skipIf(!hasCorpus)(`reports no change of the Telepathy specs if${CORPUS_NOTE}`, () => testEdits(fromCorpus));

/** Declarations of all kinds. The order of `items`, and the order of the declarations, have no meaning. */
const DECLARATIONS: readonly (
  | string
  | { readonly open: string; readonly items: readonly string[]; readonly close: string }
)[] = [
  `<method name="Play"><arg name="track" type="s"/><arg name="at" type="t" direction="out"/></method>`,
  `<method name="play"/>`,
  `<method name="then"/>`,
  `<signal name="play"/>`,
  `<signal name="Play"/>`,
  `<property name="play" type="s" access="read"/>`,
  `<property name="Play" type="s" access="read"/>`,
  `<tp:simple-type name="id" type="u"/>`,
  `<tp:simple-type name="C1_Client" type="u"/>`,
  `<tp:simple-type name="C1Client" type="u"/>`,
  `<signal name="Played"><arg name="track" type="s"/><arg name="mode" type="u" tp:type="Mode"/></signal>`,
  `<property name="Song" type="(su)" tp:type="Song" access="read"/>`,
  `<property name="Songs" type="a{u(su)}" tp:type="Songs" access="read"/>`,
  `<property name="Settings" type="a{sv}" tp:type="Settings" access="readwrite"/>`,
  `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="invalidates"/>`,
  `<annotation name="org.example.Other" value="1"/>`,
  `<tp:simple-type name="Id" type="u"/>`,
  `<tp:struct name="Song"><tp:member name="Title" type="s"/><tp:member name="Id" type="u" tp:type="Id"/></tp:struct>`,
  `<tp:mapping name="Songs"><tp:member name="Id" type="u" tp:type="Id"/><tp:member name="Song" type="(su)" tp:type="Song"/></tp:mapping>`,
  {
    open: `<tp:enum name="Mode">`,
    items: ["Off", "On", "Loud", "loud", "Loud_"].map(
      (name, value) => `<tp:enumvalue suffix="${name}" value="${value}"/>`,
    ),
    close: "</tp:enum>",
  },
  {
    open: `<dct:dictionary name="Settings">`,
    items: ["Bass", "Treble", "x/Mid", "y/Mid", "mid"].map((name) => `<dct:key name="${name}" type="d"/>`),
    close: "</dct:dictionary>",
  },
  {
    open: `<method name="Stop">`,
    items: [`<annotation name="x.A" value="1"/>`, `<annotation name="x.B" value="2"/>`],
    close: "</method>",
  },
];

const shuffled = <T>(items: readonly T[]): fc.Arbitrary<readonly T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });
const layout = fc.constantFrom(
  "",
  " ",
  "\n\n",
  "\n\t",
  "<!-- Play: words -->",
  "<!-- Stop:\n@a: b\n@since: 3 -->",
  "<?pi?>",
  "<x:y xmlns:x='urn:x'/>",
);
const docs = fc.constantFrom("", "<tp:docstring>Words.</tp:docstring>", "<tp:added version='1.2'/>");

/** Specs with the declarations in random order, with random layout and documentation. */
const spec = fc
  .tuple(
    ...DECLARATIONS.map((declaration) =>
      typeof declaration === "string"
        ? fc.constant(declaration)
        : shuffled(declaration.items).map((items) => declaration.open + items.join("\n") + declaration.close),
    ),
  )
  .chain((declarations) => fc.tuple(shuffled(declarations), fc.array(layout, { minLength: 20, maxLength: 20 }), docs))
  .map(([declarations, gaps, words]) => {
    const body = declarations.map((declaration, index) => `${gaps[index] ?? ""}${declaration}`).join("");
    return `<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" xmlns:dct="urn:dbus-codegen-ts:dictionary:1"><interface name="a.b.C1">${words}${body}</interface></node>`;
  });

/** Files of errors in random order. Some errors have colliding identifiers. */
const errors = shuffled(["NoTrack", "noTrack", "NoTrackError", "Busy"]).map(
  (names) =>
    `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="a.E">${names.map((name) => `<tp:error name="${name}"/>`).join("")}</tp:errors>`,
);

test("ignores the order of errors", () => {
  fc.assert(
    fc.property(errors, errors, (before, after) => {
      expect(classes(changed({ "a.xml": before }, { "a.xml": after }))).toEqual([]);
    }),
  );
});

test("ignores order, layout and documentation", () => {
  fc.assert(
    fc.property(spec, spec, (before, after) => {
      const result = compareSpecs([{ path: "a.xml", content: before }], [{ path: "b.xml", content: after }]);
      expect([result.diagnostics, classes(result)]).toEqual([[], []]);
    }),
    { numRuns: 150 },
  );
});
