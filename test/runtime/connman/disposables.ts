import { afterEach, expect } from "vitest";

const resources: AsyncDisposable[] = [];
const unhandledRejections: unknown[] = [];

process.on("unhandledRejection", (reason: unknown) => {
  unhandledRejections.push(reason);
});
afterEach(async () => {
  for (const resource of resources.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  expect(unhandledRejections.splice(0)).toEqual([]);
});

/** Disposes a resource after the test, in reverse order of creation. */
export function keep<T extends AsyncDisposable>(resource: T): T {
  resources.push(resource);
  return resource;
}
