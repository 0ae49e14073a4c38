import type { ErrorHook } from "../hooks.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { NameOwners, OwnerListener } from "./name-owners.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Tells a listener who owns a name: at once, also where nobody does, and at each change.
 *
 * @param onError - Is told of what the listener throws.
 */
export async function watchName(
  owners: NameOwners,
  name: string,
  listener: OwnerListener,
  onError: ErrorHook,
): Promise<Subscription> {
  assertSyntax(name, isBusName, "name", "a bus name");
  const tell: OwnerListener = (owner) => {
    try {
      listener(owner);
    } catch (error) {
      onError(error, { kind: "nameListener", name });
    }
  };
  let told = false;
  const watch = owners.watch(name, (owner) => {
    told = true;
    tell(owner);
  });
  try {
    await watch.ready;
  } catch (error) {
    watch.release();
    throw error;
  }
  if (!told) tell(undefined);
  const close = async (): Promise<void> => watch.release();
  return { close, [Symbol.asyncDispose]: close };
}
