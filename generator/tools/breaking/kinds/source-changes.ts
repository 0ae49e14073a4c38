import { example, sharedSpec } from "../../../compiler/diagnostics/example.ts";
import { defineChangeKinds } from "../change-kind.ts";
import { choice, currentTrack, errors, modes, PLAY, property, raising, settings, struct, VOLUME } from "./jukebox.ts";

/** Changes that break code that uses generated modules, when it is compiled or when it compares error classes. */
export const SOURCE_CHANGES = defineChangeKinds("source", [
  {
    code: "method-added",
    targets: ["service"],
    title: "A method was added, which services must implement",
    meaning:
      "No deployed program breaks. But a service that uses the new generated modules does not compile until it implements the method.",
    fix: "Implement the method. If only clients use the modules, pass --target client: the change is compatible for them.",
    before: example(PLAY),
    after: example(`${PLAY}\n<method name="Stop"/>`),
    better: { ...example(PLAY), ...example(`<method name="Stop"/>`, "org.example.Jukebox1.Transport") },
  },
  {
    code: "property-added",
    targets: ["service"],
    title: "A property was added, which services must give a value",
    meaning:
      "No deployed program breaks. But a service that uses the new generated modules does not compile until it gives the property a value.",
    fix: "Give it a value. If only clients use the modules, pass --target client: the change is compatible for them.",
    before: example(VOLUME),
    after: example(`${VOLUME}\n${property("Muted", "b", "read")}`),
    better: { ...example(VOLUME), ...example(property("Muted", "b", "read"), "org.example.Jukebox1.Mixer") },
  },
  {
    code: "access-widened",
    targets: ["service"],
    title: "A property became both readable and writable",
    meaning:
      "Clients can do more than before. A service that uses the new generated modules lets every client read and set the property, although its code is unchanged.",
    fix: "Override $beforeSet in the service to check or reject new values. Clients need no change.",
    before: example(VOLUME),
    after: example(property("Volume", "d", "readwrite")),
    better: example(`${VOLUME}\n<method name="ChangeVolume">\n  <arg name="by" type="d" direction="in"/>\n</method>`),
  },
  {
    code: "type-meaning",
    title: "A value has another type in TypeScript",
    meaning:
      "The messages are unchanged, but the new type of the value in TypeScript is not compatible with the old one: for example an enum instead of a number, or an object instead of a tuple.",
    fix: "Adapt the code where the compiler reports errors. Deployed programs keep working.",
    before: example(property("Current", "u", "read")),
    after: example(modes(["Off", 0], ["On", 1])),
    also: ["type-added"],
  },
  {
    code: "type-kind",
    title: "A named type became another kind of type",
    meaning:
      "The type is of another kind, such as flags instead of an enum, so its export in TypeScript has another form.",
    fix: "Give the new type another name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1]).replaceAll("enumvalue", "flag").replaceAll("tp:enum", "tp:flags")),
  },
  {
    code: "type-removed",
    title: "A named type was removed",
    meaning: "Code that imports the type no longer compiles.",
    fix: "Keep the type while code uses it.",
    before: example(currentTrack("u")),
    after: example(property("Current", "u", "read")),
    better: example(`<tp:simple-type name="Track" type="u"/>\n${property("Current", "u", "read")}`),
    also: ["type-alias"],
  },
  {
    code: "type-renamed",
    title: "A named type was renamed",
    meaning: "Code that imports the type by its old name no longer compiles.",
    fix: "Keep the name. Messages do not contain it, so a new name has no effect on peers.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Artist").replaceAll("Song", "Track")),
  },
  {
    code: "type-moved",
    title: "A named type moved to another module",
    meaning: "Another module exports the type, so existing imports of it fail.",
    fix: "Leave the type in its interface, or in a file with the same name.",
    before: example(currentTrack("u")),
    after: {
      ...example(property("Current", "u", "read", "Track")),
      ...sharedSpec("types.xml", "tp:generic-types", `<tp:simple-type name="Track" type="u"/>`),
    },
  },
  {
    code: "enum-value-removed",
    title: "A value of an enum was removed",
    meaning: "Code that uses the name of the value no longer compiles. Deployed peers may still send the value.",
    fix: "Keep the value and deprecate it.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0])),
  },
  {
    code: "enum-value-renamed",
    title: "A value of an enum was renamed",
    meaning: "Code that uses the old name of the value no longer compiles. The messages are unchanged.",
    fix: "Keep the name.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["Playing", 1])),
  },
  {
    code: "struct-member-renamed",
    title: "A member of a struct was renamed",
    meaning:
      "In TypeScript the member is a property of an object, and code that uses its old name no longer compiles. The messages are unchanged.",
    fix: "Keep the name.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Title", "Composer")),
  },
  {
    code: "dictionary-key-removed",
    title: "A key of a dictionary was removed",
    meaning:
      "Code that uses the key no longer compiles. Keys are optional in messages, so deployed peers keep working. If a peer sends the key, generated code puts it into extra.",
    fix: "Keep the key and deprecate it.",
    before: example(settings(["Bass", "d"], ["Treble", "d"])),
    after: example(settings(["Bass", "d"])),
  },
  {
    code: "dictionary-key-pattern",
    title: "A group of keys has another pattern",
    meaning:
      "The entries of a dictionary whose keys match the pattern are in one member. With another pattern the type of the keys changes, and entries that no longer match are in extra.",
    fix: "Add another group of keys.",
    before: example(settings(["Bass", "d"]).replace("dct:key", "dct:keys").replace("/>", ' pattern="x-*"/>')),
    after: example(settings(["Bass", "d"]).replace("dct:key", "dct:keys").replace("/>", ' pattern="y-*"/>')),
  },
  {
    code: "choice-case-removed",
    title: "A case of a choice was removed",
    meaning: "Code that handles the case no longer compiles. If a peer sends it, all its entries are in extra.",
    fix: "Keep the case while peers may send it.",
    before: example(choice("kind", "album", "single")),
    after: example(choice("kind", "album")),
  },
  {
    code: "choice-case-added",
    title: "A case of a choice was added",
    meaning:
      "A switch that handles all cases no longer compiles if it has no default. Entries of the case were in extra and are in members now.",
    fix: "Handle the case, or write a default in switches.",
    before: example(choice("kind", "album")),
    after: example(choice("kind", "album", "single")),
  },
  {
    code: "error-removed",
    title: "An error was removed",
    meaning: "Code that throws or catches the class of the error no longer compiles.",
    fix: "Keep the definition of the error.",
    before: { ...example(PLAY), ...errors("NoTrack", "Busy") },
    after: { ...example(PLAY), ...errors("NoTrack") },
  },
  {
    code: "raised-error-removed",
    targets: ["client"],
    title: "An interface no longer names an error",
    meaning:
      "A client converts the errors that its interface names into instances of their classes. An error that no method names any more arrives as a plain DBusError: instanceof is false, and the compiler does not report it.",
    fix: "Name the error in a method that may still raise it. Otherwise compare error names in clients instead of classes.",
    before: { ...example(raising("NoTrack")), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack") },
    also: ["method-error-removed"],
  },
  {
    code: "identifier-changed",
    title: "A declaration has another identifier in TypeScript only",
    meaning:
      "The D-Bus name is unchanged, but a new declaration took its identifier in TypeScript. This happens if two names differ only in case, or if a new name is needed by generated code.",
    fix: "Give the new declaration a name that does not collide.",
    before: example(`<method name="Play"/>`),
    after: example(`<method name="Play"/>\n<method name="play"/>`),
    better: example(`<method name="Play"/>\n<signal name="Played"/>`),
    also: ["method-added"],
  },
]);
