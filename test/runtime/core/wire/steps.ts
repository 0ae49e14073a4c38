import type { Steps } from "../../../../runtime/core/wire/codec.ts";

/** Runs all steps, and returns the result. */
export function finish<T>(steps: Steps<T>): T {
  return finishCounting(steps).value;
}

/** Runs all steps, and returns the result and the number of pauses. */
export function finishCounting<T>(steps: Steps<T>): { readonly value: T; readonly pauses: number } {
  for (let pauses = 0; ; pauses++) {
    const step = steps.next();
    if (step.done) return { value: step.value, pauses };
  }
}
