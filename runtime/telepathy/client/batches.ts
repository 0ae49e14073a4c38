import { ConfusedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";

/** Default number of items in one call. */
const BATCH_SIZE = 1000;
const MAX_CONCURRENT_CALLS = 4;

/**
 * Splits items into batches, makes one call for each batch, and returns all results in the order of the items.
 *
 * @throws The error of the first call that fails; ConfusedError if a reply does not contain one result for each
 * item.
 */
export async function callInBatches<T, R>(
  items: readonly T[],
  call: (batch: readonly T[]) => Promise<readonly R[]>,
  batchSize = BATCH_SIZE,
): Promise<R[]> {
  const batches = Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  );
  const results: (readonly R[])[] = [];
  // All workers share the iterator, so each batch is taken by one worker.
  const remaining = batches.entries();
  const worker = async (): Promise<void> => {
    for (const [index, batch] of remaining) results[index] = await callOnce(batch, call);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT_CALLS }, worker));
  return results.flat();
}

async function callOnce<T, R>(
  batch: readonly T[],
  call: (batch: readonly T[]) => Promise<readonly R[]>,
): Promise<readonly R[]> {
  const result = await call(batch);
  if (result.length === batch.length) return result;
  throw new ConfusedError(`${batch.length} items were answered with ${result.length}`);
}
