import type { Incoming, Variant } from "@dbus-codegen-ts/runtime";
import { TechnologyService, TechnologySettings } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Network, Technology } from "../adapters/network/network.ts";
import { checkMayChangeNetwork } from "./caller-rights.ts";
import { changedProperties } from "./changed-properties.ts";
import { alreadyDisabled, alreadyEnabled, invalidArguments, invalidProperty, notSupported } from "./connman-errors.ts";
import { changedBy } from "./network-change.ts";
import { technologySettings } from "./service-settings.ts";

/** Technologies for which Scan is supported. */
const SEARCHABLE: ReadonlySet<string> = new Set(["wifi", "bluetooth", "cellular"]);

const TETHERING = ["Tethering", "TetheringIdentifier", "TetheringPassphrase", "TetheringFreq"];

/** The interface `net.connman.Technology` of one technology. */
export class TechnologyObject extends TechnologyService {
  technology: Technology;
  readonly #network: Network;
  #announced: TechnologySettings;

  constructor(technology: Technology, network: Network) {
    super();
    this.technology = technology;
    this.#network = network;
    this.#announced = this.getProperties();
  }

  getProperties(): TechnologySettings {
    return technologySettings(this.technology, this.#network.services);
  }

  /** Announces changed properties. Throws LimitsExceededError if the bus accepts no more messages now. */
  announce(): void {
    const settings = this.getProperties();
    for (const { name, value, member } of changedProperties(TechnologySettings, this.#announced, settings)) {
      this.signals.propertyChanged(name, value);
      this.#announced = { ...this.#announced, [member]: Reflect.get(settings, member) };
    }
  }

  async setProperty(name: string, { signature, value }: Variant, incoming: Incoming): Promise<void> {
    if (TETHERING.includes(name)) throw notSupported();
    if (name !== "Powered") throw invalidProperty();
    if (signature !== "b" || typeof value !== "boolean") throw invalidArguments();
    await checkMayChangeNetwork(incoming);
    const { bearer, isPowered } = this.technology;
    if (isPowered === value) throw value ? alreadyEnabled() : alreadyDisabled();
    await changedBy(this.#network.setPowered?.(bearer, value));
  }

  async scan(incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const { bearer } = this.technology;
    await changedBy(SEARCHABLE.has(bearer) ? this.#network.scan?.(bearer) : undefined);
  }
}
