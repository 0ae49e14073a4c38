import type { Bus } from "@dbus-codegen-ts/runtime";
import type { ServiceBus } from "../../tools/add/running-service.ts";
import { UsageError } from "../usage-error.ts";
import { listNames, openBus } from "./bus.ts";

/** The buses on which services are searched. */
interface ServiceBuses {
  readonly buses: readonly ServiceBus[];
  /** A message for each bus that cannot be reached. */
  readonly problems: readonly string[];
}

/**
 * Calls a function with connections to the bus of `--bus` or, without the flag, to those of session bus and system bus
 * that can be reached. Closes the connections afterwards.
 *
 * @throws UsageError if the bus of `--bus` cannot be reached.
 */
export async function withServiceBuses<T>(
  address: string | undefined,
  use: (buses: ServiceBuses) => Promise<T>,
): Promise<T> {
  const connections = new Map<string, Bus>();
  const problems: string[] = [];
  try {
    for (const label of address === undefined ? ["session", "system"] : [address]) {
      try {
        connections.set(label, await openBus(label));
      } catch (error) {
        if (!(error instanceof UsageError) || address !== undefined) throw error;
        problems.push(error.message);
      }
    }
    return await use({ buses: await Promise.all([...connections].map(serviceBus)), problems });
  } finally {
    await Promise.all([...connections.values()].map((bus) => bus.close()));
  }
}

async function serviceBus([label, bus]: readonly [string, Bus]): Promise<ServiceBus> {
  const isWellKnown = (name: string): boolean => !name.startsWith(":");
  return {
    label,
    bus,
    running: (await listNames(bus, "ListNames")).filter(isWellKnown).toSorted(),
    activatable: (await listNames(bus, "ListActivatableNames")).filter(isWellKnown).toSorted(),
  };
}
