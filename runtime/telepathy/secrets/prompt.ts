import type { Bus, ObjectPath } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { PromptClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Prompt";
import { SecretServiceError } from "./secret-service-error.ts";
import { CALL_OPTIONS } from "./secret-session.ts";

/** The object path that a Secret Service returns if no prompt is necessary. */
const NO_PROMPT = "/";

/**
 * Shows a prompt to the user and waits for the answer. After the timeout, dismisses the prompt.
 *
 * @param owner - Unique name of the Secret Service.
 * @throws SecretServiceError if the user dismisses the prompt or does not answer in time, if the service or the
 * connection ends, or if the answer cannot be read; errors of the call.
 */
export async function showPrompt(bus: Bus, owner: string, path: ObjectPath, timeoutMs: number): Promise<void> {
  if (path === NO_PROMPT) return;
  const prompt = new PromptClient(bus, { destination: owner, path });
  const { promise, resolve, reject } = deferred<void>();
  const onCompleted = (isDismissed: boolean): void => {
    if (isDismissed) reject(new SecretServiceError("the user did not unlock the Secret Service"));
    else resolve();
  };
  const onMissed = ({ message }: Error): void =>
    reject(new SecretServiceError(`the prompt of the Secret Service has ended: ${message}`));
  await using _completed = await prompt.signals.completed.subscribe(onCompleted, { onMissed });
  await prompt.prompt("", CALL_OPTIONS);
  const timer = setTimeout(() => {
    reject(new SecretServiceError("the user did not unlock the Secret Service in time"));
    prompt.dismiss(CALL_OPTIONS).catch(() => undefined);
  }, timeoutMs);
  timer.unref();
  try {
    await promise;
  } finally {
    clearTimeout(timer);
  }
}
