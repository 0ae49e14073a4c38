import { lint, type Rules, render } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { RULES } from "../../../../generator/tools/lint/rules.ts";
import { CORPUS_NOTE, corpus, hasCorpus, type Specs, spec } from "../../support.ts";

/** What lint says of specs, as `plain` lines; what stands in an interface becomes `a.b.C1.xml`, on its second line. */
function says(given: string | Specs, rules: Rules = {}): readonly string[] {
  const files = typeof given === "string" ? { "a.b.C1.xml": spec(`\n${given}\n`, "a.b.C1") } : given;
  const sources = Object.entries(files).map(([path, content]) => ({ path, content }));
  return lint(sources, { rules }).diagnostics.map((one) => render([one], "plain").trimEnd());
}

const DOC = "<tp:docstring>Words.</tp:docstring>";
const WORDS = { docs: "off" } as const satisfies Rules;
const EMITS = (value: string): string =>
  `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/>`;
const named = (name: string): Specs => ({ [`${name}.xml`]: spec("", name) });

// biome-ignore format: input and output of a case stand together
const CASES: readonly (readonly [what: string, given: string | Specs, rules: Rules, want: readonly string[]])[] = [
  // Documentation
  ["an interface without a word", "", {}, [
    "a.b.C1.xml:1:141 warning undocumented-interface: nothing says what the interface \"a.b.C1\" is for"]],
  ["a method, a signal and a property without a word", `${DOC}<method name="M"/><signal name="S"/><property name="P" type="s" access="read"/>`, {}, [
    "a.b.C1.xml:2:50 warning undocumented-method: the method \"M\" is not documented",
    "a.b.C1.xml:2:68 warning undocumented-signal: the signal \"S\" is not documented",
    "a.b.C1.xml:2:88 warning undocumented-property: the property \"P\" is not documented"]],
  ["words in a comment, and one argument without", `${DOC}<!-- M:\n @a: Words.\n\n Words. --><method name="M"><arg name="a" type="s"/><arg name="b" type="s" direction="out"/></method>`, {}, [
    "a.b.C1.xml:5:64 warning undocumented-argument: the argument \"b\" of M is not documented"]],
  ["words of freedesktop's and gdbus's kinds", `<annotation name="org.gtk.GDBus.DocString" value="Words."/><signal name="S"><d:doc xmlns:d="http://www.freedesktop.org/dbus/1.0/doc.dtd"><d:summary>Words.</d:summary></d:doc></signal>`, {}, []],
  ["an argument of a signal without a word", `${DOC}<signal name="S">${DOC}<arg type="s"/></signal>`, { "unnamed-argument": "off" }, [
    "a.b.C1.xml:2:88 warning undocumented-argument: an argument of S is not documented"]],
  ["a type and its value without a word", `${DOC}<tp:enum name="E"><tp:enumvalue suffix="A" value="0"/></tp:enum>`, { types: "off" }, [
    "a.b.C1.xml:2:36 warning undocumented-type: the type \"E\" is not documented",
    "a.b.C1.xml:2:54 warning undocumented-type: \"A\" of the type \"E\" is not documented"]],
  ["deprecated, and no word of what to use", `${DOC}<method name="M">${DOC}<tp:deprecated version="1.2"/></method><method name="N"><tp:docstring>Use M instead.</tp:docstring><tp:deprecated/></method>`, {}, [
    "a.b.C1.xml:2:50 warning deprecated-without-replacement: the method \"M\" is deprecated, and nothing says what to use instead"]],
  // Names
  ["an interface name with capitals in its domain", named("Org.example.C1"), WORDS, [
    "Org.example.C1.xml:1:141 warning interface-name: the interface name \"Org.example.C1\" does not begin with a domain in lower case"]],
  ["an interface name that ends in lower case", named("org.example1.jukebox"), WORDS, [
    "org.example1.jukebox.xml:1:141 warning interface-name: behind the domain, the interface name \"org.example1.jukebox\" is not in CamelCase"]],
  ["interface names as they are used", { ...named("im.telepathy1.Connection.Interface.Contacts"), ...named("org.freedesktop.systemd1.Manager"), ...named("com.example.sub.Api2.Thing"), ...named("org._7zip.Archive1") }, WORDS, []],
  ["an interface name without a version", named("org.example.Jukebox"), WORDS, [
    "org.example.Jukebox.xml:1:141 warning interface-version: the interface name \"org.example.Jukebox\" carries no version"]],
  ["members in other cases", `<method name="play_next"/><signal name="finished"/><property name="Play_State" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:15 warning member-name: the method name \"play_next\" is not in CamelCase",
    "a.b.C1.xml:2:41 warning member-name: the signal name \"finished\" is not in CamelCase",
    "a.b.C1.xml:2:68 warning member-name: the property name \"Play_State\" is not in CamelCase"]],
  ["arguments in other cases", `<method name="M"><arg name="trackNumber" type="u"/><arg name="track_number" type="u"/><arg name="Contact" type="u"/></method>`, { ...WORDS, renamed: "off" }, [
    "a.b.C1.xml:2:29 warning argument-name: the argument name \"trackNumber\" of M is not in lower_case",
    "a.b.C1.xml:2:98 warning argument-name: the argument name \"Contact\" of M is not in lower_case"]],
  ["an argument without a name", `<method name="M"><arg type="u"/></method>`, WORDS, [
    "a.b.C1.xml:2:18 warning unnamed-argument: an argument of M has no name"]],
  ["members called as standard ones", `<method name="GetAll"/><signal name="PropertiesChanged"/><property name="Get" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:15 warning standard-name: the method \"GetAll\" is called as that of org.freedesktop.DBus.Properties",
    "a.b.C1.xml:2:38 warning standard-name: the signal \"PropertiesChanged\" is called as that of org.freedesktop.DBus.Properties"]],
  ["a signal called as a property", `<signal name="State"/><property name="State" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:39 warning shared-name: the property \"State\" is called as a signal of its interface"]],
  ["a file with two interfaces, and one of another name", { "a.b.C1.xml": `<node><interface name="a.b.C1"/><interface name="a.b.D1"/></node>`, "e.xml": `<node><interface name="a.b.E1"/></node>`, "<stdin>": `<node><interface name="a.b.F1"/></node>` }, WORDS, [
    "a.b.C1.xml:1:50 warning file-name: the file holds 2 interfaces, this is the second",
    "e.xml:1:24 warning file-name: the file is not called after its interface \"a.b.E1\""]],
  // Design
  ["accessors beside a property", `<property name="Volume" type="d" access="readwrite">${EMITS("true")}</property><method name="GetVolume"><arg name="v" type="d" direction="out"/></method><method name="SetVolume"><arg name="v" type="d"/></method>`, WORDS, [
    "a.b.C1.xml:2:160 warning accessor-beside-property: GetVolume does what Get of org.freedesktop.DBus.Properties does for the property \"Volume\"",
    "a.b.C1.xml:2:234 warning accessor-beside-property: SetVolume does what Set of org.freedesktop.DBus.Properties does for the property \"Volume\""]],
  ["a setter of what is read-only, and getters that ask for something", `<property name="Volume" type="d" access="read"/><method name="SetVolume"><arg name="v" type="d"/></method><method name="GetTrack"><arg name="number" type="u"/><arg name="t" type="s" direction="out"/></method><method name="Getaway"/>`, WORDS, []],
  ["accessors where a property would do", `<method name="GetVolume"><arg name="v" type="d" direction="out"/></method><method name="SetVolume"><arg name="v" type="d"/></method>`, WORDS, [
    "a.b.C1.xml:2:15 warning property-would-do: GetVolume takes nothing and gives one value, as a property does"]],
  ["a signal beside a property, announced and not", `<property name="Volume" type="d" access="read"/><signal name="VolumeChanged"><arg name="v" type="d"/></signal><property name="Time" type="t" access="read">${EMITS("false")}</property><signal name="TimeChanged"/>`, WORDS, [
    "a.b.C1.xml:2:63 warning changed-signal: VolumeChanged tells what PropertiesChanged tells of the property \"Volume\""]],
  ["writable properties with and without a promise", `<property name="A" type="s" access="readwrite"/><property name="B" type="s" access="readwrite">${EMITS("const")}</property><property name="C" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:17 warning emits-undeclared: nothing says whether a change of the property \"A\" is announced"]],
  ["a promise for the whole interface", `${EMITS("invalidates")}<property name="A" type="s" access="readwrite"/>`, WORDS, []],
  ["a property that nobody can read", `<property name="A" type="s" access="write">${EMITS("false")}</property>`, WORDS, [
    "a.b.C1.xml:2:17 warning write-only-property: the property \"A\" can be written and not read"]],
  ["a boolean argument, where one asks", `<method name="Move"><arg name="up" type="b"/></method>`, { ...WORDS, "boolean-argument": "warning" }, [
    "a.b.C1.xml:2:32 warning boolean-argument: the argument \"up\" of Move is a boolean, which can never get a third value"]],
  ["objects that come and go by signals", `<signal name="TrackAdded"><arg name="t" type="o"/></signal><signal name="TrackRemoved"><arg name="t" type="o"/></signal><signal name="WordAdded"><arg name="t" type="s"/></signal><signal name="WordRemoved"><arg name="t" type="s"/></signal>`, WORDS, [
    "a.b.C1.xml:2:15 warning object-manager: TrackAdded and TrackRemoved do what org.freedesktop.DBus.ObjectManager does"]],
  // Types
  ["types that nothing uses, also not through others", `<tp:simple-type name="A" type="u"/><tp:struct name="B"><tp:member name="A" type="u" tp:type="A"/></tp:struct><tp:simple-type name="C" type="u"/><tp:contact-attribute name="c" type="u" tp:type="C"/>`, WORDS, [
    "a.b.C1.xml:2:1 warning unused-type: no member uses the type \"A\"",
    "a.b.C1.xml:2:36 warning unused-type: no member uses the type \"B\""]],
  ["types that are used in a list in a struct in a key", `<tp:simple-type name="A" type="u" array-name="As"/><tp:struct name="B"><tp:member name="A" type="au" tp:type="A[]"/></tp:struct><dct:dictionary name="D"><dct:key name="k" type="(au)" tp:type="B"/></dct:dictionary><signal name="S"><arg name="a" type="a{sv}" tp:type="D"/></signal>`, WORDS, []],
  ["dictionaries without declared keys", `<method name="M"><arg name="a" type="aa{sv}"/><arg name="b" type="a{ss}"/></method>`, WORDS, [
    "a.b.C1.xml:2:29 warning undeclared-dictionary: the argument \"a\" of M is \"aa{sv}\", and nothing says which keys it has"]],
  ["a variant that may hold anything", `<property name="P" type="v" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:17 warning bare-variant: the property \"P\" is a variant: nothing says what it holds"]],
  ["object paths as strings", `<method name="M"><arg name="object_path" type="s"/><arg name="file_path" type="s"/></method><property name="ObjectPaths" type="as" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:29 warning path-as-string: the argument \"object_path\" of M is called an object path, but has type \"s\"",
    "a.b.C1.xml:2:109 warning path-as-string: the property \"ObjectPaths\" is called an object path, but has type \"as\""]],
  ["an error that nobody defined, and one of D-Bus", `<method name="M"><tp:possible-errors><tp:error name="a.b.No"/><tp:error name="org.freedesktop.DBus.Error.Failed"/></tp:possible-errors></method>`, WORDS, [
    "a.b.C1.xml:2:54 warning undeclared-error: M may raise \"a.b.No\", which no given spec defines"]],
  ["signed enums", `<tp:enum name="A" type="i"><tp:enumvalue suffix="Z" value="0"/></tp:enum><tp:enum name="B" type="i"><tp:enumvalue suffix="Z" value="0"/><tp:enumvalue suffix="N" value="-1"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:1 warning signed-enum: the enum \"A\" is signed: \"i\""]],
  ["an enum that begins at 1", `<tp:enum name="A"><tp:enumvalue suffix="Z" value="1"/></tp:enum><tp:enum name="B" type="s"><tp:enumvalue suffix="Z" value="z"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:1 warning enum-without-zero: no value of the enum \"A\" is 0"]],
  ["two names of one value", `<tp:enum name="A"><tp:enumvalue suffix="X" value="0"/><tp:enumvalue suffix="Y" value="0x0"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:55 warning repeated-value: \"Y\" of the enum \"A\" has the value of \"X\", 0"]],
  ["flags of no bit and of several", `<tp:flags name="A"><tp:flag suffix="None" value="0"/><tp:flag suffix="X" value="1"/><tp:flag suffix="All" value="3"/></tp:flags>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:20 warning flag-bits: the flag \"None\" of \"A\" is 0, which is no bit",
    "a.b.C1.xml:2:85 warning flag-bits: the flag \"All\" of \"A\" is 3, which is several bits"]],
];

