import type { Bus } from "@dbus-codegen-ts/runtime";
import { RemoteConnection } from "../client/remote-connection.ts";
import { pathToBusName } from "../connection/object-names.ts";
import { DaemonClient } from "../service/daemon.ts";

const DISCONNECT_TIMEOUT_MS = 5_000;

/**
 * Disconnects a connection that may still exist after the account manager crashed or lost the bus, because it could
 * prevent a new connection of the same account. Never rejects.
 *
 * @param path - Object path of the connection; empty if no such connection is known.
 */
export async function disconnectStaleConnection(bus: Bus, path: string): Promise<void> {
  if (path === "") return;
  const destination = pathToBusName(path);
  try {
    if (!(await new DaemonClient(bus).nameHasOwner(destination))) return;
    await new RemoteConnection(bus, { destination, path }).disconnect({ timeout: DISCONNECT_TIMEOUT_MS });
  } catch {
    // An object that does not support Disconnect does not prevent a new connection either.
  }
}
