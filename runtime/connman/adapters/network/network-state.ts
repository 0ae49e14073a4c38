import { isDeepStrictEqual } from "node:util";
import type { NetworkService } from "../../policy/service.ts";
import type { Network, NetworkSubscription, Technology } from "./network.ts";

/** The values of a network that sessions use. */
export type NetworkSnapshot = Pick<Network, "services" | "technologies" | "isOffline">;

/** The reported state of a network with its listeners. */
export class NetworkState implements NetworkSnapshot {
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  #services: readonly NetworkService[] = [];
  #technologies: readonly Technology[] = [];
  #isOffline = false;

  /** @param onError - Called with the errors of listeners. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get services(): readonly NetworkService[] {
    return this.#services;
  }

  get technologies(): readonly Technology[] {
    return this.#technologies;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  subscribe(listener: () => void): NetworkSubscription {
    // A separate function per subscription, because the same listener may subscribe twice.
    const subscriber = (): void => listener();
    this.#listeners.add(subscriber);
    return { unsubscribe: () => void this.#listeners.delete(subscriber) };
  }

  /** Replaces the state, and notifies listeners of a change. Equal services and members remain the same objects. */
  publish({ services, technologies, isOffline }: NetworkSnapshot): void {
    const before = new Map(this.#services.map((service) => [service.id, service]));
    const nextServices = services.map((service) => unchangedMembers(service, before.get(service.id)));
    const nextTechnologies = isDeepStrictEqual(technologies, this.#technologies) ? this.#technologies : technologies;
    const isSame =
      isOffline === this.#isOffline &&
      nextTechnologies === this.#technologies &&
      nextServices.length === this.#services.length &&
      nextServices.every((service, index) => service === this.#services[index]);
    if (isSame) return;
    this.#services = nextServices;
    this.#technologies = nextTechnologies;
    this.#isOffline = isOffline;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#listeners.clear();
  }
}

/**
 * Returns the previous service if nothing has changed. Otherwise returns the new service; equal addresses remain the
 * previous objects.
 */
function unchangedMembers(service: NetworkService, before: NetworkService | undefined): NetworkService {
  if (before === undefined) return service;
  if (isDeepStrictEqual(service, before)) return before;
  const { ipv4, ipv6 } = before;
  return {
    ...service,
    ...(isDeepStrictEqual(service.ipv4, ipv4) && { ipv4 }),
    ...(isDeepStrictEqual(service.ipv6, ipv6) && { ipv6 }),
  };
}
