import type { Bus, Incoming, MaybePromise, NameOwnership, ObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { LimitsExceededError } from "@dbus-codegen-ts/runtime";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { type Authorizer, denyAll, type SessionAction } from "../authorization/authorizer.ts";
import { type Clock, systemClock } from "../clock.ts";
import { identify } from "../identity/identify.ts";
import type { UserDatabase } from "../identity/users.ts";
import type { Network } from "../network/network.ts";
import type { DialectName } from "../policy/dialect.ts";
import { DIALECTS } from "../policy/dialects.ts";
import type { Identity, PolicySource } from "../policy/policy.ts";
import { readChange, readRequest, type SessionRequest } from "../policy/request.ts";
import type { Routing } from "../routing/routing.ts";
import { SessionBook } from "../sessions/book.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { Timetable } from "../sessions/timetable.ts";
import { Clients } from "./clients.ts";
import { alreadyExists, busy, canceled, invalidArguments, permissionDenied, type SessionErrorHook } from "./errors.ts";
import { grantsNeeded } from "./grants.ts";
import { IdleWatch } from "./idle-watch.ts";
import { checkCounts, checkEntry, checkText, DEFAULT_LIMITS, type SessionLimits } from "./limits.ts";
import { type ManagerActions, ManagerObject } from "./manager.ts";
import { MANAGER_PATH, SESSIONS_PATH, sessionPath } from "./paths.ts";
import type { SessionActions, SessionObject } from "./session.ts";
import { settingEntries } from "./wire-settings.ts";

/** Milliseconds that a bus which does not read may hold up the end. */
const PATIENCE = 3000;

/** The name that the service owns. */
export const CONNMAN_NAME = "net.connman";

/** What sessions run on, and by which rules. */
export interface SessionServerOptions {
  readonly network: Network;
  /** `session-2013` by default. */
  readonly dialect?: DialectName;
  /** What the administrator has decided for which application; nothing by default. */
  readonly policies?: { readonly source: PolicySource; readonly users: UserDatabase };
  /** Who may make emergency calls and roam though no policy says so; nobody by default. */
  readonly authorizer?: Authorizer;
  /** Leads the traffic of sessions over their services; by default nothing does. */
  readonly routing?: Routing;
  readonly limits?: SessionLimits;
  /** Whether sessions whose RoamingPolicy is `default` may roam: false by default. */
  readonly roaming?: boolean;
  readonly clock?: Clock;
  readonly onError?: SessionErrorHook;
}

/** Serves sessions until closed. */
export interface SessionServer extends AsyncDisposable {
  /** Sessions there are. */
  readonly sessions: number;
  /** Releases every session, gives the name up and removes what it has set up. Bus and network stay open. */
  close(): Promise<void>;
}

/**
 * Serves `net.connman.Manager` and its sessions on a bus, and owns the name `net.connman`.
 *
 * @throws FailedError when somebody else owns the name; DBusError when the bus does not allow it.
 */
export async function serveSessions(bus: Bus, options: SessionServerOptions): Promise<SessionServer> {
  const server = new Sessions(bus, options);
  await server.start();
  return server;
}

class Sessions implements SessionServer, ManagerActions, SessionActions {
  readonly #bus: Bus;
  readonly #options: SessionServerOptions;
  readonly #limits: Required<SessionLimits>;
  readonly #book: SessionBook;
  readonly #clients: Clients;
  readonly #manager: ManagerObject;
  readonly #timetable = new Timetable();
  readonly #clock: Clock;
  readonly #idleWatch: IdleWatch;
  readonly #identities = new Map<SessionRecord, Identity>();
  readonly #closing: (() => MaybePromise<void>)[] = [];
  #name: NameOwnership | undefined;
  #newcomers: SessionRecord[] = [];
  #turn: NodeJS.Immediate | undefined;
  #cancelWake: (() => void) | undefined;
  #isClosing = false;
  /** The system is not led as it should be: tried again when the network changes. */
  #isMisrouted = false;

  constructor(bus: Bus, options: SessionServerOptions) {
    const { network, clock = systemClock, onError = () => undefined } = options;
    this.#bus = bus;
    this.#options = { ...options, onError };
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clock = clock;
    this.#book = new SessionBook(DIALECTS[options.dialect ?? "session-2013"], options.roaming);
    this.#clients = new Clients(bus, onError, (sessions) => this.#left(sessions));
    this.#manager = new ManagerObject(this);
    this.#idleWatch = new IdleWatch(network, clock, {
      onIdle: () => this.#happen(() => this.#book.idle()),
      onError: (error) => onError(error, "idle watch"),
    });
  }

  get sessions(): number {
    return this.#book.size;
  }

  get setOffline(): ((offline: boolean) => void) | undefined {
    const { network } = this.#options;
    return network.setOffline && ((offline) => this.#happen(() => this.#setOffline(offline)));
  }

  async start(): Promise<void> {
    const { network, policies, routing } = this.#options;
    // What a process that crashed left behind goes away.
    await routing?.apply([]);
    const watching = network.subscribe(() => this.#networkChanged());
    this.#closing.push(() => watching.unsubscribe());
    this.#networkChanged();
    const policyWatch = policies?.source.subscribe(() => this.#policiesChanged());
    this.#closing.push(() => policyWatch?.unsubscribe());
    const manager = await this.#bus.serve(MANAGER_PATH, this.#manager);
    this.#closing.push(() => manager.close());
    const sessions = await this.#bus.serveSubtree(SESSIONS_PATH, (below) => this.#servicesAt(below), {
      children: (below) => this.#clients.childrenOf(below === "" ? SESSIONS_PATH : `${SESSIONS_PATH}/${below}`),
    });
    this.#closing.push(() => sessions.close());
    try {
      this.#name = await this.#bus.requestName(CONNMAN_NAME);
      await this.#name.acquired;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const session of this.#clients.all()) {
      void session.notification.release().catch(() => undefined);
      this.#end(session.record, () => this.#book.drop(session.record));
    }
    this.#cancelWake?.();
    this.#idleWatch.stop();
    clearImmediate(this.#turn);
    await within(
      PATIENCE,
      this.#bus.drained.then(() => this.#name?.release()),
    );
    for (const close of this.#closing.splice(0).reverse()) await close();
    await this.#options.routing?.apply([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  create(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath> {
    const path = this.#checkCreation(notifier, incoming);
    const request = this.#request(settings);
    if (this.#options.policies === undefined && grantsNeeded(request, undefined).length === 0) {
      return this.#created(path, notifier, request, incoming);
    }
    return this.#createFor(path, notifier, request, incoming);
  }

  destroyAt(path: ObjectPath, incoming: Incoming): void {
    const session = this.#clients.at(path);
    if (session === undefined) throw invalidArguments();
    if (session.record.owner !== incoming.sender) throw permissionDenied();
    this.destroy(session.record, incoming);
  }

  connect(record: SessionRecord, incoming: Incoming): void {
    this.#checkCaller(record, incoming);
    if (this.#isBlocked(record)) throw busy();
    this.#happen(() => this.#book.connect(record), record);
  }

  disconnect(record: SessionRecord, incoming: Incoming): void {
    this.#checkCaller(record, incoming);
    if (this.#isBlocked(record)) throw busy();
    this.#happen(() => this.#book.disconnect(record), record);
  }

  change(record: SessionRecord, name: string, { signature, value }: Variant, incoming: Incoming): MaybePromise<void> {
    this.#checkCaller(record, incoming);
    const entry = { name, signature, value };
    checkEntry(this.#limits, entry);
    const change = readChange(this.#book.dialect, entry);
    if (change === undefined) throw invalidArguments();
    const needed = grantsNeeded(change, record.matched?.policy);
    if (needed.length === 0) return this.#change(record, change);
    return this.#authorize(needed, incoming).then(() => {
      if (this.#clients.at(record.path)?.record === record) this.#change(record, change);
    });
  }

  destroy(record: SessionRecord, incoming: Incoming): void {
    this.#checkCaller(record, incoming);
    if (this.#book.isBehind(record)) throw busy();
    this.#open(record);
    this.#end(record, () => this.#book.destroy(record));
  }

  #checkCreation(notifier: ObjectPath, { sender }: Incoming): ObjectPath {
    if (this.#isClosing) throw canceled();
    if (this.#book.emergency !== undefined) throw busy();
    checkText(this.#limits, notifier);
    const path = sessionPath(sender, notifier);
    if (path === undefined) throw invalidArguments();
    return path;
  }

  #request(settings: SessionSettings): SessionRequest {
    const entries = [...settingEntries(settings)];
    for (const entry of entries) checkEntry(this.#limits, entry);
    const request = readRequest(this.#book.dialect, entries);
    if (request === undefined) throw invalidArguments();
    return request;
  }

  async #createFor(
    path: ObjectPath,
    notifier: ObjectPath,
    request: SessionRequest,
    incoming: Incoming,
  ): Promise<ObjectPath> {
    const { policies } = this.#options;
    // Of this connection: by the time all is decided, the name may be somebody else's on a bus that was started again.
    const { signal } = incoming;
    const identity = policies && (await identify(await incoming.credentials(), policies.users));
    const policy = identity && policies?.source.find(identity)?.policy;
    await this.#authorize(grantsNeeded(request, policy), incoming);
    if (signal.aborted || this.#isClosing) throw canceled();
    if (this.#book.emergency !== undefined) throw busy();
    return this.#created(path, notifier, request, incoming, identity);
  }

  /** Everything is checked: the session is there, and its first Update follows the reply. */
  #created(
    path: ObjectPath,
    notifier: ObjectPath,
    request: SessionRequest,
    incoming: Incoming,
    identity?: Identity,
  ): MaybePromise<ObjectPath> {
    const { sender } = incoming;
    checkCounts(this.#limits, this.#clients.count(sender), this.#book.size);
    if (this.#clients.at(path) !== undefined) throw alreadyExists();
    if (request.emergencyCall && this.#book.emergency !== undefined) throw busy();
    const matched = identity && this.#options.policies?.source.find(identity);
    const record = this.#book.create(path, sender, request, matched);
    if (identity !== undefined) this.#identities.set(record, identity);
    this.#clients.add(record, notifier, this, incoming);
    this.#newcomers.push(record);
    this.#plan(record);
    this.#soon();
    return path;
  }

  #servicesAt(below: string): readonly SessionObject[] | undefined {
    const session = this.#clients.at(`${SESSIONS_PATH}/${below}`);
    return session && [session.object];
  }

  async #authorize(needed: readonly SessionAction[], incoming: Incoming): Promise<void> {
    const { authorizer = denyAll } = this.#options;
    for (const action of needed) if (!(await authorizer.authorize(action, incoming))) throw permissionDenied();
  }

  #change(record: SessionRecord, change: Partial<SessionRequest>): void {
    const { emergency } = this.#book;
    if (change.emergencyCall && emergency !== undefined && emergency !== record) throw busy();
    this.#happen(() => this.#book.change(record, change), record);
    this.#plan(record);
  }

  #checkCaller(record: SessionRecord, { sender }: Incoming): void {
    if (this.#book.dialect.callers === "creator" && record.owner !== sender) throw permissionDenied();
  }

  /** Whether somebody else's emergency call keeps a session from being connected and disconnected. */
  #isBlocked(record: SessionRecord): boolean {
    return this.#book.emergency !== undefined && this.#book.isBehind(record);
  }

  /** Tells the client of a new session everything, where that was not done yet: its reply is out when it calls again. */
  #open(record: SessionRecord): void {
    this.#book.open(record);
  }

  /** Lets something happen to the sessions, and does what follows before the caller has its reply. */
  #happen(event: () => void, record?: SessionRecord): void {
    if (record !== undefined) this.#open(record);
    event();
    this.#settle();
  }

  #end(record: SessionRecord, event: () => void): void {
    event();
    this.#settle();
    this.#timetable.leave(record);
    if (this.#timetable.isEmpty) this.#cancelWake?.();
    this.#idleWatch.leave(record);
    this.#identities.delete(record);
    this.#clients.remove(record);
  }

  #left(sessions: readonly SessionRecord[]): void {
    for (const record of sessions) this.#end(record, () => this.#book.drop(record));
  }

  #networkChanged(): void {
    const { services } = this.#options.network;
    this.#book.network(services);
    this.#announce();
    if (this.#isMisrouted) this.#reroute();
    this.#soon();
  }

  #setOffline(offline: boolean): void {
    this.#options.network.setOffline?.(offline);
    this.#announce();
  }

  /** Announces the state of the machine as soon as the bus takes that. */
  #announce(): void {
    if (this.#isClosing) return;
    try {
      this.#manager.network(this.#options.network.services);
    } catch (error) {
      if (!(error instanceof LimitsExceededError)) throw error;
      void this.#bus.drained.then(() => this.#announce());
    }
  }

  #policiesChanged(): void {
    const source = this.#options.policies?.source;
    this.#book.rematch((record) => {
      const identity = this.#identities.get(record);
      return identity && source?.find(identity);
    });
    this.#soon();
  }

  /** Does what follows at the end of this turn of the loop, when replies are out. */
  #soon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      for (const record of this.#newcomers.splice(0)) this.#open(record);
      this.#settle();
    });
  }

  #settle(): void {
    const { network } = this.#options;
    const { updates, raise, lower, rerouted } = this.#book.take();
    for (const { session, settings } of updates) this.#clients.tell(session, settings);
    for (const id of raise) network.connect(id);
    for (const id of lower) network.disconnect(id);
    if (rerouted) this.#reroute();
    if (updates.length > 0) this.#idleWatch.stir();
  }

  #reroute(): void {
    const { routing, onError } = this.#options;
    this.#isMisrouted = false;
    routing?.apply(this.#book.routes()).catch((error: unknown) => {
      this.#isMisrouted = true;
      onError?.(error, "routing");
    });
  }

  /** Takes up when something is due for a session. */
  #plan(record: SessionRecord): void {
    this.#timetable.enter(record, this.#clock.now());
    this.#idleWatch.enter(record);
    this.#wait();
  }

  #wait(): void {
    this.#cancelWake?.();
    const next = this.#timetable.next();
    this.#cancelWake = next === undefined ? undefined : this.#clock.after(next - this.#clock.now(), () => this.#wake());
  }

  #wake(): void {
    const { handover, attempts } = this.#timetable.take(this.#clock.now());
    for (const record of handover) this.#book.change(record, { avoidHandover: false });
    for (const record of attempts) this.#book.connect(record, true);
    this.#settle();
    this.#wait();
  }
}

/** Waits for some work, however it ends, but not longer than some milliseconds. */
function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    work.then(end, end);
  });
}
