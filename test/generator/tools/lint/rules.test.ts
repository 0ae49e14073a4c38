import { lint, type Rules, render } from "dbus-codegen-ts";
import { describe, expect, test } from "vitest";
import { RULES } from "../../../../generator/tools/lint/rules.ts";
import { CORPUS_NOTE, corpus, hasCorpus, type Specs, spec } from "../../support.ts";

/** Returns the findings of lint in `plain` format. A string is the second line of the interface in `a.b.C1.xml`. */
function findingsOf(given: string | Specs, rules: Rules = {}): readonly string[] {
  const files = typeof given === "string" ? { "a.b.C1.xml": spec(`\n${given}\n`, "a.b.C1") } : given;
  const sources = Object.entries(files).map(([path, content]) => ({ path, content }));
  return lint(sources, { rules }).diagnostics.map((diagnostic) => render([diagnostic], "plain").trimEnd());
}

const DOC = "<tp:docstring>Words.</tp:docstring>";
const WORDS = { docs: "off" } as const satisfies Rules;
const EMITS = (value: string): string =>
  `<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/>`;
const named = (name: string): Specs => ({ [`${name}.xml`]: spec("", name) });

// biome-ignore format: each case is a table row
const CASES: readonly (readonly [title: string, given: string | Specs, rules: Rules, want: readonly string[]])[] = [
  // Documentation
  ["reports an undocumented interface", "", {}, [
    "a.b.C1.xml:1:141 warning undocumented-interface: the interface \"a.b.C1\" is not documented"]],
  ["reports an undocumented method, signal and property", `${DOC}<method name="M"/><signal name="S"/><property name="P" type="s" access="read"/>`, {}, [
    "a.b.C1.xml:2:50 warning undocumented-method: the method \"M\" is not documented",
    "a.b.C1.xml:2:68 warning undocumented-signal: the signal \"S\" is not documented",
    "a.b.C1.xml:2:88 warning undocumented-property: the property \"P\" is not documented"]],
  ["accepts documentation in a comment, and reports an argument that it omits", `${DOC}<!-- M:\n @a: Words.\n\n Words. --><method name="M"><arg name="a" type="s"/><arg name="b" type="s" direction="out"/></method>`, {}, [
    "a.b.C1.xml:5:64 warning undocumented-argument: the argument \"b\" of M is not documented"]],
  ["accepts the documentation formats of freedesktop and gdbus", `<annotation name="org.gtk.GDBus.DocString" value="Words."/><signal name="S"><d:doc xmlns:d="http://www.freedesktop.org/dbus/1.0/doc.dtd"><d:summary>Words.</d:summary></d:doc></signal>`, {}, []],
  ["reports an undocumented argument of a signal", `${DOC}<signal name="S">${DOC}<arg type="s"/></signal>`, { "unnamed-argument": "off" }, [
    "a.b.C1.xml:2:88 warning undocumented-argument: an argument of S is not documented"]],
  ["reports an undocumented type and its undocumented value", `${DOC}<tp:enum name="E"><tp:enumvalue suffix="A" value="0"/></tp:enum>`, { types: "off" }, [
    "a.b.C1.xml:2:36 warning undocumented-type: the type \"E\" is not documented",
    "a.b.C1.xml:2:54 warning undocumented-type: \"A\" of the type \"E\" is not documented"]],
  ["reports a deprecated method whose documentation names no replacement", `${DOC}<method name="M">${DOC}<tp:deprecated version="1.2"/></method><method name="N"><tp:docstring>Use M instead.</tp:docstring><tp:deprecated/></method>`, {}, [
    "a.b.C1.xml:2:50 warning deprecated-without-replacement: the method \"M\" is deprecated, and its documentation does not name a replacement"]],
  // Names
  ["reports capitals in the domain of an interface name", named("Org.example.C1"), WORDS, [
    "Org.example.C1.xml:1:141 warning interface-name: the interface name \"Org.example.C1\" does not begin with a domain in lower case"]],
  ["reports an interface name that ends in lower case", named("org.example1.jukebox"), WORDS, [
    "org.example1.jukebox.xml:1:141 warning interface-name: the interface name \"org.example1.jukebox\" is not in CamelCase after the domain"]],
  ["accepts the interface names of well-known projects", { ...named("im.telepathy1.Connection.Interface.Contacts"), ...named("org.freedesktop.systemd1.Manager"), ...named("com.example.sub.Api2.Thing"), ...named("org._7zip.Archive1") }, WORDS, []],
  ["reports an interface name without a version", named("org.example.Jukebox"), WORDS, [
    "org.example.Jukebox.xml:1:141 warning interface-version: the interface name \"org.example.Jukebox\" has no version number"]],
  ["reports members that are not in CamelCase", `<method name="play_next"/><signal name="finished"/><property name="Play_State" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:15 warning member-name: the method name \"play_next\" is not in CamelCase",
    "a.b.C1.xml:2:41 warning member-name: the signal name \"finished\" is not in CamelCase",
    "a.b.C1.xml:2:68 warning member-name: the property name \"Play_State\" is not in CamelCase"]],
  ["reports arguments that are not in lower_case", `<method name="M"><arg name="trackNumber" type="u"/><arg name="track_number" type="u"/><arg name="Contact" type="u"/></method>`, { ...WORDS, renamed: "off" }, [
    "a.b.C1.xml:2:29 warning argument-name: the argument name \"trackNumber\" of M is not in lower_case",
    "a.b.C1.xml:2:98 warning argument-name: the argument name \"Contact\" of M is not in lower_case"]],
  ["reports an argument without a name", `<method name="M"><arg type="u"/></method>`, WORDS, [
    "a.b.C1.xml:2:18 warning unnamed-argument: an argument of M has no name"]],
  ["reports a method and a signal with the names of standard ones, and accepts a property", `<method name="GetAll"/><signal name="PropertiesChanged"/><property name="Get" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:15 warning standard-name: the method \"GetAll\" has the name of a member of org.freedesktop.DBus.Properties",
    "a.b.C1.xml:2:38 warning standard-name: the signal \"PropertiesChanged\" has the name of a member of org.freedesktop.DBus.Properties"]],
  ["reports a signal and a property with the same name", `<signal name="State"/><property name="State" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:39 warning shared-name: the property \"State\" has the name of a signal of the same interface"]],
  ["reports a file with two interfaces, and a file with another name than its interface", { "a.b.C1.xml": `<node><interface name="a.b.C1"/><interface name="a.b.D1"/></node>`, "e.xml": `<node><interface name="a.b.E1"/></node>`, "<stdin>": `<node><interface name="a.b.F1"/></node>` }, WORDS, [
    "a.b.C1.xml:1:50 warning file-name: the file contains 2 interfaces; this is the second",
    "e.xml:1:24 warning file-name: the file is not named after its interface \"a.b.E1\""]],
  // Design
  ["reports a getter and a setter of a property", `<property name="Volume" type="d" access="readwrite">${EMITS("true")}</property><method name="GetVolume"><arg name="v" type="d" direction="out"/></method><method name="SetVolume"><arg name="v" type="d"/></method>`, WORDS, [
    "a.b.C1.xml:2:160 warning accessor-beside-property: GetVolume does the same as Get of org.freedesktop.DBus.Properties for the property \"Volume\"",
    "a.b.C1.xml:2:234 warning accessor-beside-property: SetVolume does the same as Set of org.freedesktop.DBus.Properties for the property \"Volume\""]],
  ["accepts a setter of a read-only property, and a getter with arguments", `<property name="Volume" type="d" access="read"/><method name="SetVolume"><arg name="v" type="d"/></method><method name="GetTrack"><arg name="number" type="u"/><arg name="t" type="s" direction="out"/></method><method name="Getaway"/>`, WORDS, []],
  ["reports a getter without a property", `<method name="GetVolume"><arg name="v" type="d" direction="out"/></method><method name="SetVolume"><arg name="v" type="d"/></method>`, WORDS, [
    "a.b.C1.xml:2:15 warning property-would-do: GetVolume has no arguments and returns one value, like a property"]],
  ["reports a signal for a property only if PropertiesChanged reports the property, too", `<property name="Volume" type="d" access="read"/><signal name="VolumeChanged"><arg name="v" type="d"/></signal><property name="Time" type="t" access="read">${EMITS("false")}</property><signal name="TimeChanged"/>`, WORDS, [
    "a.b.C1.xml:2:63 warning changed-signal: VolumeChanged reports changes of the property \"Volume\", which PropertiesChanged reports already"]],
  ["reports writable properties without EmitsChangedSignal", `<property name="A" type="s" access="readwrite"/><property name="B" type="s" access="readwrite">${EMITS("const")}</property><property name="C" type="s" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:17 warning emits-undeclared: the property \"A\" does not declare whether its changes are reported"]],
  ["accepts EmitsChangedSignal at the interface", `${EMITS("invalidates")}<property name="A" type="s" access="readwrite"/>`, WORDS, []],
  ["reports a property that cannot be read", `<property name="A" type="s" access="write">${EMITS("false")}</property>`, WORDS, [
    "a.b.C1.xml:2:17 warning write-only-property: the property \"A\" can be written but not read"]],
  ["reports a boolean argument if the rule is turned on", `<method name="Move"><arg name="up" type="b"/></method>`, { ...WORDS, "boolean-argument": "warning" }, [
    "a.b.C1.xml:2:32 warning boolean-argument: the argument \"up\" of Move is a boolean, which cannot get a third value"]],
  ["reports signals for added and removed objects", `<signal name="TrackAdded"><arg name="t" type="o"/></signal><signal name="TrackRemoved"><arg name="t" type="o"/></signal><signal name="WordAdded"><arg name="t" type="s"/></signal><signal name="WordRemoved"><arg name="t" type="s"/></signal>`, WORDS, [
    "a.b.C1.xml:2:15 warning object-manager: TrackAdded and TrackRemoved report the same as org.freedesktop.DBus.ObjectManager"]],
  // Types
  ["reports unused types, and types that only unused types use", `<tp:simple-type name="A" type="u"/><tp:struct name="B"><tp:member name="A" type="u" tp:type="A"/></tp:struct><tp:simple-type name="C" type="u"/><tp:contact-attribute name="c" type="u" tp:type="C"/>`, WORDS, [
    "a.b.C1.xml:2:1 warning unused-type: no member uses the type \"A\"",
    "a.b.C1.xml:2:36 warning unused-type: no member uses the type \"B\""]],
  ["accepts types that are used inside other types", `<tp:simple-type name="A" type="u" array-name="As"/><tp:struct name="B"><tp:member name="A" type="au" tp:type="A[]"/></tp:struct><dct:dictionary name="D"><dct:key name="k" type="(au)" tp:type="B"/></dct:dictionary><signal name="S"><arg name="a" type="a{sv}" tp:type="D"/></signal>`, WORDS, []],
  ["reports a dictionary without declared keys", `<method name="M"><arg name="a" type="aa{sv}"/><arg name="b" type="a{ss}"/></method>`, WORDS, [
    "a.b.C1.xml:2:29 warning undeclared-dictionary: the keys of the argument \"a\" of M, \"aa{sv}\", are not declared"]],
  ["counts dictionaries, of which a named struct or mapping declares no keys, if the rule is on", `<dct:dictionary name="D" array-name="L"><dct:key name="a" type="a{sv}"/></dct:dictionary><tp:mapping name="M"><tp:member name="K" type="s"/><tp:member name="V" type="v"/></tp:mapping><tp:struct name="S"><tp:member name="A" type="a{sv}"/></tp:struct>
<signal name="C"><arg name="a" type="a{sv}" tp:type="D"/><arg name="b" type="aa{sv}" tp:type="D[]"/><arg name="c" type="(a{sv})" tp:type="S"/></signal><property name="P" type="a{sv}" tp:type="M" access="read"/><property name="Q" type="a{ss}" access="read"/>`, { ...WORDS, "dictionary-coverage": "warning", "undeclared-dictionary": "off" }, [
    "a.b.C1.xml:3:112 warning dictionary-coverage: the keys of 2 of 4 dictionaries are declared: 50 %, at least 100 % are required"]],
  ["reports a variant", `<property name="P" type="v" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:17 warning bare-variant: the property \"P\" is a variant, so its value can have any type"]],
  ["reports object paths with the type of a string", `<method name="M"><arg name="object_path" type="s"/><arg name="file_path" type="s"/></method><property name="ObjectPaths" type="as" access="read"/>`, WORDS, [
    "a.b.C1.xml:2:29 warning path-as-string: the argument \"object_path\" of M is named as an object path, but has the type \"s\"",
    "a.b.C1.xml:2:109 warning path-as-string: the property \"ObjectPaths\" is named as an object path, but has the type \"as\""]],
  ["reports an undefined error, and accepts an error of D-Bus", `<method name="M"><tp:possible-errors><tp:error name="a.b.No"/><tp:error name="org.freedesktop.DBus.Error.Failed"/></tp:possible-errors></method>`, WORDS, [
    "a.b.C1.xml:2:54 warning undeclared-error: M may raise \"a.b.No\", which no given spec defines"]],
  ["reports a signed enum without negative values", `<tp:enum name="A" type="i"><tp:enumvalue suffix="Z" value="0"/></tp:enum><tp:enum name="B" type="i"><tp:enumvalue suffix="Z" value="0"/><tp:enumvalue suffix="N" value="-1"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:1 warning signed-enum: the enum \"A\" has the signed type \"i\" and no negative value"]],
  ["reports an enum without a value 0, and accepts an enum of strings", `<tp:enum name="A"><tp:enumvalue suffix="Z" value="1"/></tp:enum><tp:enum name="B" type="s"><tp:enumvalue suffix="Z" value="z"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:1 warning enum-without-zero: no value of the enum \"A\" is 0"]],
  ["reports two names with the same value", `<tp:enum name="A"><tp:enumvalue suffix="X" value="0"/><tp:enumvalue suffix="Y" value="0x0"/></tp:enum>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:55 warning repeated-value: \"Y\" and \"X\" of the enum \"A\" have the same value, 0"]],
  ["reports flags of no bit and of several bits", `<tp:flags name="A"><tp:flag suffix="None" value="0"/><tp:flag suffix="X" value="1"/><tp:flag suffix="All" value="3"/></tp:flags>`, { ...WORDS, "unused-type": "off" }, [
    "a.b.C1.xml:2:20 warning flag-bits: the flag \"None\" of \"A\" is 0, which is no bit",
    "a.b.C1.xml:2:85 warning flag-bits: the flag \"All\" of \"A\" is 3, which is several bits"]],
];

