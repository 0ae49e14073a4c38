import {
  type Bus,
  type Incoming,
  LimitsExceededError,
  type MaybePromise,
  type NameOwnership,
  type ObjectPath,
  UnknownMethodError,
  type Variant,
} from "@dbus-codegen-ts/runtime";
import { FailedError } from "@dbus-codegen-ts/stubs/net.connman.Error";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { type Authorizer, denyAll } from "../adapters/authorization/authorizer.ts";
import { identityOf } from "../adapters/identity/client-identity.ts";
import type { UserDatabase } from "../adapters/identity/user-database.ts";
import type { Network } from "../adapters/network/network.ts";
import type { Routing } from "../adapters/routing/routing.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { DialectName } from "../policy/dialect.ts";
import { DIALECTS } from "../policy/dialects.ts";
import type { Identity, MatchedPolicy, PolicySource } from "../policy/policy.ts";
import { type RequestedSettings, readRequestedSettings, readSettingChange } from "../policy/requested-settings.ts";
import type { NetworkService } from "../policy/service.ts";
import type { SettingEntry } from "../policy/settings.ts";
import { checkSettingSize, checkTextLength, DEFAULT_QUOTAS, type SessionQuotas } from "../quotas.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import { SessionTable } from "../sessions/session-table.ts";
import {
  alreadyExists,
  busy,
  canceled,
  failed,
  invalidArguments,
  permissionDenied,
  type SessionErrorHook,
  warnOfSessionErrors,
} from "./connman-errors.ts";
import { refuseAsConnman } from "./connman-refusals.ts";
import { type ManagerActions, ManagerObject } from "./manager-object.ts";
import { NetworkObjects } from "./network-objects.ts";
import { MANAGER_PATH, SESSIONS_PATH, sessionPath } from "./object-paths.ts";
import { requiredAuthorizations } from "./required-authorizations.ts";
import { SessionAuthorizations } from "./session-authorizations.ts";
import { SessionClients } from "./session-clients.ts";
import { SessionController } from "./session-controller.ts";
import type { SessionActions, SessionObject } from "./session-object.ts";
import { CLOSE_TIMEOUT_MS, releaseAll, settledWithin } from "./session-release.ts";
import { settingEntries } from "./wire-settings.ts";

/** The well-known bus name of the service. */
export const CONNMAN_NAME = "net.connman";

/** Network, rules and adapters of a session server. */
export interface SessionServerOptions {
  readonly network: Network;
  /** Name of the dialect. Default: `session-2017`. */
  readonly dialect?: DialectName;
  /** Policies of the administrator, with the database that finds the users and groups of clients. Default: none. */
  readonly policies?: { readonly source: PolicySource; readonly users: UserDatabase };
  /** Allows emergency calls and roaming to clients whose policy does not allow them. Default: denies both. */
  readonly authorizer?: Authorizer;
  /** Routes the traffic of sessions over their services. Default: traffic is not routed. */
  readonly routing?: Routing;
  readonly quotas?: SessionQuotas;
  /** Whether sessions whose RoamingPolicy is `default` may roam. Default: false. */
  readonly roaming?: boolean;
  readonly clock?: Clock;
  /** Called with errors that no method call returns. Default: emits process warnings. */
  readonly onError?: SessionErrorHook;
}

/** A running session service. */
export interface SessionServer extends AsyncDisposable {
  /** Number of sessions. */
  readonly sessions: number;
  /** Releases every session, the bus name and all routes. Does not close the bus and the network. */
  close(): Promise<void>;
}

/**
 * Serves `net.connman.Manager` and its sessions on a bus, and owns the name `net.connman`.
 *
 * @throws FailedError if another connection owns the name. DBusError if the bus does not allow it.
 */
export async function serveSessions(bus: Bus, options: SessionServerOptions): Promise<SessionServer> {
  const server = new ConnmanSessionServer(bus, options);
  await server.start();
  return server;
}

/** The checked arguments of CreateSession. */
interface Creation {
  readonly path: ObjectPath;
  readonly notifier: ObjectPath;
  readonly requested: RequestedSettings;
}

