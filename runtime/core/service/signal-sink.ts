import type { BusPort } from "../bus/port.ts";
import { Properties } from "../standard/org.freedesktop.DBus.Properties.ts";
import { DisconnectedError } from "../standard-errors.ts";
import { type ArgumentsCodec, compileArguments } from "../wire/arguments-codec.ts";
import { codecOf } from "../wire/compile-codec.ts";
import type { SignalMember } from "./members.ts";
import { PROPERTY_VALUES, type PropertyValues } from "./property-values.ts";
import type { ServiceHost } from "./served-interface.ts";

const PROPERTIES_CHANGED = /* @__PURE__ */ compileArguments([
  ["interface", /* @__PURE__ */ codecOf("s")],
  ["changed", PROPERTY_VALUES],
  ["invalidated", /* @__PURE__ */ codecOf("as")],
]);

/** The place to which a service sends its signals: one path on one bus. */
export class SignalSink {
  readonly #host: ServiceHost;
  readonly #path: string;
  readonly #interface: string;

  constructor(host: ServiceHost, path: string, interfaceName: string) {
    this.#host = host;
    this.#path = path;
    this.#interface = interfaceName;
  }

  /** Emits a signal to all listeners, or to one bus name. */
  emit(signal: SignalMember, args: readonly unknown[], destination?: string): void {
    if (!this.#host.isOpen()) return;
    const message = {
      path: this.#path,
      interface: this.#interface,
      member: signal.contract.name,
      codec: signal.args,
      args,
    };
    emitUnlessClosed(this.#host.bus, destination === undefined ? message : { ...message, destination });
  }

  /** Emits PropertiesChanged. Errors go to the error hook. */
  emitPropertiesChanged(changed: PropertyValues, invalidated: readonly string[]): void {
    if (!this.#host.isOpen()) return;
    const { name } = Properties.signals.propertiesChanged;
    const args = [this.#interface, changed, invalidated];
    emitStandardSignal(this.#host, this.#path, Properties.name, name, PROPERTIES_CHANGED, args);
  }
}

/** Emits a signal of a standard interface. Errors go to the error hook, because no caller awaits them. */
export function emitStandardSignal(
  { bus, onError }: ServiceHost,
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
