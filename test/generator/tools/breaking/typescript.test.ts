import { generate, type OutputFile } from "dbus-codegen-ts";
import { expect, test } from "vitest";
import { compile } from "../../support.ts";
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

/** Two ways to write one type: its signature, or a name with it. */
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

const attributes = (written: string): string => {
  const [signature, name] = written.split(" ");
  return `name="x" type="${signature}"${name === undefined ? "" : ` tp:type="${name}"`}`;
};

const member = (written: string): Side => `${TYPES}
  <method name="Give"><arg ${attributes(written)} direction="in"/></method>
  <method name="Take"><arg ${attributes(written)} direction="out"/></method>
  <signal name="Tell"><arg ${attributes(written)}/></signal>`;

/** What code of a client or a service that was written for the version before does with the version after. */
const WITNESSES = {
  "client give": `const x: Parameters<After["give"]>[0] = null! as Parameters<Before["give"]>[0]; void x;`,
  "client take": `const x: Awaited<ReturnType<Before["take"]>> = null! as Awaited<ReturnType<After["take"]>>; void x;`,
  "client tell": `const x: BeforeSignals["tell"] = null! as AfterSignals["tell"]; void x;`,
  "service give": `const x: Parameters<Before["give"]>[0] = null! as Parameters<After["give"]>[0]; void x;`,
  "service take": `const x: Awaited<ReturnType<After["take"]>> = null! as Awaited<ReturnType<Before["take"]>>; void x;`,
  "service tell": `const x: AfterSignals["tell"] = null! as BeforeSignals["tell"]; void x;`,
} as const;

/** What the compiler lets pass and the runtime refuses: a record of variants where members have types of their own. */
const LENIENT: Readonly<Record<string, readonly string[]>> = {
  "a{sv} to a{sv} Keys": ["client give", "service take", "service tell"],
  "a{sv} Keys to a{sv}": ["client take", "client tell", "service give"],
};

const MEMBERS: Readonly<Record<string, string>> = { Give: "give", Take: "take", Tell: "tell" };

/** Modules of both versions and one module for each witness. */
async function modules(folder: string, before: Side, after: Side): Promise<readonly OutputFile[]> {
  const versions = await Promise.all(
    Object.entries({ before, after }).map(async ([name, side]) => {
      const { files } = await generate(sources(side));
      return files.map(({ path, text }) => ({ path: `${folder}/${name}/${path}`, text }));
    }),
  );
  const imports = (name: string): string =>
    `import type { C1Client as ${name}, C1Signals as ${name}Signals } from "./${name.toLowerCase()}/a.b.C1.js";\n`;
  const witnesses = Object.entries(WITNESSES).map(([name, text]) => ({
    path: `${folder}/${name.replace(" ", "-")}.ts`,
    text: `${imports("Before")}${imports("After")}export type Used = [Before, After, BeforeSignals, AfterSignals];\n${text}\n`,
  }));
  return [...versions.flat(), ...witnesses];
}

test("whose TypeScript breaks is what the compiler says, for types that are one on the wire", async () => {
  const rows = PAIRS.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]);
  const files = await Promise.all(
    rows.map(([one, other], index) => modules(`row${index}`, member(one), member(other))),
  );
  const problems = compile(files.flat()).join("\n");
  for (const [index, [one, other]] of rows.entries()) {
    const broken = Object.keys(WITNESSES).filter(
      (name) =>
        problems.includes(`/row${index}/${name.replace(" ", "-")}.ts`) ||
        LENIENT[`${one} to ${other}`]?.includes(name) === true,
    );
    const { changes } = changed(member(one), member(other));
    const reported = changes.flatMap(({ message, targets }) => {
      const [, of = ""] = /of (\w+) is/.exec(message) ?? /of the \w+ "(\w+)" is/.exec(message) ?? [];
      return targets.map((target) => `${target} ${MEMBERS[of]}`);
    });
    expect([one, other, reported.toSorted()]).toEqual([one, other, broken.toSorted()]);
  }
});
