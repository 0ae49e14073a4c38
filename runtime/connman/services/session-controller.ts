import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Network } from "../adapters/network/network.ts";
import type { Routing } from "../adapters/routing/routing.ts";
import type { Clock } from "../clock.ts";
import type { MatchedPolicy } from "../policy/policy.ts";
import type { NetworkService } from "../policy/service.ts";
import { Scheduler } from "../sessions/scheduler.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionTable } from "../sessions/session-table.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { HeldUpdates } from "./held-updates.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { SessionClients } from "./session-clients.ts";

/** Minimum and maximum delay before failed routing is repeated. The delay doubles with each failure. */
const MIN_RETRY_DELAY_MS = 1_000;
const MAX_RETRY_DELAY_MS = 60_000;

export interface SessionControllerParts {
  readonly table: SessionTable;
  readonly clients: SessionClients;
  readonly network: Network;
  /** Returns the services that sessions may use, in order of preference. */
  readonly services: () => readonly NetworkService[];
  readonly routing: Routing | undefined;
  readonly clock: Clock;
  readonly onError: SessionErrorHook;
}

/**
 * Applies events to the session table and performs the actions that follow: sends Updates, brings services up and down,
 * routes traffic and runs scheduled actions. Actions that follow from a method call are performed before its reply, all
 * others at the end of the turn of the event loop. Updates of routed sessions are sent when their routes are in force.
 */
export class SessionController {
  readonly #parts: SessionControllerParts;
  readonly #scheduler = new Scheduler();
  readonly #idleWatch: IdleWatch;
  readonly #updates: HeldUpdates;
  /** Sessions whose first Update is due. */
  #created: SessionRecord[] = [];
  #endOfTurn: NodeJS.Immediate | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Time at which the present timer ends, in milliseconds of the clock; undefined without timer. */
  #timerDueMs: number | undefined;
  /**
   * Number of consecutive failures to apply routes. After a failure, routing is repeated after a delay, and when the
   * network changes.
   */
  #routingFailures = 0;
  #cancelRetry: (() => void) | undefined;
  #mustReroute = false;
  #isStopped = false;
  /** Resolves when the last requested routes are in force. */
  #routed: Promise<void> = Promise.resolve();

  constructor(parts: SessionControllerParts) {
    this.#parts = parts;
    const { table, clients, network, clock, onError } = parts;
    this.#updates = new HeldUpdates((record, settings) => clients.sendUpdate(record, settings));
    this.#idleWatch = new IdleWatch(network, clock, {
      onIdle: () => this.run(() => table.disconnectIdle()),
      onError: (error) => onError(error, "idle watch"),
    });
  }

  /** Starts a session. Its first Update follows the reply of CreateSession. */
  start(record: SessionRecord): void {
    this.#created.push(record);
    this.schedule(record);
    this.#performAtEndOfTurn();
  }

  /**
   * Runs an event and performs the actions that follow.
   *
   * @param record - The session whose client caused the event. If its first Update is due, it is sent before other
   * Updates.
   * @returns If the Update of the session waits for its routes: a promise that resolves when the Update is sent.
   * Otherwise undefined.
   */
  run(event: () => void, record?: SessionRecord): MaybePromise<void> {
    // The reply of CreateSession has been sent, because the client has made another call.
    if (record !== undefined) this.#parts.table.reportFirst(record);
    event();
    this.#performEffects();
    return record && this.#updates.sent(record);
  }

  /**
   * Applies the routes of all sessions, including those just created. Resolves when the routes are in force.
   *
   * @throws The error of the routing.
   */
  route(): Promise<void> {
    this.#performEffects();
    return this.#routed;
  }

  /** Runs an event that ends a session, sends the last Update of the session, and removes the session. */
  end(record: SessionRecord, event: () => void): void {
    event();
    this.#performEffects();
    this.#updates.release(record);
    this.#scheduler.remove(record);
    this.#idleWatch.remove(record);
    this.#restartTimer();
    this.#parts.clients.remove(record);
  }

  /** Schedules the actions that follow from the settings of a session. */
  schedule(record: SessionRecord): void {
    this.#scheduler.schedule(record, this.#parts.clock.nowMs());
    this.#idleWatch.add(record);
    this.#restartTimer();
  }

  networkChanged(): void {
    const { table, services } = this.#parts;
    table.updateServices(services());
    this.#mustReroute ||= this.#routingFailures > 0;
    this.#performAtEndOfTurn();
  }

  /**
   * Applies changed policies to all sessions.
   *
   * @param find - Returns the policy that applies to a session now.
   */
  policiesChanged(find: (record: SessionRecord) => MatchedPolicy | undefined): void {
    this.#parts.table.updatePolicies(find);
    this.#performAtEndOfTurn();
  }

  /** Updates the routes after the user of a client has become known, if a session of the client is routed. */
  clientIdentified(sessions: readonly SessionRecord[]): void {
    if (!sessions.some(({ isRouted }) => isRouted)) return;
    this.#mustReroute = true;
    this.#performAtEndOfTurn();
  }

  /** Cancels all scheduled actions. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#cancelRetry?.();
    this.#idleWatch.stop();
    clearImmediate(this.#endOfTurn);
  }

  #performAtEndOfTurn(): void {
    this.#endOfTurn ??= setImmediate(() => {
      this.#endOfTurn = undefined;
      for (const record of this.#created.splice(0)) this.#parts.table.reportFirst(record);
      this.#performEffects();
    });
  }

  #performEffects(): void {
    const { table, network } = this.#parts;
    const { updates, connect, disconnect, routesChanged } = table.takeEffects();
    if (routesChanged || this.#mustReroute) this.#applyRoutes();
    for (const { session, settings } of updates) this.#updates.send(session, settings);
    for (const id of connect) network.connect(id);
    for (const id of disconnect) network.disconnect(id);
    if (updates.length > 0) this.#idleWatch.restart();
  }

  #applyRoutes(): void {
    const { table, clients, routing, onError } = this.#parts;
    this.#mustReroute = false;
    this.#cancelRetry?.();
    if (routing === undefined) return;
    const routes = table.routes((owner) => clients.userOf(owner));
    this.#routed = routing.apply(routes);
    const applied = this.#routed.then(
      () => {
        this.#routingFailures = 0;
      },
      (error: unknown) => {
        onError(error, "routing");
        this.#retryRouting();
      },
    );
    this.#updates.holdUntil(applied);
  }

  #retryRouting(): void {
    if (this.#isStopped) return;
    const delayMs = Math.min(MAX_RETRY_DELAY_MS, MIN_RETRY_DELAY_MS * 2 ** this.#routingFailures++);
    this.#cancelRetry = this.#parts.clock.after(delayMs, () => {
      this.#mustReroute = true;
      this.#performEffects();
    });
  }

  #restartTimer(): void {
    const { nextDueMs } = this.#scheduler;
    if (nextDueMs === this.#timerDueMs) return;
    this.#timerDueMs = nextDueMs;
    this.#cancelTimer?.();
    const { clock } = this.#parts;
    this.#cancelTimer =
      nextDueMs === undefined ? undefined : clock.after(nextDueMs - clock.nowMs(), () => this.#runDue());
  }

  #runDue(): void {
    const { table, clock } = this.#parts;
    this.#timerDueMs = undefined;
    const { avoidHandoverEnds, connectAttempts } = this.#scheduler.takeDue(clock.nowMs());
    for (const record of avoidHandoverEnds) table.change(record, { avoidHandover: false });
    for (const record of connectAttempts) table.connect(record, true);
    this.#performEffects();
    this.#restartTimer();
  }
}
