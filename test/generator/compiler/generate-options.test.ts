import { type GenerateOptions, type GenerateResult, generate } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { statements } from "../modules.ts";
import { mustCompile } from "../must-compile.ts";
import { lines, spec, textOf } from "../support.ts";

const LAMP = spec(
  `<method name="SetColour"><arg name="the-colour" type="s" direction="in"/><arg type="s" direction="in"/></method>
<method name="Play"/>
<signal name="Blown"><arg name="x" type="s"/></signal>
<property name="Colour" type="s" access="readwrite"/>
<tp:enum name="Lamp_Mode" type="y"><tp:enumvalue suffix="Very_Bright" value="0"/></tp:enum>
<tp:struct name="Lamp_State"><tp:member name="Is_On" type="b"/></tp:struct>
<method name="State"><arg name="state" type="(b)" tp:type="Lamp_State" direction="out"/></method>
<method name="Mode"><arg name="mode" type="y" tp:type="Lamp_Mode" direction="out"/></method>`,
  "org.example.Lamp1",
);

const config = (content: string): GenerateOptions => ({ writtenIn: [{ path: "dbus-codegen.config.ts", content }] });

function run(options: GenerateOptions): Promise<GenerateResult> {
  return generate([{ path: "lamp.xml", content: LAMP }], options);
}

async function renamed(rename: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return lines(await run({ rename, ...config(JSON.stringify({ rename }, undefined, 2)) }));
}

describe("rename", () => {
  test("gives interfaces, members, arguments, types and their parts other identifiers; names on the wire stay", async () => {
    const result = await run({
      rename: {
        "org.example.Lamp1": "Lamp",
        "org.example.Lamp1.SetColour": "setColor",
        "org.example.Lamp1.SetColour()[the-colour]": "color",
        "org.example.Lamp1.SetColour()[1]": "why",
        "org.example.Lamp1:Colour": "color",
        "org.example.Lamp1::Blown": "broken",
        "org.example.Lamp1::Blown[x]": "reason",
        Lamp_Mode: "Mode",
        "Lamp_Mode.Very_Bright": "Max",
        "Lamp_State.Is_On": "on",
      },
    });
    expect(lines(result)).toEqual([]);
    mustCompile(result.files);
    const text = textOf(result);
    expect(statements(text).filter((line) => line !== "import")).toEqual([
      "const Mode",
      "type Mode",
      "interface LampState",
      "const LampState",
      "const Lamp",
      "interface LampProperties",
      "interface LampSignals",
      "class LampClient",
      "class LampService",
    ]);
    for (const part of [
      "setColor(color: string, why: string, call?: CallOptions): Promise<void>",
      'setColor: { name: "SetColour"',
      'color: { name: "Colour"',
      "  color: string;",
      "  broken: [reason: string];",
      "  Max: 0,",
      "  readonly on: boolean;",
    ])
      expect(text).toContain(part);
  });

  test("an address that matches no declaration is an error at its position in the config, with a similar address as hint", async () => {
    expect(await renamed({ "org.example.Lamp1.SetColor": "x" })).toEqual([
      'dbus-codegen.config.ts:3:6 error option-unmatched: cannot rename "org.example.Lamp1.SetColor" to "x": no declaration has this address',
    ]);
    const result = await run({ rename: { "org.example.Lamp1.SetColor": "x" } });
    expect(result.diagnostics[0]?.hint).toBe("did you mean org.example.Lamp1.SetColour?");
    expect(lines(result)[0]).toMatch(/^<options>:1:1 error option-unmatched/);
  });

  test("the hint of an address without a similar one shows the form of addresses", async () => {
    const result = await run({ rename: { "net.other": "x" } });
    expect(result.diagnostics[0]?.hint).toMatch(/^write a method as org\.example\.Lamp1\.Play or /);
  });

  test("a collision has the position of the declaration that has the name already", async () => {
    const related = async (name: string) => {
      const { diagnostics } = await run({ rename: { "org.example.Lamp1.Play": name } });
      return diagnostics[0]?.related?.message;
    };
    expect([await related("setColour"), await related("then")]).toEqual([
      'method "SetColour" is here',
      'method "Play" is here',
    ]);
  });

  test("gives an error another class name", async () => {
    const content = spec(`<tp:errors namespace="a.b"><tp:error name="Broken"/></tp:errors>`);
    const { files, diagnostics } = await generate([{ path: "a.xml", content }], { rename: { "a.b.Broken": "Burnt" } });
    expect(diagnostics).toEqual([]);
    expect(files.map(({ text }) => /class (\w+) extends/.exec(text)?.[1])).toContain("Burnt");
  });

  test("a name that is not an identifier is an error", async () => {
    for (const name of ["", "1st", "set color", "sèt", "$call", "a;b", "*/"]) {
      const [line] = await renamed({ "org.example.Lamp1.Play": name });
      expect(line, name).toContain(`3:6 error option-identifier: "org.example.Lamp1.Play" cannot be called "${name}"`);
    }
  });

  // biome-ignore format: one case a line
  test.each([
    ["org.example.Lamp1.SetColour", "play", 'method "SetColour" cannot be called "play": method "Play" has that name'],
    ["org.example.Lamp1.Play", "then", 'method "Play" cannot be called "then": "then" is a member that every client, service or object has'],
    ["org.example.Lamp1.Play", "constructor", 'method "Play" cannot be called "constructor": "constructor" is a member that every client, service or object has'],
    ["org.example.Lamp1", "class", '"org.example.Lamp1" cannot be called "class": "class" is a reserved name in TypeScript'],
    ["Lamp_Mode", "string", 'type "Lamp_Mode" cannot be called "string": "string" is a reserved name in TypeScript'],
    ["Lamp_Mode", "Lamp1Client", 'type "Lamp_Mode" cannot be called "Lamp1Client": "org.example.Lamp1" has that name'],
    ["Lamp_Mode", "LampState", 'type "Lamp_Mode" cannot be called "LampState": type "Lamp_State" has that name'],
    ["org.example.Lamp1.SetColour()[the-colour]", "call", 'argument "the-colour" cannot be called "call": "call" is a reserved word in TypeScript or a parameter of the generated method'],
  ])("%s called %s is an error: it collides", async (address, name, message) => {
    expect(await renamed({ [address]: name })).toEqual([
      `dbus-codegen.config.ts:3:6 error option-collision: ${message}`,
    ]);
  });

  test("two names that are exchanged do not collide; two equal ones do", async () => {
    const [set, play] = ["org.example.Lamp1.SetColour", "org.example.Lamp1.Play"];
    expect(await renamed({ [set]: "play", [play]: "setColour" })).toEqual([]);
    expect(await renamed({ [set]: "x", [play]: "x" })).toEqual([
      'dbus-codegen.config.ts:4:6 error option-collision: method "Play" cannot be called "x": method "SetColour" has that name',
    ]);
  });
});

