import type { LinkService } from "./link-services.ts";

/** Maximum of n. The delay after the n-th check is n² seconds, as in ConnMan. */
const MAX_DELAY_STEP = 12;

/** Returns whether a service reaches the Internet. Must not reject. */
export type CheckOnline = (link: LinkService, signal: AbortSignal) => Promise<boolean>;

interface WatchedService {
  /** Values of the service whose change invalidates the result. */
  readonly key: string;
  readonly abort: AbortController;
  isOnline: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Checks which ready services reach the Internet. A service that is not online is checked with delays of 1, 4, 9 and so
 * on to 144 seconds. A service that is online is checked every 144 seconds, and is not online after a failed check. A
 * change of the service restarts its checks.
 */
export class OnlineWatch {
  readonly #checkOnline: CheckOnline;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, WatchedService>();

  /** @param onChange - Called when a service is found to be online, or no longer online. */
  constructor(checkOnline: CheckOnline, onChange: () => void) {
    this.#checkOnline = checkOnline;
    this.#onChange = onChange;
  }

  isOnline(id: string): boolean {
    return this.#watched.get(id)?.isOnline === true;
  }

  /** Replaces the services after a change of the network. Services without a default route are not checked. */
  update(links: readonly LinkService[]): void {
    const checked = links.filter(({ service, defaultRoutes }) => service.state === "ready" && defaultRoutes.length > 0);
    const ready = new Map(checked.map((link) => [link.service.id, link]));
    for (const [id, watched] of this.#watched) {
      const link = ready.get(id);
      if (watched.isOnline && link !== undefined && watched.key === keyOf(link)) ready.delete(id);
      else this.#remove(id, watched);
    }
    for (const link of ready.values()) this.#add(link);
  }

  close(): void {
    this.update([]);
  }

  #add(link: LinkService): void {
    const watched = { key: keyOf(link), abort: new AbortController(), isOnline: false, timer: undefined };
    this.#watched.set(link.service.id, watched);
    void this.#check(link, watched, 1);
  }

  /** @param step - Number of checks, including this one, since the service was found to be online or its values changed. */
  async #check(link: LinkService, watched: WatchedService, step: number): Promise<void> {
    const { signal } = watched.abort;
    const isOnline = await this.#checkOnline(link, signal);
    if (signal.aborted) return;
    const hasChanged = isOnline !== watched.isOnline;
    watched.isOnline = isOnline;
    const delayStep = isOnline ? MAX_DELAY_STEP : step;
    const nextStep = isOnline ? 1 : Math.min(MAX_DELAY_STEP, step + 1);
    watched.timer = setTimeout(() => void this.#check(link, watched, nextStep), delayStep ** 2 * 1_000);
    watched.timer.unref();
    if (hasChanged) this.#onChange();
  }

  #remove(id: string, { abort, timer }: WatchedService): void {
    abort.abort();
    clearTimeout(timer);
    this.#watched.delete(id);
  }
}

function keyOf({ service: { interface: name, ipv4, ipv6 }, defaultRoutes }: LinkService): string {
  return JSON.stringify([name, ipv4.address, ipv4.gateway, ipv6.address, ipv6.gateway, defaultRoutes]);
}
