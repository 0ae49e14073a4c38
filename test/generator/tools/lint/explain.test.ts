import { describe, expect, test } from "vitest";
import { type Demonstration, topicOf, topics } from "../../../../generator/tools/explain/explain.ts";
import { cli } from "../../support.ts";

const codesOf = ({ run }: Demonstration, specs: Demonstration["bad"]): readonly string[] => [
  ...new Set(run(specs).map(({ code }) => code)),
];

describe("every code has an example with the problem, and one without", () => {
  test.each(topics().map((topic) => [topic.code, topic] as const))("%s", (code, { kind, demonstration }) => {
    if (demonstration === undefined) {
      // No spec can demonstrate these codes: they are about running services, files of values and options.
      expect(code).toMatch(/^(live|installed|values|option|diagnostic)-/);
      return;
    }
    expect(codesOf(demonstration, demonstration.bad).toSorted()).toEqual([code, ...demonstration.also].toSorted());
    const codesOfGood = codesOf(demonstration, demonstration.good);
    if (kind === "change") expect(codesOfGood).not.toContain(code);
    else expect(codesOfGood).toEqual([]);
  });

  test("each code is unique", () => {
    const codes = topics().map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });

  test("meanings and fixes are sentences, titles are not", () => {
    for (const { code, title, meaning, fix } of topics()) {
      expect(
        [meaning, fix].every((text) => /^[A-Z“].*[.”]$/s.test(text)),
        code,
      ).toBe(true);
      expect(title, code).toMatch(/^[A-Z].*[^.]$/);
    }
  });

  test("a text that is not a code has no topic", () => {
    for (const name of ["", "nothing", "toString", "__proto__"]) expect(topicOf(name)).toBeUndefined();
  });
});

describe("dbus-codegen explain", () => {
  test("explains a rule", async () => {
    const { code, out, err } = await cli("/", "explain", "property-would-do");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatchInlineSnapshot(`
      "property-would-do: A method could be a property
      lint rule, design, warning

      A method without arguments that returns one value is a getter. Clients can read all properties in
      one call, cache them, and are notified of changes; a getter has none of these advantages.

          <node>
            <interface name="org.example.Jukebox1">
              <method name="GetVolume">
                <arg name="volume" type="d" direction="out"/>
              </method>
            </interface>
          </node>

      org.example.Jukebox1.xml:3:19 warning property-would-do: GetVolume has no arguments and returns one value, like a property
        2 |   <interface name="org.example.Jukebox1">
      > 3 |     <method name="GetVolume">
          |                   ^^^^^^^^^
        4 |       <arg name="volume" type="d" direction="out"/>
        hint: declare a property Volume: clients can cache it and are notified of changes

      Declare a property. Keep the method if getting the value has a side effect or takes long.

      Better:

          <node>
            <interface name="org.example.Jukebox1">
              <property name="Volume" type="d" access="read"/>
            </interface>
          </node>
      "
    `);
  });

  test("explains a change with both versions", async () => {
    expect((await cli("/", "explain", "argument-order")).out).toMatchInlineSnapshot(`
      "argument-order: Arguments changed their order, but not the signature
      change between versions, wire

      The signature is unchanged, so neither side notices the change: each side uses the value of one
      argument as that of another.

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

      org.example.Jukebox1.xml:3:19 error argument-order: breaks on the wire: the method "Rename" takes (to, from), was (from, to), with the same signature
        2 |   <interface name="org.example.Jukebox1">
      > 3 |     <method name="Rename">
          |                   ^^^^^^
        4 |       <arg name="to" type="s" direction="in"/>
        before/org.example.Jukebox1.xml:3:19 was declared here

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

  test("lists all codes when called without a code", async () => {
    const { code, out } = await cli("/", "explain");
    expect(code).toBe(0);
    for (const { code: listed, title } of topics())
      expect(out).toMatch(new RegExp(`^  ${listed} .*  ${title.replace(/[().]/g, "\\$&")}$`, "m"));
  });

  test("shows only the beginning of a long example, and bytes that are not UTF-8 as Latin-1", async () => {
    expect((await cli("/", "explain", "xml-too-large")).out.length).toBeLessThan(1000);
    expect((await cli("/", "explain", "xml-encoding")).out).toContain("caf\u00E9");
  });

  test("explains several codes, and rejects one that does not exist", async () => {
    expect((await cli("/", "explain", "name", "access")).out).toMatch(/^name: [\s\S]*\n\naccess: /);
    expect(await cli("/", "explain", "property-would-be")).toEqual({
      code: 2,
      out: "",
      err: 'dbus-codegen: "property-would-be" is not a code; did you mean property-would-do? "dbus-codegen explain" lists them\n',
    });
  });
});
