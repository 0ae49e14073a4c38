import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { interfaceValues, MANAGED_INTERFACES } from "./managed-objects.ts";
import type { SignalMember } from "./members.ts";
import type { ServedInterface } from "./object-view.ts";
import { PROPERTY_VALUES, type PropertyValues } from "./property-values.ts";
import type { SignalSink } from "./service-state.ts";

const PROPERTIES_CHANGED = compileArguments([
  ["interface", codecOf("s")],
  ["changed", PROPERTY_VALUES],
  ["invalidated", codecOf("as")],
]);
const INTERFACES_ADDED = compileArguments([
  ["object", codecOf("o")],
  ["interfaces", MANAGED_INTERFACES],
]);
const INTERFACES_REMOVED = argumentsCodec(ObjectManager.signals.interfacesRemoved.args);

/** The bus on which a served object or subtree sends its signals. */
export interface SignalOutput {
  readonly bus: BusPort;
  /** Called with errors of signals that the runtime sends by itself. */
  readonly onError: ErrorHook;
  /** Returns whether signals are still sent. */
  readonly isOpen: () => boolean;
}

/** Signal sink of one interface of the object at one path. */
export class ObjectSignalSink implements SignalSink {
  readonly #output: SignalOutput;
  readonly #path: string;
  readonly #interface: string;

  constructor(output: SignalOutput, path: string, { state }: ServedInterface) {
    this.#output = output;
    this.#path = path;
    this.#interface = state.contract.name;
  }

  emit(signal: SignalMember, args: readonly unknown[], destination?: string): void {
    if (!this.#output.isOpen()) return;
    const message = {
      path: this.#path,
      interface: this.#interface,
      member: signal.contract.name,
      codec: signal.args,
      args,
    };
    emitUnlessClosed(this.#output.bus, destination === undefined ? message : { ...message, destination });
  }

  emitPropertiesChanged(changed: PropertyValues, invalidated: readonly string[]): void {
    if (!this.#output.isOpen()) return;
    const { name } = Properties.signals.propertiesChanged;
    const args = [this.#interface, changed, invalidated];
    emitStandardSignal(this.#output, this.#path, Properties.name, name, PROPERTIES_CHANGED, args);
  }
}

/** Emits InterfacesAdded on an object manager. */
export function emitInterfacesAdded(
  output: SignalOutput,
  managerPath: string,
  objectPath: string,
  added: readonly ServedInterface[],
): void {
  const { name } = ObjectManager.signals.interfacesAdded;
  const args = [objectPath, interfaceValues(added)];
  emitStandardSignal(output, managerPath, ObjectManager.name, name, INTERFACES_ADDED, args);
}

/** Emits InterfacesRemoved on an object manager. */
export function emitInterfacesRemoved(
  output: SignalOutput,
  managerPath: string,
  objectPath: string,
  removed: readonly ServedInterface[],
): void {
  const { name } = ObjectManager.signals.interfacesRemoved;
  const names = removed.map(({ state }) => state.contract.name);
  emitStandardSignal(output, managerPath, ObjectManager.name, name, INTERFACES_REMOVED, [objectPath, names]);
}

/** Emits a signal of a standard interface. Errors go to the error hook, because no caller awaits them. */
function emitStandardSignal(
  { bus, onError }: SignalOutput,
  path: string,
  interfaceName: string,
  member: string,
  codec: ArgumentsCodec,
  args: readonly unknown[],
): void {
  try {
    emitUnlessClosed(bus, { path, interface: interfaceName, member, codec, args });
  } catch (error) {
    onError(error, { kind: "announcement", path, interface: interfaceName });
  }
}

/** Emits a signal; does nothing if the connection is lost, because no client can receive it. */
function emitUnlessClosed(bus: BusPort, signal: Parameters<BusPort["emit"]>[0]): void {
  try {
    bus.emit(signal);
  } catch (error) {
    if (!(error instanceof DisconnectedError)) throw error;
  }
}
