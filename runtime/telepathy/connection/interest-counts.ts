import { UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { DEFAULT_INTEREST_LIMITS, type InterestLimits } from "../quotas.ts";

/** Receiver of tokens in which clients begin or cease to be interested. Its methods must not throw. */
export interface InterestListener {
  /** Called when a first client is interested in a token. */
  interestStarted(token: string): void;
  /** Called when the last client is no longer interested in a token. */
  interestEnded(token: string): void;
}

/** A client with at least one interest. */
interface InterestedClient {
  readonly uid: number | undefined;
  /** Number of interests of the client, by index of the token in `#tokens`. */
  readonly counts: Map<number, number>;
}

/**
 * Counts the interests of clients in tokens (Telepathy specification, Connection.AddClientInterest). Tokens that
 * were not passed to the constructor are ignored. The listener is not called before `activate`.
 */
export class InterestCounts {
  readonly #tokens: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #listener: InterestListener;
  readonly #limits: Required<InterestLimits>;
  readonly #usage: UsageCounts;
  readonly #clients = new Map<string, InterestedClient>();
  /** Number of interested clients, by index of the token in `#tokens`. */
  readonly #clientCounts: number[];
  #state: "inactive" | "active" | "closed" = "inactive";

  /** @param tokens - Tokens that the protocol supports. */
  constructor(tokens: Iterable<string>, listener: InterestListener, limits: InterestLimits = {}) {
    this.#tokens = [...new Set(tokens)];
    this.#indices = new Map(this.#tokens.map((token, index) => [token, index]));
    this.#clientCounts = this.#tokens.map(() => 0);
    this.#listener = listener;
    this.#limits = { ...DEFAULT_INTEREST_LIMITS, ...limits };
    const { maxClients, maxClientsPerUser } = this.#limits;
    const quotas = { perClient: 1, perUser: maxClientsPerUser, total: maxClients };
    this.#usage = new UsageCounts("interested clients", quotas);
  }

  /** Number of clients with at least one interest. */
  get clientCount(): number {
    return this.#clients.size;
  }

  /** Returns the number of interests that a client has in a token. */
  interestCount(client: string, token: string): number {
    return this.#clients.get(client)?.counts.get(this.#indices.get(token) ?? -1) ?? 0;
  }

  /** Returns the number of clients that are interested in a token. */
  interestedClientCount(token: string): number {
    return this.#clientCounts[this.#indices.get(token) ?? -1] ?? 0;
  }

  /**
   * Returns whether `add` needs the user id of a client: the client is new, and its user may have reached the
   * quota.
   */
  needsUser(client: string): boolean {
    return !this.#clients.has(client) && this.#clients.size >= this.#limits.maxClientsPerUser / 2;
  }

  /**
   * Adds one interest of a client for each occurrence of a token. Tokens that were not passed to the constructor
   * are ignored.
   *
   * @param client - Unique bus name of the client.
   * @param uid - Unix user id of the client; undefined if `needsUser` returned false.
   * @throws LimitsExceededError if there are too many clients. Then nothing changes.
   */
  add(client: string, tokens: readonly string[], uid?: number): void {
    if (this.#state === "closed") return;
    const indices = this.#indicesOf(tokens);
    if (indices.length === 0) return;
    const { counts } = this.#clients.get(client) ?? this.#addClient(client, uid);
    const started = indices.filter((index) => this.#increment(counts, index));
    this.#report(started, "interestStarted");
  }

  /**
   * Removes one interest of a client for each occurrence of a token. Tokens in which the client is not interested are
   * ignored.
   *
   * @param client - Unique bus name of the client.
   */
  remove(client: string, tokens: readonly string[]): void {
    const counts = this.#clients.get(client)?.counts;
    if (counts === undefined) return;
    const ended = this.#indicesOf(tokens).filter((index) => this.#decrement(counts, index));
    if (counts.size === 0) this.#forgetClient(client);
    this.#report(ended, "interestEnded");
  }

  /** Removes all interests of a client, for example because it left the bus. */
  removeClient(client: string): void {
    const counts = this.#clients.get(client)?.counts;
    if (counts === undefined) return;
    this.#forgetClient(client);
    const ended = [...counts.keys()].filter((index) => this.#removeInterestedClient(index));
    this.#report(ended, "interestEnded");
  }

  /** Removes all interests of all clients. */
  removeAllClients(): void {
    for (const client of [...this.#clients.keys()]) this.removeClient(client);
  }

  /** Starts to call the listener. Reports the tokens in which clients are interested already. */
  activate(): void {
    if (this.#state !== "inactive") return;
    this.#state = "active";
    this.#report(this.#tokensWithClients(), "interestStarted");
  }

  /** Removes all interests permanently. Reports the end of each token in which a client was interested. */
  close(): void {
    const ended = this.#tokensWithClients();
    for (const client of [...this.#clients.keys()]) this.#forgetClient(client);
    this.#clientCounts.fill(0);
    this.#report(ended, "interestEnded");
    this.#state = "closed";
  }

  #addClient(client: string, uid: number | undefined): InterestedClient {
    this.#usage.begin({ client, uid });
    const added = { uid, counts: new Map<number, number>() };
    this.#clients.set(client, added);
    return added;
  }

  #forgetClient(client: string): void {
    const forgotten = this.#clients.get(client);
    if (this.#clients.delete(client)) this.#usage.end({ client, uid: forgotten?.uid });
  }

  #indicesOf(tokens: readonly string[]): number[] {
    return tokens.flatMap((token) => this.#indices.get(token) ?? []);
  }

  #tokensWithClients(): number[] {
    return this.#clientCounts.flatMap((count, index) => (count > 0 ? [index] : []));
  }

  /** Adds one interest in a token to the interests of a client. Returns whether no client was interested before. */
  #increment(counts: Map<number, number>, index: number): boolean {
    const before = counts.get(index) ?? 0;
    counts.set(index, before + 1);
    if (before > 0) return false;
    const clientCount = this.#clientCounts[index] ?? 0;
    this.#clientCounts[index] = clientCount + 1;
    return clientCount === 0;
  }

  /** Removes one interest in a token from the interests of a client. Returns whether no client is interested now. */
  #decrement(counts: Map<number, number>, index: number): boolean {
    const before = counts.get(index) ?? 0;
    if (before > 1) counts.set(index, before - 1);
    else counts.delete(index);
    return before === 1 && this.#removeInterestedClient(index);
  }

  /** Decrements the number of clients interested in a token. Returns whether no client is interested now. */
  #removeInterestedClient(index: number): boolean {
    const clientCount = (this.#clientCounts[index] ?? 0) - 1;
    this.#clientCounts[index] = clientCount;
    return clientCount === 0;
  }

  #report(indices: readonly number[], change: keyof InterestListener): void {
    if (this.#state !== "active") return;
    for (const index of indices) {
      const token = this.#tokens[index];
      if (token !== undefined) this.#listener[change](token);
    }
  }
}
