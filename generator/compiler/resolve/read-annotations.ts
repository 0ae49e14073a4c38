import { NO_REPLY } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Annotation, IntrospectedMethod } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { KNOWN_ANNOTATIONS } from "./annotation-table.ts";
import type { Annotations } from "./ir.ts";

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

/** Reports the annotation NoReply of a method with out arguments, where it is ignored. */
export function validateNoReply({ annotations }: IntrospectedMethod, diagnostics: Diagnostics): void {
  const noReply = annotations.find(({ name, value }) => name.value === NO_REPLY && value.value === "true");
  if (noReply === undefined) return;
  const message = "a method with out arguments has a reply; NoReply is ignored";
  const hint = "remove the annotation or the out arguments";
  diagnostics.report("annotation-value", noReply.name.span, message, { hint });
}

function reportInvalidValue({ name, value }: Annotation, diagnostics: Diagnostics): void {
  const { values = "text" } = KNOWN_ANNOTATIONS.get(name.value) ?? {};
  if (values === "text" || values.includes(value.value)) return;
  const message = `"${shorten(value.value)}" is not a value of ${name.value}; the annotation is ignored`;
  diagnostics.report("annotation-value", value.span, message, {
    hint: `use ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`,
  });
}
