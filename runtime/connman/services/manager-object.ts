import { type Incoming, type MaybePromise, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerService, type ManagerSettings, type ManagerState } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { NetworkService } from "../policy/service.ts";
import { invalidArguments, permissionDenied } from "./connman-errors.ts";

/** Implementation of the methods of the manager. */
export interface ManagerActions {
  create(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath>;
  destroyAt(path: ObjectPath, incoming: Incoming): void;
  /** Switches all radios off or on; undefined if the network does not support it. */
  readonly setOffline: ((offline: boolean) => void) | undefined;
}

/** `net.connman.Manager`: creates sessions and reports the state of the machine. */
export class ManagerObject extends ManagerService {
  readonly #actions: ManagerActions;
  #services: readonly NetworkService[] = [];
  /** The state that was announced last. */
  #state: ManagerState = "idle";
  #isOffline = false;
  #sessionMode = false;

  constructor(actions: ManagerActions) {
    super();
    this.#actions = actions;
  }

  /**
   * Replaces the services, and announces the state of the machine if it has changed.
   *
   * @throws LimitsExceededError if the bus accepts no more messages now. Call it a second time with the same services.
   */
  updateServices(services: readonly NetworkService[]): void {
    this.#services = services;
    const state = stateOf(services, this.#isOffline);
    if (state === this.#state) return;
    this.signals.propertyChanged("State", new Variant("s", state));
    this.#state = state;
  }

  getProperties(): ManagerSettings {
    const state = stateOf(this.#services, this.#isOffline);
    return { state, offlineMode: this.#isOffline, sessionMode: this.#sessionMode };
  }

  async setProperty(name: string, { signature, value }: Variant, incoming: Incoming): Promise<void> {
    if (signature !== "b" || typeof value !== "boolean") throw invalidArguments();
    if (name !== "OfflineMode" && name !== "SessionMode") throw invalidArguments();
    const { uid } = await incoming.credentials();
    if (uid !== 0 && uid !== process.getuid?.()) throw permissionDenied();
    if (name === "SessionMode") this.#sessionMode = value;
    else this.#setOffline(value);
  }

  createSession(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath> {
    return this.#actions.create(settings, notifier, incoming);
  }

  destroySession(session: ObjectPath, incoming: Incoming): void {
    this.#actions.destroyAt(session, incoming);
  }

  #setOffline(offline: boolean): void {
    const { setOffline } = this.#actions;
    if (setOffline === undefined) throw invalidArguments();
    if (offline === this.#isOffline) return;
    this.signals.propertyChanged("OfflineMode", new Variant("b", offline));
    this.#isOffline = offline;
    setOffline(offline);
  }
}

function stateOf(services: readonly NetworkService[], isOffline: boolean): ManagerState {
  if (services.some(({ state }) => state === "online")) return "online";
  if (services.some(({ state }) => state === "ready")) return "ready";
  return isOffline ? "offline" : "idle";
}
