import type { Bus, Credentials, Incoming, ObjectPath } from "@dbus-codegen-ts/runtime";
import { type Consumer, UsageCounts } from "@dbus-codegen-ts/runtime/usage";
import { NotificationClient } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { Settings } from "../policy/settings.ts";
import type { SessionQuotas } from "../quotas.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { type SessionActions, SessionObject } from "./session-object.ts";
import { UpdateSender } from "./update-sender.ts";

/**
 * Maximum number of nodes that introspection lists below a path. Many clients would not accept a document with all
 * sessions.
 */
const MAX_LISTED_NODES = 1000;

/** A session with its object on the bus and its client's notifier. */
export class ServedSession {
  readonly record: SessionRecord;
  readonly notification: NotificationClient;
  readonly #actions: SessionActions;
  #object: SessionObject | undefined;

  constructor(record: SessionRecord, notification: NotificationClient, actions: SessionActions) {
    this.record = record;
    this.notification = notification;
    this.#actions = actions;
  }

  /** The object, created at the first use: many clients call no method of their session. */
  get object(): SessionObject {
    this.#object ??= new SessionObject(this.record, this.#actions);
    return this.#object;
  }
}

/** A client with at least one session. */
class ClientConnection implements Consumer {
  readonly client: string;
  /** User of the client; undefined until the bus has reported it. */
  uid: number | undefined;
  readonly sessions = new Set<SessionRecord>();
  readonly updates: UpdateSender;
  readonly #presence: AbortSignal;
  readonly #onLeave: () => void;

  constructor({ client, uid }: Consumer, updates: UpdateSender, presence: AbortSignal, onLeave: () => void) {
    this.client = client;
    this.uid = uid;
    this.updates = updates;
    this.#presence = presence;
    this.#onLeave = onLeave;
    presence.addEventListener("abort", onLeave, { once: true });
  }

  close(): void {
    this.#presence.removeEventListener("abort", this.#onLeave);
    this.updates.close();
  }
}

/** Receiver of events of clients. */
export interface SessionClientListener {
  /** Called with the sessions of a client that has left the bus. */
  onLeave(sessions: readonly SessionRecord[]): void;
  /** Called with the sessions of a client whose user has become known. */
  onIdentified(sessions: readonly SessionRecord[]): void;
}

/** The call that created a session, with the user of its caller; undefined if the user is not known yet. */
export interface SessionCreator {
  readonly incoming: Incoming;
  readonly uid: number | undefined;
}

/** The sessions on the bus, by path and by client. */
export class SessionClients {
  readonly #bus: Bus;
  readonly #onError: SessionErrorHook;
  readonly #listener: SessionClientListener;
  readonly #clients = new Map<string, ClientConnection>();
  readonly #sessions = new Map<string, ServedSession>();
  /** Paths of sessions by the second element of the path, which is the same for all sessions of a client. */
  readonly #pathsByNode = new Map<string, Set<string>>();
  readonly #counts: UsageCounts;

  constructor(
    bus: Bus,
    { sessionsPerClient, sessionsPerUser, sessions }: Required<SessionQuotas>,
    onError: SessionErrorHook,
    listener: SessionClientListener,
  ) {
    this.#bus = bus;
    this.#counts = new UsageCounts("sessions", {
      perClient: sessionsPerClient,
      perUser: sessionsPerUser,
      total: sessions,
    });
    this.#onError = onError;
    this.#listener = listener;
  }

  /** Returns the uid of a client; undefined if the client has no sessions, or the user is not known yet. */
  userOf(owner: string): number | undefined {
    return this.#clients.get(owner)?.uid;
  }

  /** Counts a session before it is added. Throws LimitsExceededError if the session would exceed a quota. */
  countSession(client: Consumer): void {
    this.#counts.begin(this.#clients.get(client.client) ?? client);
  }

  at(path: string): ServedSession | undefined {
    return this.#sessions.get(path);
  }

  /**
   * Returns the names of the nodes directly below a path, at most 1,000. Below `/sessions`, these are the nodes of
   * clients; below a client, the next elements of the paths of its sessions.
   */
  childrenOf(path: string): readonly string[] {
    const node = nodeOf(path);
    if (node === undefined) return [...this.#pathsByNode.keys()].slice(0, MAX_LISTED_NODES);
    const prefix = `${path}/`;
    const names = new Set<string>();
    for (const session of this.#pathsByNode.get(node) ?? []) {
      if (session.startsWith(prefix)) names.add(session.slice(prefix.length).split("/", 1)[0] ?? "");
      if (names.size >= MAX_LISTED_NODES) break;
    }
    return [...names];
  }

  /** Returns the sessions of each client, with the sender of Updates to the client. */
  byClient(): readonly { readonly updates: UpdateSender; readonly sessions: readonly ServedSession[] }[] {
    return Array.from(this.#clients.values(), ({ updates, sessions }) => ({
      updates,
      sessions: [...sessions].flatMap(({ path }) => this.#sessions.get(path) ?? []),
    }));
  }

  /** Adds a session. `countSession` must have been called for it. */
  add(record: SessionRecord, notifier: ObjectPath, actions: SessionActions, creator: SessionCreator): void {
    const { owner: destination, path } = record;
    const notification = new NotificationClient(this.#bus, { destination, path: notifier });
    this.#sessions.set(path, new ServedSession(record, notification, actions));
    const node = nodeOf(path) ?? "";
    const paths = this.#pathsByNode.get(node) ?? new Set();
    this.#pathsByNode.set(node, paths.add(path));
    this.#ensureClient(destination, creator).sessions.add(record);
  }

  remove(record: SessionRecord): void {
    this.#sessions.delete(record.path);
    const node = nodeOf(record.path) ?? "";
    const paths = this.#pathsByNode.get(node);
    if (paths?.delete(record.path) && paths.size === 0) this.#pathsByNode.delete(node);
    const client = this.#clients.get(record.owner);
    if (client === undefined) return;
    if (client.sessions.delete(record)) this.#counts.end(client);
    client.updates.endSession(record);
    if (client.sessions.size > 0) return;
    client.close();
    this.#clients.delete(record.owner);
  }

  /** Sends an Update to the client of a session. Does nothing if the session has been removed. */
  sendUpdate(record: SessionRecord, settings: Settings): void {
    const session = this.#sessions.get(record.path);
    if (session === undefined) return;
    this.#clients.get(record.owner)?.updates.send(record, session.notification, settings);
  }

  #ensureClient(owner: string, { incoming, uid }: SessionCreator): ClientConnection {
    const existing = this.#clients.get(owner);
    if (existing !== undefined) return existing;
    const updates = new UpdateSender(this.#bus, owner, this.#onError);
    const onLeave = (): void => {
      updates.close();
      this.#listener.onLeave([...(this.#clients.get(owner)?.sessions ?? [])]);
    };
    const client = new ClientConnection({ client: owner, uid }, updates, incoming.signal, onLeave);
    this.#clients.set(owner, client);
    if (uid === undefined) void this.#identify(client, incoming);
    return client;
  }

  /** Reads the user of a client whose first session was created before the user was known. */
  async #identify(client: ClientConnection, incoming: Incoming): Promise<void> {
    const { uid } = await incoming.credentials().catch((): Credentials => ({}));
    if (uid === undefined || this.#clients.get(client.client) !== client) return;
    client.uid = uid;
    this.#counts.identify(client, client.sessions.size);
    this.#listener.onIdentified([...client.sessions]);
  }
}

/** Returns the element of a path after `/sessions`; undefined if the path ends there. */
function nodeOf(path: string): string | undefined {
  return path.split("/", 3)[2];
}
