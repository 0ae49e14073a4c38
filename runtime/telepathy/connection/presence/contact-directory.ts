import type { ConnectionPhase } from "../status-machine.ts";

/** Functions of a connection that the models of presences, aliases and renames use. */
export interface ContactDirectory {
  readonly phase: ConnectionPhase;
  /** Handle of the user; 0 until connected. */
  readonly selfHandle: number;
  /** Returns the handle of a normalised identifier of a contact; undefined if the identifier has no handle. */
  lookup(identifier: string): number | undefined;
  /**
   * Returns the normalised identifiers of contacts, in the order of the handles.
   *
   * @throws DisconnectedError before any other check; InvalidHandleError; LimitsExceededError.
   */
  inspect(handles: readonly number[]): readonly string[];
}

/** Converts a map with identifiers as keys to one with handles as keys. Contacts without a handle are left out. */
export function byHandle<T>(contacts: ContactDirectory, values: ReadonlyMap<string, T>): ReadonlyMap<number, T> {
  const found = new Map<number, T>();
  for (const [identifier, value] of values) {
    const handle = contacts.lookup(identifier);
    if (handle !== undefined) found.set(handle, value);
  }
  return found;
}
