import { example } from "../../../compiler/diagnostics/example.ts";
import { defineChangeKinds } from "../change-kind.ts";
import {
  annotation,
  args,
  choice,
  currentTrack,
  modes,
  PLAY,
  PLAY_TRACK,
  property,
  settings,
  struct,
  VOLUME,
} from "./jukebox.ts";

const USE_ANOTHER_NAME = "Keep and deprecate the old declaration, and give the new one another name.";

/** Changes that break deployed programs. */
export const WIRE_CHANGES = defineChangeKinds("wire", [
  {
    code: "interface-removed",
    title: "An interface was removed",
    meaning:
      "Deployed clients that call the interface get the error UnknownInterface, and they receive none of its signals.",
    fix: "Serve the old interface beside the new one until no client uses it.",
    before: example(PLAY),
    after: example(PLAY, "org.example.Jukebox2"),
    better: { ...example(PLAY), ...example(PLAY, "org.example.Jukebox2") },
    also: ["interface-added"],
  },
  {
    code: "method-removed",
    title: "A method was removed",
    meaning: "Deployed clients that call the method get the error UnknownMethod.",
    fix: "Keep the method and deprecate it. Remove it in the next major version of the interface.",
    before: example(`${PLAY}\n<method name="Stop"/>`),
    after: example(PLAY),
    better: example(
      `${PLAY}\n<method name="Stop">\n  ${annotation("org.freedesktop.DBus.Deprecated", "true")}\n</method>`,
    ),
  },
  {
    code: "signal-removed",
    title: "A signal was removed",
    meaning: "Deployed clients wait for a signal that never arrives, and no error is reported.",
    fix: "Keep emitting the signal until the next major version of the interface.",
    before: example(`<signal name="Finished"/>`),
    after: example(""),
    better: example(`<signal name="Finished"/>\n<signal name="Stopped"/>`),
  },
  {
    code: "property-removed",
    title: "A property was removed",
    meaning:
      "Deployed clients that read the property get the error UnknownProperty, and it is missing from their caches.",
    fix: "Keep the property, and keep its value correct.",
    before: example(VOLUME),
    after: example(""),
  },
  {
    code: "method-arguments",
    title: "A method takes arguments of other types",
    meaning:
      "The service rejects the calls of deployed clients, because their arguments have other types. An added argument has the same effect: D-Bus has no optional arguments.",
    fix: "Add a second method. If a method is expected to grow, give it an a{sv} of options from the beginning: new keys can be added to it.",
    before: example(PLAY),
    after: example(PLAY_TRACK),
    better: example(`${PLAY}\n${PLAY_TRACK.replace("Play", "PlayTrack")}`),
  },
  {
    code: "method-results",
    title: "A method returns results of other types",
    meaning: "Deployed clients reject the reply, because its values have other types than they expect.",
    fix: "Add a second method. If results are expected to grow, return an a{sv} from the beginning: new keys can be added to it.",
    before: example(`<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>`),
    after: example(
      `<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n  <arg name="length" type="t" direction="out"/>\n</method>`,
    ),
    better: example(
      `<method name="Play">\n  <arg name="position" type="t" direction="out"/>\n</method>\n${property("Length", "t", "read")}`,
    ),
  },
  {
    code: "signal-arguments",
    title: "A signal has arguments of other types",
    meaning: "Deployed clients discard the signal, because its values have other types than they expect.",
    fix: "Emit a second signal with another name.",
    before: example(`<signal name="Played">\n  <arg name="track" type="s"/>\n</signal>`),
    after: example(`<signal name="Played">\n  <arg name="track" type="u"/>\n</signal>`),
    better: example(
      `<signal name="Played">\n  <arg name="track" type="s"/>\n</signal>\n<signal name="TrackPlayed">\n  <arg name="track" type="u"/>\n</signal>`,
    ),
  },
  {
    code: "argument-order",
    title: "Arguments changed their order, but not the signature",
    meaning:
      "The signature is unchanged, so neither side notices the change: each side uses the value of one argument as that of another.",
    fix: "Keep the order.",
    before: example(args("Rename", "from", "to")),
    after: example(args("Rename", "to", "from")),
  },
  {
    code: "argument-direction",
    title: "An argument changed its direction",
    meaning:
      "An input of the method became an output, or an output became an input. Deployed clients send and expect other values than the service.",
    fix: USE_ANOTHER_NAME,
    before: example(PLAY_TRACK),
    after: example(PLAY_TRACK.replace('"in"', '"out"')),
    better: example(`${PLAY_TRACK}\n${PLAY_TRACK.replace("Play", "PlayNext").replace('"in"', '"out"')}`),
  },
  {
    code: "property-type",
    title: "A property has another type",
    meaning:
      "Deployed clients read a value of a type that they do not expect, and the service rejects the values that they set.",
    fix: USE_ANOTHER_NAME,
    before: example(VOLUME),
    after: example(property("Volume", "u", "read")),
    better: example(`${VOLUME}\n${property("VolumePercent", "u", "read")}`),
  },
  {
    code: "access-narrowed",
    title: "A property can no longer be read or written",
    meaning: "Deployed clients that read or set the property get an error.",
    fix: "Keep the access. The service can reject single values when they are set.",
    before: example(property("Volume", "d", "readwrite")),
    after: example(VOLUME),
  },
  {
    code: "type-signature",
    title: "A named type has another signature",
    meaning:
      "All values of the type are encoded differently, and deployed peers reject them. The change is reported once, at the type.",
    fix: "Add a type with another name, and members that use it.",
    before: example(currentTrack("u")),
    after: example(currentTrack("s")),
    better: example(`${currentTrack("u")}\n${property("CurrentName", "s", "read")}`),
  },
  {
    code: "struct-order",
    title: "Struct members changed their order, but not the signature",
    meaning:
      "The signature is unchanged, so neither side notices the change: each side uses the value of one member as that of another.",
    fix: "Keep the order.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Artist", "Title")),
  },
  {
    code: "enum-value-changed",
    title: "A name of an enum has another value",
    meaning: "Deployed peers interpret the value by its old meaning, and no error is reported.",
    fix: "Keep the values of existing names, and give new names new values.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 2])),
    better: example(modes(["Off", 0], ["On", 1], ["Loud", 2])),
  },
  {
    code: "dictionary-key-type",
    title: "A key of a dictionary has another type",
    meaning:
      "Deployed peers find a value of a type that they do not expect. Generated code treats it as unknown and puts it into extra.",
    fix: "Declare another key.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "u"])),
    better: example(settings(["Bass", "d"], ["BassPercent", "u"])),
  },
  {
    code: "choice-key",
    title: "Another key selects the cases of a choice",
    meaning: "Deployed peers look for the value of the earlier key and do not recognize the dictionary.",
    fix: "Keep the key.",
    before: example(choice("kind", "album")),
    after: example(choice("type", "album")),
    also: ["dictionary-key-removed", "dictionary-key-added"],
  },
]);
