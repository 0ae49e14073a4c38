/** Calls AddMatch or RemoveMatch of the bus. */
export type MatchCall = (member: "AddMatch" | "RemoveMatch", rule: string) => Promise<unknown>;

interface ActiveRule {
  uses: number;
  /** Resolves when the bus has the rule, at this connection or again at the next. */
  added: Promise<unknown>;
}

/** Match rules, each on the bus once however often it is used here, and removed after its last use. */
export class MatchRules {
  readonly #rules = new Map<string, ActiveRule>();
  readonly #call: MatchCall;

  constructor(call: MatchCall) {
    this.#call = call;
  }

  /** How many different rules are on the bus. */
  get size(): number {
    return this.#rules.size;
  }

  /** Uses a rule; resolves when it is active. Where the bus refuses, it is not used, and the promise rejects. */
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

  /** Gives up one use of a rule. */
  async remove(rule: string): Promise<void> {
    const active = this.#rules.get(rule);
    if (active === undefined || --active.uses > 0) return;
    this.#rules.delete(rule);
    await this.#call("RemoveMatch", rule);
  }

  /** Adds every rule to a bus that has none of them yet. Rejects where it refuses one; the uses stay. */
  restore(): Promise<unknown> {
    const all = [...this.#rules].map(([rule, active]) => {
      active.added = this.#call("AddMatch", rule);
      return active.added;
    });
    return Promise.all(all);
  }
}

/** The text of a match rule: its keys and values. */
export function matchRule(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key}='${value}'`)
    .join(",");
}
