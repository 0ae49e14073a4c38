import { deferred } from "@dbus-codegen-ts/runtime/async";
import type { Clock } from "../clock.ts";
import { isConnected, type NetworkService } from "../policy/service.ts";
import { failed, inProgress, operationAborted, operationTimeout } from "./connman-errors.ts";

/** Maximum duration of a call of Service.Connect, as in ConnMan. */
const CONNECT_TIMEOUT_MS = 120_000;

interface ConnectRequest {
  /** The service as it was when its state was last checked. */
  service: NetworkService;
  settle(error?: Error): void;
}

/** Calls of Service.Connect that wait until their service is ready. */
export class ConnectRequests {
  readonly #clock: Clock;
  readonly #pending = new Map<string, ConnectRequest>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits until a service that is being brought up is ready.
   *
   * @param signal - Ends the wait when it is aborted, because no caller waits for the result.
   * @throws InProgress if another call waits for the service; OperationAborted if the service was taken down;
   * OperationTimeout; Failed.
   */
  async untilReady(service: NetworkService, signal: AbortSignal): Promise<void> {
    const { id } = service;
    if (this.#pending.has(id)) throw inProgress();
    const { promise, resolve, reject } = deferred<void>();
    const request = { service, settle: (error?: Error) => (error === undefined ? resolve() : reject(error)) };
    const abort = (): void => request.settle(operationAborted());
    const cancelTimer = this.#clock.after(CONNECT_TIMEOUT_MS, () => request.settle(operationTimeout()));
    signal.addEventListener("abort", abort);
    this.#pending.set(id, request);
    try {
      await promise;
    } finally {
      this.#pending.delete(id);
      cancelTimer();
      signal.removeEventListener("abort", abort);
    }
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Ends the wait for a service that is taken down. The call fails with OperationAborted. */
  abort(id: string): void {
    this.#pending.get(id)?.settle(operationAborted());
  }

  /** Ends all waits with OperationAborted, because the session service is closing. */
  abortAll(): void {
    for (const id of [...this.#pending.keys()]) this.abort(id);
  }

  /** Ends the waits for services that have become ready, have failed or were taken down. */
  update(services: ReadonlyMap<string, NetworkService>): void {
    for (const [id, request] of this.#pending) {
      const service = services.get(id);
      if (service === request.service) continue;
      const before = request.service.state;
      if (service === undefined) request.settle(operationAborted());
      else if (isConnected(service)) request.settle();
      else if (service.state === "failure") request.settle(failed(service.failure ?? "Input/output error"));
      else if (service.state === "idle" && before !== "idle" && before !== "failure")
        request.settle(operationAborted());
      if (service !== undefined) request.service = service;
    }
  }
}
