import type { Doc } from "../../compiler/resolve/doc.ts";
import type { Annotations, Emits, Entry, EnumMember, Method, Property } from "../../compiler/resolve/ir.ts";

/** A short note beside a name. */
export interface Fact {
  readonly kind: "since" | "deprecated" | "access" | "plain";
  readonly text: string;
}

/** When something appeared and whether it is deprecated. */
export function versionFacts({ since, deprecated }: Doc): readonly Fact[] {
  return [
    ...(since === undefined ? [] : [{ kind: "since", text: `since ${since}` } as const]),
    ...(deprecated === undefined ? [] : [{ kind: "deprecated", text: deprecation(deprecated) } as const]),
  ];
}

function deprecation(text: string): string {
  if (text === "") return "deprecated";
  return /^\d[\w.-]*$/.test(text) ? `deprecated since ${text}` : `deprecated: ${text}`;
}

const PRIVILEGED = "org.freedesktop.systemd1.Privileged";

export function methodFacts({ noReply, annotations }: Method): readonly Fact[] {
  const isPrivileged = annotations.some(([name, value]) => name === PRIVILEGED && value === "true");
  return [...(noReply ? [plain("no reply")] : []), ...(isPrivileged ? [plain("privileged")] : [])];
}

const EMITS: Readonly<Record<Emits, string>> = {
  true: "announces changes",
  invalidates: "announces changes without the value",
  const: "constant",
  false: "changes silently",
};

export function propertyFacts({ access, emits, annotations }: Property): readonly Fact[] {
  const isPrivileged = annotations.some(([name, value]) => name === PRIVILEGED && value === "true");
  return [
    { kind: "access", text: access },
    ...(access === "write" ? [] : [plain(EMITS[emits])]),
    ...(isPrivileged ? [plain("privileged")] : []),
  ];
}

const ACCESS = {
  read: "read: only the service gives it",
  readwrite: "readwrite: the client may give it, too",
  write: "write: only the client gives it",
} as const;

/** Who gives the value of a key, in words. */
export function accessInWords({ access = "read" }: Entry): string {
  return ACCESS[access];
}

/** Annotations that nothing else on a page tells. */
export function otherAnnotations(annotations: Annotations): Annotations {
  return annotations.filter(([name]) => !TOLD.has(name));
}

const TOLD = new Set([
  "org.freedesktop.DBus.Deprecated",
  "org.freedesktop.DBus.Method.NoReply",
  "org.freedesktop.DBus.Property.EmitsChangedSignal",
  "org.gtk.GDBus.DocString",
  "org.gtk.GDBus.DocString.Short",
  "org.gtk.GDBus.Since",
  PRIVILEGED,
]);

/** A value of an enum as it is written in TypeScript and on the wire. */
export function valueText({ value }: EnumMember): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function plain(text: string): Fact {
  return { kind: "plain", text };
}
