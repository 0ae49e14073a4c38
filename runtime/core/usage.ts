import { LimitsExceededError } from "./standard-errors.ts";

/** How much of one resource may be in use at the same time. */
export interface UsageQuotas {
  readonly perClient: number;
  readonly perUser: number;
  readonly total: number;
}

/** A connection to the bus that uses a resource. */
export interface Consumer {
  /** Unique bus name. */
  readonly client: string;
  /** Numeric user id; undefined if it is not known. All such clients together count as one user. */
  readonly uid: number | undefined;
}

/** Counts how much of a resource clients and users have in use. Those that use nothing take no memory. */
export class UsageCounts {
  readonly #resource: string;
  readonly #quotas: UsageQuotas;
  readonly #clients = new Map<string, number>();
  readonly #users = new Map<number | undefined, number>();
  #total = 0;

  /** @param resource - Plural noun for error messages, such as `sessions`. */
  constructor(resource: string, quotas: UsageQuotas) {
    this.#resource = resource;
    this.#quotas = quotas;
  }

  /**
   * Counts units that a client begins to use.
   *
   * @throws LimitsExceededError if that would exceed a quota; then nothing is counted.
   */
  begin({ client, uid }: Consumer, count = 1): void {
    const { perClient, perUser, total } = this.#quotas;
    const ofClient = (this.#clients.get(client) ?? 0) + count;
    const ofUser = (this.#users.get(uid) ?? 0) + count;
    if (ofClient > perClient) throw new LimitsExceededError(`a client may have ${perClient} ${this.#resource}`);
    if (ofUser > perUser) throw new LimitsExceededError(`a user may have ${perUser} ${this.#resource}`);
    if (this.#total + count > total) throw new LimitsExceededError(`there may be ${total} ${this.#resource}`);
    this.#clients.set(client, ofClient);
    this.#users.set(uid, ofUser);
    this.#total += count;
  }

  /** Counts units of a client for its user, which was not known when they were counted. Does not check quotas. */
  identify({ client, uid }: Consumer, count: number): void {
    this.end({ client, uid: undefined }, count);
    this.#clients.set(client, (this.#clients.get(client) ?? 0) + count);
    this.#users.set(uid, (this.#users.get(uid) ?? 0) + count);
    this.#total += count;
  }

  /** Ends counting units that `begin` counted for the same client. */
  end({ client, uid }: Consumer, count = 1): void {
    subtract(this.#clients, client, count);
    subtract(this.#users, uid, count);
    this.#total -= count;
  }
}

function subtract<K>(counts: Map<K, number>, key: K, count: number): void {
  const left = (counts.get(key) ?? 0) - count;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
