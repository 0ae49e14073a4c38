import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkService } from "../policy/service.ts";

/** Longest wait between two checks is the square of this, in seconds. */
const MAX_STEP = 12;

/** Asks whether a service reaches the internet; must not reject. */
export type AskOnline = (service: NetworkService, signal: AbortSignal) => Promise<boolean>;

interface Watched {
  /** What of the service makes an answer out of date when it changes. */
  readonly key: string;
  readonly abort: AbortController;
  online: boolean;
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
    for (const [id, { key, online, abort }] of this.#watched) {
      const service = ready.get(id);
      if (online && service !== undefined && key === keyOf(service)) ready.delete(id);
      else {
        abort.abort();
        this.#watched.delete(id);
      }
    }
    for (const service of ready.values()) void this.#watch(service);
  }

  close(): void {
    this.update([]);
  }

  async #watch(service: NetworkService): Promise<void> {
    const watched: Watched = { key: keyOf(service), abort: new AbortController(), online: false };
    const { signal } = watched.abort;
    this.#watched.set(service.id, watched);
    for (let step = 1; !signal.aborted; step = Math.min(MAX_STEP, step + 1)) {
      const online = await this.#ask(service, signal);
      if (signal.aborted) return;
      if (online) {
        watched.online = true;
        this.#onChange();
        return;
      }
      await sleep(step ** 2 * 1_000, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

function keyOf({ interface: name, ipv4, ipv6 }: NetworkService): string {
  return JSON.stringify([name, ipv4.address, ipv4.gateway, ipv6.address, ipv6.gateway]);
}
