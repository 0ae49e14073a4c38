import { LimitsExceededError } from "./standard-errors.ts";

/** How many units of one resource may be in use at the same time. */
export interface UsageQuotas {
  readonly perClient: number;
  readonly perUser: number;
  readonly total: number;
}

/** The client that uses a resource, with its user. */
export interface Consumer {
  /** Unique name of the client. */
  readonly client: string;
  /** Numeric user id of the client; undefined if it is not known. All clients with unknown users count as one user. */
  readonly uid: number | undefined;
}

/**
 * Counts how many units of a resource clients and users have in use. Clients and users that use nothing are not kept in
 * memory.
 */
export class UsageCounts {
  readonly #resource: string;
  readonly #quotas: UsageQuotas;
  readonly #clients = new Map<string, number>();
  readonly #users = new Map<number | undefined, number>();
  #total = 0;
  /**
   * Cache of thrown errors by text, because recording the stack of a new error takes longer than refusing a request.
   */
  readonly #errors = new Map<string, LimitsExceededError>();

  /** @param resource - Plural noun for the resource in error messages, such as `sessions`. */
  constructor(resource: string, quotas: UsageQuotas) {
    this.#resource = resource;
    this.#quotas = quotas;
  }

  /**
   * Counts units of the resource that a client begins to use.
   *
   * @throws LimitsExceededError if a quota would be exceeded. Then nothing is counted.
   */
  begin(consumer: Consumer, count = 1): void {
    this.check(consumer, count);
    this.add(consumer, count);
  }

  /** Throws LimitsExceededError if `begin` would exceed a quota. */
  check(consumer: Consumer, count: number): void {
    const { perClient, perUser, total } = this.#quotas;
    const { ofClient, ofUser, all } = this.#after(consumer, count);
    if (ofClient > perClient) throw this.#exceeded(`a client may have ${perClient}`);
    if (ofUser > perUser) throw this.#exceeded(`a user may have ${perUser}`);
    if (all > total) throw this.#exceeded(`there may be ${total}`);
  }

  #exceeded(limit: string): LimitsExceededError {
    let error = this.#errors.get(limit);
    if (error === undefined) {
      error = new LimitsExceededError(`${limit} ${this.#resource}`);
      this.#errors.set(limit, error);
    }
    return error;
  }

  /** Returns whether `begin` would succeed. */
  hasRoom(consumer: Consumer, count: number): boolean {
    const { perClient, perUser, total } = this.#quotas;
    const { ofClient, ofUser, all } = this.#after(consumer, count);
    return ofClient <= perClient && ofUser <= perUser && all <= total;
  }

  /** Counts units without checking quotas, for instance units that were in use before this object was created. */
  add(consumer: Consumer, count = 1): void {
    const { ofClient, ofUser, all } = this.#after(consumer, count);
    this.#clients.set(consumer.client, ofClient);
    this.#users.set(consumer.uid, ofUser);
    this.#total = all;
  }

  /** Counts units that a client already uses for its user, which was unknown before. Does not check quotas. */
  identify({ client, uid }: Consumer, count: number): void {
    this.end({ client, uid: undefined }, count);
    this.add({ client, uid }, count);
  }

  /** Ends counting units that `begin` counted for the same client. */
  end({ client, uid }: Consumer, count = 1): void {
    subtract(this.#clients, client, count);
    subtract(this.#users, uid, count);
    this.#total -= count;
  }

  /** Returns the counts as they would be if a client used additional units. */
  #after({ client, uid }: Consumer, count: number): { ofClient: number; ofUser: number; all: number } {
    return {
      ofClient: (this.#clients.get(client) ?? 0) + count,
      ofUser: (this.#users.get(uid) ?? 0) + count,
      all: this.#total + count,
    };
  }
}

function subtract<K>(counts: Map<K, number>, key: K, count: number): void {
  const left = (counts.get(key) ?? 0) - count;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
