import { onTestFinished } from "vitest";

/** Disposes a resource after the test, in reverse order of creation. */
export function keep<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(async () => resource[Symbol.asyncDispose]());
  return resource;
}
