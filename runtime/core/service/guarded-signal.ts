import { guarded } from "../hooks.ts";

type Listener = Parameters<AbortSignal["addEventListener"]>[1];
type AddOptions = Parameters<AbortSignal["addEventListener"]>[2];
type RemoveOptions = Parameters<AbortSignal["removeEventListener"]>[2];

/**
 * Guards an abort signal: errors of its listeners are reported. Otherwise Node would end the process with them.
 *
 * @param report - Called with what a listener throws, or its promise rejects with. Must not throw.
 * @returns The same signal.
 */
export function guardListeners(signal: AbortSignal, report: (error: unknown) => void): AbortSignal {
  const { addEventListener, removeEventListener } = signal;
  // A listener has one guard, so that it is added only once and can be removed.
  const guards = new WeakMap<object, (event: Event) => void>();
  const guardOf = (listener: Listener): Listener => {
    if (listener === null || (typeof listener !== "object" && typeof listener !== "function")) return listener;
    const guard =
      guards.get(listener) ??
      guarded((event: Event): unknown => {
        if (typeof listener === "function") return listener.call(signal, event);
        return listener.handleEvent(event);
      }, report);
    guards.set(listener, guard);
    return guard;
  };
  // The setter `onabort` and helpers such as `events.addAbortListener` call these, too.
  return Object.defineProperties(signal, {
    addEventListener: {
      value: (type: string, listener: Listener, options?: AddOptions) =>
        addEventListener.call(signal, type, guardOf(listener), options),
    },
    removeEventListener: {
      value: (type: string, listener: Listener, options?: RemoveOptions) =>
        removeEventListener.call(signal, type, guardOf(listener), options),
    },
  });
}