describe("findings of rules and their positions", () => {
  test.each(CASES)("%s", (_, given, rules, want) => {
    expect(findingsOf(given, rules)).toEqual(want);
  });

  test("the table above contains every rule", () => {
    const seen = new Set(CASES.flatMap(([, , , want]) => want.map((line) => / warning ([\w-]+): /.exec(line)?.[1])));
    expect(RULES.map(({ code }) => code).filter((code) => !seen.has(code))).toEqual([]);
  });
});

describe("settings", () => {
  const given = `<method name="m"/><metod/>`;
  const codes = (rules: Rules): readonly string[] =>
    findingsOf(given, rules).map((line) => line.replace(/^\S+ (\w+) ([\w-]+):.*$/, "$1 $2"));

  // biome-ignore format: each case is a table row
  test.each<[string, Rules, readonly string[]]>([
    ["no settings", {}, ["warning undocumented-interface", "warning member-name", "warning undocumented-method", "warning unknown-element"]],
    ["setting of a rule", { "member-name": "error" }, ["warning undocumented-interface", "error member-name", "warning undocumented-method", "warning unknown-element"]],
    ["setting of a group", { docs: "off" }, ["warning member-name", "warning unknown-element"]],
    ["setting of a rule takes precedence over that of its group, in any order", { "undocumented-method": "error", docs: "off" }, ["warning member-name", "error undocumented-method", "warning unknown-element"]],
    ["setting of a warning", { docs: "off", "unknown-element": "error" }, ["warning member-name", "error unknown-element"]],
    ["warning turned off", { docs: "off", naming: "off", "unknown-element": "off" }, []],
  ])("%s", (_, rules, want) => {
    expect(codes(rules)).toEqual(want);
  });

  test("a group does not turn on a rule that is off by default", () => {
    const moves = `<method name="Move"><arg name="up" type="b"/></method>`;
    expect(findingsOf(moves, { docs: "off", design: "error" })).toEqual([]);
  });
});

