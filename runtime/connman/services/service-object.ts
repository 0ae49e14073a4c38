import type { Incoming, ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { ServiceService, ServiceSettings } from "@dbus-codegen-ts/stubs/net.connman.Service";
import type { Network } from "../adapters/network/network.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import { checkMayChangeNetwork } from "./caller-rights.ts";
import { changedProperties } from "./changed-properties.ts";
import {
  alreadyConnected,
  inProgress,
  invalidArguments,
  invalidProperty,
  invalidService,
  notConnected,
  notSupported,
} from "./connman-errors.ts";
import { readIPv4Configuration } from "./ipv4-configuration.ts";
import { changedBy } from "./network-change.ts";
import { serviceSettings } from "./service-settings.ts";

/** Implementation of the methods of a service that concern other services or sessions. */
export interface ServiceActions {
  readonly network: Network;
  /** Brings a service up and waits until it is ready. */
  connect(service: NetworkService, incoming: Incoming): Promise<void>;
  /** Returns whether a call of Connect waits for the service. */
  isConnecting(id: string): boolean;
  /** Takes a service down. After that, sessions do not bring the service up until a user has done so. */
  disconnect(id: string): void;
  /** Returns the service with an object path; undefined if no service has the path. */
  serviceAt(path: ObjectPath): NetworkService | undefined;
}

/** Properties that ConnMan allows to change, but this service does not. */
const OTHER_CONFIGURATION = ["IPv6", "Nameservers", "Timeservers", "Domains", "Proxy", "mDNS"].map(
  (name) => `${name}.Configuration`,
);

/** Values that PropertyChanged reports for properties that a service does not have. */
const ABSENT = { error: "", strength: 0, name: "", roaming: false } as const;

/** States in which a service is being brought up. */
const CONNECTING: readonly string[] = ["association", "configuration"];

/** The interface `net.connman.Service` of one service. */
export class ServiceObject extends ServiceService {
  service: NetworkService;
  readonly #actions: ServiceActions;
  /** The service with the properties that were announced last. */
  #announcedService: NetworkService;
  #announced: ServiceSettings;

  constructor(service: NetworkService, actions: ServiceActions) {
    super();
    this.service = service;
    this.#actions = actions;
    this.#announcedService = service;
    this.#announced = this.#announceable();
  }

  getProperties(): ServiceSettings {
    return serviceSettings(this.service);
  }

  /** Announces changed properties. Throws LimitsExceededError if the bus accepts no more messages now. */
  announce(): void {
    if (this.service === this.#announcedService) return;
    const settings = this.#announceable();
    for (const { name, value, member } of changedProperties(ServiceSettings, this.#announced, settings)) {
      this.signals.propertyChanged(name, value);
      this.#announced = { ...this.#announced, [member]: Reflect.get(settings, member) };
    }
    this.#announced = settings;
    this.#announcedService = this.service;
  }

  async setProperty(name: string, value: Variant, incoming: Incoming): Promise<void> {
    if (name === "AutoConnect") await this.#setAutoConnect(value, incoming);
    else if (name === "IPv4.Configuration") await this.#setIPv4(value, incoming);
    else throw OTHER_CONFIGURATION.includes(name) ? notSupported() : invalidProperty();
  }

  async connect(incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const { service } = this;
    if (isConnected(service)) throw alreadyConnected();
    if (CONNECTING.includes(service.state) || this.#actions.isConnecting(service.id)) throw inProgress();
    await this.#actions.connect(service, incoming);
  }

  async disconnect(incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const { service } = this;
    const isUp = isConnected(service) || CONNECTING.includes(service.state);
    if (!isUp && !this.#actions.isConnecting(service.id)) throw notConnected();
    this.#actions.disconnect(service.id);
  }

  async remove(incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const { id, bearer, isImmutable, isFavorite = true, state } = this.service;
    const isStored = isFavorite || state === "failure";
    if (bearer === "ethernet" || isImmutable === true || !isStored) throw notSupported();
    await changedBy(this.#actions.network.forget?.(id));
  }

  moveBefore(service: ObjectPath, incoming: Incoming): Promise<void> {
    return this.#move("before", service, incoming);
  }

  moveAfter(service: ObjectPath, incoming: Incoming): Promise<void> {
    return this.#move("after", service, incoming);
  }

  /** Returns the properties to announce. A property that the service does not have gets an empty value. */
  #announceable(): ServiceSettings {
    return { ...ABSENT, ...this.getProperties() };
  }

  async #setAutoConnect({ signature, value }: Variant, incoming: Incoming): Promise<void> {
    if (signature !== "b" || typeof value !== "boolean") throw invalidArguments();
    await checkMayChangeNetwork(incoming);
    const { id, isFavorite = true, autoConnect } = this.service;
    if (!isFavorite) throw invalidService();
    if (autoConnect !== value) await changedBy(this.#actions.network.setAutoConnect?.(id, value));
  }

  async #setIPv4(value: Variant, incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const { id, isImmutable } = this.service;
    if (isImmutable === true) throw notSupported();
    const configuration = readIPv4Configuration(value);
    if (configuration === undefined) throw invalidArguments();
    if (configuration.method === "auto") throw notSupported();
    await changedBy(this.#actions.network.setIPv4?.(id, configuration));
  }

  async #move(place: "before" | "after", path: ObjectPath, incoming: Incoming): Promise<void> {
    await checkMayChangeNetwork(incoming);
    const other = this.#actions.serviceAt(path);
    if (other === undefined || other.id === this.service.id) throw invalidService();
    await changedBy(this.#actions.network.move?.(this.service.id, place, other.id));
  }
}
