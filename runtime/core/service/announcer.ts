import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import { interfacesOf, MANAGED_INTERFACES } from "./managed-objects.ts";
import type { SignalMember } from "./members.ts";
import { PROPERTY_VALUES, type PropertyValues } from "./property-values.ts";
import type { ServedInterface } from "./served.ts";
import type { Announcer } from "./state.ts";

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

/** Where announcements go out, and who hears of those that cannot. */
export interface SignalSink {
  readonly bus: BusPort;
  readonly onError: ErrorHook;
  /** Whether what is said there goes out. */
  readonly isOpen: () => boolean;
}

/** Announces what one interface of one object has to say. */
export class ObjectAnnouncer implements Announcer {
  readonly #outlet: SignalSink;
  readonly #path: string;
  readonly #interface: string;

  constructor(outlet: SignalSink, path: string, { state }: ServedInterface) {
    this.#outlet = outlet;
    this.#path = path;
    this.#interface = state.contract.name;
  }

  emit(signal: SignalMember, args: readonly unknown[], destination?: string): void {
    if (!this.#outlet.isOpen()) return;
    const message = {
      path: this.#path,
      interface: this.#interface,
      member: signal.contract.name,
      codec: signal.args,
      args,
    };
    emitUnlessClosed(this.#outlet.bus, destination === undefined ? message : { ...message, destination });
  }

  announce(changed: PropertyValues, invalidated: readonly string[]): void {
    if (!this.#outlet.isOpen()) return;
    const { name } = Properties.signals.propertiesChanged;
    const args = [this.#interface, changed, invalidated];
    announce(this.#outlet, this.#path, Properties.name, name, PROPERTIES_CHANGED, args);
  }
}

/** Tells those who follow an object manager that an object has more interfaces. */
export function announceAdded(
  outlet: SignalSink,
  manager: string,
  path: string,
  added: readonly ServedInterface[],
): void {
  const { name } = ObjectManager.signals.interfacesAdded;
  announce(outlet, manager, ObjectManager.name, name, INTERFACES_ADDED, [path, interfacesOf(added)]);
}

/** Tells those who follow an object manager that an object has fewer interfaces. */
export function announceRemoved(
  outlet: SignalSink,
  manager: string,
  path: string,
  removed: readonly ServedInterface[],
): void {
  const { name } = ObjectManager.signals.interfacesRemoved;
  const names = removed.map(({ state }) => state.contract.name);
  announce(outlet, manager, ObjectManager.name, name, INTERFACES_REMOVED, [path, names]);
}

function announce(
  { bus, onError }: SignalSink,
  path: string,
  name: string,
  member: string,
  codec: ArgumentsCodec,
  args: readonly unknown[],
): void {
  try {
    emitUnlessClosed(bus, { path, interface: name, member, codec, args });
  } catch (error) {
    onError(error, { kind: "announcement", path, interface: name });
  }
}

/** What nobody can hear any more is not an error of the one who says it. */
function emitUnlessClosed(bus: BusPort, signal: Parameters<BusPort["emit"]>[0]): void {
  try {
    bus.emit(signal);
  } catch (error) {
    if (!(error instanceof DisconnectedError)) throw error;
  }
}
