/** A receiver of the abort of a signal. */
export interface AbortListener {
  /** Called when the signal aborts. Must remove the listener; must not throw. */
  abort(reason: unknown): void;
}

/** The listeners of one signal, with the one function that is registered for all of them. */
interface Group {
  readonly listeners: Set<AbortListener>;
  readonly onAbort: () => void;
}

/** Signals with listeners. A signal without listeners has no entry, so none is kept in memory. */
const groups = new WeakMap<AbortSignal, Group>();

/**
 * Adds a listener to a signal that has not aborted, for all connections of the process. Node warns of a leak when more
 * than ten functions are registered, so one is registered per signal.
 */
export function addAbortListener(signal: AbortSignal, listener: AbortListener): void {
  const existing = groups.get(signal);
  if (existing !== undefined) {
    existing.listeners.add(listener);
    return;
  }
  const listeners = new Set([listener]);
  const onAbort = (): void => {
    // One listener may remove others, which are then skipped.
    for (const each of listeners) each.abort(signal.reason);
  };
  groups.set(signal, { listeners, onAbort });
  signal.addEventListener("abort", onAbort, { once: true });
}

/** Removes a listener, and the registered function after the last one. Does nothing if it was removed before. */
export function removeAbortListener(signal: AbortSignal, listener: AbortListener): void {
  const group = groups.get(signal);
  if (!group?.listeners.delete(listener) || group.listeners.size > 0) return;
  groups.delete(signal);
  signal.removeEventListener("abort", group.onAbort);
}