describe("annotate", () => {
  const DEPRECATED = { "org.freedesktop.DBus.Deprecated": "true" };

  // biome-ignore format: one case a line
  test.each([
    ["org.example.Lamp1", ["Lamp1"]],
    ["org.example.*", ["Lamp1"]],
    ["org.example.Lamp1.Play()", ["play"]],
    ["org.example.Lamp1.Play", ["play"]],
    ["org.example.Lamp1.*()", ["setColour", "play", "state", "mode"]],
    ["*.S*()", ["setColour", "state"]],
    ["org.example.Lamp1::*", ["blown"]],
    ["org.example.Lamp1:Colour", ["colour"]],
    ["org.example.Lamp1.SetColour()[the-colour]", ["s"]],
    ["*()[1]", ["s"]],
    ["*::*[x]", ["s"]],
  ])("%s annotates %j", async (pattern, want) => {
    const result = await run({ annotate: { [pattern]: { "org.example.Mark": "yes" } } });
    expect(lines(result)).toEqual([]);
    const contract = /export const Lamp1 = ([\s\S]*?)\n} as const;/.exec(textOf(result))?.[1] ?? "";
    const flat = contract.replace(/\s+/g, " ");
    expect(flat.split('"org.example.Mark": "yes"').length - 1).toBe(want.length);
    for (const name of want.filter((word) => !["s", "Lamp1"].includes(word)))
      expect(flat).toMatch(new RegExp(`${name}: \\{ name: "\\w+",[^{}]*(\\[[^\\]]*\\],?[^{}]*)*annotations: \\{ "org.example.Mark"`));
  });

  test("has the same effect as an annotation in the spec: deprecation, no reply, change signals, checks", async () => {
    const result = await run({
      annotate: {
        "org.example.Lamp1.Play()": { ...DEPRECATED, "org.freedesktop.DBus.Method.NoReply": "true" },
        "org.example.Lamp1:Colour": { "org.freedesktop.DBus.Property.EmitsChangedSignal": "invalidates" },
      },
    });
    expect(lines(result)).toEqual([]);
    const text = textOf(result);
    expect(text).toContain("@deprecated");
    expect(text).toMatch(/play: \{\s+name: "Play",\s+in: \[\],\s+out: \[\],\s+noReply: true/);
    expect(text).toMatch(/emits: "invalidates"/);
    const annotate = { "org.example.Lamp1:Colour": { "org.freedesktop.DBus.Property.EmitsChangedSignal": "never" } };
    expect(lines(await run({ annotate, ...config(JSON.stringify({ annotate }, undefined, 2)) }))).toEqual([
      'dbus-codegen.config.ts:3:6 warning annotation-value: "never" is not a value of org.freedesktop.DBus.Property.EmitsChangedSignal; the annotation is ignored',
    ]);
  });

  test("takes precedence over the spec, and the later of two patterns over the earlier", async () => {
    const content = LAMP.replace(
      '<method name="Play"/>',
      '<method name="Play"><annotation name="org.example.Mark" value="spec"/></method>',
    );
    const annotate = {
      "*.Play()": { "org.example.Mark": "first" },
      "org.example.Lamp1.Play()": { "org.example.Mark": "second" },
    };
    const text = textOf(await generate([{ path: "a.xml", content }], { annotate }));
    expect(text.match(/"org.example.Mark": "\w+"/g)).toEqual(['"org.example.Mark": "second"']);
  });

  test.each([
    ["Deprecated", "it has no elements separated by dots", "did you mean org.freedesktop.DBus.Deprecated?"],
    ["yes", "it has no elements separated by dots", "a name has the form org.example.Mark"],
    [
      "org.freedesktop.DBus.Depricated",
      "the D-Bus specification does not define it",
      "did you mean org.freedesktop.DBus.Deprecated?",
    ],
  ])("%s is not the name of an annotation", async (name, reason, hint) => {
    const result = await run({ annotate: { "*.Play()": { [name]: "true" } } });
    expect(lines(result)).toEqual([
      `<options>:1:1 error option-annotation: "${name}" is not the name of an annotation: ${reason}`,
    ]);
    expect(result.diagnostics[0]?.hint).toBe(hint);
  });

  test("a pattern that matches nothing is an error, unless a spec has errors", async () => {
    const annotate = { "org.example.Lamp1.Pley()": DEPRECATED };
    const result = await run({ annotate, ...config(`annotate: { 'org.example.Lamp1.Pley()': {} }`) });
    expect(lines(result)).toEqual([
      'dbus-codegen.config.ts:1:14 error option-unmatched: cannot annotate "org.example.Lamp1.Pley()": no declaration has this address',
    ]);
    expect(result.diagnostics[0]?.hint).toBe("did you mean org.example.Lamp1.Play()?");
    const broken = await generate([{ path: "a.xml", content: "<node" }], { annotate });
    expect(lines(broken)).toEqual([expect.stringContaining("a.xml:1:6 error xml-syntax")]);
  });
});

describe("targets and runtime module", () => {
  test.each([
    [["client"], ["class Lamp1Client"], ["Incoming", "MaybePromise", "Service"]],
    [["service"], ["class Lamp1Service"], ["CallOptions", "Target", "Bus", "Client"]],
  ] as const)("%j alone: one class, and no import of the other", async (targets, classes, absent) => {
    const result = await run({ targets });
    const text = textOf(result);
    expect(statements(text).filter((line) => line.startsWith("class"))).toEqual(classes);
    const [imports = ""] = /^import[\s\S]*?;$/m.exec(text) ?? [];
    for (const name of absent) expect(imports).not.toMatch(new RegExp(`\\b${name}\\b`));
    // The strict flags of the project refuse an import that is not used.
    mustCompile(result.files);
  });

  test("the runtime can be imported from another module, whose name cannot become code", async () => {
    for (const runtimeModule of ["#dbus", "../dbus.js", `x"; evil(); "`]) {
      const text = textOf(await run({ runtimeModule }));
      expect(text).toContain(` from ${JSON.stringify(runtimeModule)};`);
      expect(text).not.toContain("@dbus-codegen-ts/runtime");
      expect(statements(text).filter((line) => line.startsWith("!"))).toEqual([]);
    }
  });
});
