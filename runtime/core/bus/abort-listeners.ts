/** A listener for the abort of an AbortSignal. */
export interface AbortListener {
  /** Called when the AbortSignal aborts. Must remove this listener. Must not throw. */
  abort(reason: unknown): void;
}

/** All listeners of one AbortSignal, with the only function that is registered on it. */
interface Group {
  readonly listeners: Set<AbortListener>;
  readonly onAbort: () => void;
}

/** Groups by AbortSignal. A signal without listeners has no entry, so that this module does not keep it in memory. */
const groups = new WeakMap<AbortSignal, Group>();

/**
 * Adds a listener to an AbortSignal that has not aborted. Node warns of a leak if more than ten functions are
 * registered on a signal. So only one function is registered for all connections of the process.
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

/**
 * Removes a listener, and also the registered function if no listener is left. Has no effect if the listener was
 * removed before.
 */
export function removeAbortListener(signal: AbortSignal, listener: AbortListener): void {
  const group = groups.get(signal);
  if (!group?.listeners.delete(listener) || group.listeners.size > 0) return;
  groups.delete(signal);
  signal.removeEventListener("abort", group.onAbort);
}
