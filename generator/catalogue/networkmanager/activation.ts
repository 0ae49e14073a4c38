import { type Bus, DBusError, NoReplyError, type ObjectPath } from "@dbus-codegen-ts/runtime";
import { DeviceFailures } from "./device-failures.ts";
import {
  ActiveClient,
  ActiveConnectionState,
  ActiveConnectionStateReason,
} from "./generated/org.freedesktop.NetworkManager.Connection.Active.ts";
import type { DeviceStateReason } from "./generated/org.freedesktop.NetworkManager.Device.ts";
import { NETWORK_MANAGER } from "./network-manager.ts";

const { destination } = NETWORK_MANAGER;

/** The result of an activation. */
export interface Activation {
  /** Object path of the activation. The object no longer exists if the activation failed. */
  readonly activeConnection: ObjectPath;
  /** Whether the profile is active; otherwise the activation failed. */
  readonly isActive: boolean;
  /** Why the activation failed: `Unknown` if it failed before the reply to the call arrived. Absent after a success. */
  readonly reason?: ActiveConnectionStateReason;
  /**
   * Why the device failed, such as `NoSecrets` or `SsidNotFound`. Absent if the activation did not fail because of a
   * device.
   */
  readonly deviceReason?: DeviceStateReason;
}

/** Options of `activate`. */
export interface WaitOptions {
  /** Ends the wait when it is aborted. The activation goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Calls a method that starts an activation and returns its object path: alone, or after the object path of a new
 * profile.
 */
export type ActivationStart = () => Promise<
  ObjectPath | readonly [path: ObjectPath, activeConnection: ObjectPath, ...others: unknown[]]
>;

/** How an activation has ended. */
type End = Pick<Activation, "isActive" | "reason">;

/**
 * Starts an activation and waits until the profile is active or the activation has failed:
 * `activate(bus, () => manager.activateConnection(profile, device, "/"))`.
 *
 * `start` may also call `addAndActivateConnection` or `addAndActivateConnection2`.
 *
 * @returns The result. A failure of the activation is not an error.
 * @throws The error of the call; the reason of `signal`; NoReplyError if NetworkManager leaves the bus; DisconnectedError if
 *   the connection ends; FailedError if a change of the state cannot be read.
 */
export async function activate(bus: Bus, start: ActivationStart, { signal }: WaitOptions = {}): Promise<Activation> {
  signal?.throwIfAborted();
  let succeed: (end: End) => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const ended = new Promise<End>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  // The promise can be rejected before it is awaited.
  ended.catch(() => undefined);
  const abort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    let owner: string | undefined;
    await using _owner = await bus.watchName(destination, (next) => {
      if (owner !== undefined && next !== owner) fail(new NoReplyError("NetworkManager has left the bus"));
      owner = next;
    });
    // The device can fail before the reply arrives.
    await using failures = await DeviceFailures.watch(bus);
    const started = await start();
    const activeConnection = typeof started === "string" ? started : started[1];
    const client = new ActiveClient(bus, { destination, path: activeConnection });
    const onState = (state: ActiveConnectionState, reason: ActiveConnectionStateReason): void => {
      if (state === ActiveConnectionState.Activated) succeed({ isActive: true });
      if (state === ActiveConnectionState.Deactivated) succeed({ isActive: false, reason });
    };
    await using _state = await client.signals.stateChanged.subscribe(onState, { onMissed: fail });
    const devices = await orIfGone(client.properties.devices.get(), []);
    await failures.add(devices);
    // The state may have changed before the subscription.
    const state = await orIfGone(client.properties.state.get(), ActiveConnectionState.Deactivated);
    onState(state, ActiveConnectionStateReason.Unknown);
    const end = await ended;
    const deviceReason = end.isActive ? undefined : await failures.reason(devices);
    return { activeConnection, ...end, ...(deviceReason !== undefined && { deviceReason }) };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Returns a property of an activation, or `other` if the activation has ended and its object no longer exists. */
async function orIfGone<T>(property: Promise<T>, other: T): Promise<T> {
  try {
    return await property;
  } catch (error) {
    if (error instanceof DBusError) return other;
    throw error;
  }
}
