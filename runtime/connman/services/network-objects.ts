import type { AnyService, Bus, Incoming, ObjectPath } from "@dbus-codegen-ts/runtime";
import type { ManagerService } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import type { ServiceEntry } from "@dbus-codegen-ts/stubs/net.connman.Service";
import type { TechnologyEntry } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Network } from "../adapters/network/network.ts";
import type { Clock } from "../clock.ts";
import { isConnected, type NetworkService, type ServiceState } from "../policy/service.ts";
import { ConnectRequests } from "./connect-requests.ts";
import { SERVICES_PATH, servicePath, TECHNOLOGIES_PATH, technologyPath } from "./object-paths.ts";
import { type ServiceActions, ServiceObject } from "./service-object.ts";
import { TechnologyObject } from "./technology-object.ts";

/**
 * Rank of a service in the list by its state: services in use come first. Services of equal rank keep the order of
 * preference.
 */
const RANKS: Readonly<Record<ServiceState, number>> = {
  online: 0,
  ready: 1,
  configuration: 2,
  association: 2,
  disconnect: 3,
  idle: 3,
  failure: 3,
};

/** The objects `net.connman.Service` and `net.connman.Technology` of a network, and the announcements of their changes. */
export class NetworkObjects implements ServiceActions {
  readonly network: Network;
  readonly #connectRequests: ConnectRequests;
  /** Objects of the services by object path, in the order in which clients see them. */
  #services = new Map<string, ServiceObject>();
  readonly #technologies = new Map<string, TechnologyObject>();
  /** Object paths of the services that were announced last. */
  #announcedServices: readonly string[] = [];
  #announcedTechnologies = new Set<string>();
  /** Ids of services that a user took down. Sessions do not bring them up. */
  readonly #disconnectedByUser = new Set<string>();
  /** Copies of services with `isDisconnectedByUser`, by the original. Sessions get them instead of the originals. */
  readonly #replaced = new WeakMap<NetworkService, NetworkService>();
  #bind: (path: string, object: ServiceObject | TechnologyObject) => void = () => undefined;

  constructor(network: Network, clock: Clock) {
    this.network = network;
    this.#connectRequests = new ConnectRequests(clock);
    this.update();
    this.#announcedServices = [...this.#services.keys()];
    this.#announcedTechnologies = new Set(this.#technologies.keys());
  }

