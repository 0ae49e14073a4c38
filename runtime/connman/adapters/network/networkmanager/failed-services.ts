import type { NetworkService } from "../../../policy/service.ts";

/**
 * Time after which a failed service is reported as idle. Without this time, sessions would repeat a hopeless attempt at
 * once.
 */
const FAILURE_MS = 60_000;

interface Failure {
  /** Reason of the failure, such as `dhcp-failed`; undefined if it is unknown. */
  readonly reason: string | undefined;
  readonly timer: NodeJS.Timeout;
}

/** Services whose last activation failed. NetworkManager itself shows a failure for milliseconds only. */
export class FailedServices {
  readonly #onExpired: () => void;
  readonly #failures = new Map<string, Failure>();

  /** @param onExpired - Called when a failure is deleted after a minute. */
  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  add(id: string, reason: string | undefined): void {
    this.delete(id);
    const timer = setTimeout(() => {
      this.#failures.delete(id);
      this.#onExpired();
    }, FAILURE_MS).unref();
    this.#failures.set(id, { reason, timer });
  }

  has(id: string): boolean {
    return this.#failures.has(id);
  }

  delete(id: string): void {
    clearTimeout(this.#failures.get(id)?.timer);
    this.#failures.delete(id);
  }

  /** Deletes the failures of services that do not exist. */
  retain(ids: { has(id: string): boolean }): void {
    for (const id of [...this.#failures.keys()]) if (!ids.has(id)) this.delete(id);
  }

  /**
   * Returns a service with the state `failure` if the service is idle because it failed. Stores the failure if the
   * service has just failed, and deletes it if the service comes up.
   */
  applyTo(service: NetworkService): NetworkService {
    const { id, state } = service;
    if (state === "failure") this.add(id, service.failure);
    else if (state !== "idle") this.delete(id);
    const failure = this.#failures.get(id);
    if (state !== "idle" || failure === undefined) return service;
    return { ...service, state: "failure", ...(failure.reason !== undefined && { failure: failure.reason }) };
  }

  close(): void {
    this.retain(new Set());
  }
}