describe("what a rule finds, and where", () => {
  test.each(CASES)("%s", (_, given, rules, want) => {
    expect(says(given, rules)).toEqual(want);
  });

  test("the table above has every rule", () => {
    const seen = new Set(CASES.flatMap(([, , , want]) => want.map((line) => / warning ([\w-]+): /.exec(line)?.[1])));
    expect(Object.keys(RULES).filter((code) => !seen.has(code))).toEqual([]);
  });
});

describe("settings", () => {
  const given = `<method name="m"/><metod/>`;
  const codes = (rules: Rules): readonly string[] =>
    says(given, rules).map((line) => line.replace(/^\S+ (\w+) ([\w-]+):.*$/, "$1 $2"));

  // biome-ignore format: one case a line
  test.each<[string, Rules, readonly string[]]>([
    ["none", {}, ["warning undocumented-interface", "warning member-name", "warning undocumented-method", "warning unknown-element"]],
    ["a rule", { "member-name": "error" }, ["warning undocumented-interface", "error member-name", "warning undocumented-method", "warning unknown-element"]],
    ["a group", { docs: "off" }, ["warning member-name", "warning unknown-element"]],
    ["a rule before its group, in any order", { "undocumented-method": "error", docs: "off" }, ["warning member-name", "error undocumented-method", "warning unknown-element"]],
    ["a warning of every run", { docs: "off", "unknown-element": "error" }, ["warning member-name", "error unknown-element"]],
    ["another of every run", { docs: "off", naming: "off", "unknown-element": "off" }, []],
  ])("%s", (_, rules, want) => {
    expect(codes(rules)).toEqual(want);
  });

  test("a group does not wake what is off by default", () => {
    const moves = `<method name="Move"><arg name="up" type="b"/></method>`;
    expect(says(moves, { docs: "off", design: "error" })).toEqual([]);
  });
});

