import { type Bearer, type IPv4, isConnected, type NetworkService } from "../../policy/service.ts";
import { type Network, NetworkError, type NetworkSubscription, type Technology } from "./network.ts";
import { technologyName } from "./technology-names.ts";

/** A service to simulate. Absent members have default values: name and interface are the id, the state is `idle`. */
export type SimulatedService = Pick<NetworkService, "id" | "bearer"> & Partial<NetworkService>;

export interface SimulatedNetworkOptions {
  /** Milliseconds between the states `configuration`, `ready` and `online` of a service that is brought up. Default: 0. */
  readonly stepDelayMs?: number;
  /**
   * Whether `connect` and `disconnect` have an effect. If false, only the other methods change services. Default: true.
   */
  readonly followsRequests?: boolean;
  /** Technologies of the machine besides those of the initial services. They are powered at first. */
  readonly technologies?: readonly Bearer[];
}

/** States of a service that is brought up, in order. */
const STATES = ["configuration", "ready", "online"] as const;

/** A network that a program controls: for tests, demonstrations and machines without a network. */
export class SimulatedNetwork implements Network {
  /** All services, also those of technologies that are not powered. */
  #services = new Map<string, NetworkService>();
  #technologies = new Map<Bearer, Technology>();
  /** IPv4 addresses that the simulated DHCP servers assign, by service. */
  readonly #leases = new Map<string, IPv4>();
  /** Technologies that offline mode has switched off. */
  #switchedOff = new Set<Bearer>();
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #options: Required<SimulatedNetworkOptions>;
  #packetCount = 0;
  #isOffline = false;

