import { setTimeout as delay } from "node:timers/promises";
import { type Backoff, delayAfter } from "./bus/backoff.ts";
import type { Subscription } from "./bus/subscription.ts";
import type { Bus } from "./bus.ts";
import { DBusError } from "./errors.ts";
import { restrictCallers } from "./service/restricted-service.ts";
import type { AnyService } from "./service/service.ts";
import { AccessDeniedError } from "./standard-errors.ts";

/** How to register an object of this program with a service that will call the object, such as an agent. */
export interface Registration {
  /** Bus name of the service. */
  readonly name: string;
  /** Registers the object. */
  register(): Promise<unknown>;
  /** Removes the registration. Absent if the service has no method for this. */
  unregister?(): Promise<unknown>;
  /**
   * Called with the unique name of the service: at the registration and at each change. Called with undefined when the
   * service is not running.
   */
  onOwner?(uniqueName: string | undefined): void;
}

/** Delays between attempts to register with a service that has restarted. Services may own their name before they are ready. */
const RETRIES: Backoff = { minDelay: 100, maxDelay: 5_000 };

/** Number of failed attempts after which the error is reported. These attempts take half a minute. */
const MAX_ATTEMPTS = 10;

/**
 * Serves an object and registers it with a service. Repeats the registration each time the service restarts. If a
 * restarted service refuses, the registration is repeated for half a minute; then the error is passed to `onError` of
 * the bus. Only the present owner of the service's name can call the object. Other callers get AccessDenied, but can
 * read properties.
 *
 * @returns The registration. Its disposal unregisters the object if the service is running, and ends serving the
 * object.
 * @throws InvalidValueError if the path is not valid; the error of the first `register`.
 */
export async function serveRegistered(
  bus: Bus,
  path: string,
  service: AnyService,
  { name, register, unregister, onOwner }: Registration,
): Promise<AsyncDisposable> {
  let isRegistered = false;
  /**
   * Unique name of the service; undefined if it is not running. The bus reports a new owner before it delivers calls of
   * this owner.
   */
  let owner: string | undefined;
  let watch: Subscription | undefined;
  const restricted = restrictCallers(service, ({ sender }) => {
    // Without a bus, calls have no sender: they come from the other end of the connection.
    const isOwner = owner !== undefined && (sender === owner || sender === "");
    if (!isOwner) throw new AccessDeniedError(`only the owner of ${name} can call this object`);
  });
  const served = await bus.serve(path, restricted);
  const end = async (): Promise<void> => {
    // A call to a service that has ended would start it.
    const mustUnregister = isRegistered && owner !== undefined;
    isRegistered = false;
    await watch?.close();
    onOwner?.(undefined);
    if (mustUnregister && unregister !== undefined) await ignoreRefusal(unregister());
    await served.close();
  };
  try {
    watch = await bus.watchName(name, async (uniqueName) => {
      owner = uniqueName;
      onOwner?.(uniqueName);
      if (isRegistered && uniqueName !== undefined)
        await registerPatiently(register, () => isRegistered && owner === uniqueName);
    });
    await register();
    isRegistered = true;
  } catch (error) {
    await end();
    throw error;
  }
  return { [Symbol.asyncDispose]: end };
}

/**
 * Registers an object. Repeats the registration after delays if the service refuses.
 *
 * @param isCurrent - Returns whether the registration is still needed.
 */
async function registerPatiently(register: Registration["register"], isCurrent: () => boolean): Promise<void> {
  for (let failures = 1; isCurrent(); failures++) {
    try {
      await register();
      return;
    } catch (error) {
      if (!isCurrent()) return;
      if (!(error instanceof DBusError) || failures === MAX_ATTEMPTS) throw error;
    }
    await delay(delayAfter(failures - 1, RETRIES), undefined, { ref: false });
  }
}

/**
 * Waits for a call of the service. Ignores D-Bus errors of the call: if the service has ended meanwhile, the object is
 * no longer registered.
 */
async function ignoreRefusal(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof DBusError)) throw error;
  }
}
