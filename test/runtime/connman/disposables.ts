import { onTestFinished } from "vitest";

/** Disposes of a resource after the test. Resources are disposed of in reverse order of creation. */
export function keep<T extends AsyncDisposable>(resource: T): T {
  onTestFinished(async () => resource[Symbol.asyncDispose]());
  return resource;
}
