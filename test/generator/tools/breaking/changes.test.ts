import { describe, expect, test } from "vitest";
import { CHANGE_KINDS } from "../../../../generator/tools/breaking/change-kinds.ts";
import type { Specs } from "../../support.ts";
import { changed, classes, type Side } from "./support.ts";

const errors = (...names: readonly string[]): Specs => ({
  "errors.xml": `<tp:errors xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0" namespace="a.E">${names.map((name) => `<tp:error name="${name}"/>`).join("")}</tp:errors>`,
});
const types = (body: string): string =>
  `<tp:generic-types xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0">${body}</tp:generic-types>`;
const node = (body: string, name = "a.b.C1"): string =>
  `<node xmlns:tp="http://telepathy.freedesktop.org/wiki/DbusSpec#extensions-v0"><interface name="${name}">${body}</interface></node>`;
const raising = (...names: readonly string[]): string =>
  node(
    `<method name="M"><tp:possible-errors>${names.map((name) => `<tp:error name="${name}"/>`).join("")}</tp:possible-errors></method>`,
  );

const DEPRECATED = `<annotation name="org.freedesktop.DBus.Deprecated" value="true"/>`;
const NO_REPLY = `<annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>`;
const PRIVILEGED = `<annotation name="org.freedesktop.systemd1.Privileged" value="true"/>`;
const emits = (value: string): string =>
  `<property name="P" type="s" access="read"><annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="${value}"/></property>`;
const MODE = `<property name="P" type="u" tp:type="Mode" access="read"/>`;
const SONG = `<property name="P" type="(ss)" tp:type="Song" access="read"/>`;
const KEYS = `<property name="P" type="a{sv}" tp:type="Keys" access="read"/>`;
const ID = `<tp:simple-type name="Id" type="u"/>`;
const ROOM = `<tp:simple-type name="Room" type="u"/>`;

