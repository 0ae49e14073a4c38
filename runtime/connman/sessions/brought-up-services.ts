import type { Services } from "./allocation.ts";
import type { SessionGroups } from "./session-groups.ts";

/** Services that are up, or coming up, because sessions requested them. */
export class BroughtUpServices {
  readonly #groups: SessionGroups;
  readonly #ids = new Set<string>();
  #toConnect: string[] = [];
  #toDisconnect: string[] = [];

  constructor(groups: SessionGroups) {
    this.#groups = groups;
  }

  /**
   * Requests that a service is brought up.
   *
   * @param isRepeated - Whether a service is requested even if it was requested before and has not come up.
   */
  connect(id: string, isRepeated = false): void {
    if (this.#ids.has(id) && !isRepeated) return;
    this.#ids.add(id);
    if (!this.#toConnect.includes(id)) this.#toConnect.push(id);
  }

  /** Ids of the services that are up, or coming up, because sessions requested them. */
  get ids(): readonly string[] {
    return [...this.#ids];
  }

  /** Requests that a service is taken down. */
  disconnect(id: string): void {
    if (this.#ids.delete(id)) this.#toDisconnect.push(id);
  }

  /** Takes down the services whose bearer no active session could use. */
  disconnectUnused(services: Services): void {
    for (const id of this.#ids) {
      const service = services.get(id);
      if (service !== undefined && this.#groups.hasActiveSession(service.bearer)) continue;
      if (service === undefined) this.#ids.delete(id);
      else this.disconnect(id);
    }
  }

  /**
   * Updates the state of a service after a change: a service that is down or was removed is no longer up because of
   * sessions.
   */
  serviceChanged(services: Services, id: string): void {
    const state = services.get(id)?.state;
    if (state === undefined || state === "idle" || state === "failure" || state === "disconnect") this.#ids.delete(id);
  }

  /** Returns the ids of services to bring up and to take down, each once. */
  take(): { readonly connect: readonly string[]; readonly disconnect: readonly string[] } {
    const taken = { connect: this.#toConnect, disconnect: this.#toDisconnect };
    this.#toConnect = [];
    this.#toDisconnect = [];
    return taken;
  }
}
