import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "@dbus-codegen-ts/runtime";
import { generate, type OutputFile } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import type { Source } from "../../../../generator/compiler/diagnostics/source.ts";
import { TypeEmitter } from "../../../../generator/compiler/emit/type-emitter.ts";
import type { Interface } from "../../../../generator/compiler/resolve/ir.ts";
import { type Snippet, snippetText } from "../../../../generator/tools/site/snippet.ts";
import { Snippets } from "../../../../generator/tools/site/snippets.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { compile } from "../../compile.ts";
import { CORPUS, CORPUS_NOTE, hasCorpus, spec, temporaryFolder } from "../../support.ts";
import { resolved, sourcesOf } from "./support.ts";

/** Specs with every type of argument, directly and inside other types. */
const EVERYTHING = spec(
  [
    ..."ybnqiuxtdsogv",
    ...[
      "ay",
      "as",
      "ao",
      "au",
      "aay",
      "aas",
      "av",
      "a{sv}",
      "a{ss}",
      "a{us}",
      "a{oa{sa{sv}}}",
      "(s)",
      "(ius)",
      "a(so)",
    ],
  ]
    .map(
      (type, at) =>
        `<method name="Take${at}"><arg name="value" type="${type}"/><arg name="back" type="${type}" direction="out"/></method>`,
    )
    .join("") +
    `<method name="Fd"><arg type="h"/></method><method name="Fds"><arg type="ah"/><arg type="h" direction="out"/></method>` +
    `<method name="Typed"><arg name="c" type="a{sv}" tp:type="Lamp"/><arg name="mode" type="i" tp:type="Mode"/><arg name="color" type="s" tp:type="Color"/>` +
    `<arg name="spots" type="a(yd)" tp:type="Spot[]"/><arg name="map" type="a{us}" tp:type="Names"/><arg name="by" type="a{sv}" tp:type="By_Color"/><arg name="caps" type="u" tp:type="Caps"/></method>` +
    `<method name="Nothing"><annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/></method>` +
    `<method name="Many"><arg name="c" type="s" direction="out"/><arg name="value" type="u" direction="out"/></method>` +
    `<method name="ThisHasAVeryLongNameIndeed"><arg name="first_of_all_arguments" type="a{sv}"/><arg name="second_of_all_arguments" type="a{sv}"/><arg name="result" type="a(sss)" direction="out"/></method>` +
    `<signal name="Empty"/><signal name="Full"><arg name="lamp" type="a{sv}" tp:type="Lamp"/><arg type="s"/></signal>` +
    `<property name="Level" type="d" access="readwrite"/><property name="Secret" type="as" access="write"/><property name="Any" type="v" access="readwrite"/>` +
    `<property name="Mode" type="i" tp:type="Mode" access="readwrite"/><property name="Lamps" type="aa{sv}" tp:type="Lamp[]" access="readwrite"/>` +
    `<tp:enum name="Mode" type="i"><tp:enumvalue suffix="Below" value="-5"/></tp:enum>` +
    `<tp:enum name="Color" type="s"><tp:enumvalue suffix="Odd" value="a 'b' &quot;$c"/></tp:enum>` +
    `<tp:flags name="Caps" type="u" value-prefix="Cap"><tp:flag suffix="A" value="1"/></tp:flags>` +
    `<tp:struct name="Spot" array-name="Spot_List"><tp:member name="X" type="y"/><tp:member name="Y" type="d"/></tp:struct>` +
    `<tp:mapping name="Names"><tp:member name="Id" type="u"/><tp:member name="Name" type="s"/></tp:mapping>` +
    `<tp:mapping name="By_Color"><tp:member name="Color" type="s" tp:type="Color"/><tp:member name="Any" type="v"/></tp:mapping>` +
    `<dct:dictionary name="Lamp" array-name="Lamp_List"><dct:key name="State" type="s"/><dct:key name="Inner" type="a{sv}" tp:type="Lamp" access="readwrite"/></dct:dictionary>`,
);
const EVERYTHING_SOURCES: readonly Source[] = [{ path: "a.xml", content: EVERYTHING }];

