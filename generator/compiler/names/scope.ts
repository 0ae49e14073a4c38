import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";

/** Something that wants an identifier. */
export interface Claim<T> {
  readonly of: T;
  /** Its name in the specs; empty for one that has none. */
  readonly name: string;
  /** The identifier it would have if nothing collided. */
  readonly wanted: string;
  /** How a message calls it, such as `method "then"`. */
  readonly what: string;
  readonly span: Span;
  /** Where somebody chose the identifier: it gets that one or none. */
  readonly chosen?: Span | undefined;
}

function inOrder(a: Claim<unknown>, b: Claim<unknown>): number {
  return Number(a.name !== a.wanted) - Number(b.name !== b.wanted) || compareText(a.name, b.name);
}

/** Hands out identifiers that are unique in one scope; whatever cannot have the plain one gets a suffix and is reported. */
export class Scope {
  readonly #taken = new Map<string, string>();
  readonly #reserved: ReadonlySet<string>;
  readonly #reason: string;
  readonly #diagnostics: Diagnostics;

  /**
   * @param reserved - Identifiers that nothing may get.
   * @param reason - Why they are reserved, as in "is reserved in TypeScript".
   */
  constructor(reserved: ReadonlySet<string>, reason: string, diagnostics: Diagnostics) {
    this.#reserved = reserved;
    this.#reason = reason;
    this.#diagnostics = diagnostics;
  }

  /**
   * Decides for all claims at once, whatever their order: of those that want the same identifier, the name that is
   * spelled so comes first, then the others by name. What has one name, as overloads have, goes as it is written.
   */
  claim<T>(claims: readonly Claim<T>[]): ReadonlyMap<T, string> {
    const names = new Map<T, string>();
    const own = claims.filter(({ chosen }) => chosen === undefined).toSorted(inOrder);
    const chosen = claims.filter((claim) => claim.chosen !== undefined);
    for (const claim of chosen) {
      if (this.#checkChosen(claim, own)) this.#taken.set(claim.wanted, claim.what);
      names.set(claim.of, claim.wanted);
    }
    for (const { of, wanted, what, span } of own) {
      const name = this.#free(wanted);
      if (name !== wanted) {
        const holder = this.#taken.get(wanted);
        const cause = holder === undefined ? `"${wanted}" ${this.#reason}` : `${holder} has that name`;
        this.#diagnostics.report("renamed", span, `${what} is called "${name}": ${cause}`);
      }
      this.#taken.set(name, what);
      names.set(of, name);
    }
    return names;
  }

  /** Whether a chosen name is free. It is never changed, and nothing gives way to it unasked: what is in its way is an error. */
  #checkChosen<T>({ wanted, what, span, chosen = span }: Claim<T>, others: readonly Claim<T>[]): boolean {
    const other = others.find((claim) => claim.wanted === wanted);
    const holder = this.#taken.get(wanted) ?? other?.what;
    if (holder === undefined && !this.#reserved.has(wanted)) return true;
    const cause = holder === undefined ? `"${wanted}" ${this.#reason}` : `${holder} has that name`;
    const related = other
      ? { message: `${other.what} is here`, span: other.span }
      : { message: `${what} is here`, span };
    this.#diagnostics.report("option-collision", chosen, `${what} cannot be called "${wanted}": ${cause}`, { related });
    return false;
  }

  #free(wanted: string): string {
    const isFree = (name: string): boolean => !this.#taken.has(name) && !this.#reserved.has(name);
    if (isFree(wanted)) return wanted;
    if (isFree(`${wanted}$`)) return `${wanted}$`;
    let count = 2;
    while (!isFree(`${wanted}$${count}`)) count++;
    return `${wanted}$${count}`;
  }
}
