import type { NetworkService } from "../../../policy/service.ts";
import type { LinkService } from "./link-services.ts";

/**
 * Time for which a service that could not be brought up is reported as failed. After this time, another attempt is
 * possible.
 */
const FAILURE_MS = 60_000;

/** Error names of ConnMan: `connect-failed` if there is no carrier, `dhcp-failed` if there are no addresses. */
type Failure = "connect-failed" | "dhcp-failed";

interface Attempt {
  /** Reason of the failure; undefined during the attempt. */
  readonly failure: Failure | undefined;
  readonly timer: NodeJS.Timeout;
}

export interface LinkAttemptsListener {
  /** Called when the result of `stateOf` may have changed without a change of the network. */
  onChange(): void;
  /** Called when an attempt has reached its timeout, but not after a call of `fail`. */
  onFailed(id: string): void;
}

/**
 * The attempts to bring services up. During an attempt, a service has the state `association` until it has a carrier,
 * then `configuration` until other programs have configured it. When an attempt fails, the service has the state
 * `failure` for a minute.
 */
export class LinkAttempts {
  readonly #timeoutMs: number;
  readonly #listener: LinkAttemptsListener;
  readonly #attempts = new Map<string, Attempt>();
  #links: readonly LinkService[] = [];

  constructor(timeoutMs: number, listener: LinkAttemptsListener) {
    this.#timeoutMs = timeoutMs;
    this.#listener = listener;
  }

  /** Begins an attempt, unless one is in progress. */
  begin(id: string): void {
    const existing = this.#attempts.get(id);
    if (existing !== undefined && existing.failure === undefined) return;
    this.#set(id, undefined, this.#timeoutMs, () => this.#timedOut(id));
  }

  /** Returns whether an attempt is in progress. */
  isActive(id: string): boolean {
    const attempt = this.#attempts.get(id);
    return attempt !== undefined && attempt.failure === undefined;
  }

  /** Reports a service as failed for a minute. */
  fail(id: string, failure: Failure): void {
    this.#set(id, failure, FAILURE_MS, () => {
      this.end(id);
      this.#listener.onChange();
    });
  }

  /** Ends an attempt, successful or not. */
  end(id: string): void {
    clearTimeout(this.#attempts.get(id)?.timer);
    this.#attempts.delete(id);
  }

  /**
   * Replaces the services after a change of the network. Ends the attempts of services that are ready. Begins an
   * attempt for each service that was brought up for a session and has lost its carrier.
   *
   * @param broughtUp - Names of the interfaces that were switched on for a session.
   */
  update(links: readonly LinkService[], broughtUp: ReadonlySet<string>): void {
    this.#links = links;
    const byId = new Map(links.map((link) => [link.service.id, link]));
    for (const id of [...this.#attempts.keys()]) {
      const state = byId.get(id)?.service.state;
      if (state === undefined || state === "ready") this.end(id);
    }
    for (const { service, isUp } of links) {
      const hasLostCarrier = isUp && service.state === "idle" && broughtUp.has(service.interface);
      if (hasLostCarrier && !this.#attempts.has(service.id)) this.begin(service.id);
    }
  }

  /** Returns the service with the state of its attempt; the same service if it has no attempt. */
  stateOf(service: NetworkService): NetworkService {
    const attempt = this.#attempts.get(service.id);
    if (attempt === undefined || service.state !== "idle") return service;
    if (attempt.failure === undefined) return { ...service, state: "association" };
    return { ...service, state: "failure", failure: attempt.failure };
  }

  /** Ends all attempts. */
  close(): void {
    for (const id of [...this.#attempts.keys()]) this.end(id);
  }

  #timedOut(id: string): void {
    const state = this.#links.find(({ service }) => service.id === id)?.service.state;
    this.fail(id, state === "configuration" ? "dhcp-failed" : "connect-failed");
    this.#listener.onFailed(id);
    this.#listener.onChange();
  }

  #set(id: string, failure: Failure | undefined, delayMs: number, onTimeout: () => void): void {
    this.end(id);
    this.#attempts.set(id, { failure, timer: setTimeout(onTimeout, delayMs).unref() });
  }
}
