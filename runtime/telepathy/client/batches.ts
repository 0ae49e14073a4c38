import { ConfusedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

/** How many items go into one call. */
const SIZE = 1000;
/** How many calls are under way at once. */
const IN_FLIGHT = 4;

/**
 * Makes one call for every so many items, and puts the results together in the order of the items.
 *
 * @throws What the first call that fails throws; ConfusedError when a reply has another length than its call.
 */
export async function inBatches<T, R>(
  items: readonly T[],
  call: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<R[]> {
  const batches = Array.from({ length: Math.ceil(items.length / SIZE) }, (_, at) =>
    items.slice(at * SIZE, (at + 1) * SIZE),
  );
  const results: (readonly R[])[] = [];
  const waiting = batches.entries();
  const worker = async (): Promise<void> => {
    for (const [at, batch] of waiting) results[at] = await answered(batch, call);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return results.flat();
}

async function answered<T, R>(
  batch: readonly T[],
  call: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const result = await call(batch);
  if (result.length === batch.length) return result;
  throw new ConfusedError(`${batch.length} items were answered with ${result.length}`);
}
