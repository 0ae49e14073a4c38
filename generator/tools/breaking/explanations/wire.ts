import { example } from "../../../compiler/diagnostics/example.ts";
import type { ExplanationsOf } from "./explanation.ts";
import {
  annotatedPlay,
  annotation,
  args,
  currentTrack,
  emits,
  modes,
  PLAY,
  PLAY_TRACK,
  property,
  settings,
  struct,
  VOLUME,
} from "./pieces.ts";

const HINT_NEW_NAME = "Leave the old one, deprecate it, and give what is new a name of its own.";

/** What breaks peers that are deployed. */
export const WIRE: ExplanationsOf<"wire"> = {
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
  },
  "emits-weakened": {
    meaning:
      "Clients keep what they were promised to be told of. With a weaker promise, those that are deployed show what was true once.",
    fix: "Keep announcing. const may become nothing else, true may become const.",
    before: example(emits("true")),
    after: example(emits("false")),
  },
  "no-reply-added": {
    meaning: "Deployed clients wait for a reply until their call times out.",
    fix: "Keep replying: who wants no reply can say so in the call.",
    before: example(PLAY),
    after: example(annotatedPlay("org.freedesktop.DBus.Method.NoReply")),
  },
  "privileged-added": {
    meaning:
      "A service denies annotated members to everybody whom it does not explicitly allow, so that deployed clients are refused.",
    fix: "Let $authorize allow those who were allowed before.",
    before: example(PLAY),
    after: example(annotatedPlay("org.freedesktop.systemd1.Privileged")),
    better: example(
      `${PLAY}\n<method name="Reset">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`,
    ),
  },
  "type-signature": {
    meaning:
      "Everything that has the type travels in another form, and deployed peers refuse it. It is told once, at the type.",
    fix: "Add a type of another name, with members that use it.",
    before: example(currentTrack("u")),
    after: example(currentTrack("s")),
    better: example(`${currentTrack("u")}\n${property("CurrentName", "s", "read")}`),
  },
  "struct-order": {
    meaning: "The signature is the same, so that nobody notices: each side takes one member for the other.",
    fix: "Keep the order.",
    before: example(struct("Title", "Artist")),
    after: example(struct("Artist", "Title")),
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
};