describe("lint", () => {
  test("reports only the errors of a spec that has errors", () => {
    expect(findingsOf(`<method name="m"/><method name="1"/>`)).toEqual([
      expect.stringMatching(/^a\.b\.C1\.xml:2:33 error name: /),
    ]);
  });

  test("ignores the order of files, and reports a file that is not XML", () => {
    const sources = Object.entries({ ...named("a.b.C"), ...named("a.b.D") }).map(([path, content]) => ({
      path,
      content,
    }));
    expect(lint(sources)).toEqual(lint(sources.toReversed()));
    expect(findingsOf({ "a.xml": "no" })).toEqual([expect.stringMatching(/^a\.xml:1:1 error xml-syntax: /)]);
  });

  test("keeps a report on one line if a name contains a line break", () => {
    const given = `<tp:enum name="E"><tp:enumvalue suffix="A&#10;b.xml:1:1 error x: y" value="1"/></tp:enum>`;
    expect(
      findingsOf(given)
        .join("\n")
        .split("\n")
        .every((line) => line.startsWith("a.b.C1.xml:")),
    ).toBe(true);
  });

  test.skipIf(!hasCorpus)(`terminates for every file of the corpus${CORPUS_NOTE}`, () => {
    for (const folder of ["connman", "hostile-xml", "telepathy"]) {
      for (const [path, content] of Object.entries(corpus(folder))) {
        expect(() => lint([{ path, content }]), path).not.toThrow();
      }
    }
  });
});