  /** Serves the objects of services and technologies on a bus. Returns a function that removes them. */
  async serve(bus: Bus): Promise<() => Promise<void>> {
    const services = await bus.serveSubtree(SERVICES_PATH, (name) => objectsAt(this.#services, SERVICES_PATH, name), {
      children: (below) => (below === "" ? namesIn(this.#services) : []),
    });
    const technologies = await bus.serveSubtree(
      TECHNOLOGIES_PATH,
      (name) => objectsAt(this.#technologies, TECHNOLOGIES_PATH, name),
      { children: (below) => (below === "" ? namesIn(this.#technologies) : []) },
    );
    this.#bind = (path, object) =>
      (object instanceof ServiceObject ? services : technologies).bind(nameIn(path), object);
    for (const [path, object] of [...this.#services, ...this.#technologies]) this.#bind(path, object);
    return async () => {
      this.#connectRequests.abortAll();
      await Promise.all([services.close(), technologies.close()]);
    };
  }

  /** The services that sessions may use. Services that a user took down are marked with `isDisconnectedByUser`. */
  get sessionServices(): readonly NetworkService[] {
    const { services } = this.network;
    if (this.#disconnectedByUser.size === 0) return services;
    return services.map((service) => this.#asDisconnectedByUser(service));
  }

  serviceEntries(): readonly ServiceEntry[] {
    return [...this.#services].map(([path, object]) => ({ path, properties: object.getProperties() }));
  }

  technologyEntries(): readonly TechnologyEntry[] {
    return [...this.#technologies].map(([path, object]) => ({ path, properties: object.getProperties() }));
  }

  /** Applies a change of the network, without announcing it. */
  update(): void {
    const before = this.#services;
    const after = new Map<string, ServiceObject>();
    for (const service of this.network.services.toSorted((left, right) => RANKS[left.state] - RANKS[right.state])) {
      const path = servicePath(service.id);
      if (!after.has(path)) after.set(path, this.#objectOf(path, service));
    }
    this.#services = after;
    for (const [path, { service }] of before) if (!after.has(path)) this.#disconnectedByUser.delete(service.id);
    this.#updateTechnologies();
    this.#connectRequests.update(new Map([...after.values()].map(({ service }) => [service.id, service])));
  }

  /**
   * Announces changed properties of services and technologies that clients know.
   *
   * @throws LimitsExceededError if the bus accepts no more messages now. A later call announces the rest.
   */
  announceProperties(): void {
    for (const path of this.#announcedServices) this.#services.get(path)?.announce();
    for (const path of this.#announcedTechnologies) this.#technologies.get(path)?.announce();
  }

  /**
   * Announces services and technologies that were added or removed, and the order of services.
   *
   * @throws LimitsExceededError if the bus accepts no more messages now. A later call announces the rest.
   */
  announceLists(signals: ManagerService["signals"]): void {
    this.#announceTechnologies(signals);
    this.#announceServices(signals);
  }

  async connect(service: NetworkService, incoming: Incoming): Promise<void> {
    this.#disconnectedByUser.delete(service.id);
    const ready = this.#connectRequests.untilReady(service, incoming.signal);
    this.network.connect(service.id);
    await ready;
  }

  isConnecting(id: string): boolean {
    return this.#connectRequests.has(id);
  }

  disconnect(id: string): void {
    this.#disconnectedByUser.add(id);
    this.#connectRequests.abort(id);
    this.network.disconnect(id);
  }

  serviceAt(path: ObjectPath): NetworkService | undefined {
    return this.#services.get(path)?.service;
  }

  #objectOf(path: string, service: NetworkService): ServiceObject {
    const object = this.#services.get(path);
    if (object === undefined) {
      const added = new ServiceObject(service, this);
      this.#bind(path, added);
      // The service may have been removed and added since the last announcement.
      this.#announcedServices = this.#announcedServices.filter((announced) => announced !== path);
      return added;
    }
    if (isConnected(service) && !isConnected(object.service)) this.#disconnectedByUser.delete(service.id);
    object.service = service;
    return object;
  }

  #updateTechnologies(): void {
    const technologies = this.network.technologies.filter(({ bearer }) => bearer !== "vpn");
    const paths = new Set(technologies.map(({ bearer }) => technologyPath(bearer)));
    for (const path of [...this.#technologies.keys()]) if (!paths.has(path)) this.#technologies.delete(path);
    for (const technology of technologies) {
      const path = technologyPath(technology.bearer);
      const object = this.#technologies.get(path);
      if (object !== undefined) object.technology = technology;
      else {
        const added = new TechnologyObject(technology, this.network);
        this.#technologies.set(path, added);
        this.#bind(path, added);
      }
    }
  }

  #announceTechnologies(signals: ManagerService["signals"]): void {
    for (const path of [...this.#announcedTechnologies]) {
      if (this.#technologies.has(path)) continue;
      signals.technologyRemoved(path);
      this.#announcedTechnologies.delete(path);
    }
    for (const [path, object] of this.#technologies) {
      if (this.#announcedTechnologies.has(path)) continue;
      signals.technologyAdded(path, object.getProperties());
      this.#announcedTechnologies.add(path);
    }
  }

  #announceServices(signals: ManagerService["signals"]): void {
    const paths = [...this.#services.keys()];
    const before = this.#announcedServices;
    if (paths.length === before.length && paths.every((path, index) => path === before[index])) return;
    const known = new Set(before);
    const changed = [...this.#services].map(([path, object]) => ({
      path,
      properties: known.has(path) ? {} : object.getProperties(),
    }));
    signals.servicesChanged(
      changed,
      before.filter((path) => !this.#services.has(path)),
    );
    this.#announcedServices = paths;
  }

  #asDisconnectedByUser(service: NetworkService): NetworkService {
    if (!this.#disconnectedByUser.has(service.id)) return service;
    const replaced = this.#replaced.get(service) ?? { ...service, isDisconnectedByUser: true };
    this.#replaced.set(service, replaced);
    return replaced;
  }
}

type Objects = ReadonlyMap<string, ServiceObject | TechnologyObject>;

function objectsAt(objects: Objects, parent: string, name: string): readonly AnyService[] | undefined {
  const object = objects.get(`${parent}/${name}`);
  return object && [object];
}

function namesIn(objects: Objects): readonly string[] {
  return [...objects.keys()].map(nameIn);
}

/** Returns the last part of a path. */
function nameIn(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
