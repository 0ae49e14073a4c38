import { example } from "../../../compiler/diagnostics/example.ts";
import { defineChangeKinds } from "../change-kind.ts";
import {
  annotatedPlay,
  currentTrack,
  errors,
  modes,
  PLAY,
  PLAY_TRACK,
  property,
  raising,
  settings,
  VOLUME,
} from "./jukebox.ts";

/** Changes that break neither deployed programs nor code. */
export const COMPATIBLE_CHANGES = defineChangeKinds("compatible", [
  {
    code: "interface-added",
    title: "An interface was added",
    meaning: "Nothing breaks: clients that do not know the interface do not use it.",
    before: example(PLAY),
    after: { ...example(PLAY), ...example(VOLUME, "org.example.Jukebox1.Mixer") },
  },
  {
    code: "signal-added",
    title: "A signal was added",
    meaning: "Nothing breaks: clients that do not subscribe to the signal do not receive it.",
    before: example(PLAY),
    after: example(`${PLAY}\n<signal name="Finished"/>`),
  },
  {
    code: "type-added",
    title: "A named type was added",
    meaning:
      "Nothing breaks: a named type is a name in TypeScript and does not occur in messages. Values that now have the type are reported separately.",
    before: example(PLAY),
    after: example(`<tp:simple-type name="Track" type="u"/>\n${PLAY}`),
  },
  {
    code: "enum-value-added",
    title: "A value was added to an enum",
    meaning:
      "Enums grow over time, so peers must expect values that they do not know. In a switch over all values, the new value is not handled.",
    fix: "Handle unknown values in a default case.",
    before: example(modes(["Off", 0], ["On", 1])),
    after: example(modes(["Off", 0], ["On", 1], ["Loud", 2])),
  },
  {
    code: "dictionary-key-added",
    title: "A key was added to a dictionary",
    meaning:
      "Keys are optional, so nothing breaks on the wire. Code that read the key from extra now finds it in a separate member.",
    fix: "Read the member instead of extra.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"], ["Treble", "d"])),
  },
  {
    code: "error-added",
    title: "An error was added",
    meaning: "Nothing breaks: programs can throw and catch one more error.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(PLAY), ...errors("NoTrack", "Busy") },
  },
  {
    code: "method-error-added",
    title: "A method may raise an additional error",
    meaning:
      "Callers may receive an error that they do not know. They must expect this anyway, because every call can fail with errors that no spec names.",
    before: { ...example(PLAY), ...errors("NoTrack") },
    after: { ...example(raising("NoTrack")), ...errors("NoTrack") },
  },
  {
    code: "type-alias",
    title: "A value has another named type, which is interchangeable in TypeScript",
    meaning: "Nothing breaks: values of both types can be assigned to each other.",
    before: example(property("Current", "u", "read")),
    after: example(currentTrack("u")),
    also: ["type-added"],
  },
  {
    code: "deprecated",
    title: "A declaration was deprecated",
    meaning:
      "The declaration works as before. Semver requires a minor version, so that users notice the deprecation before the declaration is removed.",
    fix: "Name the replacement in its documentation.",
    before: example(PLAY),
    after: example(annotatedPlay("org.freedesktop.DBus.Deprecated")),
  },
  {
    code: "undeprecated",
    bump: "patch",
    title: "A declaration is no longer deprecated",
    meaning: "Nothing breaks: only the mark of deprecation was removed.",
    before: example(annotatedPlay("org.freedesktop.DBus.Deprecated")),
    after: example(PLAY),
  },
  {
    code: "argument-renamed",
    bump: "patch",
    title: "An argument was renamed",
    meaning:
      "Nothing breaks: messages do not contain the names of arguments, and generated methods take arguments by position.",
    before: example(PLAY_TRACK),
    after: example(PLAY_TRACK.replace("track", "uri")),
  },
  {
    code: "method-error-removed",
    bump: "patch",
    title: "A method no longer names an error",
    meaning: "Nothing breaks: callers that handle the error keep working.",
    before: {
      ...example(`${raising("NoTrack")}\n${raising("NoTrack").replace("Play", "Stop")}`),
      ...errors("NoTrack"),
    },
    after: { ...example(`${raising("NoTrack")}\n<method name="Stop"/>`), ...errors("NoTrack") },
  },
  {
    code: "dictionary-key-access",
    bump: "patch",
    title: "Another side provides the value of a dictionary key",
    meaning:
      "The spec declares another source of the value: the service, the client, or both. The types are unchanged, so nothing breaks.",
    fix: "Make sure that the service checks values that clients provide.",
    before: example(settings(["Bass", "d"])),
    after: example(settings(["Bass", "d"]).replace('type="d"', 'type="d" access="readwrite"')),
  },
  {
    code: "annotation-changed",
    bump: "patch",
    title: "An annotation changed",
    meaning:
      "The generated service serves the annotation unchanged in its introspection data. Only programs that read the annotation know what it means.",
    before: example(PLAY),
    after: example(annotatedPlay("org.example.Slow")),
  },
]);
