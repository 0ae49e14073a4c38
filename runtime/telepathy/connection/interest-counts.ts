import { LimitsExceededError } from "@dbus-codegen-ts/runtime";

/** Is told when the first client becomes interested in a token, and when the last one is not any more. Must not throw. */
export interface InterestListener {
  interested(token: string): void;
  uninterested(token: string): void;
}

/** How much a client may say about its interests in one call. */
export interface InterestLimits {
  /** Tokens in one call: 4096 by default. */
  readonly tokensPerCall?: number;
  /** Length of a token in UTF-16 units: 512 by default, twice that of the longest interface name. */
  readonly tokenLength?: number;
}

const DEFAULT_LIMITS: Required<InterestLimits> = { tokensPerCall: 4096, tokenLength: 512 };

/**
 * How often each client has said that it is interested in each token, and which tokens anybody is interested in. Only
 * tokens declared at the beginning are counted. Before `activate` interests are only remembered.
 */
export class InterestCounts {
  readonly #tokens: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #listener: InterestListener;
  readonly #limits: Required<InterestLimits>;
  /** For each client, how often it is interested in tokens, by their index. */
  readonly #clients = new Map<string, Map<number, number>>();
  /** How many clients are interested in each token. */
  readonly #totals: number[];
  #state: "remembering" | "active" | "closed" = "remembering";

  /** @param tokens - All that are ever counted. */
  constructor(tokens: Iterable<string>, listener: InterestListener, limits: InterestLimits = {}) {
    this.#tokens = [...new Set(tokens)];
    this.#indices = new Map(this.#tokens.map((token, index) => [token, index]));
    this.#totals = this.#tokens.map(() => 0);
    this.#listener = listener;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  /** How many clients are interested in anything. */
  get clients(): number {
    return this.#clients.size;
  }

  /** How often a client is interested in a token. */
  count(client: string, token: string): number {
    return this.#clients.get(client)?.get(this.#indices.get(token) ?? -1) ?? 0;
  }

  /** How many clients are interested in a token. */
  total(token: string): number {
    return this.#totals[this.#indices.get(token) ?? -1] ?? 0;
  }

  /**
   * Counts interests of a client, one for each time that a token is named; tokens that are not declared are ignored.
   *
   * @throws LimitsExceededError when there are too many or too long tokens, and then nothing is counted.
   */
  add(client: string, tokens: readonly string[]): void {
    this.#check(tokens);
    if (this.#state === "closed") return;
    const indices = this.#known(tokens);
    if (indices.length === 0) return;
    const counts = this.#clients.get(client) ?? new Map<number, number>();
    this.#clients.set(client, counts);
    const first: number[] = [];
    for (const index of indices) if (this.#increment(counts, index)) first.push(index);
    this.#tell(first, "interested");
  }

  /**
   * Takes interests of a client back, one for each time that a token is named. What the client is not interested in is
   * ignored.
   *
   * @throws LimitsExceededError when there are too many or too long tokens, and then nothing is taken back.
   */
  remove(client: string, tokens: readonly string[]): void {
    this.#check(tokens);
    const counts = this.#clients.get(client);
    if (counts === undefined) return;
    const last: number[] = [];
    for (const index of this.#known(tokens)) if (this.#decrement(counts, index)) last.push(index);
    if (counts.size === 0) this.#clients.delete(client);
    this.#tell(last, "uninterested");
  }

  /** Takes all interests of a client back, as when it has left the bus. */
  drop(client: string): void {
    const counts = this.#clients.get(client);
    if (counts === undefined) return;
    this.#clients.delete(client);
    const last: number[] = [];
    for (const index of counts.keys()) if (this.#leave(index)) last.push(index);
    this.#tell(last, "uninterested");
  }

  /** Takes all interests of all clients back. */
  dropAll(): void {
    for (const client of [...this.#clients.keys()]) this.drop(client);
  }

  /** From now on the listener is told: at once of the tokens that somebody is interested in already. */
  activate(): void {
    if (this.#state !== "remembering") return;
    this.#state = "active";
    this.#tell(this.#live(), "interested");
  }

  /** Forgets everything for good; the listener is told, once each, of the tokens that somebody is interested in. */
  close(): void {
    const live = this.#live();
    this.#clients.clear();
    this.#totals.fill(0);
    this.#tell(live, "uninterested");
    this.#state = "closed";
  }

  #check(tokens: readonly string[]): void {
    const { tokensPerCall, tokenLength } = this.#limits;
    if (tokens.length > tokensPerCall) throw new LimitsExceededError(`at most ${tokensPerCall} tokens in one call`);
    if (tokens.every(({ length }) => length <= tokenLength)) return;
    throw new LimitsExceededError(`a token has at most ${tokenLength} characters`);
  }

  #known(tokens: readonly string[]): number[] {
    return tokens.flatMap((token) => this.#indices.get(token) ?? []);
  }

  #live(): number[] {
    return this.#totals.flatMap((total, index) => (total > 0 ? [index] : []));
  }

  /** Whether nobody was interested before. */
  #increment(counts: Map<number, number>, index: number): boolean {
    const before = counts.get(index) ?? 0;
    counts.set(index, before + 1);
    if (before > 0) return false;
    const total = this.#totals[index] ?? 0;
    this.#totals[index] = total + 1;
    return total === 0;
  }

  /** Whether nobody is interested any more. */
  #decrement(counts: Map<number, number>, index: number): boolean {
    const before = counts.get(index) ?? 0;
    if (before > 1) counts.set(index, before - 1);
    else counts.delete(index);
    return before === 1 && this.#leave(index);
  }

  #leave(index: number): boolean {
    const total = (this.#totals[index] ?? 0) - 1;
    this.#totals[index] = total;
    return total === 0;
  }

  #tell(indices: readonly number[], what: keyof InterestListener): void {
    if (this.#state !== "active") return;
    for (const index of indices) {
      const token = this.#tokens[index];
      if (token !== undefined) this.#listener[what](token);
    }
  }
}
