import { isConnected, type NetworkService } from "../../policy/service.ts";
import type { Network, NetworkSubscription } from "./network.ts";

/** A service to simulate. Absent members have default values: name and interface are the id, the state is `idle`. */
export type SimulatedService = Pick<NetworkService, "id" | "bearer"> & Partial<NetworkService>;

export interface SimulatedNetworkOptions {
  /** Milliseconds between the states `configuration`, `ready` and `online` of a service that is brought up. Default: 0. */
  readonly stepDelayMs?: number;
  /** Whether `connect` and `disconnect` have an effect. Default: true. Otherwise only the other methods change services. */
  readonly followsRequests?: boolean;
}

type Listener = (services: readonly NetworkService[]) => void;

/** States of a service that is brought up, in order. */
const STATES = ["configuration", "ready", "online"] as const;

/** A network that a program controls: for tests, demonstrations and machines without a network. */
export class SimulatedNetwork implements Network {
  #services = new Map<string, NetworkService>();
  readonly #listeners = new Set<Listener>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #options: Required<SimulatedNetworkOptions>;
  #packetCount = 0;
  #isOffline = false;

  /** @param services - Services in order of preference. */
  constructor(services: readonly SimulatedService[] = [], options: SimulatedNetworkOptions = {}) {
    this.#options = { stepDelayMs: 0, followsRequests: true, ...options };
    for (const service of services) this.#services.set(service.id, withDefaults(service));
  }

  get services(): readonly NetworkService[] {
    return [...this.#services.values()];
  }

  subscribe(listener: Listener): NetworkSubscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  /** Adds a service with the lowest preference. */
  add(service: SimulatedService): void {
    this.#services.set(service.id, withDefaults(service));
    this.#notify();
  }

  /** Changes members of a service. Throws Error if the service does not exist. */
  change(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    this.#replace(id, change);
    this.#notify();
  }

  /** Changes several services, given by id, at the same time. */
  changeAll(changes: Readonly<Record<string, Partial<Omit<NetworkService, "id">>>>): void {
    for (const [id, change] of Object.entries(changes)) this.#replace(id, change);
    this.#notify();
  }

  remove(id: string): void {
    this.#cancelSteps(id);
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
    if (service === undefined || !this.#options.followsRequests || this.#isOffline || isConnected(service)) return;
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

  setOffline(offline: boolean): void {
    this.#isOffline = offline;
    if (!offline) return;
    for (const { id, bearer } of this.services) {
      this.#cancelSteps(id);
      if (bearer !== "ethernet" && bearer !== "gadget") this.#replace(id, { state: "idle" });
    }
    this.#notify();
  }

  async close(): Promise<void> {
    for (const id of [...this.#timers.keys()]) this.#cancelSteps(id);
    this.#listeners.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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

  #replace(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    const before = this.#services.get(id);
    if (before === undefined) throw new Error(`there is no service ${id}`);
    this.#services.set(id, { ...before, ...change });
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener(this.services);
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
