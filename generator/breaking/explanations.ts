import { type Example, type Explanation, example, sharedSpec } from "../diagnostics/example.ts";
import type { ChangeCode } from "./changes.ts";

/** A change is shown by two versions of a spec, and a third that gets there without it. */
interface ChangeExplanation extends Explanation {
  readonly before: Example;
  readonly after: Example;
  readonly better: Example;
  /** Other changes that follow from the same one. */
  readonly also?: readonly ChangeCode[];
}

const PLAY = `<method name="Play"/>`;
const PLAY_TRACK = `<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`;
const VOLUME = property("Volume", "d", "read");
const HINT_NEW_NAME = "Leave the old one, deprecate it, and give what is new a name of its own.";

/** What each kind of change breaks, with versions that show it. */
export const CHANGE_EXPLANATIONS: Readonly<Record<ChangeCode, ChangeExplanation>> = {
  "interface-removed": {
    meaning: "Clients that call the interface get UnknownInterface, and hear none of its signals.",
    fix: "Serve the old interface beside the new one until nobody uses it.",
    before: example(PLAY),
    after: example(PLAY, "org.example.Jukebox2"),
    better: { ...example(PLAY), ...example(PLAY, "org.example.Jukebox2") },
    also: ["interface-added"],
  },
  "method-removed": {
    meaning: "Deployed clients that call the method get UnknownMethod.",
    fix: "Keep and deprecate it; remove it in the next major version of the interface.",
    before: example(`${PLAY}\n<method name="Stop"/>`),
    after: example(PLAY),
    better: example(
      `${PLAY}\n<method name="Stop">\n  ${annotation("org.freedesktop.DBus.Deprecated", "true")}\n</method>`,
    ),
  },
  "signal-removed": {
    meaning: "Deployed clients wait for a signal that never comes. Nothing tells them.",
    fix: "Keep sending it until the next major version of the interface.",
    before: example(`<signal name="Finished"/>`),
    after: example(""),
    better: example(`<signal name="Finished"/>\n<signal name="Stopped"/>`),
  },
  "property-removed": {
    meaning: "Deployed clients that read the property get UnknownProperty, and their caches stay without it.",
    fix: "Keep it, with a value that is true.",
    before: example(VOLUME),
    after: example(""),
    better: example(VOLUME),
  },
  "method-arguments": {
    meaning:
      "Deployed clients send what the service now refuses. Adding an argument is no exception: D-Bus has no optional ones.",
    fix: "Add a method; or begin with an a{sv} of options, to which keys can be added.",
    before: example(PLAY),
    after: example(PLAY_TRACK),
    better: example(`${PLAY}\n${PLAY_TRACK.replace("Play", "PlayTrack")}`),
  },
  "method-results": {
    meaning: "Deployed clients get a reply with types that they do not expect, and refuse it.",
    fix: "Add a method; or give results in an a{sv}, to which keys can be added.",
    before: example(`<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>`),
    after: example(
      `<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n  <arg name="length" type="t" direction="out"/>\n</method>`,
    ),
    better: example(
      `<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>\n${property("Length", "t", "read")}`,
    ),
  },
  "signal-arguments": {
    meaning: "Deployed clients hear a signal with types that they do not expect, and drop it.",
    fix: "Send a signal of another name beside it.",
    before: example(`<signal name="Played">\n  <arg name="track" type="s"/>\n</signal>`),
    after: example(`<signal name="Played">\n  <arg name="track" type="u"/>\n</signal>`),
    better: example(
      `<signal name="Played">\n  <arg name="track" type="s"/>\n</signal>\n<signal name="TrackPlayed">\n  <arg name="track" type="u"/>\n</signal>`,
    ),
  },
  "argument-order": {
    meaning: "The signature is the same, so that nobody notices: each side takes one argument for the other.",
    fix: "Keep the order.",
    before: example(args("Rename", "from", "to")),
    after: example(args("Rename", "to", "from")),
    better: example(args("Rename", "from", "to")),
  },
  "argument-direction": {
    meaning: "What clients gave is now given to them, or the other way. Neither side understands the other.",
    fix: HINT_NEW_NAME,
    before: example(PLAY_TRACK),
    after: example(PLAY_TRACK.replace('"in"', '"out"')),
    better: example(`${PLAY_TRACK}\n${PLAY_TRACK.replace("Play", "PlayNext").replace('"in"', '"out"')}`),
  },
  "property-type": {
    meaning: "Deployed clients read a value of another type than they expect, and set one that is refused.",
    fix: HINT_NEW_NAME,
    before: example(VOLUME),
    after: example(property("Volume", "u", "read")),
    better: example(`${VOLUME}\n${property("VolumePercent", "u", "read")}`),
  },
  "access-narrowed": {
    meaning: "Deployed clients that read or set the property are refused.",
    fix: "Keep the access; refuse single values instead.",
    before: example(property("Volume", "d", "readwrite")),
    after: example(VOLUME),
    better: example(property("Volume", "d", "readwrite")),
  },
  "emits-weakened": {
    meaning:
      "Clients keep what they were promised to be told of. With a weaker promise, those that are deployed show what was true once.",
    fix: "Keep announcing. const may become nothing else, true may become const.",
    before: example(emits("true")),
    after: example(emits("false")),
    better: example(emits("true")),
  },
  "no-reply-added": {
    meaning: "Deployed clients wait for a reply until their call times out.",
    fix: "Keep replying: who wants no reply can say so in the call.",
    before: example(PLAY),
    after: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Method.NoReply", "true")}\n</method>`),
    better: example(PLAY),
  },
  "privileged-added": {
    meaning:
      "A service denies annotated members to everybody whom it does not explicitly allow, so that deployed clients are refused.",
    fix: "Let $authorize allow those who were allowed before.",
    before: example(PLAY),
    after: example(`<method name="Play">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`),
    better: example(
      `${PLAY}\n<method name="Reset">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`,
    ),
  },
  "type-signature": {
    meaning:
      "Everything that has the type travels in another form, and deployed peers refuse it. It is told once, at the type.",
    fix: "Add a type of another name, with members that use it.",
    before: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}`),
    after: example(`<tp:simple-type name="Track" type="s"/>\n${property("Current", "s", "read", "Track")}`),
    better: example(
      `<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}\n${property("CurrentName", "s", "read")}`,
    ),
  },
  "struct-order": {
    meaning: "The signature is the same, so that nobody notices: each side takes one member for the other.",
    fix: "Keep the order.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Artist", "Title")),
    better: example(struct("Title", "Artist")),
  },
  "enum-value-changed": {
    meaning: "Deployed peers take the value for what it was, and nobody notices.",
    fix: "Keep the values of names that are in use; give new names new values.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 2])),
    better: example(modes(["Off", 0], ["On", 1], ["Loud", 2])),
  },
  "dictionary-key-type": {
    meaning:
      "Deployed peers find a value of another type under the key than they expect; generated code puts it into extra.",
    fix: "Declare another key.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "u"])),
    better: example(settings(["Bass", "d"], ["BassPercent", "u"])),
  },
  "method-added": {
    meaning:
      "Nothing that is deployed breaks. A service that is built with the new modules does not compile until it implements the method.",
    fix: "Implement it. Where only clients are published, say --target client: there it is a new possibility.",
    before: example(PLAY),
    after: example(`${PLAY}\n<method name="Stop"/>`),
    better: { ...example(PLAY), ...example(`<method name="Stop"/>`, "org.example.Jukebox1.Transport") },
  },
  "property-added": {
    meaning:
      "Nothing that is deployed breaks. A service that is built with the new modules does not compile until it gives the property a value.",
    fix: "Give it one. Where only clients are published, say --target client: there it is a new possibility.",
    before: example(VOLUME),
    after: example(`${VOLUME}\n${property("Muted", "b", "read")}`),
    better: { ...example(VOLUME), ...example(property("Muted", "b", "read"), "org.example.Jukebox1.Mixer") },
  },
  "access-widened": {
    meaning:
      "Clients can do more. A service that is built with the new modules lets everybody set or read what was its own, without a line of it being changed.",
    fix: "Override $beforeSet in the service to check or refuse what is set. Clients need nothing.",
    before: example(VOLUME),
    after: example(property("Volume", "d", "readwrite")),
    better: example(`${VOLUME}\n<method name="ChangeVolume">\n  <arg name="by" type="d" direction="in"/>\n</method>`),
  },
  "type-meaning": {
    meaning:
      "The value travels as it did, but TypeScript calls it something else that does not fit: an enum instead of any number, an object with names instead of a tuple.",
    fix: "Adapt the code that the compiler shows; nothing that is deployed breaks.",
    before: example(property("Current", "u", "read")),
    after: example(modes(["Off", 0], ["On", 1])),
    better: example(property("Current", "u", "read")),
    also: ["type-added"],
  },
  "type-kind": {
    meaning: "A named type is of another kind, such as flags instead of an enum, so that its export has another form.",
    fix: "Give the new one another name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1]).replaceAll("enumvalue", "flag").replaceAll("tp:enum", "tp:flags")),
    better: example(modes(["Off", 0], ["On", 1])),
  },
  "type-removed": {
    meaning: "Code that imports the type does not compile.",
    fix: "Keep it while it is in use.",
    before: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}`),
    after: example(property("Current", "u", "read")),
    better: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read")}`),
    also: ["type-alias"],
  },
  "type-renamed": {
    meaning: "Code that imports the type by its old name does not compile.",
    fix: "Keep the name; the wire does not know it, so nothing is won by another.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Artist").replaceAll("Song", "Track")),
    better: example(struct("Title", "Artist")),
  },
  "type-moved": {
    meaning: "The type is exported by another module, so that imports of it do not resolve.",
    fix: "Leave it where it is: in its interface, or in a file of that name.",
    before: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}`),
    after: {
      ...example(property("Current", "u", "read", "Track")),
      ...sharedSpec("types.xml", "tp:generic-types", `<tp:simple-type name="Track" type="u"/>`),
    },
    better: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}`),
  },
  "enum-value-removed": {
    meaning: "Code that names the value does not compile. Deployed peers may still send it.",
    fix: "Keep and deprecate it.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0])),
    better: example(modes(["Off", 0], ["On", 1])),
  },
  "enum-value-renamed": {
    meaning: "Code that names the value does not compile; the wire is the same.",
    fix: "Keep the name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["Playing", 1])),
    better: example(modes(["Off", 0], ["On", 1])),
  },
  "struct-member-renamed": {
    meaning: "The member is another property of the object in TypeScript; the wire is the same.",
    fix: "Keep the name.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Composer")),
    better: example(struct("Title", "Artist")),
  },
  "dictionary-key-removed": {
    meaning:
      "Code that names the key does not compile. Keys are optional on the wire, so that deployed peers go on; what they send is found in extra.",
    fix: "Keep and deprecate it.",
    before: example(settings(["Bass", "d"], ["Treble", "d"])),
    after: example(settings(["Bass", "d"])),
    better: example(settings(["Bass", "d"], ["Treble", "d"])),
  },
  "error-removed": {
    meaning: "Code that throws or catches the class of the error does not compile.",
    fix: "Keep its definition.",
    before: { ...example(PLAY), ...errors("NoTrack", "Busy") },
    after: { ...example(PLAY), ...errors("NoTrack") },
    better: { ...example(PLAY), ...errors("NoTrack", "Busy") },
  },
  "raised-error-removed": {
    meaning:
      "A client turns the errors that its interface names into instances of their classes. One that no method names any more arrives as a plain DBusError: instanceof is false without a word of the compiler.",
    fix: "Leave the error at a method that may still raise it; or compare names of errors.",
    before: { ...example(raising("NoTrack")), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack") },
    better: { ...example(raising("NoTrack")), ...errors("NoTrack") },
    also: ["method-error-removed"],
  },
  "identifier-changed": {
    meaning:
      "The name on the wire is the same, but in TypeScript something else has taken its identifier: two names that differ in case alone, or a name that generated code needs.",
    fix: "Give what is new a name that does not collide.",
    before: example(`<method name="Play"/>`),
    after: example(`<method name="Play"/>\n<method name="play"/>`),
    better: example(`<method name="Play"/>\n<signal name="Played"/>`),
    also: ["method-added"],
  },
  "interface-added": {
    meaning: "Nothing breaks: who does not know the interface does not miss it.",
    fix: "Nothing needs to be done.",
    before: example(PLAY),
    after: { ...example(PLAY), ...example(VOLUME, "org.example.Jukebox1.Mixer") },
    better: example(PLAY),
  },
  "signal-added": {
    meaning: "Nothing breaks: who does not subscribe does not hear it.",
    fix: "Nothing needs to be done.",
    before: example(PLAY),
    after: example(`${PLAY}\n<signal name="Finished"/>`),
    better: example(PLAY),
  },
  "type-added": {
    meaning: "Nothing breaks: a named type is a name in TypeScript. What begins to use it is told by itself.",
    fix: "Nothing needs to be done.",
    before: example(PLAY),
    after: example(`<tp:simple-type name="Track" type="u"/>\n${PLAY}`),
    better: example(PLAY),
  },
  "enum-value-added": {
    meaning:
      "Values of an enum grow over time, and peers meet ones that they do not know. A switch that names every value gets a case more.",
    fix: "Have a default case for what is not known.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1], ["Loud", 2])),
    better: example(modes(["Off", 0], ["On", 1])),
  },
  "dictionary-key-added": {
    meaning:
      "Keys are optional, so nothing breaks. Code that read the key out of extra finds it in a member of its own now.",
    fix: "Read the member instead of extra.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"], ["Treble", "d"])),
    better: example(settings(["Bass", "d"])),
  },
  "error-added": {
    meaning: "Nothing breaks: an error more can be thrown and caught.",
    fix: "Nothing needs to be done.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack", "Busy") },
    better: { ...example(PLAY), ...errors("NoTrack") },
  },
  "method-error-added": {
    meaning:
      "Callers may get an error that they do not know; every call can fail in ways that no spec names, so they must expect it.",
    fix: "Nothing needs to be done.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(raising("NoTrack")), ...errors("NoTrack") },
    better: { ...example(PLAY), ...errors("NoTrack") },
  },
  "emits-strengthened": {
    meaning: "The property promises more about its changes than it did; who relied on less is served as before.",
    fix: "Nothing needs to be done.",
    before: example(emits("false")),
    after: example(emits("true")),
    better: example(emits("false")),
  },
  "no-reply-removed": {
    meaning: "The method replies now. Deployed clients did not ask for a reply and get none.",
    fix: "Nothing needs to be done.",
    before: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Method.NoReply", "true")}\n</method>`),
    after: example(PLAY),
    better: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Method.NoReply", "true")}\n</method>`),
  },
  "privileged-removed": {
    meaning: "The member is open to every caller unless $authorize says otherwise. For clients that is only more.",
    fix: "Make sure that it is meant.",
    before: example(`<method name="Play">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`),
    after: example(PLAY),
    better: example(`<method name="Play">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`),
  },
  "type-alias": {
    meaning: "The value has another named type, and values of either fit where the other is wanted.",
    fix: "Nothing needs to be done.",
    before: example(property("Current", "u", "read")),
    after: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read", "Track")}`),
    better: example(property("Current", "u", "read")),
    also: ["type-added"],
  },
  deprecated: {
    meaning: "It works as before. Semver asks for a minor version, so that users see it before it is gone.",
    fix: "Say in its documentation what to use instead.",
    before: example(PLAY),
    after: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Deprecated", "true")}\n</method>`),
    better: example(PLAY),
  },
  undeprecated: {
    meaning: "What was deprecated is not any more.",
    fix: "Nothing needs to be done.",
    before: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Deprecated", "true")}\n</method>`),
    after: example(PLAY),
    better: example(`<method name="Play">\n  ${annotation("org.freedesktop.DBus.Deprecated", "true")}\n</method>`),
  },
  "argument-renamed": {
    meaning: "Names of arguments are not on the wire, and generated methods take arguments by their place.",
    fix: "Nothing needs to be done.",
    before: example(PLAY_TRACK),
    after: example(PLAY_TRACK.replace("track", "uri")),
    better: example(PLAY_TRACK),
  },
  "method-error-removed": {
    meaning: "The method no longer names an error, which its callers may go on to expect.",
    fix: "Nothing needs to be done.",
    before: {
      ...example(`${raising("NoTrack")}\n${raising("NoTrack").replace("Play", "Stop")}`),
      ...errors("NoTrack"),
    },
    after: { ...example(`${raising("NoTrack")}\n<method name="Stop"/>`), ...errors("NoTrack") },
    better: {
      ...example(`${raising("NoTrack")}\n${raising("NoTrack").replace("Play", "Stop")}`),
      ...errors("NoTrack"),
    },
  },
  "dictionary-key-access": {
    meaning:
      "The spec says otherwise who gives the value of a key: the service, the client, or both. Types are the same.",
    fix: "Look whether the service checks what clients give.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"]).replace('type="d"', 'type="d" access="readwrite"')),
    better: example(settings(["Bass", "d"])),
  },
  "annotation-changed": {
    meaning: "An annotation is served verbatim by the generated service; what it means is between those who read it.",
    fix: "Nothing needs to be done.",
    before: example(PLAY),
    after: example(`<method name="Play">\n  ${annotation("org.example.Slow", "true")}\n</method>`),
    better: example(PLAY),
  },
};

