/** Calls AddMatch or RemoveMatch of the bus. */
export type MatchCall = (member: "AddMatch" | "RemoveMatch", rule: string) => Promise<unknown>;

interface ActiveRule {
  uses: number;
  /** Resolves when the bus has added the rule for the current connection. */
  added: Promise<unknown>;
}

/** Match rules with use counts. Each rule is added to the bus once and removed after its last use. */
export class MatchRules {
  readonly #rules = new Map<string, ActiveRule>();
  readonly #call: MatchCall;

  constructor(call: MatchCall) {
    this.#call = call;
  }

  /** Number of different rules on the bus. */
  get size(): number {
    return this.#rules.size;
  }

  /**
   * Adds a use of a rule. Resolves when the rule is active; rejects, without adding the use, if the bus refuses the
   * rule.
   */
  async add(rule: string): Promise<void> {
    const active = this.#rules.get(rule) ?? { uses: 0, added: this.#call("AddMatch", rule) };
    this.#rules.set(rule, active);
    active.uses++;
    try {
      await active.added;
    } catch (error) {
      if (--active.uses <= 0 && this.#rules.get(rule) === active) this.#rules.delete(rule);
      throw error;
    }
  }

  /** Removes one use of a rule. */
  async remove(rule: string): Promise<void> {
    const active = this.#rules.get(rule);
    if (active === undefined || --active.uses > 0) return;
    this.#rules.delete(rule);
    await this.#call("RemoveMatch", rule);
  }

  /** Adds every rule to a new connection. Rejects if the bus refuses a rule. The use counts do not change. */
  restore(): Promise<unknown> {
    const additions = [...this.#rules].map(([rule, active]) => {
      active.added = this.#call("AddMatch", rule);
      return active.added;
    });
    return Promise.all(additions);
  }
}

/** Returns the text of a match rule from its keys and values. */
export function matchRule(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key}='${value}'`)
    .join(",");
}
