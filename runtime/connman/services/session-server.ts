import {
  type Bus,
  type Incoming,
  LimitsExceededError,
  type MaybePromise,
  type NameOwnership,
  type ObjectPath,
  type Variant,
} from "@dbus-codegen-ts/runtime";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { type Authorizer, denyAll, type SessionAction } from "../adapters/authorization/authorizer.ts";
import { identify } from "../adapters/identity/identify.ts";
import type { UserDatabase } from "../adapters/identity/user-database.ts";
import type { Network } from "../adapters/network/network.ts";
import type { Routing } from "../adapters/routing/routing.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { DialectName } from "../policy/dialect.ts";
import { DIALECTS } from "../policy/dialects.ts";
import type { Identity, MatchedPolicy, PolicySource } from "../policy/policy.ts";
import { type RequestedSettings, readChange, readRequest } from "../policy/requested-settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import { SessionTable } from "../sessions/session-table.ts";
import {
  alreadyExists,
  busy,
  canceled,
  invalidArguments,
  permissionDenied,
  type SessionErrorHook,
} from "./connman-errors.ts";
import { type ManagerActions, ManagerObject } from "./manager-object.ts";
import { MANAGER_PATH, SESSIONS_PATH, sessionPath } from "./object-paths.ts";
import { grantsNeeded } from "./required-authorizations.ts";
import { Clients } from "./session-clients.ts";
import { SessionLoop } from "./session-controller.ts";
import type { SessionActions, SessionObject } from "./session-object.ts";
import { checkCounts, checkEntry, checkText, DEFAULT_LIMITS, type SessionLimits } from "./session-quotas.ts";
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

/** A session that a client wants to have. */
interface Wish {
  readonly path: ObjectPath;
  readonly notifier: ObjectPath;
  readonly request: RequestedSettings;
}

class Sessions implements SessionServer, ManagerActions, SessionActions {
  readonly #bus: Bus;
  readonly #options: SessionServerOptions;
  readonly #limits: Required<SessionLimits>;
  readonly #book: SessionTable;
  readonly #clients: Clients;
  readonly #loop: SessionLoop;
  readonly #manager: ManagerObject;
  readonly #identities = new WeakMap<SessionRecord, Identity>();
  readonly #closing: (() => MaybePromise<void>)[] = [];
  #name: NameOwnership | undefined;
  #isClosing = false;

  constructor(bus: Bus, options: SessionServerOptions) {
    const { network, routing, clock = systemClock, onError = () => undefined } = options;
    this.#bus = bus;
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#book = new SessionTable(DIALECTS[options.dialect ?? "session-2013"], options.roaming);
    this.#clients = new Clients(bus, onError, (sessions) => this.#left(sessions));
    this.#loop = new SessionLoop({ book: this.#book, clients: this.#clients, network, routing, clock, onError });
    this.#manager = new ManagerObject(this);
  }

  get sessions(): number {
    return this.#book.size;
  }

  get setOffline(): ((offline: boolean) => void) | undefined {
    const { network } = this.#options;
    return network.setOffline && ((offline) => this.#loop.happen(() => this.#setOffline(offline)));
  }

  async start(): Promise<void> {
    const { network, policies, routing } = this.#options;
    // What a process that crashed left behind goes away.
    await routing?.apply([]);
    const watching = network.subscribe(() => this.#networkChanged());
    this.#closing.push(() => watching.unsubscribe());
    this.#networkChanged();
    const policyWatch = policies?.source.subscribe(() =>
      this.#loop.policiesChanged((record) => this.#policyOf(record)),
    );
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
    for (const { record, notification } of this.#clients.all()) {
      void notification.release().catch(() => undefined);
      this.#loop.end(record, () => this.#book.drop(record));
    }
    this.#loop.stop();
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
    const wish: Wish = { path, notifier, request };
    if (this.#options.policies === undefined && grantsNeeded(request, undefined).length === 0) {
      return this.#created(wish, incoming);
    }
    return this.#createFor(wish, incoming);
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
    this.#loop.happen(() => this.#book.connect(record), record);
  }

  disconnect(record: SessionRecord, incoming: Incoming): void {
    this.#checkCaller(record, incoming);
    if (this.#isBlocked(record)) throw busy();
    this.#loop.happen(() => this.#book.disconnect(record), record);
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
    this.#book.open(record);
    this.#loop.end(record, () => this.#book.destroy(record));
  }

  #checkCreation(notifier: ObjectPath, { sender }: Incoming): ObjectPath {
    if (this.#isClosing) throw canceled();
    if (this.#book.emergency !== undefined) throw busy();
    checkText(this.#limits, notifier);
    const path = sessionPath(sender, notifier);
    if (path === undefined) throw invalidArguments();
    return path;
  }

  #request(settings: SessionSettings): RequestedSettings {
    const entries = [...settingEntries(settings)];
    for (const entry of entries) checkEntry(this.#limits, entry);
    const request = readRequest(this.#book.dialect, entries);
    if (request === undefined) throw invalidArguments();
    return request;
  }

  async #createFor(wish: Wish, incoming: Incoming): Promise<ObjectPath> {
    const { policies } = this.#options;
    // Of this connection: by the time all is decided, the name may be somebody else's on a bus that was started again.
    const { signal } = incoming;
    const identity = policies && (await identify(await incoming.credentials(), policies.users));
    const policy = identity && policies?.source.find(identity)?.policy;
    await this.#authorize(grantsNeeded(wish.request, policy), incoming);
    if (signal.aborted || this.#isClosing) throw canceled();
    if (this.#book.emergency !== undefined) throw busy();
    return this.#created(wish, incoming, identity);
  }

  /** Everything is checked that takes time: the session is there, or nothing has changed. */
  #created({ path, notifier, request }: Wish, incoming: Incoming, identity?: Identity): ObjectPath {
    const { sender } = incoming;
    checkCounts(this.#limits, this.#clients.count(sender), this.#book.size);
    if (this.#clients.at(path) !== undefined) throw alreadyExists();
    const matched = identity && this.#options.policies?.source.find(identity);
    const record = this.#book.create(path, sender, request, matched);
    if (identity !== undefined) this.#identities.set(record, identity);
    this.#clients.add(record, notifier, this, incoming);
    this.#loop.begin(record);
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

  #change(record: SessionRecord, change: Partial<RequestedSettings>): void {
    const { emergency } = this.#book;
    if (change.emergencyCall && emergency !== undefined && emergency !== record) throw busy();
    this.#loop.happen(() => this.#book.change(record, change), record);
    this.#loop.plan(record);
  }

  #checkCaller(record: SessionRecord, { sender }: Incoming): void {
    if (this.#book.dialect.callers === "creator" && record.owner !== sender) throw permissionDenied();
  }

  /** Whether somebody else's emergency call keeps a session from being connected and disconnected. */
  #isBlocked(record: SessionRecord): boolean {
    return this.#book.emergency !== undefined && this.#book.isBehind(record);
  }

  #policyOf(record: SessionRecord): MatchedPolicy | undefined {
    const identity = this.#identities.get(record);
    return identity && this.#options.policies?.source.find(identity);
  }

  #networkChanged(): void {
    this.#loop.networkChanged();
    this.#announce();
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

  #left(sessions: readonly SessionRecord[]): void {
    for (const record of sessions) this.#loop.end(record, () => this.#book.drop(record));
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
