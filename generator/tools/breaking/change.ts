import type { Span } from "../../compiler/diagnostics/source.ts";
import { type Bump, type ChangeClass, type ChangeKind, TARGETS, type Target } from "./change-kind.ts";
import { CHANGE_KINDS, type ChangeCode } from "./change-kinds.ts";

/** A difference between two versions of specs. */
export interface Change {
  readonly code: ChangeCode;
  readonly class: ChangeClass;
  /** The targets whose source code breaks; empty for a compatible change. */
  readonly targets: readonly Target[];
  readonly bump: Exclude<Bump, "none">;
  readonly message: string;
  readonly hint?: string;
  /** The position in the old version; undefined for an added declaration. */
  readonly before?: Span;
  /** The position in the new version; undefined for a removed declaration. */
  readonly after?: Span;
  /** For a removed declaration, the declaration in the new version that contained it. */
  readonly near?: Span;
}

/** The positions of a change in both versions. */
export type ChangeSpans = Pick<Change, "before" | "after" | "near">;

/** Returns the positions of a declaration that both versions contain. */
export function spansOf(before: { readonly span: Span }, after: { readonly span: Span }): ChangeSpans {
  return { before: before.span, after: after.span };
}

/** Optional details of a change. */
interface ChangeDetails {
  readonly hint?: string;
  readonly targets?: readonly Target[];
  readonly class?: ChangeClass;
}

/** A collector of the changes between two versions. */
export class Changes {
  readonly #targets: ReadonlySet<Target>;
  readonly #list: Change[] = [];

  /** @param targets - The targets whose source code is taken into account. */
  constructor(targets: readonly Target[] = TARGETS) {
    this.#targets = new Set(targets);
  }

  /** Reports a change. The class and the targets of `details` replace those of its kind. */
  report(code: ChangeCode, spans: ChangeSpans, message: string, details: ChangeDetails = {}): void {
    const kind = KINDS.get(code);
    if (kind === undefined) throw new TypeError(`there is no change ${code}`);
    const kindClass = details.class ?? kind.class;
    const allTargets = kindClass === "compatible" ? [] : (details.targets ?? kind.targets);
    const targets = allTargets.filter((target) => this.#targets.has(target));
    // A change that only breaks targets outside of this comparison is compatible.
    const changeClass = kindClass === "source" && targets.length === 0 ? "compatible" : kindClass;
    const bump = changeClass === "compatible" ? kind.bump : "major";
    const { hint } = details;
    this.#list.push({
      code,
      class: changeClass,
      targets,
      bump,
      message,
      ...spans,
      ...(hint !== undefined && { hint }),
    });
  }

  /** All reported changes, the first reported first. */
  get list(): readonly Change[] {
    return this.#list;
  }
}

const KINDS: ReadonlyMap<ChangeCode, ChangeKind> = new Map(CHANGE_KINDS.map((kind) => [kind.code, kind]));

/** Returns the version bump that semver requires for changes. */
export function bumpOf(changes: readonly Change[]): Bump {
  const bumps = new Set(changes.map(({ bump }) => bump));
  return (["major", "minor", "patch"] as const).find((bump) => bumps.has(bump)) ?? "none";
}
