import type { Subscription } from "@dbus-codegen-ts/runtime";

/** Awaits all subscriptions and returns them as one; if one fails, closes the others. */
export async function subscribeAll(pending: readonly Promise<Subscription>[]): Promise<Subscription> {
  const results = await Promise.allSettled(pending);
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((subscription) => subscription.close()));
  };
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return { close, [Symbol.asyncDispose]: close };
  await close();
  throw failed.reason;
}
