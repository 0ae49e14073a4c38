import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import type { ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { findManagerRoot, RemoteManager } from "../client/remote-manager.ts";
import { isManagerName } from "../connection/object-names.ts";
import type { Root } from "../dialects/dialect.ts";

/** Milliseconds that a connection manager has to reply; the bus may have to activate it first. */
const READ_TIMEOUT_MS = 5_000;

/**
 * Reads the declarations of a protocol's parameters from its connection manager.
 *
 * @param roots - Roots of names under which the manager is searched, the preferred one first.
 * @throws InvalidArgumentError if the manager's name is invalid; NotImplementedError if the manager does not answer
 * or does not support the protocol.
 */
export async function readParameterSpecs(
  bus: Bus,
  roots: readonly Root[],
  manager: string,
  protocol: string,
): Promise<readonly ParamSpec[]> {
  const root = isManagerName(manager) ? await findManagerRoot(bus, manager, roots) : roots[0];
  const remote = new RemoteManager(bus, manager, root);
  const protocols = await remote.protocols({ timeout: READ_TIMEOUT_MS }).catch((error: unknown) => {
    if (!(error instanceof DBusError)) throw error;
    throw new NotImplementedError(`connection manager ${manager} does not answer: ${error.message}`, { cause: error });
  });
  const properties = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined;
  if (properties !== undefined) return properties.parameters ?? [];
  throw new NotImplementedError(`connection manager ${manager} does not support the protocol ${protocol}`);
}