describe("lint", () => {
  test("where a spec has errors, only these are told", () => {
    expect(says(`<method name="m"/><method name="1"/>`)).toEqual([
      expect.stringMatching(/^a\.b\.C1\.xml:2:33 error name: /),
    ]);
  });

  test("the order of files has no meaning, and what is not XML is a diagnostic", () => {
    const sources = Object.entries({ ...named("a.b.C"), ...named("a.b.D") }).map(([path, content]) => ({
      path,
      content,
    }));
    expect(lint(sources)).toEqual(lint(sources.toReversed()));
    expect(says({ "a.xml": "no" })).toEqual([expect.stringMatching(/^a\.xml:1:1 error xml-syntax: /)]);
  });

  test("a name from a spec cannot write lines", () => {
    const given = `<tp:enum name="E"><tp:enumvalue suffix="A&#10;b.xml:1:1 error x: y" value="1"/></tp:enum>`;
    expect(
      says(given)
        .join("\n")
        .split("\n")
        .every((line) => line.startsWith("a.b.C1.xml:")),
    ).toBe(true);
  });

  test.skipIf(!hasCorpus)(`ends for every file of the corpus${CORPUS_NOTE}`, () => {
    for (const folder of ["connman", "hostile-xml", "telepathy"]) {
      for (const [path, content] of Object.entries(corpus(folder))) {
        expect(() => lint([{ path, content }]), path).not.toThrow();
      }
    }
  });
});
