import { vi } from "vitest";

/** Resolves when an expectation holds, within ten seconds: busy machines take their time. */
export async function eventually(expectation: () => unknown): Promise<void> {
  await vi.waitFor(expectation, { timeout: 10_000, interval: 10 });
}
