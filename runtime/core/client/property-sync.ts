import type { Request } from "../bus/request.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { remoteError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { errorText, type Message } from "../wire/message.ts";
import { changedInterface, PROPERTIES_CHANGED_SIGNATURE, PropertiesCodec } from "./properties-codec.ts";
import type { PropertyStore, PropertyValues } from "./property-store.ts";
import type { RemoteInterface } from "./remote-interface.ts";
import type { SyncedState } from "./state-sync.ts";

const { getAll } = Properties.methods;

/** Returns a call of GetAll for a remote interface. */
export function readRequest({ contract, destination, path }: RemoteInterface): Request {
  return {
    destination,
    path,
    interface: Properties.name,
    member: getAll.name,
    codec: argumentsCodec(getAll.in),
    args: [contract.name],
    replyCodec: PropertiesCodec.of(contract).all,
  };
}

/** Returns the values in the reply to `readRequest`. Throws the error of the call. */
export function readReply({ contract }: RemoteInterface, reply: Message): PropertyValues {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply), contract.errors);
  return PropertiesCodec.of(contract).readAll(reply);
}

/**
 * Returns the properties of one interface as a synced state: GetAll reads the state, and PropertiesChanged changes it.
 */
export function syncedProperties(remote: RemoteInterface, store: PropertyStore): SyncedState {
  const { bus, contract, path } = remote;
  const codec = PropertiesCodec.of(contract);
  const onSignal = (signal: Message): void => {
    if (changedInterface(signal) !== contract.name) return;
    const { changed, invalidated, mistyped } = codec.readChanged(signal);
    store.announce(changed, invalidated);
    if (mistyped) bus.drop("wrongSignature", signal);
  };
  return {
    signals: [
      {
        path,
        interface: Properties.name,
        member: Properties.signals.propertiesChanged.name,
        arg0: contract.name,
        signature: PROPERTIES_CHANGED_SIGNATURE,
        codec: codec.changed,
        onSignal,
      },
    ],
    read: readRequest(remote),
    begin: () => store.now,
    fill: (reply, since) => store.fill(readReply(remote, reply), since),
    failed: () => undefined,
    clear: () => store.clear(),
  };
}