// biome-ignore format: each case is a table row
const CASES: readonly (readonly [title: string, before: Side, after: Side, want: readonly string[]])[] = [
  // Interfaces
  ["an interface is removed", { "a.xml": node(""), "b.xml": node("", "a.b.D1") }, { "a.xml": node("") }, ["wire interface-removed"]],
  ["an interface is added", { "a.xml": node("") }, { "a.xml": node(""), "b.xml": node("", "a.b.D1") }, ["compatible interface-added"]],
  ["an interface gets the next version", { "a.xml": node("") }, { "a.xml": node("", "a.b.C2") }, ["wire interface-removed", "compatible interface-added"]],
  ["an interface is deprecated", "", DEPRECATED, ["compatible deprecated"]],
  // Methods
  ["a method is removed", `<method name="M"/><method name="N"/>`, `<method name="M"/>`, ["wire method-removed"]],
  ["a method is added", `<method name="M"/>`, `<method name="M"/><method name="N"/>`, ["source(service) method-added"]],
  ["a method is renamed", `<method name="Play"/>`, `<method name="Start"/>`, ["wire method-removed", "source(service) method-added"]],
  ["a method is renamed to the same name in another case", `<method name="PlayAll"/>`, `<method name="Playall"/>`, ["wire method-removed", "source(service) method-added"]],
  ["a method gets another argument", `<method name="M"/>`, `<method name="M"><arg name="a" type="s" direction="in"/></method>`, ["wire method-arguments"]],
  ["a method loses an argument", `<method name="M"><arg name="a" type="s"/><arg name="b" type="s"/></method>`, `<method name="M"><arg name="a" type="s"/></method>`, ["wire method-arguments"]],
  ["an argument gets another type", `<method name="M"><arg name="a" type="i"/></method>`, `<method name="M"><arg name="a" type="u"/></method>`, ["wire method-arguments"]],
  ["arguments of different types swap positions", `<method name="M"><arg name="a" type="s"/><arg name="b" type="u"/></method>`, `<method name="M"><arg name="b" type="u"/><arg name="a" type="s"/></method>`, ["wire method-arguments"]],
  ["arguments of the same type swap positions", `<method name="M"><arg name="a" type="s"/><arg name="b" type="s"/></method>`, `<method name="M"><arg name="b" type="s"/><arg name="a" type="s"/></method>`, ["wire argument-order"]],
  ["an input becomes an output", `<method name="M"><arg name="a" type="s" direction="in"/></method>`, `<method name="M"><arg name="a" type="s" direction="out"/></method>`, ["wire argument-direction"]],
  ["an output becomes an input", `<method name="M"><arg name="a" type="s" direction="out"/></method>`, `<method name="M"><arg name="a" type="s"/></method>`, ["wire argument-direction"]],
  ["a method gets another result", `<method name="M"><arg name="a" type="s" direction="out"/></method>`, `<method name="M"><arg name="a" type="s" direction="out"/><arg name="b" type="s" direction="out"/></method>`, ["wire method-results"]],
  ["a method gets its first result", `<method name="M"/>`, `<method name="M"><arg name="a" type="s" direction="out"/></method>`, ["wire method-results"]],
  ["a result gets another type", `<method name="M"><arg name="a" type="as" direction="out"/></method>`, `<method name="M"><arg name="a" type="a{ss}" direction="out"/></method>`, ["wire method-results"]],
  ["results of the same type swap positions", `<method name="M"><arg name="a" type="u" direction="out"/><arg name="b" type="u" direction="out"/></method>`, `<method name="M"><arg name="b" type="u" direction="out"/><arg name="a" type="u" direction="out"/></method>`, ["wire argument-order"]],
  ["an argument is renamed", `<method name="M"><arg name="a" type="s"/></method>`, `<method name="M"><arg name="b" type="s"/></method>`, ["compatible argument-renamed"]],
  ["an argument gets a name", `<method name="M"><arg type="s"/></method>`, `<method name="M"><arg name="b" type="s"/></method>`, ["compatible argument-renamed"]],
  ["a method no longer replies", `<method name="M"/>`, `<method name="M">${NO_REPLY}</method>`, ["wire no-reply-added"]],
  ["a method replies", `<method name="M">${NO_REPLY}</method>`, `<method name="M"/>`, ["compatible no-reply-removed"]],
  ["a method is deprecated", `<method name="M"/>`, `<method name="M">${DEPRECATED}</method>`, ["compatible deprecated"]],
  ["a method is no longer deprecated", `<method name="M"><tp:deprecated/></method>`, `<method name="M"/>`, ["compatible undeprecated"]],
  ["a method becomes privileged", `<method name="M"/>`, `<method name="M">${PRIVILEGED}</method>`, ["wire privileged-added"]],
  ["an interface becomes privileged", `<method name="M"/>`, `<method name="M"/>${PRIVILEGED}`, ["wire privileged-added"]],
  ["a method is no longer privileged", `<method name="M">${PRIVILEGED}</method>`, `<method name="M"/>`, ["compatible privileged-removed"]],
  ["an unknown annotation of a method is added", `<method name="M"/>`, `<method name="M"><annotation name="x.Y" value="1"/></method>`, ["compatible annotation-changed"]],
  ["an unknown annotation of an argument is added", `<method name="M"><arg name="a" type="s"/></method>`, `<method name="M"><arg name="a" type="s"><annotation name="x.Y" value="1"/></arg></method>`, ["compatible annotation-changed"]],
  ["an overload is added", `<method name="M"/>`, `<method name="M"/><method name="M"><arg name="a" type="s"/></method>`, ["source(service) method-added"]],
  ["an overload is removed", `<method name="M"/><method name="M"><arg name="a" type="s"/></method>`, `<method name="M"/>`, ["wire method-removed"]],
  // Signals
  ["a signal is removed", `<signal name="S"/>`, "", ["wire signal-removed"]],
  ["a signal is added", "", `<signal name="S"/>`, ["compatible signal-added"]],
  ["a signal gets another argument", `<signal name="S"/>`, `<signal name="S"><arg name="a" type="s"/></signal>`, ["wire signal-arguments"]],
  ["an argument of a signal gets another type", `<signal name="S"><arg name="a" type="u"/></signal>`, `<signal name="S"><arg name="a" type="t"/></signal>`, ["wire signal-arguments"]],
  ["arguments of a signal swap positions", `<signal name="S"><arg name="a" type="u"/><arg name="b" type="u"/></signal>`, `<signal name="S"><arg name="b" type="u"/><arg name="a" type="u"/></signal>`, ["wire argument-order"]],
  ["a signal becomes a method", `<signal name="S"/>`, `<method name="S"/>`, ["wire signal-removed", "source(service) method-added"]],
  // Properties
  ["a property is removed", `<property name="P" type="s" access="read"/>`, "", ["wire property-removed"]],
  ["a property is added", "", `<property name="P" type="s" access="read"/>`, ["source(service) property-added"]],
  ["a property gets another type", `<property name="P" type="i" access="read"/>`, `<property name="P" type="x" access="read"/>`, ["wire property-type"]],
  ["a property can no longer be written", `<property name="P" type="s" access="readwrite"/>`, `<property name="P" type="s" access="read"/>`, ["wire access-narrowed"]],
  ["a property can no longer be read", `<property name="P" type="s" access="readwrite"/>`, `<property name="P" type="s" access="write"/>`, ["wire access-narrowed"]],
  ["a readable property becomes write-only", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="write"/>`, ["wire access-narrowed"]],
  ["a readable property becomes writable, too", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="readwrite"/>`, ["source(service) access-widened"]],
  ["EmitsChangedSignal changes from true to false", emits("true"), emits("false"), ["wire emits-weakened"]],
  ["EmitsChangedSignal changes from true to invalidates", emits("true"), emits("invalidates"), ["wire emits-weakened"]],
  ["EmitsChangedSignal changes from const to true", emits("const"), emits("true"), ["wire emits-weakened"]],
  ["EmitsChangedSignal changes from false to invalidates", emits("false"), emits("invalidates"), ["compatible emits-strengthened"]],
  ["EmitsChangedSignal changes from true to const", emits("true"), emits("const"), ["compatible emits-strengthened"]],
  ["the default of EmitsChangedSignal is written explicitly", `<property name="P" type="s" access="read"/>`, emits("true"), []],
  ["EmitsChangedSignal of the interface changes from true to false", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="read"/><annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>`, ["wire emits-weakened"]],
  // Enums and flags
  ["a value is added", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/><tp:enumvalue suffix="B" value="1"/></tp:enum>${MODE}`, ["compatible enum-value-added"]],
  ["a value is removed", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/><tp:enumvalue suffix="B" value="1"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, ["source enum-value-removed"]],
  ["a name gets another value", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, ["wire enum-value-changed"]],
  ["a value is renamed", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="B" value="0"/></tp:enum>${MODE}`, ["source enum-value-renamed"]],
  ["a flag is added", `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/><tp:flag suffix="B" value="2"/></tp:flags>${MODE}`, ["compatible enum-value-added"]],
  ["a flag gets another bit", `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="2"/></tp:flags>${MODE}`, ["wire enum-value-changed"]],
  ["an enum becomes flags", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, ["source type-kind"]],
  ["an enum gets another integer type", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, `<tp:enum name="Mode" type="y"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE.replace('"u"', '"y"')}`, ["wire type-signature"]],
  // Structs and mappings
  ["a struct gets another member", `<tp:struct name="Song"><tp:member name="A" type="s"/></tp:struct>${SONG.replace("(ss)", "(s)")}`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, ["wire type-signature"]],
  ["struct members of the same type swap positions", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, `<tp:struct name="Song"><tp:member name="B" type="s"/><tp:member name="A" type="s"/></tp:struct>${SONG}`, ["wire struct-order"]],
  ["a struct member is renamed", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="C" type="s"/></tp:struct>${SONG}`, ["source struct-member-renamed"]],
  ["a type inside a struct changes, which is reported once", `<tp:simple-type name="Id" type="u"/><tp:struct name="T"><tp:member name="A" type="u" tp:type="Id"/></tp:struct><property name="P" type="(u)" tp:type="T" access="read"/>`, `<tp:simple-type name="Id" type="t"/><tp:struct name="T"><tp:member name="A" type="t" tp:type="Id"/></tp:struct><property name="P" type="(t)" tp:type="T" access="read"/>`, ["wire type-signature"]],
  ["an unused type gets another signature", `<tp:simple-type name="Id" type="u"/>`, `<tp:simple-type name="Id" type="s"/>`, ["source type-signature"]],
  ["the values of a mapping get another type", `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="s"/></tp:mapping><property name="P" type="a{ss}" tp:type="Map" access="read"/>`, ["wire type-signature"]],
  ["members of a mapping are renamed", `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, `<tp:mapping name="Map"><tp:member name="X" type="s"/><tp:member name="Y" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, []],
  // Dictionaries
  ["a key is added", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/><dct:key name="B" type="s"/></dct:dictionary>${KEYS}`, ["compatible dictionary-key-added"]],
  ["a key is removed", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/><dct:key name="B" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, ["source dictionary-key-removed"]],
  ["a key gets another type", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="u"/></dct:dictionary>${KEYS}`, ["wire dictionary-key-type"]],
  ["a key becomes writable", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s" access="readwrite"/></dct:dictionary>${KEYS}`, ["compatible dictionary-key-access"]],
  ["a default value and a version of a key are added", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s" default="x" since="2"/></dct:dictionary>${KEYS}`, []],
  ["the keys of a dictionary are declared", `<property name="P" type="a{sv}" access="read"/>`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, ["source type-meaning", "compatible type-added"]],
  ["keys that match a pattern get another pattern", `<dct:dictionary name="Keys"><dct:keys name="A" pattern="x-*" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:keys name="A" pattern="*" type="s"/></dct:dictionary>${KEYS}`, ["source dictionary-key-pattern"]],
  ["a dictionary gets another type of values", `<dct:dictionary name="Keys" type="a{ss}"/>${KEYS.replace("a{sv}", "a{ss}")}`, `<dct:dictionary name="Keys" type="a{su}"/>${KEYS.replace("a{sv}", "a{su}")}`, ["wire type-signature"]],
  ["a case is added to a choice", choice("k", "a"), choice("k", "a", "b"), ["source choice-case-added"]],
  ["a case of a choice is removed", choice("k", "a", "b"), choice("k", "a"), ["source choice-case-removed"]],
  ["a case selects another dictionary", choice("k", "a"), choice("k", "a").replace('tp:type="D"', 'tp:type="E"'), ["source type-meaning"]],
  ["a field of a choice that is a struct is renamed", slot("Kind", "Details"), slot("Kind", "Settings"), ["source struct-member-renamed"]],
  ["another key selects the cases of a choice", choice("k", "a"), choice("l", "a"), ["wire choice-key"]],
  // Types of values in TypeScript
  ["a plain number becomes a simple type", `<property name="P" type="u" access="read"/>`, `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, ["compatible type-added", "compatible type-alias"]],
  ["a simple type becomes a plain number", `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, `${ID}<property name="P" type="u" access="read"/>`, ["compatible type-alias"]],
  ["one simple type becomes another", `${ID}${ROOM}<property name="P" type="u" tp:type="Id" access="read"/>`, `${ID}${ROOM}<property name="P" type="u" tp:type="Room" access="read"/>`, ["source type-meaning"]],
  ["a path becomes a simple type", `<method name="M"><arg name="a" type="o"/></method>`, `<tp:simple-type name="Obj" type="o"/><method name="M"><arg name="a" type="o" tp:type="Obj"/></method>`, ["source(client) type-meaning", "compatible type-added"]],
  ["an input changes from a number to an enum", `<method name="M"><arg name="a" type="u"/></method>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" tp:type="Mode"/></method>`, ["source(client) type-meaning", "compatible type-added"]],
  ["an output changes from an enum to a number", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" tp:type="Mode" direction="out"/></method>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" direction="out"/></method>`, ["source(client) type-meaning"]],
  ["an argument of a signal changes from a number to an enum", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><signal name="S"><arg name="a" type="u"/></signal>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><signal name="S"><arg name="a" type="u" tp:type="Mode"/></signal>`, ["source(service) type-meaning"]],
  ["a tuple becomes an object", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct><property name="P" type="(ss)" access="read"/>`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, ["source type-meaning"]],
  ["the items of an array get another simple type", `<tp:simple-type name="Id" type="u" array-name="Ids"/><tp:simple-type name="Room" type="u" array-name="Rooms"/><property name="P" type="au" tp:type="Id[]" access="read"/>`, `<tp:simple-type name="Id" type="u" array-name="Ids"/><tp:simple-type name="Room" type="u" array-name="Rooms"/><property name="P" type="au" tp:type="Room[]" access="read"/>`, ["source type-meaning"]],
  ["a type is renamed", `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, `<tp:simple-type name="Number" type="u"/><property name="P" type="u" tp:type="Number" access="read"/>`.replaceAll("Number", "Ident"), ["source type-renamed"]],
  ["an enum is renamed and its values are reordered", `<tp:enum name="Mode"><tp:enumvalue suffix="Off" value="0"/><tp:enumvalue suffix="On" value="1"/></tp:enum>${MODE}`, `<tp:enum name="State"><tp:enumvalue suffix="On" value="1"/><tp:enumvalue suffix="Off" value="0"/></tp:enum>${MODE.replace("Mode", "State")}`, ["source type-renamed"]],
  ["a dictionary is renamed and its keys are reordered", `<dct:dictionary xmlns:dct="urn:dbus-codegen-ts:dictionary:1" name="Keys"><dct:key name="a" type="s"/><dct:key name="b" type="u"/></dct:dictionary>${KEYS}`, `<dct:dictionary xmlns:dct="urn:dbus-codegen-ts:dictionary:1" name="Options"><dct:key name="b" type="u"/><dct:key name="a" type="s"/></dct:dictionary>${KEYS.replace("Keys", "Options")}`, ["source type-renamed"]],
  ["an unused type is removed", ID, "", ["source type-removed"]],
  ["a type is added", "", ID, ["compatible type-added"]],
  ["a type moves to a separate file", { "a.xml": node(`${ID}<property name="P" type="u" tp:type="Id" access="read"/>`) }, { "a.xml": node(`<property name="P" type="u" tp:type="Id" access="read"/>`), "types.xml": types(ID) }, ["source type-moved"]],
  ["no type refines a type any more", `<tp:simple-type name="H" type="u"/><tp:simple-type name="Id" type="u" tp:type="H"/><property name="P" type="u" tp:type="H" access="read"/>`, `<tp:simple-type name="H" type="u"/>${ID}<property name="P" type="u" tp:type="H" access="read"/>`, ["source type-meaning", "compatible type-alias"]],
  // Errors
  ["an error is removed", errors("No", "Yes"), errors("No"), ["source error-removed"]],
  ["an error is added", errors("No"), errors("No", "Yes"), ["compatible error-added"]],
  ["a method may raise another error", { ...errors("No"), "a.xml": raising() }, { ...errors("No"), "a.xml": raising("a.E.No") }, ["compatible method-error-added"]],
  ["a method no longer names an error", { ...errors("No"), "a.xml": raising("a.E.No") }, { ...errors("No"), "a.xml": raising() }, ["source(client) raised-error-removed", "compatible method-error-removed"]],
  ["a method no longer names an undefined error", { "a.xml": raising("a.E.No") }, { "a.xml": raising() }, ["compatible method-error-removed"]],
  // Colliding names
  ["a new method takes the identifier of another", `<method name="Foo"/>`, `<method name="Foo"/><method name="foo"/>`, ["source identifier-changed", "source(service) method-added"]],
  ["a new type does not take the name of the client", `<property name="P" type="u" access="read"/>`, `<tp:simple-type name="C1_Client" type="u"/><property name="P" type="u" access="read"/>`, ["compatible type-added"]],
  ["a new property does not take the identifier of a method", `<method name="Foo"/>`, `<method name="Foo"/><property name="foo" type="s" access="read"/>`, ["source(service) property-added"]],
  ["a new key takes the identifier of another", `<dct:dictionary name="Keys"><dct:key name="b.c/A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="a.c/A" type="s"/><dct:key name="b.c/A" type="s"/></dct:dictionary>${KEYS}`, ["source identifier-changed", "compatible dictionary-key-added"]],
];

/** Returns a choice that is a struct, with names of its fields. */
function slot(key: string, entries: string): string {
  const definition = `<dct:choice name="Slot" type="(sa{sv})" key="${key}" entries="${entries}"><dct:case value="a" tp:type="D"/></dct:choice>`;
  return `<dct:dictionary name="D"><dct:key name="k" type="s"/></dct:dictionary>${definition}<property name="P" type="(sa{sv})" tp:type="Slot" access="read"/>`;
}

/** Returns a choice with two dictionaries that both have the keys k and l. */
function choice(key: string, ...values: readonly string[]): string {
  const dictionary = (name: string): string =>
    `<dct:dictionary name="${name}"><dct:key name="k" type="s"/><dct:key name="l" type="s"/></dct:dictionary>`;
  const cases = values.map((value) => `<dct:case value="${value}" tp:type="D"/>`).join("");
  return `${dictionary("D")}${dictionary("E")}<dct:choice name="Keys" key="${key}">${cases}</dct:choice>${KEYS}`;
}

describe("classes of changes", () => {
  test.each(CASES)("%s", (_, before, after, want) => {
    const result = changed(before, after);
    expect(result.diagnostics).toEqual([]);
    expect(classes(result)).toEqual(want);
    expect(classes(changed(before, before))).toEqual([]);
    expect(classes(changed(after, after))).toEqual([]);
  });

  test("the table above contains every kind of change", () => {
    const seen = new Set(CASES.flatMap(([, , , want]) => want.map((change) => change.split(" ")[1])));
    expect(CHANGE_KINDS.map(({ code }) => code).filter((code) => !seen.has(code))).toEqual([]);
  });
});
