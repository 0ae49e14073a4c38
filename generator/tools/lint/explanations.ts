import { type Example, example, type SpecExplanation, sharedSpec } from "../../compiler/diagnostics/example.ts";
import type { RuleName } from "./rules.ts";

/** A rule can always be shown by a spec. */
type RuleExplanation = SpecExplanation & { readonly bad: Example; readonly good: Example };

const DOC = "<tp:docstring>Plays music.</tp:docstring>";
const PLAY = `<method name="Play"/>`;
const VOLUME = `<property name="Volume" type="d" access="read"/>`;
const ANNOUNCED = `<property name="Volume" type="d" access="readwrite">
  <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="true"/>
</property>`;
const ERRORS = sharedSpec("errors.xml", `tp:errors namespace="org.example.Error"`, `<tp:error name="NoTrack"/>`);

/** What each lint rule is about, with specs that break it and the same ones mended. */
export const RULE_EXPLANATIONS: Readonly<Record<RuleName, RuleExplanation>> = {
  "undocumented-interface": {
    meaning:
      "Nothing says what the interface is for, which objects have it and how its members work together. That is what a reader needs first.",
    fix: "Say it in a tp:docstring, a doc:doc, or a comment before the interface that begins with its name.",
    bad: example(`<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n</method>`),
    good: example(`${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n</method>`),
  },
  "undocumented-method": {
    meaning: "Nothing says what the method does, when it replies, and what its arguments mean.",
    fix: "Say it in a tp:docstring, a doc:doc, or a comment before the method that begins with its name.",
    bad: example(`${DOC}\n${PLAY}`),
    good: example(`${DOC}\n<!--\n  Play:\n\n  Starts the music and replies when it plays.\n-->\n${PLAY}`),
  },
  "undocumented-signal": {
    meaning: "Nothing says when the signal is sent.",
    fix: "Say it in a tp:docstring, a doc:doc, or a comment before the signal that begins with its name.",
    bad: example(`${DOC}\n<signal name="Finished"/>`),
    good: example(
      `${DOC}\n<signal name="Finished">\n  <tp:docstring>The last track is over.</tp:docstring>\n</signal>`,
    ),
  },
  "undocumented-property": {
    meaning: "Nothing says what the property holds, in which unit, and which values it takes.",
    fix: "Say it in a tp:docstring, a doc:doc, or a comment before the property that begins with its name.",
    bad: example(`${DOC}\n${VOLUME}`),
    good: example(
      `${DOC}\n<property name="Volume" type="d" access="read">\n  <tp:docstring>From 0, silent, to 1.</tp:docstring>\n</property>`,
    ),
  },
  "undocumented-argument": {
    meaning:
      "Nothing says what the argument means. Its type and name seldom tell the unit, the range or what is not allowed.",
    fix: "Add a tp:docstring to it, or a line @name: to the comment of its method or signal.",
    bad: example(
      `${DOC}\n<!--\n  Seek:\n\n  Goes to a place in the track.\n-->\n<method name="Seek">\n  <arg name="position" type="t" direction="in"/>\n</method>`,
    ),
    good: example(
      `${DOC}\n<!--\n  Seek:\n  @position: Microseconds from the beginning.\n\n  Goes to a place in the track.\n-->\n<method name="Seek">\n  <arg name="position" type="t" direction="in"/>\n</method>`,
    ),
  },
  "undocumented-type": {
    meaning: "Nothing says what the type is, or what one of its values, members or keys means.",
    fix: "Add a tp:docstring to the type and to each of its parts.",
    bad: example(
      `${DOC}\n<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" tp:type="Track" access="read">\n  <tp:docstring>What plays.</tp:docstring>\n</property>`,
    ),
    good: example(
      `${DOC}\n<tp:simple-type name="Track" type="u">\n  <tp:docstring>Number of a track, from 1.</tp:docstring>\n</tp:simple-type>\n<property name="Current" type="u" tp:type="Track" access="read">\n  <tp:docstring>What plays.</tp:docstring>\n</property>`,
    ),
  },
  "deprecated-without-replacement": {
    meaning:
      "Whoever meets something deprecated asks what to use instead, and whether it still works. Nothing in its documentation answers.",
    fix: "Name what replaces it: “Use … instead”, or say that it does nothing any more.",
    bad: example(
      `${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music.</tp:docstring>\n  <annotation name="org.freedesktop.DBus.Deprecated" value="true"/>\n</method>`,
    ),
    good: example(
      `${DOC}\n<method name="Play">\n  <tp:docstring>Starts the music. Use Resume instead.</tp:docstring>\n  <annotation name="org.freedesktop.DBus.Deprecated" value="true"/>\n</method>`,
    ),
  },
  "interface-name": {
    meaning:
      "Interface names begin with a domain that their author owns, in reverse and lower case, so that nobody else has them; words in CamelCase follow.",
    fix: "Rename it before it is in use; afterwards turn the rule off for it, since a new name is a new interface.",
    bad: example(PLAY, "org.example.juke_box1"),
    good: example(PLAY),
  },
  "interface-version": {
    meaning:
      "An interface cannot change in an incompatible way without breaking its clients. A number in its name lets the next version stand beside this one, and is hard to add later.",
    fix: "Put the number behind the name of the API: org.example.Jukebox1, org.example.Jukebox1.Player.",
    bad: example(PLAY, "org.example.Jukebox"),
    good: example(PLAY),
  },
  "member-name": {
    meaning:
      "Methods, signals and properties are in CamelCase on every bus; other spellings surprise, and look odd beside those of the standard interfaces.",
    fix: "Write each word with a capital and nothing between them.",
    bad: example(`<method name="play_next"/>`),
    good: example(`<method name="PlayNext"/>`),
  },
  "argument-name": {
    meaning: "Arguments are in lower_case by convention, which sets them apart from members in documentation.",
    fix: "Write words in lower case with underscores between them. The name of an argument is not on the wire.",
    bad: example(`<method name="Play">\n  <arg name="TrackNumber" type="u" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track_number" type="u" direction="in"/>\n</method>`),
  },
  "unnamed-argument": {
    meaning:
      "An argument without a name is arg0 in generated code and nothing at all in tools such as busctl and d-spy.",
    fix: "Give it a name. Names of arguments are not on the wire, so that this breaks nobody.",
    bad: example(`<method name="Play">\n  <arg type="s" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
  },
  "standard-name": {
    meaning:
      "Every object has the members of the standard interfaces. A call may leave its interface out, and then an object with two methods of one name answers with either.",
    fix: "Say what the member is about: GetTrack for Get.",
    bad: example(`<method name="Introspect">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
    good: example(`<method name="InspectTrack">\n  <arg name="track" type="s" direction="in"/>\n</method>`),
  },
  "shared-name": {
    meaning:
      "D-Bus keeps methods, signals and properties apart, but many languages give an object one namespace for all, so that their bindings rename or lose one of them.",
    fix: "Name methods by what they do, signals by what happened, and properties by what they hold.",
    bad: example(`<method name="Volume"/>\n${VOLUME}`),
    good: example(`<method name="Mute"/>\n${VOLUME}`),
  },
  "file-name": {
    meaning:
      "Specs are installed and found by the name of their interface, one in each file; others look for it there.",
    fix: "Call the file after its interface, and give each interface a file.",
    bad: { "jukebox.xml": Object.values(example(PLAY)).join("") },
    good: example(PLAY),
  },
  "accessor-beside-property": {
    meaning:
      "Properties come with Get, Set and GetAll. A method that gives or sets the same value must be served, documented and kept right for nothing.",
    fix: "Remove the method, or deprecate it if it is in use.",
    bad: example(`${VOLUME}\n<method name="GetVolume">\n  <arg name="volume" type="d" direction="out"/>\n</method>`),
    good: example(VOLUME),
  },
  "property-would-do": {
    meaning:
      "A method that takes nothing and gives one value is what a property is for: properties are read all at once, cached, and announced when they change.",
    fix: "Declare a property. Keep the method where getting the value has an effect or takes long.",
    bad: example(`<method name="GetVolume">\n  <arg name="volume" type="d" direction="out"/>\n</method>`),
    good: example(VOLUME),
  },
  "changed-signal": {
    meaning:
      "PropertiesChanged tells of all properties at once, and every binding keeps its cache by it. A signal of its own is sent beside it for nothing.",
    fix: "Remove the signal; or annotate the property so that PropertiesChanged does not tell of it.",
    bad: example(`${VOLUME}\n<signal name="VolumeChanged">\n  <arg name="volume" type="d"/>\n</signal>`),
    good: example(VOLUME),
  },
  "emits-undeclared": {
    meaning:
      "Without the annotation a property promises that PropertiesChanged carries each new value. Many services do not keep that, and clients then show what was true once.",
    fix: "Say it: true, invalidates, const or false; for the property, or for all of its interface.",
    bad: example(`<property name="Volume" type="d" access="readwrite"/>`),
    good: example(ANNOUNCED),
  },
  "write-only-property": {
    meaning: "Nobody can see what such a property is set to: not GetAll, not a cache, not a debugging tool.",
    fix: "Make it readable. If there is nothing to read, it is a method.",
    bad: example(ANNOUNCED.replace("readwrite", "write")),
    good: example(`<method name="SetPassword">\n  <arg name="password" type="s" direction="in"/>\n</method>`),
  },
  "boolean-argument": {
    meaning:
      "A boolean can never get a third value, and a call with true in it says nothing to its reader. Off by default, because many booleans are right.",
    fix: "Use an enum; for several switches, flags.",
    bad: example(`<method name="Move">\n  <arg name="up" type="b" direction="in"/>\n</method>`),
    good: example(
      `<tp:enum name="Direction">\n  <tp:enumvalue suffix="Up" value="0"/>\n  <tp:enumvalue suffix="Down" value="1"/>\n</tp:enum>\n<method name="Move">\n  <arg name="direction" type="u" tp:type="Direction" direction="in"/>\n</method>`,
    ),
  },
  "object-manager": {
    meaning:
      "Objects that come and go are what ObjectManager is for: one call gives them with all their properties, its signals tell of each, and bindings follow them without help.",
    fix: "Serve org.freedesktop.DBus.ObjectManager above the objects, and remove the signals.",
    bad: example(
      `<signal name="TrackAdded">\n  <arg name="track" type="o"/>\n</signal>\n<signal name="TrackRemoved">\n  <arg name="track" type="o"/>\n</signal>`,
    ),
    good: example(PLAY),
  },
  "unused-type": {
    meaning: "No method, signal or property has the type, directly or inside another. Often its tp:type was forgotten.",
    fix: "Name it where it belongs, or remove it.",
    bad: example(`<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" access="read"/>`),
    good: example(
      `<tp:simple-type name="Track" type="u"/>\n<property name="Current" type="u" tp:type="Track" access="read"/>`,
    ),
  },
  "undeclared-dictionary": {
    meaning:
      "A dictionary of variants is open to new keys, which is good; but nothing says which keys there are now, nor of which type, so that every program finds out by itself.",
    fix: "Declare the keys in a dct:dictionary and name it in tp:type. The wire stays as it is.",
    bad: example(`<property name="Settings" type="a{sv}" access="read"/>`),
    good: example(
      `<dct:dictionary name="Settings">\n  <dct:key name="Bass" type="d"/>\n</dct:dictionary>\n<property name="Settings" type="a{sv}" tp:type="Settings" access="read"/>`,
    ),
  },
  "bare-variant": {
    meaning: "A variant may hold anything, so that every receiver must check what came and no type helps it.",
    fix: "Use the type that the value always has. For several, a dictionary with declared keys.",
    bad: example(`<property name="Current" type="v" access="read"/>`),
    good: example(`<property name="Current" type="s" access="read"/>`),
  },
  "path-as-string": {
    meaning: "Object paths have a type of their own, which the bus checks and tools can follow.",
    fix: 'Use "o" for a path, "ao" for several.',
    bad: example(`<method name="Play">\n  <arg name="object_path" type="s" direction="in"/>\n</method>`),
    good: example(`<method name="Play">\n  <arg name="object_path" type="o" direction="in"/>\n</method>`),
  },
  "undeclared-error": {
    meaning: "The method names an error that no given spec defines, so that no class is generated for it.",
    fix: "Define it in a tp:errors, and give that file to the tool, too.",
    bad: example(
      `<method name="Play">\n  <tp:possible-errors>\n    <tp:error name="org.example.Error.NoTrack"/>\n  </tp:possible-errors>\n</method>`,
    ),
    good: {
      ...ERRORS,
      ...example(
        `<method name="Play">\n  <tp:possible-errors>\n    <tp:error name="org.example.Error.NoTrack"/>\n  </tp:possible-errors>\n</method>`,
      ),
    },
  },
  "signed-enum": {
    meaning: "Values of an enum are names for numbers; a signed type promises negative ones, of which there are none.",
    fix: 'Leave the type out, or write "u".',
    bad: example(modes(`name="Mode" type="i"`, "i", ["Off", "0"], ["On", "1"])),
    good: example(modes(`name="Mode"`, "u", ["Off", "0"], ["On", "1"])),
  },
  "enum-without-zero": {
    meaning:
      "Zero is by convention the value for what is not known or not set: what a receiver takes a value for that it does not know.",
    fix: "Let the first value be 0.",
    bad: example(modes(`name="Mode"`, "u", ["Off", "1"], ["On", "2"])),
    good: example(modes(`name="Mode"`, "u", ["Unknown", "0"], ["Off", "1"], ["On", "2"])),
  },
  "repeated-value": {
    meaning: "Two names of an enum stand for one value, so that nobody who receives it can tell which was meant.",
    fix: "Correct one of the values; a name that only got a new spelling is deprecated instead.",
    bad: example(modes(`name="Mode"`, "u", ["Off", "0"], ["On", "1"], ["Loud", "1"])),
    good: example(modes(`name="Mode"`, "u", ["Off", "0"], ["On", "1"], ["Loud", "2"])),
  },
  "flag-bits": {
    meaning:
      "Flags are put together bit by bit. One of no bit cannot be set or tested; one of several bits hides others.",
    fix: "Give each flag the next power of two.",
    bad: example(
      modes(`name="Abilities"`, "u", ["Play", "1"], ["Record", "3"])
        .replaceAll("enumvalue", "flag")
        .replaceAll("tp:enum", "tp:flags"),
    ),
    good: example(
      modes(`name="Abilities"`, "u", ["Play", "1"], ["Record", "2"])
        .replaceAll("enumvalue", "flag")
        .replaceAll("tp:enum", "tp:flags"),
    ),
  },
};

/** An enum with a property that uses it. */
function modes(
  attributes: string,
  code: string,
  ...values: readonly (readonly [name: string, value: string])[]
): string {
  const lines = values.map(([name, value]) => `  <tp:enumvalue suffix="${name}" value="${value}"/>\n`).join("");
  const name = /name="(\w+)"/.exec(attributes)?.[1] ?? "";
  return `<tp:enum ${attributes}>\n${lines}</tp:enum>\n<property name="Current" type="${code}" tp:type="${name}" access="read"/>`;
}