/** Specs with names that have a meaning in snippets. */
const AWKWARD_SOURCES: readonly Source[] = ["Class", "Client", "Service", "Variant", "Bus", "Value", "Incoming"].map(
  (name) => ({
    path: `${name}.xml`,
    content: spec(
      `<method name="M"><arg name="x" type="v"/><arg name="bus" type="v" direction="out"/></method><signal name="S"><arg type="v"/></signal><property name="P" type="v" access="readwrite"/>`,
      `a.b.${name}`,
    ),
  }),
);

interface Written {
  readonly iface: Interface;
  readonly start: readonly Snippet[];
  readonly members: readonly {
    readonly kind: "method" | "signal" | "property";
    readonly snippets: readonly Snippet[];
  }[];
}

function write(sources: readonly Source[]): readonly Written[] {
  const { ir, names } = resolved(sources);
  const types = new TypeEmitter(
    names,
    [...ir.interfaces, ...ir.shared].flatMap((home) => home.types),
  );
  return ir.interfaces.map((iface) => {
    const snippets = new Snippets(iface, names, types, { bus: "session" });
    return {
      iface,
      start: snippets.interface(),
      members: [
        ...iface.methods.map((method) => ({ kind: "method" as const, snippets: snippets.method(method) })),
        ...iface.signals.map((signal) => ({ kind: "signal" as const, snippets: snippets.signal(signal) })),
        ...iface.properties.map((property) => ({ kind: "property" as const, snippets: snippets.property(property) })),
      ],
    };
  });
}

