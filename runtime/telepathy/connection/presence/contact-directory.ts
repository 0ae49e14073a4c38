import type { ConnectionPhase } from "../status-machine.ts";

/** What models of presences and names use of their connection. */
export interface ContactDirectory {
  readonly phase: ConnectionPhase;
  /** Handle of the user; 0 until connected. */
  readonly selfHandle: number;
  /** Returns the handle of a normalised identifier of a contact; undefined if it has none. */
  lookup(identifier: string): number | undefined;
  /**
   * Returns the normalised identifiers of contacts, each at the position of its handle.
   *
   * @throws DisconnectedError before any other check; InvalidHandleError; LimitsExceededError.
   */
  inspect(handles: readonly number[]): readonly string[];
}

/** Returns values by handle, instead of by identifier. Those of contacts without a handle are left out. */
export function byHandle<T>(contacts: ContactDirectory, values: ReadonlyMap<string, T>): ReadonlyMap<number, T> {
  const found = new Map<number, T>();
  for (const [identifier, value] of values) {
    const handle = contacts.lookup(identifier);
    if (handle !== undefined) found.set(handle, value);
  }
  return found;
}
