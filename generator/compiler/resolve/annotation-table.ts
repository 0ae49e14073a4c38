import { DEPRECATED, EMITS_CHANGED_SIGNAL, NO_REPLY, PRIVILEGED } from "@dbus-codegen-ts/runtime/grammar";

/** An annotation that the generator interprets. Every annotation, interpreted or not, is also part of the contract. */
export interface KnownAnnotation {
  readonly name: string;
  /** Field of the IR that contains the interpreted value. */
  readonly field: "doc.blocks" | "doc.since" | "doc.deprecated" | "noReply" | "emits" | "privileged";
  /** Allowed values, or "text" if every value is allowed. */
  readonly values: readonly string[] | "text";
  /** Codes of the changes that `breaking` reports when the value differs. Empty for documentation, which breaks nothing. */
  readonly changes: readonly string[];
  /** Short texts for reference documentation by value. A value without a text is not mentioned. */
  readonly notes: Readonly<Record<string, string>>;
}

const FLAG = ["true", "false"] as const;

/** All annotations that the generator interprets, by name. */
export const KNOWN_ANNOTATIONS: ReadonlyMap<string, KnownAnnotation> = new Map(
  (
    [
      {
        name: DEPRECATED,
        field: "doc.deprecated",
        values: FLAG,
        changes: ["deprecated", "undeprecated"],
        notes: { true: "deprecated" },
      },
      {
        name: NO_REPLY,
        field: "noReply",
        values: FLAG,
        changes: ["no-reply-added", "no-reply-removed"],
        notes: { true: "no reply" },
      },
      {
        name: EMITS_CHANGED_SIGNAL,
        field: "emits",
        values: ["true", "invalidates", "const", "false"],
        changes: ["emits-strengthened", "emits-weakened"],
        notes: {
          true: "announces changes",
          invalidates: "announces changes without the value",
          const: "constant",
          false: "changes silently",
        },
      },
      {
        name: PRIVILEGED,
        field: "privileged",
        values: "text",
        changes: ["privileged-added", "privileged-removed"],
        notes: { true: "privileged" },
      },
      { name: "org.gtk.GDBus.Since", field: "doc.since", values: "text", changes: [], notes: {} },
      { name: "org.gtk.GDBus.DocString", field: "doc.blocks", values: "text", changes: [], notes: {} },
      { name: "org.gtk.GDBus.DocString.Short", field: "doc.blocks", values: "text", changes: [], notes: {} },
    ] satisfies readonly KnownAnnotation[]
  ).map((annotation) => [annotation.name, annotation]),
);

/** Returns the text for reference documentation, or undefined if the value is not worth mentioning. */
export function noteOf(annotation: string, value: string): string | undefined {
  return KNOWN_ANNOTATIONS.get(annotation)?.notes[value];
}
