import { guarded } from "../hooks.ts";

type Listener = Parameters<AbortSignal["addEventListener"]>[1];
type AddOptions = Parameters<AbortSignal["addEventListener"]>[2];
type RemoveOptions = Parameters<AbortSignal["removeEventListener"]>[2];

/**
 * Makes an AbortSignal report the errors of its listeners. Without this, such an error would end the process.
 *
 * @param report - Called with an error that a listener throws, or with which its promise rejects. Must not throw.
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
  // The setter `onabort`, and helpers such as `events.addAbortListener`, call these methods, too.
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
