import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Annotation, IntrospectedMethod, Text } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import type { Annotations, Emits } from "./ir.ts";

const DEPRECATED = "org.freedesktop.DBus.Deprecated";
const NO_REPLY = "org.freedesktop.DBus.Method.NoReply";
const EMITS_CHANGED = "org.freedesktop.DBus.Property.EmitsChangedSignal";
const EMITS: readonly string[] = ["true", "invalidates", "const", "false"] satisfies readonly Emits[];

/** Annotations as they are served: by name, values verbatim. One that is given twice counts once. */
export function readAnnotations(raw: readonly Annotation[], diagnostics: Diagnostics): Annotations {
  const values = new Map<string, string>();
  for (const { name, value } of raw) {
    if (values.has(name.value)) {
      const message = `"${shorten(name.value)}" is given twice, the first value counts`;
      diagnostics.report("annotation-value", name.span, message);
      continue;
    }
    values.set(name.value, value.value);
    if (name.value === DEPRECATED || name.value === NO_REPLY) checkFlag(name.value, value, diagnostics);
  }
  return [...values];
}

/** What EmitsChangedSignal says; undefined where it is absent or says nothing that has a meaning. */
export function readEmits(annotations: readonly Annotation[], diagnostics: Diagnostics): Emits | undefined {
  const found = annotations.find(({ name }) => name.value === EMITS_CHANGED);
  if (found === undefined) return undefined;
  const { value, span } = found.value;
  if (isEmits(value)) return value;
  diagnostics.report(
    "annotation-value",
    span,
    `"${shorten(value)}" is not a value of ${EMITS_CHANGED} and is ignored`,
    {
      hint: `use one of ${EMITS.join(", ")}`,
    },
  );
  return undefined;
}

/** Whether a method has no reply; one with out arguments has. */
export function readNoReply(
  { annotations }: IntrospectedMethod,
  hasOutputs: boolean,
  diagnostics: Diagnostics,
): boolean {
  const found = annotations.find(({ name, value }) => name.value === NO_REPLY && value.value === "true");
  if (found === undefined || !hasOutputs) return found !== undefined;
  diagnostics.report(
    "annotation-value",
    found.name.span,
    "a method with out arguments has a reply: NoReply is ignored",
    {
      hint: "remove the annotation or the out arguments",
    },
  );
  return false;
}

function checkFlag(name: string, { value, span }: Text, diagnostics: Diagnostics): void {
  if (value === "true" || value === "false") return;
  diagnostics.report("annotation-value", span, `"${shorten(value)}" is not a value of ${name} and is ignored`, {
    hint: "use true or false",
  });
}

function isEmits(text: string): text is Emits {
  return EMITS.includes(text);
}
