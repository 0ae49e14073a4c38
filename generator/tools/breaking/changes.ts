import type { Span } from "../../compiler/diagnostics/source.ts";

/** What a change means for what exists: the wire is worse than source code, and that worse than nothing. */
export type ChangeClass = "wire" | "source" | "compatible";

/** Whose source code: that which calls the interface, or that which serves it. */
export type Target = "client" | "service";
export const TARGETS: readonly ["client", "service"] = ["client", "service"];

/** The next version that semver asks for; `none` where nothing changed. */
export type Bump = "major" | "minor" | "patch" | "none";

interface ChangeKind {
  readonly class: ChangeClass;
  readonly title: string;
  /** For a compatible change: whether it adds something. */
  readonly bump?: "minor" | "patch";
  /** Whose source code it breaks; both unless said. */
  readonly targets?: readonly Target[];
}

/** Every kind of change by its code. Codes are stable; messages may change. */
export const CHANGES = {
  "interface-removed": { class: "wire", title: "An interface is gone" },
  "method-removed": { class: "wire", title: "A method is gone" },
  "signal-removed": { class: "wire", title: "A signal is gone" },
  "property-removed": { class: "wire", title: "A property is gone" },
  "method-arguments": { class: "wire", title: "A method takes other types" },
  "method-results": { class: "wire", title: "A method gives other types" },
  "signal-arguments": { class: "wire", title: "A signal carries other types" },
  "argument-order": { class: "wire", title: "Arguments of one signature stand in another order" },
  "argument-direction": { class: "wire", title: "An argument goes the other way" },
  "property-type": { class: "wire", title: "A property has another type" },
  "access-narrowed": { class: "wire", title: "A property can no longer be read or written" },
  "emits-weakened": { class: "wire", title: "A property promises less about its changes" },
  "no-reply-added": { class: "wire", title: "A method no longer replies" },
  "privileged-added": { class: "wire", title: "A member is denied unless the service allows it" },
  "type-signature": { class: "wire", title: "A named type has another signature" },
  "struct-order": { class: "wire", title: "Members of one signature stand in another order" },
  "enum-value-changed": { class: "wire", title: "A name of an enum stands for another value" },
  "dictionary-key-type": { class: "wire", title: "A key of a dictionary has another type" },
  "method-added": { class: "source", title: "A method is new: services must implement it", targets: ["service"] },
  "property-added": {
    class: "source",
    title: "A property is new: services must give it a value",
    targets: ["service"],
  },
  "access-widened": { class: "source", title: "A property can be read or written by everybody", targets: ["service"] },
  "type-meaning": { class: "source", title: "A value has another type in TypeScript" },
  "type-kind": { class: "source", title: "A named type is of another kind" },
  "type-removed": { class: "source", title: "A named type is gone" },
  "type-renamed": { class: "source", title: "A named type has another name" },
  "type-moved": { class: "source", title: "A named type lives in another module" },
  "enum-value-removed": { class: "source", title: "A value of an enum is gone" },
  "enum-value-renamed": { class: "source", title: "A value of an enum has another name" },
  "struct-member-renamed": { class: "source", title: "A member of a struct has another name" },
  "dictionary-key-removed": { class: "source", title: "A key of a dictionary is gone" },
  "error-removed": { class: "source", title: "An error is gone" },
  "raised-error-removed": {
    class: "source",
    title: "An interface no longer names an error as its own",
    targets: ["client"],
  },
  "identifier-changed": { class: "source", title: "Something has another name in TypeScript alone" },
  "interface-added": { class: "compatible", bump: "minor", title: "An interface is new" },
  "signal-added": { class: "compatible", bump: "minor", title: "A signal is new" },
  "type-added": { class: "compatible", bump: "minor", title: "A named type is new" },
  "enum-value-added": { class: "compatible", bump: "minor", title: "An enum has a new value" },
  "dictionary-key-added": { class: "compatible", bump: "minor", title: "A dictionary has a new key" },
  "error-added": { class: "compatible", bump: "minor", title: "An error is new" },
  "method-error-added": { class: "compatible", bump: "minor", title: "A method may raise one error more" },
  "emits-strengthened": { class: "compatible", bump: "minor", title: "A property promises more about its changes" },
  "no-reply-removed": { class: "compatible", bump: "minor", title: "A method replies now" },
  "privileged-removed": { class: "compatible", bump: "minor", title: "A member is no longer denied by default" },
  "type-alias": { class: "compatible", bump: "minor", title: "A value has another named type that fits both ways" },
  deprecated: { class: "compatible", bump: "minor", title: "Something is deprecated" },
  undeprecated: { class: "compatible", bump: "patch", title: "Something is no longer deprecated" },
  "argument-renamed": { class: "compatible", bump: "patch", title: "An argument has another name" },
  "method-error-removed": { class: "compatible", bump: "patch", title: "A method no longer names an error" },
  "dictionary-key-access": { class: "compatible", bump: "patch", title: "Others give the value of a dictionary's key" },
  "annotation-changed": { class: "compatible", bump: "patch", title: "An annotation is another" },
} as const satisfies Record<string, ChangeKind>;

/** The code of a kind of change. */
export type ChangeCode = keyof typeof CHANGES;

/** One difference between two versions of a spec. */
export interface Change {
  readonly code: ChangeCode;
  readonly class: ChangeClass;
  /** Whose source code it breaks; none for a compatible change. */
  readonly targets: readonly Target[];
  readonly bump: Exclude<Bump, "none">;
  readonly message: string;
  readonly hint?: string;
  /** Where it stood; undefined for what is new. */
  readonly before?: Span;
  /** Where it stands; undefined for what is gone. */
  readonly after?: Span;
  /** What is left around something that is gone. */
  readonly near?: Span;
}

/** Where a change is seen. */
export type Places = Pick<Change, "before" | "after" | "near">;

/** The places of something that both versions have. */
export function placesOf(before: { readonly span: Span }, after: { readonly span: Span }): Places {
  return { before: before.span, after: after.span };
}

/** What a change may say beside its message, and what makes it another class than its kind. */
interface ChangeAdvice {
  readonly hint?: string;
  readonly targets?: readonly Target[];
  readonly class?: ChangeClass;
}

/** Collects the changes while two versions are compared. */
export class Changes {
  readonly #targets: ReadonlySet<Target>;
  readonly #list: Change[] = [];

  /** @param targets - Whose source code matters. */
  constructor(targets: readonly Target[] = TARGETS) {
    this.#targets = new Set(targets);
  }

  report(code: ChangeCode, places: Places, message: string, advice: ChangeAdvice = {}): void {
    const kind: ChangeKind = CHANGES[code];
    const wanted = advice.class ?? kind.class;
    const all = wanted === "compatible" ? [] : (advice.targets ?? kind.targets ?? TARGETS);
    const targets = all.filter((target) => this.#targets.has(target));
    // What breaks only code that does not matter here is a new possibility to all others.
    const own = wanted === "source" && targets.length === 0 ? "compatible" : wanted;
    const bump = own === "compatible" ? (kind.bump ?? "minor") : "major";
    const { hint } = advice;
    this.#list.push({ code, class: own, targets, bump, message, ...places, ...(hint !== undefined && { hint }) });
  }

  /** All changes, in the order in which they were seen. */
  get list(): readonly Change[] {
    return this.#list;
  }
}

/** The version bump that semver asks for. */
export function bumpOf(changes: readonly Change[]): Bump {
  const bumps = new Set(changes.map(({ bump }) => bump));
  return (["major", "minor", "patch"] as const).find((bump) => bumps.has(bump)) ?? "none";
}
