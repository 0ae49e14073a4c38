import { vi } from "vitest";

/** Resolves when an expectation succeeds; rejects after ten seconds. */
export async function eventually(expectation: () => unknown): Promise<void> {
  await vi.waitFor(expectation, { timeout: 10_000, interval: 10 });
}
