import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { remoteError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { errorText, type Message } from "../wire/message.ts";
import { changedInterface, PROPERTIES_CHANGED_SIGNATURE, PropertiesCodec } from "./properties-codec.ts";
import type { PropertyStore } from "./property-store.ts";
import type { RemoteInterface } from "./remote-interface.ts";
import type { SyncedState } from "./state-sync.ts";

const { getAll } = Properties.methods;

/** Returns the properties of one interface as a synced state. GetAll reads it; PropertiesChanged changes it. */
export function syncedProperties(
  { bus, contract, destination, path }: RemoteInterface,
  store: PropertyStore,
): SyncedState {
  const codec = PropertiesCodec.of(contract);
  const properties = { path, interface: Properties.name };
  const onSignal = (signal: Message): void => {
    if (changedInterface(signal) !== contract.name) return;
    const { changed, invalidated, mistyped } = codec.readChanged(signal);
    store.announce(changed, invalidated);
    if (mistyped) bus.drop("wrongSignature", signal);
  };
  return {
    signals: [
      {
        ...properties,
        member: Properties.signals.propertiesChanged.name,
        arg0: contract.name,
        signature: PROPERTIES_CHANGED_SIGNATURE,
        codec: codec.changed,
        onSignal,
      },
    ],
    read: {
      ...properties,
      destination,
      member: getAll.name,
      codec: argumentsCodec(getAll.in),
      args: [contract.name],
      replyCodec: codec.all,
    },
    begin: () => store.now,
    fill(reply, since) {
      if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply), contract.errors);
      store.fill(codec.readAll(reply), since);
    },
    failed: () => undefined,
    clear: () => store.clear(),
  };
}
