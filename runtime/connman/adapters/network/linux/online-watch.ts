import type { NetworkService } from "../../../policy/service.ts";

/** Longest wait between two checks is the square of this, in seconds. */
const MAX_STEP = 12;

/** Asks whether a service reaches the internet; must not reject. */
export type AskOnline = (service: NetworkService, signal: AbortSignal) => Promise<boolean>;

interface Watched {
  /** What of the service makes an answer out of date when it changes. */
  readonly key: string;
  readonly abort: AbortController;
  online: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Knows which of the services that are ready reach the internet. It asks until the answer is yes, after 1, 4, 9 and at
 * last every 144 seconds as ConnMan does, and begins again whenever the network changes.
 */
export class OnlineWatch {
  readonly #ask: AskOnline;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, Watched>();

  /** @param onChange - Is told when a service turned out to be online. */
  constructor(ask: AskOnline, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  isOnline(id: string): boolean {
    return this.#watched.get(id)?.online === true;
  }

  /** The network has changed: these are its services now. */
  update(services: readonly NetworkService[]): void {
    const ready = new Map(services.filter(({ state }) => state === "ready").map((service) => [service.id, service]));
    for (const [id, watched] of this.#watched) {
      const service = ready.get(id);
      if (watched.online && service !== undefined && watched.key === keyOf(service)) ready.delete(id);
      else this.#forget(id, watched);
    }
    for (const service of ready.values()) this.#watch(service);
  }

  close(): void {
    this.update([]);
  }

  #watch(service: NetworkService): void {
    const watched = { key: keyOf(service), abort: new AbortController(), online: false, timer: undefined };
    this.#watched.set(service.id, watched);
    void this.#check(service, watched, 1);
  }

  async #check(service: NetworkService, watched: Watched, step: number): Promise<void> {
    const { signal } = watched.abort;
    watched.online = await this.#ask(service, signal);
    if (signal.aborted) return;
    if (watched.online) {
      this.#onChange();
      return;
    }
    const next = Math.min(MAX_STEP, step + 1);
    watched.timer = setTimeout(() => void this.#check(service, watched, next), step ** 2 * 1_000);
    watched.timer.unref();
  }

  #forget(id: string, { abort, timer }: Watched): void {
    abort.abort();
    clearTimeout(timer);
    this.#watched.delete(id);
  }
}

function keyOf({ interface: name, ipv4, ipv6 }: NetworkService): string {
  return JSON.stringify([name, ipv4.address, ipv4.gateway, ipv6.address, ipv6.gateway]);
}
