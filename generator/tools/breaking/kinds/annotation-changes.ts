import { example } from "../../../compiler/diagnostics/example.ts";
import type { AnnotationField } from "../../../compiler/resolve/annotation-table.ts";
import { defineChangeKinds } from "../change-kind.ts";
import { annotatedPlay, annotation, emits, PLAY } from "./jukebox.ts";

/** Changes of annotations that the generator interprets. */
export const ANNOTATION_CHANGES = [
  ...defineChangeKinds("wire", [
    {
      code: "emits-weakened",
      title: "EmitsChangedSignal of a property promises less",
      meaning:
        "Clients rely on this promise when they cache the value. If the service reports fewer changes, deployed clients show outdated values.",
      fix: "Keep the promise. const must not change; true may become const.",
      before: example(emits("true")),
      after: example(emits("false")),
    },
    {
      code: "no-reply-added",
      title: "A method no longer replies",
      meaning: "Deployed clients wait for a reply until their call times out.",
      fix: "Keep replying. A client that needs no reply sets a flag in its call.",
      before: example(PLAY),
      after: example(annotatedPlay("org.freedesktop.DBus.Method.NoReply")),
    },
    {
      code: "privileged-added",
      title: "A member became privileged",
      meaning:
        "A service denies privileged members to all callers that it does not explicitly authorize, so calls of deployed clients fail.",
      fix: "Let $authorize allow the callers that could use the member before.",
      before: example(PLAY),
      after: example(annotatedPlay("org.freedesktop.systemd1.Privileged")),
      better: example(
        `${PLAY}\n<method name="Reset">\n  ${annotation("org.freedesktop.systemd1.Privileged", "true")}\n</method>`,
      ),
    },
  ]),
  ...defineChangeKinds("compatible", [
    {
      code: "emits-strengthened",
      title: "EmitsChangedSignal of a property promises more",
      meaning: "Nothing breaks: clients that rely on the weaker promise keep working.",
      before: example(emits("false")),
      after: example(emits("true")),
    },
    {
      code: "no-reply-removed",
      title: "A method replies now",
      meaning: "Nothing breaks: deployed clients do not request a reply and do not receive one.",
      before: example(annotatedPlay("org.freedesktop.DBus.Method.NoReply")),
      after: example(PLAY),
    },
    {
      code: "privileged-removed",
      title: "A member is no longer privileged",
      meaning: "Nothing breaks for clients. But now every caller may use the member, unless $authorize denies it.",
      fix: "Make sure that all callers are meant to use the member.",
      before: example(annotatedPlay("org.freedesktop.systemd1.Privileged")),
      after: example(PLAY),
    },
  ]),
] as const;

/** How a change of the value of an annotation is reported. */
interface AnnotationChange {
  readonly code: (typeof ANNOTATION_CHANGES)[number]["code"];
  readonly message: string;
  readonly hint?: string;
}

/** Returns how the change of an annotation is reported. `member` describes the member, such as `the method "Play"`. */
type DescribeChange = (member: string, before: string, after: string) => AnnotationChange;

/** Descriptions of changes, by the field of the IR that contains the value of the annotation. */
export const DESCRIBE_ANNOTATION_CHANGE: Readonly<Record<AnnotationField, DescribeChange>> = {
  noReply: (member, _, after) =>
    after === "true"
      ? { code: "no-reply-added", message: `${member} no longer replies` }
      : { code: "no-reply-removed", message: `${member} replies now` },
  emits: (member, before, after) => ({
    code: STRONGER_PROMISES[before]?.includes(after) ? "emits-strengthened" : "emits-weakened",
    message: `EmitsChangedSignal of ${member} is ${after}, was ${before}`,
  }),
  privileged: (member, _, after) =>
    after === "true"
      ? {
          code: "privileged-added",
          message: `${member} is denied to callers that the service does not authorize`,
          hint: "override $authorize in the service to allow callers",
        }
      : {
          code: "privileged-removed",
          message: `${member} is open to all callers`,
          hint: "override $authorize in the service to keep denying callers",
        },
};

/** For each value of EmitsChangedSignal, the values that promise more to clients. */
const STRONGER_PROMISES: Readonly<Record<string, readonly string[]>> = {
  const: [],
  true: ["const"],
  invalidates: ["true", "const"],
  false: ["true", "invalidates", "const"],
};
