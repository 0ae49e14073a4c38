import type { Incoming } from "@dbus-codegen-ts/runtime";
import { permissionDenied } from "./connman-errors.ts";

/** Throws PermissionDenied unless the caller is root or the user of this process, who may change the network. */
export async function checkMayChangeNetwork(incoming: Incoming): Promise<void> {
  const { uid } = await incoming.credentials();
  if (uid !== 0 && uid !== process.getuid?.()) throw permissionDenied();
}
