import type { Bus } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { nameOfPath } from "../connection/object-names.ts";
import { DaemonClient } from "../service/daemon.ts";

/** Milliseconds that a connection has to disconnect. */
const PARTING = 5_000;

/**
 * Ends a connection that nobody knows to be gone: the account manager crashed, or was cut off from the bus. It would be in
 * the way of another for the same account. Never rejects.
 *
 * @param path - Where the connection was; empty for nowhere.
 */
export async function endLeftover(bus: Bus, path: string): Promise<void> {
  if (path === "") return;
  const destination = nameOfPath(path);
  try {
    if (!(await new DaemonClient(bus).nameHasOwner(destination))) return;
    await new ConnectionClient(bus, { destination, path }).disconnect({ timeout: PARTING });
  } catch {
    // Whatever it is, it is no connection that could be in the way.
  }
}
