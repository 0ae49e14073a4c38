import { DEPRECATED, EMITS_CHANGED_SIGNAL, NO_REPLY, PRIVILEGED } from "@dbus-codegen-ts/runtime/grammar";

/** Annotations of a method, interpreted. */
export interface MethodAnnotations {
  /** Whether the service sends no reply. */
  readonly noReply: boolean;
  /** Whether only authorized callers may call the method. */
  readonly privileged: boolean;
}

/** Annotations of a property, interpreted. */
export interface PropertyAnnotations {
  readonly emits: Emits;
  /** Whether only authorized callers may set the property. */
  readonly privileged: boolean;
}

/**
 * A value of the annotation EmitsChangedSignal: a change is announced with the new value (`true`), announced without it
 * (`invalidates`), or not announced (`false`); or the property never changes (`const`).
 */
export type Emits = "true" | "invalidates" | "const" | "false";

/** A field of methods or properties that contains an interpreted annotation. */
export type AnnotationField = keyof MethodAnnotations | keyof PropertyAnnotations;

/** Values of annotations by name. */
type Values = ReadonlyMap<string, string>;

/** Returns the interpreted annotations of a method. */
export function methodAnnotations(ofMethod: Values, ofInterface: Values, hasOutputs: boolean): MethodAnnotations {
  return {
    noReply: ofMethod.get(NO_REPLY) === "true" && !hasOutputs,
    privileged: (ofMethod.get(PRIVILEGED) ?? ofInterface.get(PRIVILEGED)) === "true",
  };
}

/** Returns the interpreted annotations of a property. An invalid value is ignored. */
export function propertyAnnotations(ofProperty: Values, ofInterface: Values): PropertyAnnotations {
  return {
    emits: emitsOf(ofProperty) ?? emitsOf(ofInterface) ?? "true",
    privileged: (ofProperty.get(PRIVILEGED) ?? ofInterface.get(PRIVILEGED)) === "true",
  };
}

function emitsOf(annotations: Values): Emits | undefined {
  return EMITS.find((value) => value === annotations.get(EMITS_CHANGED_SIGNAL));
}

/** An annotation that the generator interprets. Every annotation, interpreted or not, is also part of the contract. */
export interface KnownAnnotation {
  readonly name: string;
  /** The field that contains the value; absent for an annotation that is part of the documentation. */
  readonly field?: AnnotationField;
  /** Allowed values, or "text" if every value is allowed. */
  readonly values: readonly string[] | "text";
  /** Short texts for reference documentation by value of the field. A value without a text is not mentioned. */
  readonly notes?: Readonly<Record<string, string>>;
}

const FLAG = ["true", "false"] as const;
const EMITS = ["true", "invalidates", "const", "false"] as const satisfies readonly Emits[];

/** All annotations that the generator interprets, by name. */
export const KNOWN_ANNOTATIONS: ReadonlyMap<string, KnownAnnotation> = new Map(
  (
    [
      {
        name: DEPRECATED,
        values: FLAG,
      },
      {
        name: NO_REPLY,
        field: "noReply",
        values: FLAG,
        notes: { true: "no reply" },
      },
      {
        name: EMITS_CHANGED_SIGNAL,
        field: "emits",
        values: EMITS,
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
        notes: { true: "privileged" },
      },
      { name: "org.gtk.GDBus.Since", values: "text" },
      { name: "org.gtk.GDBus.DocString", values: "text" },
      { name: "org.gtk.GDBus.DocString.Short", values: "text" },
    ] satisfies readonly KnownAnnotation[]
  ).map((annotation) => [annotation.name, annotation]),
);

/** Fields of methods and properties that contain an interpreted annotation. */
export const ANNOTATION_FIELDS: readonly AnnotationField[] = [...KNOWN_ANNOTATIONS.values()].flatMap(
  ({ field }) => field ?? [],
);

/** Values of the fields that a method or property has. */
export type AnnotationValues = Partial<MethodAnnotations & PropertyAnnotations>;
