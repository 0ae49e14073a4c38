import type { Network } from "../adapters/network/network.ts";
import type { Routing } from "../adapters/routing/routing.ts";
import type { Clock } from "../clock.ts";
import type { MatchedPolicy } from "../policy/policy.ts";
import { Scheduler } from "../sessions/scheduler.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionTable } from "../sessions/session-table.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { IdleWatch } from "./idle-watch.ts";
import type { Clients } from "./session-clients.ts";

/** What sessions run on. */
export interface SessionLoopParts {
  readonly book: SessionTable;
  readonly clients: Clients;
  readonly network: Network;
  readonly routing: Routing | undefined;
  readonly clock: Clock;
  readonly onError: SessionErrorHook;
}

/**
 * Lets things happen to sessions, and does what follows: tells clients, brings services up and down, leads traffic, and
 * wakes up when something is due. What follows from a call is done before the caller has its reply, all else at the end
 * of the turn.
 */
export class SessionLoop {
  readonly #parts: SessionLoopParts;
  readonly #timetable = new Scheduler();
  readonly #idleWatch: IdleWatch;
  #newcomers: SessionRecord[] = [];
  #turn: NodeJS.Immediate | undefined;
  #cancelWake: (() => void) | undefined;
  #wakesAt: number | undefined;
  /** The system is not led as it should be: tried again when the network changes. */
  #isMisrouted = false;
  #mustReroute = false;

  constructor(parts: SessionLoopParts) {
    this.#parts = parts;
    const { book, network, clock, onError } = parts;
    this.#idleWatch = new IdleWatch(network, clock, {
      onIdle: () => this.happen(() => book.idle()),
      onError: (error) => onError(error, "idle watch"),
    });
  }

  /** A session has been created: its first Update follows the reply. */
  begin(record: SessionRecord): void {
    this.#newcomers.push(record);
    this.plan(record);
    this.#soon();
  }

  /** Something happens, caused by the client of a session where one is given: it hears everything before. */
  happen(event: () => void, record?: SessionRecord): void {
    // Its reply is out when it calls again, so the first Update need not wait.
    if (record !== undefined) this.#parts.book.open(record);
    event();
    this.#settle();
  }

  /** Something happens that ends a session. */
  end(record: SessionRecord, event: () => void): void {
    event();
    this.#settle();
    this.#timetable.leave(record);
    this.#idleWatch.leave(record);
    this.#wait();
    this.#parts.clients.remove(record);
  }

  /** Takes up when something is due for a session. */
  plan(record: SessionRecord): void {
    this.#timetable.enter(record, this.#parts.clock.now());
    this.#idleWatch.enter(record);
    this.#wait();
  }

  networkChanged(): void {
    const { book, network } = this.#parts;
    book.network(network.services);
    this.#mustReroute ||= this.#isMisrouted;
    this.#soon();
  }

  /** @param find - The policy that holds for a session now. */
  policiesChanged(find: (record: SessionRecord) => MatchedPolicy | undefined): void {
    this.#parts.book.rematch(find);
    this.#soon();
  }

  /** Nothing happens by itself any more. */
  stop(): void {
    this.#cancelWake?.();
    this.#idleWatch.stop();
    clearImmediate(this.#turn);
  }

  /** Does what follows at the end of this turn of the loop, when replies are out. */
  #soon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      for (const record of this.#newcomers.splice(0)) this.#parts.book.open(record);
      this.#settle();
    });
  }

  #settle(): void {
    const { book, clients, network } = this.#parts;
    const { updates, raise, lower, rerouted } = book.take();
    for (const { session, settings } of updates) clients.tell(session, settings);
    for (const id of raise) network.connect(id);
    for (const id of lower) network.disconnect(id);
    if (rerouted || this.#mustReroute) this.#reroute();
    if (updates.length > 0) this.#idleWatch.stir();
  }

  #reroute(): void {
    const { book, routing, onError } = this.#parts;
    this.#isMisrouted = false;
    this.#mustReroute = false;
    routing?.apply(book.routes()).catch((error: unknown) => {
      this.#isMisrouted = true;
      onError(error, "routing");
    });
  }

  #wait(): void {
    const { next } = this.#timetable;
    if (next === this.#wakesAt) return;
    this.#wakesAt = next;
    this.#cancelWake?.();
    const { clock } = this.#parts;
    this.#cancelWake = next === undefined ? undefined : clock.after(next - clock.now(), () => this.#wake());
  }

  #wake(): void {
    const { book, clock } = this.#parts;
    this.#wakesAt = undefined;
    const { handover, attempts } = this.#timetable.take(clock.now());
    for (const record of handover) book.change(record, { avoidHandover: false });
    for (const record of attempts) book.connect(record, true);
    this.#settle();
    this.#wait();
  }
}
