/** The users of one process that are online, by normalised identifier. A user can have several connections. */
export class LoopbackNetwork<User> {
  readonly #users = new Map<string, Set<User>>();

  /** Adds a connection of a user. */
  join(identifier: string, user: User): void {
    const users = this.#users.get(identifier);
    if (users === undefined) this.#users.set(identifier, new Set([user]));
    else users.add(user);
  }

  /** Removes a connection of a user; does nothing if it was not added. */
  leave(identifier: string, user: User): void {
    const users = this.#users.get(identifier);
    users?.delete(user);
    if (users?.size === 0) this.#users.delete(identifier);
  }

  /** Returns the connections of a user; empty if the user is not online. */
  connectionsOf(identifier: string): readonly User[] {
    return [...(this.#users.get(identifier) ?? [])];
  }

  /** Returns the connections of all users. */
  all(): readonly User[] {
    return [...this.#users.values()].flatMap((users) => [...users]);
  }
}