function property(name: string, type: string, access: string, named?: string): string {
  return `<property name="${name}" type="${type}"${named === undefined ? "" : ` tp:type="${named}"`} access="${access}"/>`;
}

function annotation(name: string, value: string): string {
  return `<annotation name="${name}" value="${value}"/>`;
}

function emits(value: string): string {
  const inner = annotation("org.freedesktop.DBus.Property.EmitsChangedSignal", value);
  return `<property name="Volume" type="d" access="read">\n  ${inner}\n</property>`;
}

function args(method: string, ...names: readonly string[]): string {
  const lines = names.map((name) => `  <arg name="${name}" type="s" direction="in"/>\n`).join("");
  return `<method name="${method}">\n${lines}</method>`;
}

function struct(...members: readonly string[]): string {
  const lines = members.map((name) => `  <tp:member name="${name}" type="s"/>\n`).join("");
  return `<tp:struct name="Song">\n${lines}</tp:struct>\n${property("Current", `(${"s".repeat(members.length)})`, "read", "Song")}`;
}

function modes(...values: readonly (readonly [name: string, value: number])[]): string {
  const lines = values.map(([name, value]) => `  <tp:enumvalue suffix="${name}" value="${value}"/>\n`).join("");
  return `<tp:enum name="Mode">\n${lines}</tp:enum>\n${property("Current", "u", "read", "Mode")}`;
}

function settings(...keys: readonly (readonly [name: string, type: string])[]): string {
  const lines = keys.map(([name, type]) => `  <dct:key name="${name}" type="${type}"/>\n`).join("");
  return `<dct:dictionary name="Settings">\n${lines}</dct:dictionary>\n${property("Current", "a{sv}", "read", "Settings")}`;
}

function errors(...names: readonly string[]): Example {
  const lines = names.map((name) => `<tp:error name="${name}"/>`).join("\n");
  return sharedSpec("errors.xml", `tp:errors namespace="org.example.Error"`, lines);
}

function raising(error: string): string {
  return `<method name="Play">\n  <tp:possible-errors>\n    <tp:error name="org.example.Error.${error}"/>\n  </tp:possible-errors>\n</method>`;
}
