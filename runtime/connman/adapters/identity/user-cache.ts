import type { Group, User, UserDatabase } from "./user-database.ts";

const DEFAULT_LIFETIME_MS = 10_000;

/** Maximum number of users whose results are kept. */
const MAX_USERS = 256;

interface CacheEntry<T> {
  readonly result: Promise<T>;
  /** Time of expiry, as `performance.now()` returns it. */
  readonly expiresMs: number;
}

/**
 * Caches the results of a user database for a short time. Simultaneous queries for one user are combined. Failures are not
 * cached.
 */
export class UserCache implements UserDatabase {
  readonly #database: UserDatabase;
  readonly #lifetimeMs: number;
  readonly #users = new Map<number, CacheEntry<User | undefined>>();
  readonly #groups = new Map<number, CacheEntry<readonly Group[]>>();

  /** @param lifetimeMs - Milliseconds for which a result is cached. Default: 10,000. */
  constructor(database: UserDatabase, lifetimeMs = DEFAULT_LIFETIME_MS) {
    this.#database = database;
    this.#lifetimeMs = lifetimeMs;
  }

  user(uid: number): Promise<User | undefined> {
    return this.#cached(this.#users, uid, () => this.#database.user(uid));
  }

  groups(user: User): Promise<readonly Group[]> {
    return this.#cached(this.#groups, user.uid, () => this.#database.groups(user));
  }

  #cached<T>(entries: Map<number, CacheEntry<T>>, uid: number, query: () => Promise<T>): Promise<T> {
    const nowMs = performance.now();
    const existing = entries.get(uid);
    if (existing !== undefined && existing.expiresMs > nowMs) return existing.result;
    const entry = { result: query(), expiresMs: nowMs + this.#lifetimeMs };
    // A new entry is placed last, so that the first entry of the map is the oldest.
    entries.delete(uid);
    entries.set(uid, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_USERS) break;
      entries.delete(oldest);
    }
    entry.result.catch(() => entries.get(uid) === entry && entries.delete(uid));
    return entry.result;
  }
}
