import {
  type AnnotationValues,
  KNOWN_ANNOTATIONS,
  type MethodAnnotations,
} from "../../compiler/resolve/annotation-table.ts";
import type { Doc } from "../../compiler/resolve/doc.ts";
import type { Annotations, Entry, EnumMember, Property } from "../../compiler/resolve/ir.ts";

/** A short note that is shown beside a name. */
export interface Note {
  readonly kind: "since" | "deprecated" | "access" | "plain";
  readonly text: string;
}

/** Returns the notes on the version that added a declaration, and on its deprecation. */
export function versionNotes({ since, deprecated }: Doc): readonly Note[] {
  return [
    ...(since === undefined ? [] : [{ kind: "since", text: `since ${since}` } as const]),
    ...(deprecated === undefined ? [] : [{ kind: "deprecated", text: deprecation(deprecated) } as const]),
  ];
}

function deprecation(text: string): string {
  if (text === "") return "deprecated";
  return /^\d[\w.-]*$/.test(text) ? `deprecated since ${text}` : `deprecated: ${text}`;
}

/** Returns the notes on a method, which follow from its annotations, such as that it has no reply. */
export function methodNotes(method: MethodAnnotations): readonly Note[] {
  return annotationNotes(method);
}

/**
 * Returns the notes on a property: its access, and notes that follow from its annotations, such as how it announces
 * changes.
 */
export function propertyNotes(property: Property): readonly Note[] {
  const { access, emits: _, ...withoutEmits } = property;
  return [{ kind: "access", text: access }, ...annotationNotes(access === "write" ? withoutEmits : property)];
}

function annotationNotes(values: AnnotationValues): readonly Note[] {
  return [...KNOWN_ANNOTATIONS.values()].flatMap(({ field, notes }): readonly Note[] => {
    const text = field && notes?.[String(values[field])];
    return text === undefined ? [] : [{ kind: "plain", text }];
  });
}

const ACCESS = {
  read: "read: only the service provides the value",
  readwrite: "readwrite: the client may provide the value, too",
  write: "write: only the client provides the value",
} as const;

/** Describes which side provides the value of a dictionary key. */
export function describeAccess({ access = "read" }: Entry): string {
  return ACCESS[access];
}

/** Returns the annotations that no other part of a page describes. */
export function otherAnnotations(annotations: Annotations): Annotations {
  return annotations.filter(([name]) => !KNOWN_ANNOTATIONS.has(name));
}

/** Returns a value of an enum as TypeScript code. */
export function enumValueText({ value }: EnumMember): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
