import { type Bus, DBusError } from "@dbus-codegen-ts/runtime";
import { ConnectionManagerClient, type ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { NotImplementedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { managerPlace } from "../connection/object-names.ts";

/** Milliseconds in which a connection manager has to say what it can do: it may have to be started. */
const TIMEOUT = 5_000;

/**
 * Asks a connection manager for the parameters of one of its protocols.
 *
 * @throws InvalidArgumentError when the manager's name is none; NotImplementedError when there is no such manager, or it
 * does not know the protocol.
 */
export async function readParameters(bus: Bus, manager: string, protocol: string): Promise<readonly ParamSpec[]> {
  const client = new ConnectionManagerClient(bus, managerPlace(manager));
  const protocols = await client.properties.protocols.get({ timeout: TIMEOUT }).catch((error: unknown) => {
    if (!(error instanceof DBusError)) throw error;
    throw new NotImplementedError(`connection manager ${manager} does not answer: ${error.message}`, { cause: error });
  });
  const found = Object.hasOwn(protocols, protocol) ? protocols[protocol] : undefined;
  if (found === undefined) throw new NotImplementedError(`connection manager ${manager} does not speak ${protocol}`);
  return found.parameters ?? [];
}
