/** Declarations of a jukebox, from which the examples of changes are composed. */

import { type Example, sharedSpec } from "../../../compiler/diagnostics/example.ts";

export const PLAY = `<method name="Play"/>`;
export const PLAY_TRACK = `<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`;
export const VOLUME = property("Volume", "d", "read");

/** Returns a property, with a named type if one is given. */
export function property(name: string, type: string, access: string, namedType?: string): string {
  const typeName = namedType === undefined ? "" : ` tp:type="${namedType}"`;
  return `<property name="${name}" type="${type}"${typeName} access="${access}"/>`;
}

/** Returns the method Play with an annotation of value true. */
export function annotatedPlay(name: string): string {
  return `<method name="Play">\n  ${annotation(name, "true")}\n</method>`;
}

/** Returns a simple type Track and a property that has it. */
export function currentTrack(type: string): string {
  return `<tp:simple-type name="Track" type="${type}"/>\n${property("Current", type, "read", "Track")}`;
}

export function annotation(name: string, value: string): string {
  return `<annotation name="${name}" value="${value}"/>`;
}

/** Returns the property Volume with a value of EmitsChangedSignal. */
export function emits(value: string): string {
  const inner = annotation("org.freedesktop.DBus.Property.EmitsChangedSignal", value);
  return `<property name="Volume" type="d" access="read">\n  ${inner}\n</property>`;
}

/** Returns a method that takes strings. */
export function args(method: string, ...names: readonly string[]): string {
  const lines = names.map((name) => `  <arg name="${name}" type="s" direction="in"/>\n`).join("");
  return `<method name="${method}">\n${lines}</method>`;
}

/** Returns a struct Song of strings and a property that has it. */
export function struct(...members: readonly string[]): string {
  const lines = members.map((name) => `  <tp:member name="${name}" type="s"/>\n`).join("");
  return `<tp:struct name="Song">\n${lines}</tp:struct>\n${property("Current", `(${"s".repeat(members.length)})`, "read", "Song")}`;
}

/** Returns an enum Mode and a property that has it. */
export function modes(...values: readonly (readonly [name: string, value: number])[]): string {
  const lines = values.map(([name, value]) => `  <tp:enumvalue suffix="${name}" value="${value}"/>\n`).join("");
  return `<tp:enum name="Mode">\n${lines}</tp:enum>\n${property("Current", "u", "read", "Mode")}`;
}

/** Returns a dictionary Settings and a property that has it. */
export function settings(...keys: readonly (readonly [name: string, type: string])[]): string {
  const lines = keys.map(([name, type]) => `  <dct:key name="${name}" type="${type}"/>\n`).join("");
  return `<dct:dictionary name="Settings">\n${lines}</dct:dictionary>\n${property("Current", "a{sv}", "read", "Settings")}`;
}

/** Returns a choice Source with cases that are selected by a key, and a property that has it. */
export function choice(key: string, ...values: readonly string[]): string {
  const cases = values.map((value) => `  <dct:case value="${value}" tp:type="Disc"/>\n`).join("");
  const dictionary = `<dct:dictionary name="Disc">\n  <dct:key name="${key}" type="s"/>\n</dct:dictionary>`;
  const definition = `<dct:choice name="Source" key="${key}">\n${cases}</dct:choice>`;
  return `${dictionary}\n${definition}\n${property("Current", "a{sv}", "read", "Source")}`;
}

/** Returns a file that defines errors. */
export function errors(...names: readonly string[]): Example {
  const lines = names.map((name) => `<tp:error name="${name}"/>`).join("\n");
  return sharedSpec("errors.xml", `tp:errors namespace="org.example.Error"`, lines);
}

/** Returns the method Play that may raise an error. */
export function raising(error: string): string {
  return `<method name="Play">\n  <tp:possible-errors>\n    <tp:error name="org.example.Error.${error}"/>\n  </tp:possible-errors>\n</method>`;
}
