import type { BusPort } from "../bus/port.ts";
import type { InterfaceContract } from "../contract.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { InvalidReplySignatureError, remoteError } from "../standard-errors.ts";
import { compileArguments, NO_ARGUMENTS } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBody, errorText, type Message } from "../wire/message.ts";
import type { Target } from "./client.ts";
import type { ObjectStore } from "./object-store.ts";
import {
  changedInterface,
  interfacesCodec,
  objectsCodec,
  PROPERTIES_CHANGED_SIGNATURE,
  PropertiesCodec,
} from "./properties-codec.ts";
import type { SyncedState } from "./state-sync.ts";

const PATH = /* @__PURE__ */ codecOf("o");
const REMOVED = /* @__PURE__ */ compileArguments([
  ["path", PATH],
  ["interfaces", /* @__PURE__ */ codecOf("as")],
]);

/**
 * Returns the objects below an object manager as a synced state: GetManagedObjects reads the state, and the signals of
 * ObjectManager and Properties change it.
 */
export function syncedObjects(
  bus: BusPort,
  { destination, path }: Target,
  contracts: ReadonlyMap<string, InterfaceContract>,
  store: ObjectStore,
): SyncedState {
  const interfaces = interfacesCodec(contracts);
  const added = compileArguments([
    ["path", PATH],
    ["interfaces", interfaces],
  ]);
  const all = compileArguments([["objects", objectsCodec(interfaces)]]);
  const { name, methods, signals } = ObjectManager;
  const manager = { path, interface: name };

  const onAdded = (signal: Message): void => {
    const [objectPath, values] = decodeBody(signal, added);
    if (values instanceof Map) store.added(String(objectPath), values);
  };
  const onRemoved = (signal: Message): void => {
    const [objectPath, names] = decodeBody(signal, REMOVED);
    store.removed(String(objectPath), Array.isArray(names) ? names.map(String) : []);
  };
  const onChanged = (signal: Message): void => {
    const changedName = changedInterface(signal);
    const contract = contracts.get(changedName);
    if (contract === undefined || signal.path === undefined) return;
    const { changed, invalidated, mistyped } = PropertiesCodec.of(contract).readChanged(signal);
    store.changed(signal.path, changedName, changed, invalidated);
    if (mistyped) bus.drop("wrongSignature", signal);
  };

  return {
    signals: [
      { ...manager, member: signals.interfacesAdded.name, signature: added.signature, codec: added, onSignal: onAdded },
      {
        ...manager,
        member: signals.interfacesRemoved.name,
        signature: REMOVED.signature,
        codec: REMOVED,
        onSignal: onRemoved,
      },
      {
        path,
        below: true,
        interface: Properties.name,
        member: Properties.signals.propertiesChanged.name,
        signature: PROPERTIES_CHANGED_SIGNATURE,
        onSignal: onChanged,
      },
    ],
    read: {
      ...manager,
      destination,
      member: methods.getManagedObjects.name,
      codec: NO_ARGUMENTS,
      args: [],
      replyCodec: all,
    },
    begin: () => store.begin(),
    fill(reply, since) {
      if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
      if (reply.signature !== all.signature) {
        throw new InvalidReplySignatureError(methods.getManagedObjects.name, all.signature, reply.signature);
      }
      const [objects] = decodeBody(reply, all);
      if (objects instanceof Map) store.fill(objects, since);
    },
    failed: (since) => store.failed(since),
    clear: () => store.clear(),
  };
}
