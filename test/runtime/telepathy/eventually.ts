import { vi } from "vitest";

/** Calls a function repeatedly until it does not throw. Rejects with its error after ten seconds. */
export async function eventually(expectation: () => unknown): Promise<void> {
  await vi.waitFor(expectation, { interval: 10 });
}
