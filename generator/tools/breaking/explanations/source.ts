import { example, sharedSpec } from "../../../compiler/diagnostics/example.ts";
import type { ExplanationsOf } from "./explanation.ts";
import { currentTrack, errors, modes, PLAY, property, raising, settings, struct, VOLUME } from "./pieces.ts";

/** What breaks code that uses generated modules. */
export const SOURCE: ExplanationsOf<"source"> = {
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
    also: ["type-added"],
  },
  "type-kind": {
    meaning: "A named type is of another kind, such as flags instead of an enum, so that its export has another form.",
    fix: "Give the new one another name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1]).replaceAll("enumvalue", "flag").replaceAll("tp:enum", "tp:flags")),
  },
  "type-removed": {
    meaning: "Code that imports the type does not compile.",
    fix: "Keep it while it is in use.",
    before: example(currentTrack("u")),
    after: example(property("Current", "u", "read")),
    better: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read")}`),
    also: ["type-alias"],
  },
  "type-renamed": {
    meaning: "Code that imports the type by its old name does not compile.",
    fix: "Keep the name; the wire does not know it, so nothing is won by another.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Artist").replaceAll("Song", "Track")),
  },
  "type-moved": {
    meaning: "The type is exported by another module, so that imports of it do not resolve.",
    fix: "Leave it where it is: in its interface, or in a file of that name.",
    before: example(currentTrack("u")),
    after: {
      ...example(property("Current", "u", "read", "Track")),
      ...sharedSpec("types.xml", "tp:generic-types", `<tp:simple-type name="Track" type="u"/>`),
    },
  },
  "enum-value-removed": {
    meaning: "Code that names the value does not compile. Deployed peers may still send it.",
    fix: "Keep and deprecate it.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0])),
  },
  "enum-value-renamed": {
    meaning: "Code that names the value does not compile; the wire is the same.",
    fix: "Keep the name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["Playing", 1])),
  },
  "struct-member-renamed": {
    meaning: "The member is another property of the object in TypeScript; the wire is the same.",
    fix: "Keep the name.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Composer")),
  },
  "dictionary-key-removed": {
    meaning:
      "Code that names the key does not compile. Keys are optional on the wire, so that deployed peers go on; what they send is found in extra.",
    fix: "Keep and deprecate it.",
    before: example(settings(["Bass", "d"], ["Treble", "d"])),
    after: example(settings(["Bass", "d"])),
  },
  "error-removed": {
    meaning: "Code that throws or catches the class of the error does not compile.",
    fix: "Keep its definition.",
    before: { ...example(PLAY), ...errors("NoTrack", "Busy") },
    after: { ...example(PLAY), ...errors("NoTrack") },
  },
  "raised-error-removed": {
    meaning:
      "A client turns the errors that its interface names into instances of their classes. One that no method names any more arrives as a plain DBusError: instanceof is false without a word of the compiler.",
    fix: "Leave the error at a method that may still raise it; or compare names of errors.",
    before: { ...example(raising("NoTrack")), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack") },
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
};
