import { describe, expect, test } from "vitest";
import { CODES } from "../../../../generator/compiler/diagnostics/codes.ts";
import { CHANGES, type ChangeCode } from "../../../../generator/tools/breaking/changes.ts";
import { explainChange } from "../../../../generator/tools/breaking/explanations.ts";
import { type Topic, topicOf, topics } from "../../../../generator/tools/explain/explain.ts";
import { cli } from "../../support.ts";

const CHANGE_CODES = Object.keys(CHANGES) as readonly ChangeCode[];

/** Codes that follow from the same mistake as the one that an example shows. */
function follow(code: string): readonly string[] {
  const explanations: Readonly<Record<string, { readonly meaning: string; readonly also?: readonly string[] }>> = {
    ...CODES,
    ...Object.fromEntries(CHANGE_CODES.map((change) => [change, explainChange(change)])),
  };
  return explanations[code]?.also ?? [];
}

const codesOf = (show: NonNullable<Topic["show"]>, specs: NonNullable<Topic["show"]>["bad"]): readonly string[] => [
  ...new Set(show.run(specs).map(({ code }) => code)),
];

describe("every code has an example that has it, and one that has it not", () => {
  test.each(topics().map((topic) => [topic.code, topic] as const))("%s", (code, { kind, show }) => {
    if (show === undefined) {
      // No spec shows these: they are about running services, files of values, options.
      expect(code).toMatch(/^(live|values|option)-/);
      return;
    }
    expect(codesOf(show, show.bad).toSorted()).toEqual([code, ...follow(code)].toSorted());
    const left = codesOf(show, show.good);
    if (kind === "change") expect(left).not.toContain(code);
    else expect(left).toEqual([]);
  });

  test("no two kinds of findings share a code", () => {
    const codes = topics().map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test("texts are sentences", () => {
    for (const { code, title, meaning, fix } of topics()) {
      expect(
        [meaning, fix].every((text) => /^[A-Z“].*[.”]$/s.test(text)),
        code,
      ).toBe(true);
      expect(title, code).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  test("what is no code is no topic", () => {
    for (const name of ["", "nothing", "toString", "__proto__"]) expect(topicOf(name)).toBeUndefined();
  });
});

describe("dbus-codegen explain", () => {
  test("a rule", async () => {
    const { code, out, talk } = await cli("/", "explain", "property-would-do");
    expect([code, talk]).toEqual([0, ""]);
    expect(out).toMatchInlineSnapshot(`
      "property-would-do: A method could be a property
      lint rule, design, warning

      A method that takes nothing and gives one value is what a property is for: properties are read all
      at once, cached, and announced when they change.

          <node>
            <interface name="org.example.Jukebox1">
              <method name="GetVolume">
                <arg name="volume" type="d" direction="out"/>
              </method>
            </interface>
          </node>

      org.example.Jukebox1.xml:3:19 warning property-would-do: GetVolume takes nothing and gives one value, as a property does
        2 |   <interface name="org.example.Jukebox1">
      > 3 |     <method name="GetVolume">
          |                   ^^^^^^^^^
        4 |       <arg name="volume" type="d" direction="out"/>
        hint: declare a property Volume: it is cached, announced and read with others in one call

      Declare a property. Keep the method where getting the value has an effect or takes long.

      Better:

          <node>
            <interface name="org.example.Jukebox1">
              <property name="Volume" type="d" access="read"/>
            </interface>
          </node>
      "
    `);
  });

  test("a change, with both versions", async () => {
    expect((await cli("/", "explain", "argument-order")).out).toMatchInlineSnapshot(`
      "argument-order: Arguments of one signature stand in another order
      change between versions, wire

      The signature is the same, so that nobody notices: each side takes one argument for the other.

      Before:

          <node>
            <interface name="org.example.Jukebox1">
              <method name="Rename">
                <arg name="from" type="s" direction="in"/>
                <arg name="to" type="s" direction="in"/>
              </method>
            </interface>
          </node>

      After:

          <node>
            <interface name="org.example.Jukebox1">
              <method name="Rename">
                <arg name="to" type="s" direction="in"/>
                <arg name="from" type="s" direction="in"/>
              </method>
            </interface>
          </node>

      org.example.Jukebox1.xml:3:19 error argument-order: breaks on the wire: the method "Rename" takes (to, from), was (from, to): same signature, other meaning
        2 |   <interface name="org.example.Jukebox1">
      > 3 |     <method name="Rename">
          |                   ^^^^^^
        4 |       <arg name="to" type="s" direction="in"/>
        before/org.example.Jukebox1.xml:3:19 stood here

      Keep the order.

      Better:

          <node>
            <interface name="org.example.Jukebox1">
              <method name="Rename">
                <arg name="from" type="s" direction="in"/>
                <arg name="to" type="s" direction="in"/>
              </method>
            </interface>
          </node>
      "
    `);
  });

  test("without a code it lists all", async () => {
    const { code, out } = await cli("/", "explain");
    expect(code).toBe(0);
    for (const { code: one, title } of topics())
      expect(out).toMatch(new RegExp(`^  ${one} .*  ${title.replace(/[().]/g, "\\$&")}$`, "m"));
  });

  test("of a long example only the beginning, and bytes that are no text as characters", async () => {
    expect((await cli("/", "explain", "xml-too-large")).out.length).toBeLessThan(1000);
    expect((await cli("/", "explain", "xml-encoding")).out).toContain("caf\u00E9");
  });

  test("several at once; a code that does not exist", async () => {
    expect((await cli("/", "explain", "name", "access")).out).toMatch(/^name: [\s\S]*\n\naccess: /);
    expect(await cli("/", "explain", "property-would-be")).toEqual({
      code: 2,
      out: "",
      talk: 'dbus-codegen: "property-would-be" is not a code; did you mean property-would-do? dbus-codegen explain lists them\n',
    });
  });
});
