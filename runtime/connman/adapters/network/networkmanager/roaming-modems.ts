import { Modem3GppClient } from "@dbus-codegen-ts/modemmanager/org.freedesktop.ModemManager1.Modem.Modem3gpp";
import { RegistrationState } from "@dbus-codegen-ts/modemmanager/types";
import type { Bus, Subscription } from "@dbus-codegen-ts/runtime";
import { MAX_FOLLOWED_MODEMS } from "../../../quotas.ts";

const MODEM_MANAGER_NAME = "org.freedesktop.ModemManager1";

const ROAMING: ReadonlySet<RegistrationState> = new Set([
  RegistrationState.Roaming,
  RegistrationState.RoamingSmsOnly,
  RegistrationState.RoamingCsfbNotPreferred,
]);

export interface RoamingModemsHandlers {
  /** Called after a modem was added to `paths` or removed. */
  onChange(): void;
  onError(error: unknown): void;
}

/** The modems of ModemManager that are registered in a network other than their home network. */
export class RoamingModems {
  /** Object paths of the modems that are roaming. */
  readonly paths = new Set<string>();
  readonly #bus: Bus;
  readonly #handlers: RoamingModemsHandlers;
  readonly #followed = new Map<string, Promise<Subscription | undefined>>();

  constructor(bus: Bus, handlers: RoamingModemsHandlers) {
    this.#bus = bus;
    this.#handlers = handlers;
  }

  /**
   * Replaces the set of modems that are followed, given by their object paths. Texts that are not paths of modems are
   * ignored.
   */
  follow(udis: Iterable<string>): void {
    const paths = [...udis].filter((udi) => /^\/org\/freedesktop\/ModemManager1\/Modem\/\d{1,9}$/.test(udi));
    const wanted = new Set(paths.slice(0, MAX_FOLLOWED_MODEMS));
    for (const [path, subscription] of [...this.#followed]) {
      if (wanted.has(path)) continue;
      this.#followed.delete(path);
      this.paths.delete(path);
      void subscription.then((opened) => opened?.close()).catch((error: unknown) => this.#handlers.onError(error));
    }
    for (const path of wanted) if (!this.#followed.has(path)) this.#followed.set(path, this.#subscribe(path));
  }

  close(): void {
    this.follow([]);
  }

  async #subscribe(path: string): Promise<Subscription | undefined> {
    const { registrationState } = new Modem3GppClient(this.#bus, { destination: MODEM_MANAGER_NAME, path }).properties;
    try {
      return await registrationState.subscribe((state) => this.#onState(path, state));
    } catch (error) {
      // The modem was removed meanwhile, or it is not a 3GPP modem.
      if (this.#followed.has(path)) this.#handlers.onError(error);
      return undefined;
    }
  }

  #onState(path: string, state: RegistrationState | undefined): void {
    if (!this.#followed.has(path)) return;
    const isRoaming = state !== undefined && ROAMING.has(state);
    if (isRoaming === this.paths.has(path)) return;
    if (isRoaming) this.paths.add(path);
    else this.paths.delete(path);
    this.#handlers.onChange();
  }
}
