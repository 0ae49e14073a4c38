/** A user, as the system lists it. */
export interface User {
  readonly uid: number;
  readonly name: string;
  /** The primary group. */
  readonly gid: number;
}

/** A group, as the system lists it. */
export interface Group {
  readonly gid: number;
  readonly name: string;
}

/** The users and groups of the system. */
export interface UserDatabase {
  /** The user with a number; undefined where there is none. Rejects where it cannot be found out. */
  user(uid: number): Promise<User | undefined>;
  /**
   * The groups of a user, the primary one first. A group that the system does not list goes by its number as its name.
   * Rejects where it cannot be found out.
   */
  groups(user: User): Promise<readonly Group[]>;
}
