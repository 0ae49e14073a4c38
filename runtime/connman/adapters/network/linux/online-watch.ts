import type { NetworkService } from "../../../policy/service.ts";

/** The delay after the n-th check is n² seconds, as in ConnMan, with n at most this. */
const MAX_DELAY_STEP = 12;

/** Returns whether a service reaches the Internet. Must not reject. */
export type CheckOnline = (service: NetworkService, signal: AbortSignal) => Promise<boolean>;

interface WatchedService {
  /** Values of the service whose change invalidates the result. */
  readonly key: string;
  readonly abort: AbortController;
  isOnline: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Finds out which ready services reach the Internet. Each service is checked until it is online, with delays of 1, 4, 9 to
 * 144 seconds. A change of the network restarts the checks.
 */
export class OnlineWatch {
  readonly #checkOnline: CheckOnline;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, WatchedService>();

  /** @param onChange - Called when a service is found to be online. */
  constructor(checkOnline: CheckOnline, onChange: () => void) {
    this.#checkOnline = checkOnline;
    this.#onChange = onChange;
  }

  isOnline(id: string): boolean {
    return this.#watched.get(id)?.isOnline === true;
  }

  /** Replaces the services after a change of the network. */
  update(services: readonly NetworkService[]): void {
    const ready = new Map(services.filter(({ state }) => state === "ready").map((service) => [service.id, service]));
    for (const [id, watched] of this.#watched) {
      const service = ready.get(id);
      if (watched.isOnline && service !== undefined && watched.key === keyOf(service)) ready.delete(id);
      else this.#remove(id, watched);
    }
    for (const service of ready.values()) this.#add(service);
  }

  close(): void {
    this.update([]);
  }

  #add(service: NetworkService): void {
    const watched = { key: keyOf(service), abort: new AbortController(), isOnline: false, timer: undefined };
    this.#watched.set(service.id, watched);
    void this.#check(service, watched, 1);
  }

  async #check(service: NetworkService, watched: WatchedService, step: number): Promise<void> {
    const { signal } = watched.abort;
    watched.isOnline = await this.#checkOnline(service, signal);
    if (signal.aborted) return;
    if (watched.isOnline) {
      this.#onChange();
      return;
    }
    const nextStep = Math.min(MAX_DELAY_STEP, step + 1);
    watched.timer = setTimeout(() => void this.#check(service, watched, nextStep), step ** 2 * 1_000);
    watched.timer.unref();
  }

  #remove(id: string, { abort, timer }: WatchedService): void {
    abort.abort();
    clearTimeout(timer);
    this.#watched.delete(id);
  }
}

function keyOf({ interface: name, ipv4, ipv6 }: NetworkService): string {
  return JSON.stringify([name, ipv4.address, ipv4.gateway, ipv6.address, ipv6.gateway]);
}
