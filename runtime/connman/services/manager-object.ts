import { type Incoming, type MaybePromise, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerService, type ManagerSettings, type ManagerState } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { type Network, NetworkError } from "../adapters/network/network.ts";
import { failed, invalidArguments, permissionDenied } from "./connman-errors.ts";

/** Implementation of the methods of the manager. */
export interface ManagerActions {
  create(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath>;
  destroyAt(path: ObjectPath, incoming: Incoming): void;
  /** Sends the Updates that follow from a change of the network. */
  sendUpdates(): void;
}

/** `net.connman.Manager`: creates sessions and reports the state of the machine. */
export class ManagerObject extends ManagerService {
  readonly #network: Network;
  readonly #actions: ManagerActions;
  /** Values that were announced last. */
  #state: ManagerState = "idle";
  #isOffline = false;
  #sessionMode = false;

  constructor(network: Network, actions: ManagerActions) {
    super();
    this.#network = network;
    this.#actions = actions;
  }

  /**
   * Announces the state of the machine if it has changed.
   *
   * @throws LimitsExceededError if the bus accepts no more messages now. Call it a second time later.
   */
  announce(): void {
    const { isOffline } = this.#network;
    if (isOffline !== this.#isOffline) this.signals.propertyChanged("OfflineMode", new Variant("b", isOffline));
    this.#isOffline = isOffline;
    const state = stateOf(this.#network);
    if (state !== this.#state) this.signals.propertyChanged("State", new Variant("s", state));
    this.#state = state;
  }

  getProperties(): ManagerSettings {
    const { isOffline } = this.#network;
    return { state: stateOf(this.#network), offlineMode: isOffline, sessionMode: this.#sessionMode };
  }

  async setProperty(name: string, { signature, value }: Variant, incoming: Incoming): Promise<void> {
    if (signature !== "b" || typeof value !== "boolean") throw invalidArguments();
    if (name !== "OfflineMode" && name !== "SessionMode") throw invalidArguments();
    const { uid } = await incoming.credentials();
    if (uid !== 0 && uid !== process.getuid?.()) throw permissionDenied();
    if (name === "SessionMode") this.#sessionMode = value;
    else await this.#setOffline(value);
  }

  createSession(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath> {
    return this.#actions.create(settings, notifier, incoming);
  }

  destroySession(session: ObjectPath, incoming: Incoming): void {
    this.#actions.destroyAt(session, incoming);
  }

  async #setOffline(offline: boolean): Promise<void> {
    if (this.#network.setOffline === undefined) throw invalidArguments();
    try {
      await this.#network.setOffline(offline);
    } catch (error) {
      throw error instanceof NetworkError ? failed(error.message) : error;
    }
    this.#actions.sendUpdates();
  }
}

function stateOf({ services, isOffline }: Network): ManagerState {
  if (services.some(({ state }) => state === "online")) return "online";
  if (services.some(({ state }) => state === "ready")) return "ready";
  return isOffline ? "offline" : "idle";
}
