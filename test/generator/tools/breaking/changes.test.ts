import { describe, expect, test } from "vitest";
import { CHANGES } from "../../../../generator/tools/breaking/changes.ts";
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

// biome-ignore format: both versions of a case stand together
const CASES: readonly (readonly [what: string, before: Side, after: Side, want: readonly string[]])[] = [
  // Interfaces
  ["an interface is gone", { "a.xml": node(""), "b.xml": node("", "a.b.D1") }, { "a.xml": node("") }, ["wire interface-removed"]],
  ["an interface is new", { "a.xml": node("") }, { "a.xml": node(""), "b.xml": node("", "a.b.D1") }, ["compatible interface-added"]],
  ["an interface gets the next version", { "a.xml": node("") }, { "a.xml": node("", "a.b.C2") }, ["wire interface-removed", "compatible interface-added"]],
  ["an interface is deprecated", "", DEPRECATED, ["compatible deprecated"]],
  // Methods
  ["a method is gone", `<method name="M"/><method name="N"/>`, `<method name="M"/>`, ["wire method-removed"]],
  ["a method is new", `<method name="M"/>`, `<method name="M"/><method name="N"/>`, ["source(service) method-added"]],
  ["a method has another name", `<method name="Play"/>`, `<method name="Start"/>`, ["wire method-removed", "source(service) method-added"]],
  ["a name in another case is another name", `<method name="PlayAll"/>`, `<method name="Playall"/>`, ["wire method-removed", "source(service) method-added"]],
  ["an argument more", `<method name="M"/>`, `<method name="M"><arg name="a" type="s" direction="in"/></method>`, ["wire method-arguments"]],
  ["an argument less", `<method name="M"><arg name="a" type="s"/><arg name="b" type="s"/></method>`, `<method name="M"><arg name="a" type="s"/></method>`, ["wire method-arguments"]],
  ["an argument of another type", `<method name="M"><arg name="a" type="i"/></method>`, `<method name="M"><arg name="a" type="u"/></method>`, ["wire method-arguments"]],
  ["arguments of two types change places", `<method name="M"><arg name="a" type="s"/><arg name="b" type="u"/></method>`, `<method name="M"><arg name="b" type="u"/><arg name="a" type="s"/></method>`, ["wire method-arguments"]],
  ["arguments of one type change places", `<method name="M"><arg name="a" type="s"/><arg name="b" type="s"/></method>`, `<method name="M"><arg name="b" type="s"/><arg name="a" type="s"/></method>`, ["wire argument-order"]],
  ["an argument goes out instead of in", `<method name="M"><arg name="a" type="s" direction="in"/></method>`, `<method name="M"><arg name="a" type="s" direction="out"/></method>`, ["wire argument-direction"]],
  ["an argument goes in instead of out", `<method name="M"><arg name="a" type="s" direction="out"/></method>`, `<method name="M"><arg name="a" type="s"/></method>`, ["wire argument-direction"]],
  ["a result more", `<method name="M"><arg name="a" type="s" direction="out"/></method>`, `<method name="M"><arg name="a" type="s" direction="out"/><arg name="b" type="s" direction="out"/></method>`, ["wire method-results"]],
  ["a first result", `<method name="M"/>`, `<method name="M"><arg name="a" type="s" direction="out"/></method>`, ["wire method-results"]],
  ["a result of another type", `<method name="M"><arg name="a" type="as" direction="out"/></method>`, `<method name="M"><arg name="a" type="a{ss}" direction="out"/></method>`, ["wire method-results"]],
  ["results change places", `<method name="M"><arg name="a" type="u" direction="out"/><arg name="b" type="u" direction="out"/></method>`, `<method name="M"><arg name="b" type="u" direction="out"/><arg name="a" type="u" direction="out"/></method>`, ["wire argument-order"]],
  ["an argument has another name", `<method name="M"><arg name="a" type="s"/></method>`, `<method name="M"><arg name="b" type="s"/></method>`, ["compatible argument-renamed"]],
  ["an argument gets a name", `<method name="M"><arg type="s"/></method>`, `<method name="M"><arg name="b" type="s"/></method>`, ["compatible argument-renamed"]],
  ["a method no longer replies", `<method name="M"/>`, `<method name="M">${NO_REPLY}</method>`, ["wire no-reply-added"]],
  ["a method replies", `<method name="M">${NO_REPLY}</method>`, `<method name="M"/>`, ["compatible no-reply-removed"]],
  ["a method is deprecated", `<method name="M"/>`, `<method name="M">${DEPRECATED}</method>`, ["compatible deprecated"]],
  ["a method is no longer deprecated", `<method name="M"><tp:deprecated/></method>`, `<method name="M"/>`, ["compatible undeprecated"]],
  ["a method is denied by default", `<method name="M"/>`, `<method name="M">${PRIVILEGED}</method>`, ["wire privileged-added"]],
  ["all methods are denied by default", `<method name="M"/>`, `<method name="M"/>${PRIVILEGED}`, ["wire privileged-added"]],
  ["a method is open to all", `<method name="M">${PRIVILEGED}</method>`, `<method name="M"/>`, ["compatible privileged-removed"]],
  ["an annotation of others", `<method name="M"/>`, `<method name="M"><annotation name="x.Y" value="1"/></method>`, ["compatible annotation-changed"]],
  ["an annotation of an argument", `<method name="M"><arg name="a" type="s"/></method>`, `<method name="M"><arg name="a" type="s"><annotation name="x.Y" value="1"/></arg></method>`, ["compatible annotation-changed"]],
  ["an overload more", `<method name="M"/>`, `<method name="M"/><method name="M"><arg name="a" type="s"/></method>`, ["source(service) method-added"]],
  ["another overload goes", `<method name="M"/><method name="M"><arg name="a" type="s"/></method>`, `<method name="M"/>`, ["wire method-removed"]],
  // Signals
  ["a signal is gone", `<signal name="S"/>`, "", ["wire signal-removed"]],
  ["a signal is new", "", `<signal name="S"/>`, ["compatible signal-added"]],
  ["a signal carries more", `<signal name="S"/>`, `<signal name="S"><arg name="a" type="s"/></signal>`, ["wire signal-arguments"]],
  ["a signal carries another type", `<signal name="S"><arg name="a" type="u"/></signal>`, `<signal name="S"><arg name="a" type="t"/></signal>`, ["wire signal-arguments"]],
  ["a signal carries its arguments in another order", `<signal name="S"><arg name="a" type="u"/><arg name="b" type="u"/></signal>`, `<signal name="S"><arg name="b" type="u"/><arg name="a" type="u"/></signal>`, ["wire argument-order"]],
  ["a signal becomes a method", `<signal name="S"/>`, `<method name="S"/>`, ["wire signal-removed", "source(service) method-added"]],
  // Properties
  ["a property is gone", `<property name="P" type="s" access="read"/>`, "", ["wire property-removed"]],
  ["a property is new", "", `<property name="P" type="s" access="read"/>`, ["source(service) property-added"]],
  ["a property has another type", `<property name="P" type="i" access="read"/>`, `<property name="P" type="x" access="read"/>`, ["wire property-type"]],
  ["a property can no longer be written", `<property name="P" type="s" access="readwrite"/>`, `<property name="P" type="s" access="read"/>`, ["wire access-narrowed"]],
  ["a property can no longer be read", `<property name="P" type="s" access="readwrite"/>`, `<property name="P" type="s" access="write"/>`, ["wire access-narrowed"]],
  ["a property is written instead of read", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="write"/>`, ["wire access-narrowed"]],
  ["a property can be written, too", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="readwrite"/>`, ["source(service) access-widened"]],
  ["changes are no longer announced", emits("true"), emits("false"), ["wire emits-weakened"]],
  ["changes are announced without the value", emits("true"), emits("invalidates"), ["wire emits-weakened"]],
  ["a constant changes", emits("const"), emits("true"), ["wire emits-weakened"]],
  ["changes are announced", emits("false"), emits("invalidates"), ["compatible emits-strengthened"]],
  ["what changed is a constant", emits("true"), emits("const"), ["compatible emits-strengthened"]],
  ["the default written out", `<property name="P" type="s" access="read"/>`, emits("true"), []],
  ["an interface announces nothing any more", `<property name="P" type="s" access="read"/>`, `<property name="P" type="s" access="read"/><annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="false"/>`, ["wire emits-weakened"]],
  // Enums and flags
  ["a value is new", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/><tp:enumvalue suffix="B" value="1"/></tp:enum>${MODE}`, ["compatible enum-value-added"]],
  ["a value is gone", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/><tp:enumvalue suffix="B" value="1"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, ["source enum-value-removed"]],
  ["a name stands for another value", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, ["wire enum-value-changed"]],
  ["a value has another name", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum>${MODE}`, `<tp:enum name="Mode"><tp:enumvalue suffix="B" value="0"/></tp:enum>${MODE}`, ["source enum-value-renamed"]],
  ["a flag is new", `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/><tp:flag suffix="B" value="2"/></tp:flags>${MODE}`, ["compatible enum-value-added"]],
  ["a flag is another bit", `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="2"/></tp:flags>${MODE}`, ["wire enum-value-changed"]],
  ["an enum becomes flags", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, `<tp:flags name="Mode"><tp:flag suffix="A" value="1"/></tp:flags>${MODE}`, ["source type-kind"]],
  ["an enum of another width", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE}`, `<tp:enum name="Mode" type="y"><tp:enumvalue suffix="A" value="1"/></tp:enum>${MODE.replace('"u"', '"y"')}`, ["wire type-signature"]],
  // Structs and mappings
  ["a struct has a member more", `<tp:struct name="Song"><tp:member name="A" type="s"/></tp:struct>${SONG.replace("(ss)", "(s)")}`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, ["wire type-signature"]],
  ["members of one type change places", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, `<tp:struct name="Song"><tp:member name="B" type="s"/><tp:member name="A" type="s"/></tp:struct>${SONG}`, ["wire struct-order"]],
  ["a member has another name", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="C" type="s"/></tp:struct>${SONG}`, ["source struct-member-renamed"]],
  ["a struct that others hold changes: told once", `<tp:simple-type name="Id" type="u"/><tp:struct name="T"><tp:member name="A" type="u" tp:type="Id"/></tp:struct><property name="P" type="(u)" tp:type="T" access="read"/>`, `<tp:simple-type name="Id" type="t"/><tp:struct name="T"><tp:member name="A" type="t" tp:type="Id"/></tp:struct><property name="P" type="(t)" tp:type="T" access="read"/>`, ["wire type-signature"]],
  ["an unused type has another signature", `<tp:simple-type name="Id" type="u"/>`, `<tp:simple-type name="Id" type="s"/>`, ["source type-signature"]],
  ["a mapping of other values", `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="s"/></tp:mapping><property name="P" type="a{ss}" tp:type="Map" access="read"/>`, ["wire type-signature"]],
  ["names of a mapping's members", `<tp:mapping name="Map"><tp:member name="K" type="s"/><tp:member name="V" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, `<tp:mapping name="Map"><tp:member name="X" type="s"/><tp:member name="Y" type="u"/></tp:mapping><property name="P" type="a{su}" tp:type="Map" access="read"/>`, []],
  // Dictionaries
  ["a key is new", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/><dct:key name="B" type="s"/></dct:dictionary>${KEYS}`, ["compatible dictionary-key-added"]],
  ["a key is gone", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/><dct:key name="B" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, ["source dictionary-key-removed"]],
  ["a key has another type", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="u"/></dct:dictionary>${KEYS}`, ["wire dictionary-key-type"]],
  ["a client may give a key", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s" access="readwrite"/></dct:dictionary>${KEYS}`, ["compatible dictionary-key-access"]],
  ["a default and a version of a key", `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="A" type="s" default="x" since="2"/></dct:dictionary>${KEYS}`, []],
  ["a dictionary gets its keys declared", `<property name="P" type="a{sv}" access="read"/>`, `<dct:dictionary name="Keys"><dct:key name="A" type="s"/></dct:dictionary>${KEYS}`, ["source type-meaning", "compatible type-added"]],
  // What values are called in TypeScript
  ["a plain number becomes a simple type", `<property name="P" type="u" access="read"/>`, `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, ["compatible type-added", "compatible type-alias"]],
  ["a simple type becomes a plain number", `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, `${ID}<property name="P" type="u" access="read"/>`, ["compatible type-alias"]],
  ["one simple type becomes another", `${ID}${ROOM}<property name="P" type="u" tp:type="Id" access="read"/>`, `${ID}${ROOM}<property name="P" type="u" tp:type="Room" access="read"/>`, ["source type-meaning"]],
  ["a path becomes a simple type", `<method name="M"><arg name="a" type="o"/></method>`, `<tp:simple-type name="Obj" type="o"/><method name="M"><arg name="a" type="o" tp:type="Obj"/></method>`, ["source(client) type-meaning", "compatible type-added"]],
  ["clients give an enum instead of any number", `<method name="M"><arg name="a" type="u"/></method>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" tp:type="Mode"/></method>`, ["source(client) type-meaning", "compatible type-added"]],
  ["clients get any number instead of an enum", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" tp:type="Mode" direction="out"/></method>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><method name="M"><arg name="a" type="u" direction="out"/></method>`, ["source(client) type-meaning"]],
  ["clients get an enum instead of any number", `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><signal name="S"><arg name="a" type="u"/></signal>`, `<tp:enum name="Mode"><tp:enumvalue suffix="A" value="0"/></tp:enum><signal name="S"><arg name="a" type="u" tp:type="Mode"/></signal>`, ["source(service) type-meaning"]],
  ["a tuple becomes an object", `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct><property name="P" type="(ss)" access="read"/>`, `<tp:struct name="Song"><tp:member name="A" type="s"/><tp:member name="B" type="s"/></tp:struct>${SONG}`, ["source type-meaning"]],
  ["numbers in a list get another name", `<tp:simple-type name="Id" type="u" array-name="Ids"/><tp:simple-type name="Room" type="u" array-name="Rooms"/><property name="P" type="au" tp:type="Id[]" access="read"/>`, `<tp:simple-type name="Id" type="u" array-name="Ids"/><tp:simple-type name="Room" type="u" array-name="Rooms"/><property name="P" type="au" tp:type="Room[]" access="read"/>`, ["source type-meaning"]],
  ["a type has another name", `${ID}<property name="P" type="u" tp:type="Id" access="read"/>`, `<tp:simple-type name="Number" type="u"/><property name="P" type="u" tp:type="Number" access="read"/>`.replaceAll("Number", "Ident"), ["source type-renamed"]],
  ["an enum has another name, and its values another order", `<tp:enum name="Mode"><tp:enumvalue suffix="Off" value="0"/><tp:enumvalue suffix="On" value="1"/></tp:enum>${MODE}`, `<tp:enum name="State"><tp:enumvalue suffix="On" value="1"/><tp:enumvalue suffix="Off" value="0"/></tp:enum>${MODE.replace("Mode", "State")}`, ["source type-renamed"]],
  ["a dictionary has another name, and its keys another order", `<dct:dictionary xmlns:dct="urn:dbus-codegen-ts:dictionary:1" name="Keys"><dct:key name="a" type="s"/><dct:key name="b" type="u"/></dct:dictionary>${KEYS}`, `<dct:dictionary xmlns:dct="urn:dbus-codegen-ts:dictionary:1" name="Options"><dct:key name="b" type="u"/><dct:key name="a" type="s"/></dct:dictionary>${KEYS.replace("Keys", "Options")}`, ["source type-renamed"]],
  ["a type is gone, and nothing used it", ID, "", ["source type-removed"]],
  ["a type is new", "", ID, ["compatible type-added"]],
  ["a type moves to a file of its own", { "a.xml": node(`${ID}<property name="P" type="u" tp:type="Id" access="read"/>`) }, { "a.xml": node(`<property name="P" type="u" tp:type="Id" access="read"/>`), "types.xml": types(ID) }, ["source type-moved"]],
  ["a type of which there were cases takes its own values alone", `<tp:simple-type name="H" type="u"/><tp:simple-type name="Id" type="u" tp:type="H"/><property name="P" type="u" tp:type="H" access="read"/>`, `<tp:simple-type name="H" type="u"/>${ID}<property name="P" type="u" tp:type="H" access="read"/>`, ["source type-meaning", "compatible type-alias"]],
  // Errors
  ["an error is gone", errors("No", "Yes"), errors("No"), ["source error-removed"]],
  ["an error is new", errors("No"), errors("No", "Yes"), ["compatible error-added"]],
  ["a method may raise an error more", { ...errors("No"), "a.xml": raising() }, { ...errors("No"), "a.xml": raising("a.E.No") }, ["compatible method-error-added"]],
  ["a method names an error no longer", { ...errors("No"), "a.xml": raising("a.E.No") }, { ...errors("No"), "a.xml": raising() }, ["source(client) raised-error-removed", "compatible method-error-removed"]],
  ["a method names an error no longer that nobody defined", { "a.xml": raising("a.E.No") }, { "a.xml": raising() }, ["compatible method-error-removed"]],
  // Names that collide
  ["a new method takes the identifier of another", `<method name="Foo"/>`, `<method name="Foo"/><method name="foo"/>`, ["source identifier-changed", "source(service) method-added"]],
  ["a new type takes the name of the contract", `<property name="P" type="u" access="read"/>`, `<tp:simple-type name="C1_Client" type="u"/><property name="P" type="u" access="read"/>`, ["compatible type-added"]],
  ["a new property takes no identifier of a method", `<method name="Foo"/>`, `<method name="Foo"/><property name="foo" type="s" access="read"/>`, ["source(service) property-added"]],
  ["a new key takes the identifier of another", `<dct:dictionary name="Keys"><dct:key name="b/A" type="s"/></dct:dictionary>${KEYS}`, `<dct:dictionary name="Keys"><dct:key name="a/A" type="s"/><dct:key name="b/A" type="s"/></dct:dictionary>${KEYS}`, ["source identifier-changed", "compatible dictionary-key-added"]],
];

describe("what a change breaks", () => {
  test.each(CASES)("%s", (_, before, after, want) => {
    const result = changed(before, after);
    expect(result.diagnostics).toEqual([]);
    expect(classes(result)).toEqual(want);
    expect(classes(changed(before, before))).toEqual([]);
    expect(classes(changed(after, after))).toEqual([]);
  });

  test("the table above has every kind of change", () => {
    const seen = new Set(CASES.flatMap(([, , , want]) => want.map((one) => one.split(" ")[1])));
    expect(Object.keys(CHANGES).filter((code) => !seen.has(code))).toEqual([]);
  });
});
