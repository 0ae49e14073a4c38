import { type ErrorHook, guarded } from "../hooks.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { NameOwners, OwnerListener } from "./name-owners.ts";
import { createSubscription, type Subscription } from "./subscription.ts";

/**
 * Calls a listener with the owner of a name, or undefined if the name has no owner: once before the promise resolves,
 * and after each change.
 *
 * @param onError - Called with errors that the listener throws, or with which it rejects.
 */
export async function watchName(
  owners: NameOwners,
  name: string,
  listener: OwnerListener,
  onError: ErrorHook,
): Promise<Subscription> {
  assertSyntax(name, isBusName, "name", "a bus name");
  const callListener = guarded(listener, (error) => onError(error, { kind: "nameListener", name }));
  let wasCalled = false;
  const watch = owners.watch(name, (owner) => {
    wasCalled = true;
    callListener(owner);
  });
  try {
    await watch.ready;
  } catch (error) {
    watch.release();
    throw error;
  }
  if (!wasCalled) callListener(undefined);
  return createSubscription(async () => watch.release());
}
