import { EMITS_CHANGED_SIGNAL, NO_REPLY, PRIVILEGED } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Annotation, IntrospectedMethod } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { KNOWN_ANNOTATIONS } from "./annotation-table.ts";
import type { Annotations, Emits } from "./ir.ts";

/** Converts annotations to pairs of name and value. Reports invalid values, and annotations that are declared twice. */
export function readAnnotations(raw: readonly Annotation[], diagnostics: Diagnostics): Annotations {
  const values = new Map<string, string>();
  for (const annotation of raw) {
    const { name, value } = annotation;
    if (values.has(name.value)) {
      const message = `"${shorten(name.value)}" is declared twice; the first value is used`;
      diagnostics.report("annotation-value", name.span, message);
      continue;
    }
    values.set(name.value, value.value);
    reportInvalidValue(annotation, diagnostics);
  }
  return [...values];
}

/** Returns the value of EmitsChangedSignal, or undefined if it is absent or invalid. */
export function readEmits(annotations: Annotations): Emits | undefined {
  const value = new Map(annotations).get(EMITS_CHANGED_SIGNAL);
  return value === "true" || value === "invalidates" || value === "const" || value === "false" ? value : undefined;
}

/** Returns whether a member is privileged. The annotation of the member overrides that of its interface. */
export function readPrivileged(annotations: Annotations, ofInterface: Annotations): boolean {
  return new Map([...ofInterface, ...annotations]).get(PRIVILEGED) === "true";
}

/** Returns whether a method has no reply. Reports NoReply on a method with out arguments and ignores it. */
export function readNoReply(
  { annotations }: IntrospectedMethod,
  hasOutputs: boolean,
  diagnostics: Diagnostics,
): boolean {
  const noReply = annotations.find(({ name, value }) => name.value === NO_REPLY && value.value === "true");
  if (noReply === undefined || !hasOutputs) return noReply !== undefined;
  const message = "a method with out arguments has a reply; NoReply is ignored";
  const hint = "remove the annotation or the out arguments";
  diagnostics.report("annotation-value", noReply.name.span, message, { hint });
  return false;
}

function reportInvalidValue({ name, value }: Annotation, diagnostics: Diagnostics): void {
  const { values = "text" } = KNOWN_ANNOTATIONS.get(name.value) ?? {};
  if (values === "text" || values.includes(value.value)) return;
  const message = `"${shorten(value.value)}" is not a value of ${name.value}; the annotation is ignored`;
  diagnostics.report("annotation-value", value.span, message, {
    hint: `use ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`,
  });
}
