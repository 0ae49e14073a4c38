import type { Group, User, UserDatabase } from "./user-database.ts";

/** Milliseconds for which an answer holds, unless said otherwise. */
const LIFETIME = 10_000;
/** How many users are remembered. */
const MAX_KNOWN = 256;

interface Known<T> {
  readonly answer: Promise<T>;
  /** As `performance.now` gives it. */
  readonly until: number;
}

/**
 * Remembers the answers of a user database for a short time, and asks only once where several want to know the same at
 * the same time. What fails is forgotten at once.
 */
export class UserCache implements UserDatabase {
  readonly #users: UserDatabase;
  readonly #lifetime: number;
  readonly #known = new Map<number, Known<User | undefined>>();
  readonly #groups = new Map<number, Known<readonly Group[]>>();

  /** @param lifetime - Milliseconds for which an answer holds: 10 000 by default. */
  constructor(users: UserDatabase, lifetime = LIFETIME) {
    this.#users = users;
    this.#lifetime = lifetime;
  }

  user(uid: number): Promise<User | undefined> {
    return this.#remember(this.#known, uid, () => this.#users.user(uid));
  }

  groups(user: User): Promise<readonly Group[]> {
    return this.#remember(this.#groups, user.uid, () => this.#users.groups(user));
  }

  #remember<T>(known: Map<number, Known<T>>, uid: number, ask: () => Promise<T>): Promise<T> {
    const now = performance.now();
    const found = known.get(uid);
    if (found !== undefined && found.until > now) return found.answer;
    const entry = { answer: ask(), until: now + this.#lifetime };
    // Set anew, an entry is the youngest: the first of the map is the oldest.
    known.delete(uid);
    known.set(uid, entry);
    for (const oldest of known.keys()) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(oldest);
    }
    entry.answer.catch(() => known.get(uid) === entry && known.delete(uid));
    return entry.answer;
  }
}
