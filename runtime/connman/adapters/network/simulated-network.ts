import { isConnected, type NetworkService } from "../../policy/service.ts";
import type { Network, NetworkSubscription } from "./network.ts";

/** A service to begin with: what is not said has a usual value. */
export type SimulatedService = Pick<NetworkService, "id" | "bearer"> & Partial<NetworkService>;

/** How the simulated network behaves. */
export interface SimulatedNetworkOptions {
  /** Milliseconds that each step of coming up takes, from idle over configuration and ready to online: 0 by default. */
  readonly stepDelayMs?: number;
  /** Whether services come up when they are asked to: true by default. Otherwise `change` says what becomes of them. */
  readonly followsRequests?: boolean;
}

type Listener = (services: readonly NetworkService[]) => void;

const STEPS = ["configuration", "ready", "online"] as const;

/** A network of services that a program scripts: for tests, demonstrations, and machines without one. */
export class SimulatedNetwork implements Network {
  #services = new Map<string, NetworkService>();
  readonly #listeners = new Set<Listener>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #options: Required<SimulatedNetworkOptions>;
  #packets = 0;
  #isOffline = false;

  /** @param services - In service order, the one to prefer first. */
  constructor(services: readonly SimulatedService[] = [], options: SimulatedNetworkOptions = {}) {
    this.#options = { stepDelayMs: 0, followsRequests: true, ...options };
    for (const service of services) this.#services.set(service.id, complete(service));
  }

  get services(): readonly NetworkService[] {
    return [...this.#services.values()];
  }

  subscribe(listener: Listener): NetworkSubscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  /** Adds a service after those there are. */
  add(service: SimulatedService): void {
    this.#services.set(service.id, complete(service));
    this.#tell();
  }

  /** Changes something about a service. Throws Error where there is no service of this id. */
  change(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    this.#replace(id, change);
    this.#tell();
  }

  /** Changes several services at once. */
  changeAll(changes: Readonly<Record<string, Partial<Omit<NetworkService, "id">>>>): void {
    for (const [id, change] of Object.entries(changes)) this.#replace(id, change);
    this.#tell();
  }

  remove(id: string): void {
    this.#stop(id);
    if (this.#services.delete(id)) this.#tell();
  }

  /** Puts services in another order: these first, the others behind as they are. */
  prefer(...ids: readonly string[]): void {
    const all = this.#services;
    const first = ids.flatMap((id) => all.get(id) ?? []);
    this.#services = new Map([...first, ...all.values()].map((service) => [service.id, service]));
    this.#tell();
  }

  /** Lets packets go over the network. */
  addTraffic(packets: number): void {
    this.#packets += packets;
  }

  connect(id: string): void {
    const service = this.#services.get(id);
    if (service === undefined || !this.#options.followsRequests || this.#isOffline || isConnected(service)) return;
    this.#stop(id);
    this.#climb(id, 0);
  }

  disconnect(id: string): void {
    this.#stop(id);
    if (this.#options.followsRequests && this.#services.has(id)) this.change(id, { state: "idle" });
  }

  async packetCount(): Promise<number> {
    return this.#packets;
  }

  setOffline(offline: boolean): void {
    this.#isOffline = offline;
    if (!offline) return;
    for (const { id, bearer } of this.services) {
      this.#stop(id);
      if (bearer !== "ethernet" && bearer !== "gadget") this.#replace(id, { state: "idle" });
    }
    this.#tell();
  }

  async close(): Promise<void> {
    for (const id of [...this.#timers.keys()]) this.#stop(id);
    this.#listeners.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #climb(id: string, step: number): void {
    const state = STEPS[step];
    if (state === undefined) return;
    const climb = (): void => {
      this.#timers.delete(id);
      if (this.#services.has(id)) this.change(id, { state });
      this.#climb(id, step + 1);
    };
    this.#timers.set(id, setTimeout(climb, this.#options.stepDelayMs).unref());
  }

  #stop(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #replace(id: string, change: Partial<Omit<NetworkService, "id">>): void {
    const before = this.#services.get(id);
    if (before === undefined) throw new Error(`there is no service ${id}`);
    this.#services.set(id, { ...before, ...change });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener(this.services);
  }
}

function complete(service: SimulatedService): NetworkService {
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
