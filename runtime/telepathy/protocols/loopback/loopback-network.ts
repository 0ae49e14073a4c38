/** The online users of a loopback protocol, by normalised identifier. A user can have several connections. */
export class LoopbackNetwork<User> {
  readonly #users = new Map<string, Set<User>>();

  /** Adds a connection to the connections of a user. */
  join(identifier: string, user: User): void {
    const users = this.#users.get(identifier);
    if (users === undefined) this.#users.set(identifier, new Set([user]));
    else users.add(user);
  }

  /** Removes a connection from the connections of a user. Does nothing if it was not added. */
  leave(identifier: string, user: User): void {
    const users = this.#users.get(identifier);
    users?.delete(user);
    if (users?.size === 0) this.#users.delete(identifier);
  }

  /** Returns the connections of a user; none if the user is not online. */
  connectionsOf(identifier: string): readonly User[] {
    return [...(this.#users.get(identifier) ?? [])];
  }

  /** Returns the connections of all users. */
  all(): readonly User[] {
    return [...this.#users.values()].flatMap((users) => [...users]);
  }
}
