import { generate, type OutputFile } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { compile } from "../../compile.ts";
import { changed, type Side, sources } from "./support.ts";

const ENUM = `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/><tp:enumvalue suffix="B" value="1"/></tp:enum>`;
const MORE = ENUM.replace("Mode", "More").replace("</tp:enum>", `<tp:enumvalue suffix="C" value="2"/></tp:enum>`);
const STRING_ENUM = `<tp:enum name="Word" type="s"><tp:enumvalue suffix="A" value="a"/></tp:enum>`;
const TYPES = `${ENUM}${MORE}${STRING_ENUM}
  <tp:flags name="Bits"><tp:flag suffix="A" value="1"/></tp:flags>
  <tp:simple-type name="Id" type="u" array-name="Ids"/><tp:simple-type name="Room" type="u" array-name="Rooms"/>
  <tp:simple-type name="Handle" type="u"/><tp:simple-type name="Contact" type="u" tp:type="Handle"/>
  <tp:simple-type name="Obj" type="o"/><tp:simple-type name="Name" type="s"/>
  <tp:struct name="Pair" array-name="Pairs"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>
  <tp:struct name="Twin"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>
  <tp:mapping name="Map"><tp:member name="K" type="u" tp:type="Id"/><tp:member name="V" type="s"/></tp:mapping>
  <dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>`;

/** Pairs of types with the same signature. A type is a signature, or a signature with a name. */
const PAIRS = [
  ["u", "u Id"],
  ["u Id", "u Room"],
  ["u", "u Mode"],
  ["u", "u Bits"],
  ["u Mode", "u Id"],
  ["u Mode", "u Bits"],
  ["u Mode", "u More"],
  ["u", "u Handle"],
  ["u Handle", "u Contact"],
  ["u Handle", "u Id"],
  ["u Handle", "u Mode"],
  ["s", "s Name"],
  ["s", "s Word"],
  ["s Name", "s Word"],
  ["o", "o Obj"],
  ["(ss)", "(ss) Pair"],
  ["(ss) Twin", "(ss) Pair"],
  ["a{sv}", "a{sv} Keys"],
  ["a{us}", "a{us} Map"],
  ["au", "au Id[]"],
  ["au Room[]", "au Id[]"],
  ["a(ss)", "a(ss) Pair[]"],
] as const;

const attributes = (type: string): string => {
  const [signature, name] = type.split(" ");
  return `name="x" type="${signature}"${name === undefined ? "" : ` tp:type="${name}"`}`;
};

const member = (type: string): Side => `${TYPES}
  <method name="Give"><arg ${attributes(type)} direction="in"/></method>
  <method name="Take"><arg ${attributes(type)} direction="out"/></method>
  <signal name="Notify"><arg ${attributes(type)}/></signal>`;

/** Assignments in clients and services that were written for the version before and use the version after. */
const ASSIGNMENTS = {
  "client give": `const x: Parameters<After["give"]>[0] = null! as Parameters<Before["give"]>[0]; void x;`,
  "client take": `const x: Awaited<ReturnType<Before["take"]>> = null! as Awaited<ReturnType<After["take"]>>; void x;`,
  "client notify": `const x: BeforeSignals["notify"] = null! as AfterSignals["notify"]; void x;`,
  "service give": `const x: Parameters<Before["give"]>[0] = null! as Parameters<After["give"]>[0]; void x;`,
  "service take": `const x: Awaited<ReturnType<After["take"]>> = null! as Awaited<ReturnType<Before["take"]>>; void x;`,
  "service notify": `const x: AfterSignals["notify"] = null! as BeforeSignals["notify"]; void x;`,
} as const;

/** Assignments that the compiler accepts and the runtime rejects: a record of variants as a dictionary with typed keys. */
const LENIENT: Readonly<Record<string, readonly string[]>> = {
  "a{sv} to a{sv} Keys": ["client give", "service take", "service notify"],
  "a{sv} Keys to a{sv}": ["client take", "client notify", "service give"],
};

const MEMBERS: Readonly<Record<string, string>> = { Give: "give", Take: "take", Notify: "notify" };

/** Generates the modules of both versions, and one module for each assignment. */
async function modules(folder: string, before: Side, after: Side): Promise<readonly OutputFile[]> {
  const versions = await Promise.all(
    Object.entries({ before, after }).map(async ([name, side]) => {
      const { files } = await generate(sources(side));
      return files.map(({ path, text }) => ({ path: `${folder}/${name}/${path}`, text }));
    }),
  );
  const imports = (name: string): string =>
    `import type { C1Client as ${name}, C1Signals as ${name}Signals } from "./${name.toLowerCase()}/a.b.C1.js";\n`;
  const assignments = Object.entries(ASSIGNMENTS).map(([name, text]) => ({
    path: `${folder}/${name.replace(" ", "-")}.ts`,
    text: `${imports("Before")}${imports("After")}export type Used = [Before, After, BeforeSignals, AfterSignals];\n${text}\n`,
  }));
  return [...versions.flat(), ...assignments];
}

test("reports the targets for which the compiler reports errors, for types with the same signature", async () => {
  const rows = PAIRS.flatMap(([first, second]) => [[first, second] as const, [second, first] as const]);
  const files = await Promise.all(
    rows.map(([before, after], index) => modules(`row${index}`, member(before), member(after))),
  );
  const problems = (await compile(files.flat())).join("\n");
  for (const [index, [before, after]] of rows.entries()) {
    const broken = Object.keys(ASSIGNMENTS).filter(
      (name) =>
        problems.includes(`/row${index}/${name.replace(" ", "-")}.ts`) ||
        LENIENT[`${before} to ${after}`]?.includes(name) === true,
    );
    const { changes } = changed(member(before), member(after));
    const reported = changes.flatMap(({ message, targets }) => {
      const [, of = ""] = /of (\w+) is/.exec(message) ?? /of the \w+ "(\w+)" is/.exec(message) ?? [];
      return targets.map((target) => `${target} ${MEMBERS[of]}`);
    });
    expect([before, after, reported.toSorted()]).toEqual([before, after, broken.toSorted()]);
  }
});