const only = (snippets: readonly Snippet[], kind: Snippet["kind"]): Snippet => {
  const found = snippets.find((snippet) => snippet.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

const bodyOf = (snippet: Snippet): string => snippetText({ ...snippet, imports: [] });

/** Returns modules with the TypeScript snippets, each in its context: after the creation of the client, or in a service class. */
function modules(written: readonly Written[]) {
  return written.flatMap(({ iface, start, members }) => {
    const client = only(start, "client");
    const service = only(start, "service");
    const [, className = "", superclass = ""] = /class (\w+) extends (\w+)/.exec(bodyOf(service)) ?? [];
    const importOf = service.imports.find((line) => line.includes(superclass)) ?? "";
    return [
      { path: `${iface.name}.client.ts`, text: snippetText(client) },
      { path: `${iface.name}.service.ts`, text: snippetText(service) },
      ...members.flatMap(({ kind, snippets }, at) => {
        const called = only(snippets, "client");
        const answered = only(snippets, "service");
        const inClass = kind === "method" ? bodyOf(answered) : `example(): void {\n${bodyOf(answered)}\n}`;
        const ownImport = importOf.replace(/\{.*\}/, `{ ${superclass} as ${superclass}Base }`);
        return [
          {
            path: `${iface.name}.${at}.client.ts`,
            text: `${[...client.imports, ...called.imports].join("\n")}\n${bodyOf(client)}\n${bodyOf(called)}\nexport {};`,
          },
          {
            path: `${iface.name}.${at}.service.ts`,
            text: `${[ownImport, ...answered.imports].join("\n")}\nexport abstract class ${className} extends ${superclass}Base {\n${inClass}\n}`,
          },
        ];
      }),
    ];
  });
}

/** Returns the generated modules of specs and the snippets for them, in a folder. */
async function modulesAndSnippets(folder: string, sources: readonly Source[]): Promise<readonly OutputFile[]> {
  const { files } = await generate(sources);
  const generated = files.map(({ path, text }) => ({ path: `generated/${path}`, text }));
  // Users replace the placeholder; the compiler checks names that are written out.
  const snippets = modules(write(sources)).map(({ path, text }) => ({
    path,
    text: text.replaceAll("BUS_NAME", "a.b"),
  }));
  return [...generated, ...snippets].map(({ path, text }) => ({ path: `${folder}/${path}`, text }));
}

test(`snippets in TypeScript compile against generated code${CORPUS_NOTE}`, async () => {
  const sources = {
    specs: await sourcesOf("specs"),
    "every-type": EVERYTHING_SOURCES,
    "names-with-a-meaning": AWKWARD_SOURCES,
    ...(hasCorpus && { telepathy: await sourcesOf(join(CORPUS, "telepathy/all.xml")) }),
  };
  const files = await Promise.all(Object.entries(sources).map(([name, specs]) => modulesAndSnippets(name, specs)));
  const problems = await compile(files.flat(), { isolatedDeclarations: false });
  // Examples use nothing, and implement one member of a service each.
  expect(problems.filter((line) => !/TS(6133|6192|6196|6198|2515|2654|2655|2656)\b/.test(line))).toEqual([]);
});

/** Returns the command lines of snippets for a bus. */
const commands = (snippets: readonly Snippet[], destination: string): readonly string[] =>
  snippets
    .filter(({ kind }) => kind === "busctl" || kind === "gdbus")
    .flatMap((snippet) => snippetText(snippet).split("\n"))
    .filter((line) => !line.includes(" monitor"))
    .map((line) => line.replace("BUS.NAME", destination).replace("/OBJECT/PATH", "/a/b"));

const SPECS = await sourcesOf("specs/connman", "generator/catalogue/polkit/specs", "specs/telepathy");
const run = promisify(execFile);
const isInstalled = async (command: string): Promise<boolean> =>
  run("which", [command]).then(
    () => true,
    () => false,
  );
const shells = (await Promise.all(["busctl", "gdbus"].map(isInstalled))).every(Boolean);

describe.skipIf(!shells)(
  `command lines send what the spec declares${shells ? "" : " (skipped: busctl or gdbus is not installed)"}`,
  () => {
    test.each([
      ["every type", EVERYTHING_SOURCES],
      ["ConnMan, polkit and Telepathy", SPECS],
    ])("%s", async (_, sources) => {
      await using private_ = await startPrivateBus();
      const heard: string[] = [];
      await using bus = await connect({
        bus: private_.address,
        refuse: (call, error) => {
          if (call.member !== "Introspect") heard.push(`${call.interface}.${call.member}(${call.signature})`);
          return error;
        },
      });
      await bus.requestName("org.example.Sink");
      const lines: string[] = [];
      const sent: string[] = [];
      for (const { iface, members } of write(sources)) {
        const expected = [...iface.methods, ...iface.signals, ...iface.properties].map((member) => {
          if ("in" in member)
            return `${iface.name}.${member.name}(${member.in.map(({ type }) => type.signature).join("")})`;
          return "access" in member ? member.access : "";
        });
        for (const [at, { snippets }] of members.entries()) {
          for (const command of commands(snippets, "org.example.Sink")) {
            const accessor = / (?:set-property|--method \S+\.Set) /.test(command) ? "Set(ssv)" : "Get(ss)";
            const call = expected[at];
            lines.push(command);
            sent.push(call?.includes("(") ? call : `org.freedesktop.DBus.Properties.${accessor}`);
          }
        }
      }
      expect(lines.length).toBeGreaterThan(50);
      // One shell runs all lines. Each reply is an error, because the object does not exist: only what arrives is checked.
      const script = join(await temporaryFolder(), "commands.sh");
      await writeFile(script, `${lines.join("\n")}\n`);
      const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: private_.address };
      await run("bash", [script], { env, maxBuffer: 2 ** 26 }).catch(() => undefined);
      const labelled = (calls: readonly string[]): readonly string[] =>
        calls.map((call, index) => `${call} of ${lines[index]}`);
      expect(labelled(heard)).toEqual(labelled(sent));
    });
  },
);

test("a method that takes a file descriptor has no shell snippets", () => {
  const [written] = write(EVERYTHING_SOURCES);
  const fd = written?.members[written.iface.methods.findIndex(({ name }) => name === "Fd")];
  expect(fd?.snippets.map(({ kind }) => kind)).toEqual(["client", "service"]);
});
