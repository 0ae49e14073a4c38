import fc from "fast-check";
import { expect, test } from "vitest";
import { analyze, assignNames } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { generate } from "../../../../generator/compiler/generate.ts";
import type { NamedMember } from "../../../../generator/compiler/names/identifiers.ts";
import type { Ir } from "../../../../generator/compiler/resolve/ir.ts";
import { membersOf, typesOf } from "../../../../generator/compiler/resolve/walk.ts";
import { spec } from "../../support.ts";

/** Names whose identifiers collide, and others. */
const NAMES = ["Play", "play", "play_", "_Play", "Play_Back", "PlayBack", "playBack", "then", "Then", "Other"];

const DECLARE: Readonly<Record<string, (name: string) => string>> = {
  methods: (name) => `<method name="${name}"/>`,
  signals: (name) => `<signal name="${name}"/>`,
  properties: (name) => `<property name="${name}" type="s" access="read"/>`,
  types: (name) => `<tp:simple-type name="${name}" type="u"/>`,
  values: (name) => `<tp:enumvalue suffix="${name}" value="${NAMES.indexOf(name)}"/>`,
  keys: (name) => `<dct:key name="${name}" type="s"/>`,
  errors: (name) => `<tp:error name="${name}"/>`,
};

const WRAP: Readonly<Record<string, (declarations: string) => string>> = {
  values: (values) => spec(`<tp:enum name="Mode" type="u">${values}</tp:enum>`),
  keys: (keys) => spec(`<dct:dictionary name="Settings">${keys}</dct:dictionary>`),
  errors: (errors) =>
    `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="a.E">${errors}</tp:errors>`,
};

function namedMembersOf(ir: Ir): readonly NamedMember[] {
  return [
    ...membersOf(ir).map(({ member }) => member),
    ...typesOf(ir).flatMap((type): readonly NamedMember[] => {
      if (type.kind === "dictionary") return type.entries;
      return type.kind === "enum" || type.kind === "flags" ? type.values : [];
    }),
  ];
}

/** Returns the identifiers of all declarations of a spec by name. */
function identifiers(content: string): Readonly<Record<string, string>> {
  const diagnostics = new Diagnostics();
  const { ir } = analyze([{ path: "a.xml", content }], diagnostics);
  const names = assignNames(ir, diagnostics);
  expect(diagnostics.hasErrors).toBe(false);
  return Object.fromEntries([
    ...namedMembersOf(ir).map((member) => [member.name, names.member(member)]),
    ...ir.errorDomains.flatMap(({ errors }) =>
      errors.map((error) => [`error ${error.suffix}`, names.error(error).name]),
    ),
    ...typesOf(ir).map((type) => [`type ${type.name}`, names.type(type).name]),
  ]);
}

test.each(Object.keys(DECLARE))("the order of %s does not affect identifiers", (kind) => {
  const declare = (names: readonly string[]): string => {
    const declarations = names.map((name) => DECLARE[kind]?.(name)).join("");
    return (WRAP[kind] ?? spec)(declarations);
  };
  const expected = identifiers(declare(NAMES));
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(NAMES.length);
  fc.assert(
    fc.property(fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), (names) => {
      expect(identifiers(declare(names))).toEqual(expected);
    }),
  );
});

test("a name that equals the identifier takes precedence", () => {
  expect(identifiers(spec(`<method name="Play"/><method name="play"/><method name="PlayBack"/>`))).toEqual({
    play: "play",
    Play: "play$",
    PlayBack: "playBack",
  });
  expect(identifiers(WRAP["errors"]?.(`<tp:error name="Busy"/><tp:error name="BusyError"/>`) ?? "")).toEqual({
    "error BusyError": "BusyError",
    "error Busy": "BusyError$",
  });
});

test("a type that is declared inside a standard interface can be used by other interfaces", async () => {
  const content = `<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">
    <interface name="org.freedesktop.DBus.Peer">
      <tp:struct name="Size"><tp:member name="width" type="u"/></tp:struct><method name="Ping"/>
    </interface>
    <interface name="org.example.Screen1"><property name="Size" type="(u)" tp:type="Size" access="read"/></interface>
  </node>`;
  const { files, diagnostics } = await generate([{ path: "screen.xml", content }]);
  expect(diagnostics).toEqual([]);
  expect(files.map(({ path }) => path)).toEqual(["org.example.Screen1.ts", "screen.ts"]);
});
