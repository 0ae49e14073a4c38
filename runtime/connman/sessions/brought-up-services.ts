import type { NetworkService } from "../policy/service.ts";
import { chooseToRaise } from "../policy/session-request.ts";
import type { SessionGroup, SessionGroups } from "./session-group.ts";

/** Services that are up, or on their way, because sessions asked for them. */
export class ConnectedServices {
  readonly #cohorts: SessionGroups;
  readonly #ids = new Set<string>();
  #raise: string[] = [];
  #lower: string[] = [];

  constructor(cohorts: SessionGroups) {
    this.#cohorts = cohorts;
  }

  /**
   * Has a service brought up where active sessions have none.
   *
   * @param again - Whether one that was asked to come up, and did not, is asked once more.
   */
  seek(cohort: SessionGroup, services: ReadonlyMap<string, NetworkService>, again = false): void {
    const { active, waiting, demand } = cohort.situation;
    if (!active || waiting || cohort.connection.service !== undefined || cohort.members.size === 0) return;
    const service = chooseToRaise(demand, services.values());
    if (service === undefined || (this.#ids.has(service.id) && !again)) return;
    this.#ids.add(service.id);
    if (!this.#raise.includes(service.id)) this.#raise.push(service.id);
  }

  /** Has services taken down that no active session could use any more. */
  abandon(services: ReadonlyMap<string, NetworkService>): void {
    for (const id of this.#ids) {
      const service = services.get(id);
      if (service !== undefined && this.#cohorts.isWanted(service.bearer)) continue;
      this.#ids.delete(id);
      if (service !== undefined) this.#lower.push(id);
    }
  }

  /** A service has changed, or is gone, where undefined: one that is down is no longer there because of sessions. */
  follow(id: string, service: NetworkService | undefined): void {
    const state = service?.state;
    if (state === undefined || state === "idle" || state === "failure" || state === "disconnect") this.#ids.delete(id);
  }

  /** Ids of services to bring up and to take down; they are forgotten here. */
  take(): { readonly raise: readonly string[]; readonly lower: readonly string[] } {
    const taken = { raise: this.#raise, lower: this.#lower };
    this.#raise = [];
    this.#lower = [];
    return taken;
  }
}
