/** A user of the system. */
export interface User {
  readonly uid: number;
  readonly name: string;
  /** Number of the primary group of the user. */
  readonly gid: number;
}

/** A group of the system. */
export interface Group {
  readonly gid: number;
  readonly name: string;
}

/** The users and groups of the system. */
export interface UserDatabase {
  /**
   * Returns the user with the given number; undefined if the system has no such user. Rejects if the database cannot be
   * read.
   */
  user(uid: number): Promise<User | undefined>;
  /**
   * Returns the groups of a user, the primary group first. The name of a group that the system does not list is its
   * number. Rejects if the database cannot be read.
   */
  groups(user: User): Promise<readonly Group[]>;
}
