import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import { NumberSuffixes } from "./number-suffix.ts";

/** A declaration that needs an identifier. */
export interface Claim<T> {
  readonly of: T;
  /** Name in the specs; empty for an argument without a name. */
  readonly name: string;
  /** Identifier that the declaration gets if it does not collide. */
  readonly preferred: string;
  /** Description of the declaration for messages, such as `method "then"`. */
  readonly description: string;
  readonly span: Span;
  /** Position of a rename in the config. A renamed declaration gets exactly the configured identifier. */
  readonly chosen?: Span | undefined;
}

/** The identifiers of one scope. A declaration whose preferred identifier is taken or reserved gets a suffix and a diagnostic. */
export class Scope {
  /** Descriptions of the declarations that have an identifier, by identifier. */
  readonly #taken = new Map<string, string>();
  readonly #suffixes = new NumberSuffixes();
  readonly #reserved: ReadonlySet<string>;
  readonly #reason: string;
  readonly #diagnostics: Diagnostics;
  readonly #isVisible: boolean;

  /**
   * @param reserved - Identifiers that no declaration may get.
   * @param reason - Why they are reserved, as the predicate of a sentence: "is a word of TypeScript".
   * @param isVisible - Whether users of the output see the identifiers in its types. If not, suffixes are not reported.
   */
  constructor(reserved: ReadonlySet<string>, reason: string, diagnostics: Diagnostics, isVisible = true) {
    this.#reserved = reserved;
    this.#reason = reason;
    this.#diagnostics = diagnostics;
    this.#isVisible = isVisible;
  }

  /**
   * Assigns identifiers to all declarations of a kind. The result does not depend on their order: renamed declarations
   * come first, then those whose spec name equals the preferred identifier, then the others by spec name. Only overloads,
   * which have equal spec names, are assigned in the order of the spec.
   */
  claim<T>(claims: readonly Claim<T>[]): ReadonlyMap<T, string> {
    const chosen = claims.filter((claim) => claim.chosen !== undefined);
    const derived = claims.filter((claim) => claim.chosen === undefined).toSorted(byPrecedence);
    return new Map([
      ...chosen.map((claim) => [claim.of, this.#assignChosen(claim, derived)] as const),
      ...derived.map((claim) => [claim.of, this.#assignDerived(claim)] as const),
    ]);
  }

  /** Assigns an identifier to a single declaration. */
  claimOne<T>(claim: Claim<T>): string {
    return claim.chosen === undefined ? this.#assignDerived(claim) : this.#assignChosen(claim, []);
  }

  /**
   * Assigns a chosen identifier. It is never changed, and no other declaration is renamed because of it: a collision is
   * an error.
   */
  #assignChosen<T>(claim: Claim<T>, derived: readonly Claim<T>[]): string {
    const { preferred, description, span, chosen = span } = claim;
    const rival = derived.find((other) => other.preferred === preferred);
    const holder = this.#taken.get(preferred) ?? rival?.description;
    if (holder === undefined && !this.#reserved.has(preferred)) {
      this.#taken.set(preferred, description);
      return preferred;
    }
    const cause = this.#causeOf(preferred, holder);
    const related = rival
      ? { message: `${rival.description} is here`, span: rival.span }
      : { message: `${description} is here`, span };
    this.#diagnostics.report("option-collision", chosen, `${description} cannot be called "${preferred}": ${cause}`, {
      related,
    });
    return preferred;
  }

  #assignDerived({ preferred, description, span }: Claim<unknown>): string {
    const name = this.#unused(preferred);
    if (name !== preferred && this.#isVisible) {
      const cause = this.#causeOf(preferred, this.#taken.get(preferred));
      this.#diagnostics.report("renamed", span, `${description} is called "${name}": ${cause}`);
    }
    this.#taken.set(name, description);
    return name;
  }

  #causeOf(identifier: string, holder: string | undefined): string {
    return holder === undefined ? `"${identifier}" ${this.#reason}` : `${holder} has that name`;
  }

  #unused(preferred: string): string {
    const isUnused = (name: string): boolean => !this.#taken.has(name) && !this.#reserved.has(name);
    if (isUnused(preferred)) return preferred;
    if (isUnused(`${preferred}$`)) return `${preferred}$`;
    return this.#suffixes.firstFree(preferred, isUnused, (number) => `${preferred}$${number}`);
  }
}

function byPrecedence(a: Claim<unknown>, b: Claim<unknown>): number {
  return Number(a.name !== a.preferred) - Number(b.name !== b.preferred) || compareText(a.name, b.name);
}
