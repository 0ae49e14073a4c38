import { example } from "../../../compiler/diagnostics/example.ts";
import type { ExplanationsOf } from "./explanation.ts";
import {
  annotatedPlay,
  currentTrack,
  emits,
  errors,
  modes,
  PLAY,
  PLAY_TRACK,
  property,
  raising,
  settings,
  VOLUME,
} from "./pieces.ts";

/** What breaks nothing. */
export const COMPATIBLE: ExplanationsOf<"compatible"> = {
  "interface-added": {
    meaning: "Nothing breaks: who does not know the interface does not miss it.",
    before: example(PLAY),
    after: { ...example(PLAY), ...example(VOLUME, "org.example.Jukebox1.Mixer") },
  },
  "signal-added": {
    meaning: "Nothing breaks: who does not subscribe does not hear it.",
    before: example(PLAY),
    after: example(`${PLAY}\n<signal name="Finished"/>`),
  },
  "type-added": {
    meaning: "Nothing breaks: a named type is a name in TypeScript. What begins to use it is told by itself.",
    before: example(PLAY),
    after: example(`<tp:simple-type name="Track" type="u"/>\n${PLAY}`),
  },
  "enum-value-added": {
    meaning:
      "Values of an enum grow over time, and peers meet ones that they do not know. A switch that names every value gets a case more.",
    fix: "Have a default case for what is not known.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1], ["Loud", 2])),
  },
  "dictionary-key-added": {
    meaning:
      "Keys are optional, so nothing breaks. Code that read the key out of extra finds it in a member of its own now.",
    fix: "Read the member instead of extra.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"], ["Treble", "d"])),
  },
  "error-added": {
    meaning: "Nothing breaks: an error more can be thrown and caught.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack", "Busy") },
  },
  "method-error-added": {
    meaning:
      "Callers may get an error that they do not know; every call can fail in ways that no spec names, so they must expect it.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(raising("NoTrack")), ...errors("NoTrack") },
  },
  "emits-strengthened": {
    meaning: "The property promises more about its changes than it did; who relied on less is served as before.",
    before: example(emits("false")),
    after: example(emits("true")),
  },
  "no-reply-removed": {
    meaning: "The method replies now. Deployed clients did not ask for a reply and get none.",
    before: example(annotatedPlay("org.freedesktop.DBus.Method.NoReply")),
    after: example(PLAY),
  },
  "privileged-removed": {
    meaning: "The member is open to every caller unless $authorize says otherwise. For clients that is only more.",
    fix: "Make sure that it is meant.",
    before: example(annotatedPlay("org.freedesktop.systemd1.Privileged")),
    after: example(PLAY),
  },
  "type-alias": {
    meaning: "The value has another named type, and values of either fit where the other is wanted.",
    before: example(property("Current", "u", "read")),
    after: example(currentTrack("u")),
    also: ["type-added"],
  },
  deprecated: {
    meaning: "It works as before. Semver asks for a minor version, so that users see it before it is gone.",
    fix: "Say in its documentation what to use instead.",
    before: example(PLAY),
    after: example(annotatedPlay("org.freedesktop.DBus.Deprecated")),
  },
  undeprecated: {
    meaning: "What was deprecated is not any more.",
    before: example(annotatedPlay("org.freedesktop.DBus.Deprecated")),
    after: example(PLAY),
  },
  "argument-renamed": {
    meaning: "Names of arguments are not on the wire, and generated methods take arguments by their place.",
    before: example(PLAY_TRACK),
    after: example(PLAY_TRACK.replace("track", "uri")),
  },
  "method-error-removed": {
    meaning: "The method no longer names an error, which its callers may go on to expect.",
    before: {
      ...example(`${raising("NoTrack")}\n${raising("NoTrack").replace("Play", "Stop")}`),
      ...errors("NoTrack"),
    },
    after: { ...example(`${raising("NoTrack")}\n<method name="Stop"/>`), ...errors("NoTrack") },
  },
  "dictionary-key-access": {
    meaning:
      "The spec says otherwise who gives the value of a key: the service, the client, or both. Types are the same.",
    fix: "Look whether the service checks what clients give.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"]).replace('type="d"', 'type="d" access="readwrite"')),
  },
  "annotation-changed": {
    meaning: "An annotation is served verbatim by the generated service; what it means is between those who read it.",
    before: example(PLAY),
    after: example(annotatedPlay("org.example.Slow")),
  },
};