  /** @param services - Services in order of preference. */
  constructor(services: readonly SimulatedService[] = [], options: SimulatedNetworkOptions = {}) {
    this.#options = { stepDelayMs: 0, followsRequests: true, technologies: [], ...options };
    for (const bearer of this.#options.technologies) this.#addTechnology(bearer);
    for (const service of services) this.#add(service);
  }

  get services(): readonly NetworkService[] {
    return [...this.#services.values()].filter(({ bearer }) => this.#isPowered(bearer));
  }

  get technologies(): readonly Technology[] {
    return [...this.#technologies.values()];
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  subscribe(listener: () => void): NetworkSubscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  /** Adds a service with the lowest preference. */
  add(service: SimulatedService): void {
    this.#add(service);
    this.#notify();
  }

  /** Changes members of a service. Throws Error if the service does not exist. */
  change(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    this.#setValues(id, change);
    this.#notify();
  }

  /** Changes several services, given by id, at the same time. */
  changeAll(changes: Readonly<Record<string, Partial<Omit<NetworkService, "id">>>>): void {
    for (const [id, change] of Object.entries(changes)) this.#setValues(id, change);
    this.#notify();
  }

  remove(id: string): void {
    this.#cancelSteps(id);
    this.#leases.delete(id);
    if (this.#services.delete(id)) this.#notify();
  }

  /** Moves services to the start of the order of preference. */
  prefer(...ids: readonly string[]): void {
    const all = this.#services;
    const first = ids.flatMap((id) => all.get(id) ?? []);
    this.#services = new Map([...first, ...all.values()].map((service) => [service.id, service]));
    this.#notify();
  }

  /** Increases the number of packets that have been sent and received. */
  addTraffic(packets: number): void {
    this.#packetCount += packets;
  }

  connect(id: string): void {
    const service = this.#services.get(id);
    if (service === undefined || !this.#options.followsRequests || isConnected(service)) return;
    if (!this.#isPowered(service.bearer)) return;
    this.#cancelSteps(id);
    this.#scheduleStep(id, 0);
  }

  disconnect(id: string): void {
    this.#cancelSteps(id);
    if (this.#options.followsRequests && this.#services.has(id)) this.change(id, { state: "idle" });
  }

  async packetCount(): Promise<number> {
    return this.#packetCount;
  }

  /**
   * Switches all technologies off if `offline` is true; otherwise switches on the technologies that offline mode has
   * switched off.
   */
  async setOffline(offline: boolean): Promise<void> {
    if (offline === this.#isOffline) return;
    this.#isOffline = offline;
    const powered = this.technologies.filter(({ isPowered }) => isPowered);
    const switched = offline ? powered.map(({ bearer }) => bearer) : [...this.#switchedOff];
    this.#switchedOff = new Set(offline ? switched : []);
    for (const bearer of switched) this.#switch(bearer, !offline);
    this.#notify();
  }

  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    if (!this.#technologies.has(bearer)) throw new NetworkError(`there is no technology ${bearer}`);
    this.#switchedOff.delete(bearer);
    if (this.#isPowered(bearer) === isPowered) return;
    this.#switch(bearer, isPowered);
    this.#notify();
  }

  async setAutoConnect(id: string, autoConnect: boolean): Promise<void> {
    this.#checkService(id);
    this.change(id, { autoConnect });
  }

  async setIPv4(id: string, configuration: IPv4): Promise<void> {
    this.#checkService(id);
    const { method } = configuration;
    const assigned = method === "off" ? {} : (this.#leases.get(id) ?? {});
    this.#replace(id, { ipv4Configuration: configuration, ipv4: method === "manual" ? configuration : assigned });
    this.#notify();
  }

  async forget(id: string): Promise<void> {
    this.#checkService(id);
    this.#cancelSteps(id);
    this.change(id, { state: "idle", isFavorite: false, autoConnect: false });
  }

  async move(id: string, place: "before" | "after", otherId: string): Promise<void> {
    this.#checkService(id);
    this.#checkService(otherId);
    const others = [...this.#services.keys()].filter((other) => other !== id);
    others.splice(others.indexOf(otherId) + (place === "after" ? 1 : 0), 0, id);
    this.prefer(...others);
  }

  /** Finds nothing: the services of the network are always visible. */
  async scan(bearer: Bearer): Promise<void> {
    if (!this.#isPowered(bearer)) throw new NetworkError(`the technology ${bearer} is switched off`);
  }

  async close(): Promise<void> {
    for (const id of [...this.#timers.keys()]) this.#cancelSteps(id);
    this.#listeners.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(service: SimulatedService): void {
    const complete = withDefaults(service);
    this.#addTechnology(service.bearer);
    this.#services.set(service.id, complete);
    this.#leases.set(service.id, complete.ipv4);
  }

  #addTechnology(bearer: Bearer): void {
    if (this.#technologies.has(bearer)) return;
    const isPowered = !this.#isOffline;
    if (!isPowered) this.#switchedOff.add(bearer);
    this.#technologies.set(bearer, { bearer, name: technologyName(bearer), isPowered });
  }

  #isPowered(bearer: Bearer): boolean {
    return this.#technologies.get(bearer)?.isPowered === true;
  }

  /** Switches a technology on or off. Its services are taken down if it is switched off. */
  #switch(bearer: Bearer, isPowered: boolean): void {
    const technology = this.#technologies.get(bearer);
    if (technology !== undefined) this.#technologies.set(bearer, { ...technology, isPowered });
    for (const service of this.#services.values()) {
      if (service.bearer !== bearer) continue;
      this.#cancelSteps(service.id);
      this.#replace(service.id, { state: "idle" });
    }
  }

  #checkService(id: string): void {
    if (!this.#services.has(id)) throw new NetworkError(`there is no service ${id}`);
  }

  #scheduleStep(id: string, step: number): void {
    const state = STATES[step];
    if (state === undefined) return;
    const enterState = (): void => {
      this.#timers.delete(id);
      if (this.#services.has(id)) this.change(id, { state });
      this.#scheduleStep(id, step + 1);
    };
    this.#timers.set(id, setTimeout(enterState, this.#options.stepDelayMs).unref());
  }

  #cancelSteps(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #setValues(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    this.#replace(id, change);
    if (change.ipv4 !== undefined) this.#leases.set(id, change.ipv4);
  }

  #replace(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    const before = this.#services.get(id);
    if (before === undefined) throw new Error(`there is no service ${id}`);
    this.#services.set(id, { ...before, ...change });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

function withDefaults(service: SimulatedService): NetworkService {
  return {
    name: service.id,
    interface: service.id,
    state: "idle",
    ipv4: {},
    ipv6: {},
    autoConnect: true,
    roaming: "home",
    ...service,
  };
}
