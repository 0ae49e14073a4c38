import { type Example, example, sharedSpec } from "../example.ts";
import type { DiagnosticKinds } from "./diagnostic-kind.ts";

const PLAY = example(`<method name="Play"/>`);

const PLAY_TRACK = example(`<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`);

/** Problems of interfaces and their members. */
export const INTERFACE_CODES = {
  name: {
    severity: "error",
    title: "A name is not allowed by the D-Bus specification",
    meaning:
      "The D-Bus specification restricts names, and a bus disconnects a client that sends an invalid name. The name of a member consists of letters, digits and underscores. The name of an interface or an error consists of two or more such elements, separated by dots. No element begins with a digit, and no name has more than 255 characters.",
    fix: "Change the name. No program can be using the old name, because no message can contain it.",
    bad: example(`<method name="Play-Next"/>`),
    good: example(`<method name="PlayNext"/>`),
  },
  "property-name": {
    severity: "warning",
    title: "A property name would not be a valid member name",
    meaning:
      "D-Bus allows more characters in the names of properties than in the names of other members, and some services use them. Many bindings cannot access such a property.",
    fix: "Use only letters, digits and underscores if you can still choose the name.",
    bad: example(`<property name="debug-level" type="u" access="read"/>`),
    good: example(`<property name="DebugLevel" type="u" access="read"/>`),
  },
  direction: {
    severity: "error",
    title: "An argument's direction is not in or out",
    meaning: "The direction of a method's argument is in or out.",
    fix: "Write in or out. Declare two arguments for a value that is passed in both directions.",
    bad: example(`<method name="Play">\n  <arg name="track" type="s" direction="inout"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
  },
  "signal-direction": {
    severity: "warning",
    title: "A signal's argument has the direction in",
    meaning:
      "The arguments of a signal are always sent by the service, so their direction is out. Another direction is ignored.",
    fix: "Remove the attribute.",
    bad: example(`<signal name="Finished">\n  <arg name="track" type="s" direction="in"/>\n</signal>`),
    good: example(`<signal name="Finished">\n  <arg name="track" type="s"/>\n</signal>`),
  },
  access: {
    severity: "error",
    title: "A property's access is not read, write or readwrite",
    meaning: "The access of a property is read, write or readwrite.",
    fix: "Write one of these words.",
    bad: example(`<property name="Volume" type="d" access="rw"/>`),
    good: example(`<property name="Volume" type="d" access="readwrite"/>`),
  },
  signature: {
    severity: "error",
    title: "A type is not a valid signature",
    meaning:
      "The type is not a valid D-Bus signature. A dictionary is an array of entries with a basic key, as in a{sv}. Every ( and { needs its closing bracket. Arrays and structs may each be nested at most 32 levels deep.",
    fix: "Correct the signature at the reported position.",
    bad: example(`<property name="Tracks" type="a{vs}" access="read"/>`),
    good: example(`<property name="Tracks" type="a{sv}" access="read"/>`),
  },
  "signature-single": {
    severity: "error",
    title: "A type is not one single complete type",
    meaning: "The type of an argument, a property or a struct member is exactly one complete type.",
    fix: "Declare one argument for each type, or one struct for all of them.",
    bad: example(`<property name="Size" type="uu" access="read"/>`),
    good: example(`<property name="Size" type="(uu)" access="read"/>`),
  },
  "signature-length": {
    severity: "error",
    title: "The arguments of a message exceed the longest signature",
    meaning: "The signature of a message has at most 255 characters, so no message can carry these arguments.",
    fix: "Combine some of the arguments into one struct or dictionary.",
    bad: example(
      `<signal name="Sampled">\n  <arg name="left" type="(${"u".repeat(150)})"/>\n  <arg name="right" type="(${"u".repeat(150)})"/>\n</signal>`,
    ),
    good: example(`<signal name="Sampled">\n  <arg name="samples" type="au"/>\n</signal>`),
  },
  duplicate: {
    severity: "error",
    title: "A name is defined twice",
    meaning: "Two declarations of the same kind have the same name in the same scope, so the name is ambiguous.",
    fix: "Remove or rename one of the declarations.",
    bad: example(`<method name="Play"/>\n<method name="Play"/>`),
    good: PLAY,
  },
  conflict: {
    severity: "error",
    title: "An interface is defined differently in two files",
    meaning:
      "Two files define the same interface differently. Equal definitions are allowed, even if their documentation differs.",
    fix: "Pass only one of the files to the tool, or make the definitions equal.",
    bad: {
      "new/org.example.Jukebox1.xml": textOf(example(`<method name="Play"/>`)),
      "old/org.example.Jukebox1.xml": textOf(example(`<method name="Start"/>`)),
    },
    good: { "new/org.example.Jukebox1.xml": textOf(PLAY), "old/org.example.Jukebox1.xml": textOf(PLAY) },
  },
  overload: {
    severity: "warning",
    title: "A member name has several signatures",
    meaning:
      "D-Bus identifies a method by its name, so most bindings cannot call two methods with the same name and different signatures. Both methods are generated; the second gets a suffix.",
    fix: "Give the second method a different name.",
    bad: example(
      `<method name="Play"/>\n<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`,
    ),
    also: ["renamed"],
    good: example(
      `<method name="Play"/>\n<method name="PlayTrack">\n  <arg name="track" type="s" direction="in"/>\n</method>`,
    ),
  },
  "reserved-interface": {
    severity: "warning",
    title: "A standard interface differs from the D-Bus specification",
    meaning:
      "The runtime implements the standard interfaces as the D-Bus specification defines them, so a spec that repeats one generates no module for it. This spec defines other members. Its module is generated: clients can call the members, but an object cannot serve them in addition to the standard interface.",
    fix: "Remove the interface from the spec, or choose a different name for it.",
    bad: example(`<method name="Ping">\n  <arg type="s" direction="out"/>\n</method>`, "org.freedesktop.DBus.Peer"),
    good: example(`<method name="Ping"/>`, "org.freedesktop.DBus.Peer"),
  },
  "overlay-mismatch": {
    severity: "error",
    title: "An overlay contradicts the declaration that it enriches",
    meaning:
      "An overlay adds types and documentation to declarations of other specs. It cannot change a type, a direction, an access or an argument's name: messages would no longer fit the service.",
    fix: "Correct the attribute of the overlay, or remove it: only names are required.",
    bad: { ...PLAY_TRACK, ...overlay(`<method name="Play">\n  <arg name="track" type="u"/>\n</method>`) },
    good: { ...PLAY_TRACK, ...overlay(`<method name="Play">\n  <arg name="track"/>\n</method>`) },
  },
  "overlay-unmatched": {
    severity: "note",
    title: "An overlay has a declaration that its target does not contain",
    meaning:
      "An overlay can be written for several versions of a service, so it may have members that the given spec lacks. It is also possible that a name is misspelled.",
    fix: "Correct the name, or add dct:since or dct:until with the version that has the declaration.",
    bad: { ...PLAY, ...overlay(`<method name="Pause"/>`) },
    good: { ...PLAY, ...overlay(`<method name="Pause" dct:since="2.0"/>`) },
  },
  annotation: {
    severity: "error",
    title: "An annotation has no name or value",
    meaning: "An annotation consists of a name and a value.",
    fix: "Add the missing attribute.",
    bad: example(`<annotation name="org.freedesktop.DBus.Deprecated"/>`),
    good: example(`<annotation name="org.freedesktop.DBus.Deprecated" value="true"/>`),
  },
  "annotation-value": {
    severity: "warning",
    title: "An annotation's value is not valid",
    meaning:
      "A standard annotation has a value that the D-Bus specification does not define, or the annotation is declared twice. It is ignored.",
    fix: "Use a value of the specification: true or false, and for EmitsChangedSignal also invalidates or const.",
    bad: example(
      `<method name="Play">\n  <annotation name="org.freedesktop.DBus.Method.NoReply" value="yes"/>\n</method>`,
    ),
    good: example(
      `<method name="Play">\n  <annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>\n</method>`,
    ),
  },
} as const satisfies DiagnosticKinds;

function textOf(specs: Example): string {
  return Object.values(specs).map(String).join("");
}

/** Returns an overlay of the interface of the examples. */
function overlay(body: string): Example {
  const iface = `<interface name="org.example.Jukebox1">\n  ${body.replaceAll("\n", "\n  ")}\n</interface>`;
  return sharedSpec("jukebox.overlay.xml", 'node dct:overlay="org.example.Jukebox1"', iface);
}
