import { bodyCodec } from "../wire/arguments-codec.ts";
import { decodeBody, type Message } from "../wire/message.ts";
import { DAEMON, DAEMON_PATH, SIGNALS } from "./bus-members.ts";
import type { BusPort } from "./port.ts";

const NAME_OWNER_CHANGED = bodyCodec(SIGNALS.NameOwnerChanged);

/**
 * Calls a listener with the unique name of each connection that leaves the bus. The match rule selects only changes
 * without a new owner, so a connection that comes to the bus causes no work.
 *
 * @returns A function that ends listening. The promise resolves when no later departure can be missed.
 */
export function watchDepartures(
  bus: Pick<BusPort, "listen">,
  listener: (uniqueName: string) => void,
): Promise<() => Promise<void>> {
  return bus.listen({
    ...{ sender: DAEMON, path: DAEMON_PATH, interface: DAEMON, member: "NameOwnerChanged", arg2: "" },
    onSignal(signal) {
      const name = departedName(signal);
      if (name !== undefined) listener(name);
    },
  });
}

/** Returns the unique name of the connection that has left the bus; undefined if the signal reports something else. */
function departedName(signal: Message): string | undefined {
  if (signal.signature !== NAME_OWNER_CHANGED.signature) return undefined;
  const [name, , owner] = decodeBody(signal, NAME_OWNER_CHANGED);
  return owner === "" && typeof name === "string" && name.startsWith(":") ? name : undefined;
}
