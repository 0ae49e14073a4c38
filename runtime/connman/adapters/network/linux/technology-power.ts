import type { Bearer } from "../../../policy/service.ts";
import { CommandError } from "../../linux/command.ts";
import { NetworkError } from "../network.ts";
import type { LinkService } from "./link-services.ts";
import {
  isRadio,
  RADIO_SWITCHES_FOLDER,
  type RadioSwitch,
  readRadioSwitches,
  setRadioSwitch,
} from "./radio-switches.ts";
import { type SerialChanges, setLink } from "./serial-changes.ts";
import type { StoredSettings } from "./stored-settings.ts";

/** The interfaces that are switched on and off together with their technology. */
export interface PoweredLinks {
  /** Returns the present interfaces. */
  links(): readonly LinkService[];
  /** Returns whether an interface is on only because a session requires it. */
  isBroughtUp(name: string): boolean;
}

/** Power of technologies and offline mode: radios are switched by the kernel (rfkill), interfaces with `ip`. */
export class TechnologyPower {
  readonly #links: PoweredLinks;
  readonly #settings: StoredSettings;
  readonly #changes: SerialChanges;
  readonly #folder: string;
  #switches: readonly RadioSwitch[] = [];

  /** @param folder - Folder of the switches of radios. */
  constructor(
    links: PoweredLinks,
    settings: StoredSettings,
    changes: SerialChanges,
    folder: string = RADIO_SWITCHES_FOLDER,
  ) {
    this.#links = links;
    this.#settings = settings;
    this.#changes = changes;
    this.#folder = folder;
  }

  /** Bearers of the present radios. */
  get radios(): readonly Bearer[] {
    return this.#switches.map(({ bearer }) => bearer);
  }

  get isOffline(): boolean {
    return this.#settings.current.isOffline;
  }

  /** Reads the present state of the radios. */
  async read(): Promise<void> {
    this.#switches = await readRadioSwitches(this.#folder);
  }

  isPowered(bearer: Bearer): boolean {
    const switches = this.#switchesOf(bearer);
    const isOff = this.#settings.current.switchedOff.has(bearer);
    return !isOff && (switches.length === 0 || switches.some((radioSwitch) => !radioSwitch.isOff));
  }

  /** Switches off the technologies that were off when the previous process ended. Returns whether there are any. */
  restore(): boolean {
    const { switchedOff } = this.#settings.current;
    for (const [bearer, names] of switchedOff) this.#changes.add(() => this.#switchOff(bearer, names));
    return switchedOff.size > 0;
  }

  /**
   * Switches radios off if `offline` is true; otherwise switches on those that offline mode has switched off.
   *
   * @param bearers - The technologies that exist.
   * @throws NetworkError if a radio cannot be switched. The other radios are switched nevertheless.
   */
  async setOffline(offline: boolean, bearers: readonly Bearer[]): Promise<void> {
    if (offline === this.isOffline) return;
    const on = bearers.filter((bearer) => isRadio(bearer) && this.isPowered(bearer));
    const toSwitch = offline ? on : this.#settings.current.offlineBearers;
    this.#settings.change({ isOffline: offline, offlineBearers: offline ? toSwitch : [] });
    const results = await Promise.allSettled(toSwitch.map((bearer) => this.#switch(bearer, !offline)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /**
   * Switches the radios and interfaces of a technology off if `isPowered` is false; otherwise switches on those that an
   * earlier call has switched off. Throws NetworkError.
   */
  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    const offlineBearers = this.#settings.current.offlineBearers.filter((offlineBearer) => offlineBearer !== bearer);
    this.#settings.change({ offlineBearers });
    if (this.isPowered(bearer) !== isPowered) await this.#switch(bearer, isPowered);
  }

  async #switch(bearer: Bearer, isOn: boolean): Promise<void> {
    try {
      await this.#changes.run(() => (isOn ? this.#switchOn(bearer) : this.#switchOff(bearer)));
    } catch (cause) {
      throw cause instanceof CommandError ? new NetworkError(cause.message, { cause }) : cause;
    }
  }

  /** @param before - Names of interfaces that were switched off earlier, and are switched on with the technology. */
  async #switchOff(bearer: Bearer, before: readonly string[] = []): Promise<void> {
    const up = this.#links.links().filter(({ service, isUp }) => isUp && service.bearer === bearer);
    const names = up.map(({ service }) => service.interface);
    for (const name of names) await setLink(name, "down");
    for (const radioSwitch of this.#switchesOf(bearer)) await setRadioSwitch(radioSwitch, false);
    const toSwitchOn = new Set([...before, ...names.filter((name) => !this.#links.isBroughtUp(name))]);
    this.#settings.change({ switchedOff: new Map([...this.#settings.current.switchedOff, [bearer, [...toSwitchOn]]]) });
  }

  async #switchOn(bearer: Bearer): Promise<void> {
    for (const radioSwitch of this.#switchesOf(bearer)) await setRadioSwitch(radioSwitch, true);
    const present = new Set(this.#links.links().map(({ service }) => service.interface));
    const names = this.#settings.current.switchedOff.get(bearer) ?? [];
    for (const name of names) if (present.has(name)) await setLink(name, "up");
    const switchedOff = new Map(this.#settings.current.switchedOff);
    switchedOff.delete(bearer);
    this.#settings.change({ switchedOff });
  }

  #switchesOf(bearer: Bearer): readonly RadioSwitch[] {
    return this.#switches.filter((radioSwitch) => radioSwitch.bearer === bearer);
  }
}
