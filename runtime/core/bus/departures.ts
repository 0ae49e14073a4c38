import { DAEMON, DAEMON_PATH } from "./bus-members.ts";
import { readOwnerChange } from "./owner-change.ts";
import type { BusPort } from "./port.ts";

/**
 * Calls a listener with the unique name of each connection that leaves the bus. The match rule selects only changes
 * without a new owner, so a connection that comes to the bus causes no work.
 *
 * @returns A function that ends listening, when no later departure can be missed.
 */
export function watchDepartures(
  bus: Pick<BusPort, "listen">,
  listener: (uniqueName: string) => void,
): Promise<() => Promise<void>> {
  return bus.listen({
    ...{ sender: DAEMON, path: DAEMON_PATH, interface: DAEMON, member: "NameOwnerChanged", arg2: "" },
    onSignal(signal) {
      const change = readOwnerChange(signal);
      if (change?.owner === "" && change.name.startsWith(":")) listener(change.name);
    },
  });
}