class ConnmanSessionServer implements SessionServer, ManagerActions, SessionActions {
  readonly #bus: Bus;
  readonly #options: SessionServerOptions;
  readonly #quotas: Required<SessionQuotas>;
  readonly #authorizations: SessionAuthorizations;
  readonly #table: SessionTable;
  readonly #clients: SessionClients;
  readonly #controller: SessionController;
  readonly #objects: NetworkObjects;
  readonly #manager: ManagerObject;
  readonly #identities = new WeakMap<SessionRecord, Identity>();
  /** Functions that close what `start` has opened. */
  readonly #closers: (() => MaybePromise<void>)[] = [];
  #name: NameOwnership | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;

  constructor(bus: Bus, options: SessionServerOptions) {
    const { network, routing, clock = systemClock, onError = warnOfSessionErrors() } = options;
    this.#bus = bus;
    this.#options = options;
    this.#quotas = { ...DEFAULT_QUOTAS, ...options.quotas };
    this.#authorizations = new SessionAuthorizations(options.authorizer ?? denyAll, this.#quotas);
    const table = new SessionTable(DIALECTS[options.dialect ?? "session-2017"], options.roaming);
    const clients = new SessionClients(bus, this.#quotas, onError, {
      onLeave: (sessions) => this.#clientLeft(sessions),
      onIdentified: (sessions) => this.#controller.clientIdentified(sessions),
    });
    this.#table = table;
    this.#clients = clients;
    this.#objects = new NetworkObjects(network, clock);
    const services = (): readonly NetworkService[] => this.#objects.sessionServices;
    this.#controller = new SessionController({ table, clients, network, services, routing, clock, onError });
    this.#manager = new ManagerObject(this.#objects, this);
  }

  get sessions(): number {
    return this.#table.size;
  }

  async start(): Promise<void> {
    const { network, policies, routing } = this.#options;
    // Removes the routes of a process that crashed.
    await routing?.apply([]);
    const networkSubscription = network.subscribe(() => this.#networkChanged());
    this.#closers.push(() => networkSubscription.unsubscribe());
    this.#networkChanged();
    const policySubscription = policies?.source.subscribe(() =>
      this.#controller.policiesChanged((record) => this.#policyOf(record)),
    );
    this.#closers.push(() => policySubscription?.unsubscribe());
    const manager = await this.#bus.serve(MANAGER_PATH, this.#manager);
    this.#closers.push(() => manager.close());
    const sessions = await this.#bus.serveSubtree(SESSIONS_PATH, (below) => this.#objectsAt(below), {
      children: (below) => this.#clients.childrenOf(below === "" ? SESSIONS_PATH : `${SESSIONS_PATH}/${below}`),
    });
    this.#closers.push(() => sessions.close());
    this.#closers.push(await this.#objects.serve(this.#bus));
    try {
      this.#name = await this.#bus.requestName(CONNMAN_NAME);
      await this.#name.acquired;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    await releaseAll(this.#clients, (record) => this.#controller.end(record, () => this.#table.remove(record)));
    this.#controller.stop();
    const released = this.#bus.drained.then(() => this.#name?.release());
    await settledWithin(CLOSE_TIMEOUT_MS, released);
    for (const close of this.#closers.splice(0).reverse()) await close();
    await this.#options.routing?.apply([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  sendUpdates(): void {
    void this.#controller.run(() => undefined);
  }

  create(settings: SessionSettings, notifier: ObjectPath, incoming: Incoming): MaybePromise<ObjectPath> {
    const path = this.#checkCreation(notifier, incoming);
    const requested = this.#readSettings(settings);
    const creation: Creation = { path, notifier, requested };
    const uid = this.#clients.userOf(incoming.sender);
    const { policies, routing } = this.#options;
    // Creating the first session of a client waits for the credentials of the client only if a user may have used up
    // the quota, or if routing needs the user.
    const needsUser =
      this.#table.size >= this.#quotas.sessionsPerUser || (requested.sourceIPRule && routing !== undefined);
    const hasPolicies = policies !== undefined;
    if (
      (uid !== undefined || !needsUser) &&
      !hasPolicies &&
      requiredAuthorizations(requested, undefined).length === 0
    ) {
      return this.#createSession(creation, incoming, uid);
    }
    return this.#authorizeAndCreate(creation, incoming);
  }

  destroyAt(path: ObjectPath, incoming: Incoming): void {
    this.#checkInterface(incoming);
    const session = this.#clients.at(path);
    if (session === undefined) throw invalidArguments();
    if (session.record.owner !== incoming.sender) throw permissionDenied();
    this.#destroy(session.record);
  }

  connect(record: SessionRecord, incoming: Incoming): MaybePromise<void> {
    this.#checkCaller(record, incoming);
    if (this.#isBlocked(record)) throw busy();
    return this.#controller.run(() => this.#table.connect(record), record);
  }

  disconnect(record: SessionRecord, incoming: Incoming): MaybePromise<void> {
    this.#checkCaller(record, incoming);
    if (this.#isBlocked(record)) throw busy();
    return this.#controller.run(() => this.#table.disconnect(record), record);
  }

  change(record: SessionRecord, name: string, { signature, value }: Variant, incoming: Incoming): MaybePromise<void> {
    this.#checkCaller(record, incoming);
    const entry = { name, signature, value };
    checkSettingSize(this.#quotas, entry);
    const change = readSettingChange(this.#table.dialect, entry);
    if (change === undefined) throw invalidArguments();
    const actions = requiredAuthorizations(change, record.matchedPolicy?.policy);
    if (actions.length === 0) return this.#change(record, change);
    return this.#authorizations.authorize(actions, incoming).then(() => {
      return this.#clients.at(record.path)?.record === record ? this.#change(record, change) : undefined;
    });
  }

  destroy(record: SessionRecord, incoming: Incoming): void {
    this.#checkCaller(record, incoming);
    if (this.#table.dialect.emergency === "latest session of policy" && this.#table.isOutranked(record)) throw busy();
    this.#destroy(record);
  }

  #destroy(record: SessionRecord): void {
    this.#table.reportFirst(record);
    this.#controller.end(record, () => this.#table.destroy(record));
  }

  #checkCreation(notifier: ObjectPath, incoming: Incoming): ObjectPath {
    const { sender } = incoming;
    this.#checkInterface(incoming);
    if (this.#isClosing) throw canceled();
    // If `emergency` is "policy", the policy of the client decides, which is not known yet.
    const { emergency } = this.#table.dialect;
    if (emergency !== "policy" && this.#table.refusesSession(undefined)) throw busy();
    checkTextLength(this.#quotas, notifier);
    const path = sessionPath(sender, notifier);
    if (path === undefined) throw invalidArguments();
    return path;
  }

  #readSettings(settings: SessionSettings): RequestedSettings {
    const requested = readRequestedSettings(this.#table.dialect, this.#limitedEntries(settings));
    if (requested === undefined) throw invalidArguments();
    return requested;
  }

  /** Yields the settings of CreateSession one by one, so that no setting after the first invalid one is read. */
  *#limitedEntries(settings: SessionSettings): Iterable<SettingEntry> {
    for (const entry of settingEntries(settings)) {
      checkSettingSize(this.#quotas, entry);
      yield entry;
    }
  }

  async #authorizeAndCreate(creation: Creation, incoming: Incoming): Promise<ObjectPath> {
    const { policies } = this.#options;
    // The signal is read before waiting: after a restart of the bus, another connection may have the unique name of the
    // sender.
    const { signal } = incoming;
    const credentials = await incoming.credentials();
    // Only routing needs the control group.
    const parts = { cgroup: this.#options.routing !== undefined };
    const identity = policies && (await identityOf(credentials, policies.users, parts));
    const policy = identity && policies?.source.find(identity)?.policy;
    await this.#authorizations.authorize(requiredAuthorizations(creation.requested, policy), incoming);
    if (signal.aborted || this.#isClosing) throw canceled();
    if (this.#table.refusesSession(policy)) throw busy();
    return this.#createSession(creation, incoming, credentials.uid, identity);
  }

  /**
   * Creates a session synchronously: either the session is complete, or an error is thrown and nothing has changed.
   * Only the reply may be delayed.
   */
  #createSession(
    { path, notifier, requested }: Creation,
    incoming: Incoming,
    uid: number | undefined,
    identity?: Identity,
  ): MaybePromise<ObjectPath> {
    const { sender } = incoming;
    if (this.#clients.at(path) !== undefined) throw alreadyExists();
    this.#clients.countSession({ client: sender, uid });
    const matchedPolicy = identity && this.#options.policies?.source.find(identity);
    const record = this.#table.create(path, sender, requested, matchedPolicy);
    if (identity !== undefined) this.#identities.set(record, identity);
    this.#clients.add(record, notifier, this, { incoming, uid });
    if (record.blocksWithoutService) return this.#startBlocked(record, path);
    this.#controller.start(record);
    return path;
  }

  /**
   * Starts a session with the policy key BlockWithoutService after its routing is in force. Resolves with the path of
   * the session.
   */
  async #startBlocked(record: SessionRecord, path: ObjectPath): Promise<ObjectPath> {
    try {
      if (this.#options.routing === undefined) throw failed("BlockWithoutService needs routing");
      await this.#controller.route();
    } catch (error) {
      if (this.#isServed(record)) this.#controller.end(record, () => this.#table.remove(record));
      throw error instanceof FailedError ? error : failed("the traffic of the application cannot be blocked");
    }
    if (!this.#isServed(record)) throw canceled();
    this.#controller.start(record);
    return path;
  }

  #isServed(record: SessionRecord): boolean {
    return this.#clients.at(record.path)?.record === record;
  }

  #objectsAt(below: string): readonly SessionObject[] | undefined {
    const session = this.#clients.at(`${SESSIONS_PATH}/${below}`);
    return session && [session.object];
  }

  #change(record: SessionRecord, change: Partial<RequestedSettings>): MaybePromise<void> {
    const { emergencyCaller } = this.#table;
    if (change.emergencyCall && emergencyCaller !== undefined && emergencyCaller !== record) throw busy();
    const sent = this.#controller.run(() => this.#table.change(record, change), record);
    this.#controller.schedule(record);
    return sent;
  }

  #checkCaller(record: SessionRecord, incoming: Incoming): void {
    this.#checkInterface(incoming);
    if (this.#table.dialect.callers === "creator" && record.owner !== incoming.sender) throw permissionDenied();
  }

  /**
   * Throws ConnMan's error for a call without an interface, which the D-Bus specification allows, if the dialect has
   * ConnMan's errors.
   */
  #checkInterface(incoming: Incoming): void {
    if (this.#table.dialect.refusals !== "connman" || incoming.interface !== undefined) return;
    throw refuseAsConnman(incoming, new UnknownMethodError(incoming.member));
  }

  /** Returns whether the emergency call of another client prevents Connect and Disconnect. */
  #isBlocked(record: SessionRecord): boolean {
    return this.#table.emergencyCaller !== undefined && this.#table.isOutranked(record);
  }

  #policyOf(record: SessionRecord): MatchedPolicy | undefined {
    const identity = this.#identities.get(record);
    return identity && this.#options.policies?.source.find(identity);
  }

  #networkChanged(): void {
    this.#objects.update();
    this.#controller.networkChanged();
    this.#announceState();
  }

  /** Announces the state of the network now, or as soon as the bus accepts messages. */
  #announceState(): void {
    if (this.#isClosing) return;
    try {
      this.#manager.announce();
    } catch (error) {
      if (!(error instanceof LimitsExceededError)) throw error;
      void this.#bus.drained.then(() => this.#announceState());
    }
  }

  #clientLeft(sessions: readonly SessionRecord[]): void {
    for (const record of sessions) this.#controller.end(record, () => this.#table.remove(record));
  }
}
