import { type Incoming, type MaybePromise, type ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerService, type ManagerSettings, type ManagerState } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import type { ServiceEntry } from "@dbus-codegen-ts/stubs/net.connman.Service";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { TechnologyEntry } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Network } from "../adapters/network/network.ts";
import { checkMayChangeNetwork } from "./caller-rights.ts";
import { invalidArguments, invalidProperty } from "./connman-errors.ts";
import { changedBy } from "./network-change.ts";
import type { NetworkObjects } from "./network-objects.ts";

/** Implementation of the methods of the manager. */
export interface ManagerActions {
  create(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath>;
  destroyAt(path: ObjectPath, incoming: Incoming): void;
  /** Sends the Updates that follow from a change of the network. */
  sendUpdates(): void;
}

/** `net.connman.Manager`: creates sessions, and reports services, technologies and the state of the machine. */
export class ManagerObject extends ManagerService {
  readonly #network: Network;
  readonly #objects: NetworkObjects;
  readonly #actions: ManagerActions;
  /** The state of the machine and the offline mode that were announced last. */
  #state: ManagerState = "idle";
  #isOffline = false;
  #sessionMode = false;

  constructor(objects: NetworkObjects, actions: ManagerActions) {
    super();
    this.#network = objects.network;
    this.#objects = objects;
    this.#actions = actions;
  }

  /**
   * Announces what has changed: services, technologies and the state of the machine.
   *
   * @throws LimitsExceededError if the bus accepts no more messages now. A later call announces the rest.
   */
  announce(): void {
    this.#objects.announceProperties();
    const { isOffline } = this.#network;
    if (isOffline !== this.#isOffline) this.signals.propertyChanged("OfflineMode", new Variant("b", isOffline));
    this.#isOffline = isOffline;
    const state = stateOf(this.#network);
    if (state !== this.#state) this.signals.propertyChanged("State", new Variant("s", state));
    this.#state = state;
    this.#objects.announceLists(this.signals);
  }

  getProperties(): ManagerSettings {
    const { isOffline } = this.#network;
    return { state: stateOf(this.#network), offlineMode: isOffline, sessionMode: this.#sessionMode };
  }

  async setProperty(name: string, { signature, value }: Variant, incoming: Incoming): Promise<void> {
    if (name !== "OfflineMode" && name !== "SessionMode") throw invalidProperty();
    if (signature !== "b" || typeof value !== "boolean") throw invalidArguments();
    await checkMayChangeNetwork(incoming);
    if (name === "SessionMode") this.#sessionMode = value;
    else await changedBy(this.#network.setOffline?.(value));
    this.#actions.sendUpdates();
  }

  getServices(): readonly ServiceEntry[] {
    return this.#objects.serviceEntries();
  }

  getTechnologies(): readonly TechnologyEntry[] {
    return this.#objects.technologyEntries();
  }

  /** Returns no peers: devices for direct wireless connections are not supported. */
  getPeers(): readonly [] {
    return [];
  }

  /** Returns no devices: tethering is not supported. */
  getTetheringClients(): readonly [] {
    return [];
  }

  createSession(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath> {
    return this.#actions.create(settings, notifier, incoming);
  }

  destroySession(session: ObjectPath, incoming: Incoming): void {
    this.#actions.destroyAt(session, incoming);
  }
}

function stateOf({ services, isOffline }: Network): ManagerState {
  if (services.some(({ state }) => state === "online")) return "online";
  if (services.some(({ state }) => state === "ready")) return "ready";
  return isOffline ? "offline" : "idle";
}
