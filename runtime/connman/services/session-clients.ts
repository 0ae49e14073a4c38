import type { Bus, Incoming, ObjectPath } from "@dbus-codegen-ts/runtime";
import { NotificationClient } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { type SessionActions, SessionObject } from "./session-object.ts";
import { UpdateSender } from "./update-sender.ts";

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

/** A connection to the bus that has sessions. */
class ClientConnection {
  readonly sessions = new Set<SessionRecord>();
  readonly updates: UpdateSender;
  readonly #presence: AbortSignal;
  readonly #onLeave: () => void;

  constructor(updates: UpdateSender, presence: AbortSignal, onLeave: () => void) {
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

/** The sessions on the bus, by path and by client. */
export class SessionClients {
  readonly #bus: Bus;
  readonly #onError: SessionErrorHook;
  readonly #onLeave: (sessions: readonly SessionRecord[]) => void;
  readonly #clients = new Map<string, ClientConnection>();
  readonly #sessions = new Map<string, ServedSession>();

  /** @param onLeave - Called with the sessions of a client that has left the bus. */
  constructor(bus: Bus, onError: SessionErrorHook, onLeave: (sessions: readonly SessionRecord[]) => void) {
    this.#bus = bus;
    this.#onError = onError;
    this.#onLeave = onLeave;
  }

  /** Returns the number of sessions of a client. */
  count(owner: string): number {
    return this.#clients.get(owner)?.sessions.size ?? 0;
  }

  at(path: string): ServedSession | undefined {
    return this.#sessions.get(path);
  }

  /** Returns the names of the nodes directly below a path. */
  childrenOf(path: string): readonly string[] {
    const prefix = `${path}/`;
    const paths = [...this.#sessions.keys()].filter((session) => session.startsWith(prefix));
    return [...new Set(paths.map((session) => session.slice(prefix.length).split("/", 1)[0] ?? ""))];
  }

  all(): readonly ServedSession[] {
    return [...this.#sessions.values()];
  }

  add(record: SessionRecord, notifier: ObjectPath, actions: SessionActions, incoming: Incoming): void {
    const { owner: destination, path } = record;
    const notification = new NotificationClient(this.#bus, { destination, path: notifier });
    this.#sessions.set(path, new ServedSession(record, notification, actions));
    this.#ensureClient(destination, incoming).sessions.add(record);
  }

  remove(record: SessionRecord): void {
    this.#sessions.delete(record.path);
    const client = this.#clients.get(record.owner);
    if (client === undefined) return;
    client.sessions.delete(record);
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

  #ensureClient(owner: string, incoming: Incoming): ClientConnection {
    const existing = this.#clients.get(owner);
    if (existing !== undefined) return existing;
    const updates = new UpdateSender(this.#bus, owner, this.#onError);
    const onLeave = (): void => {
      updates.close();
      this.#onLeave([...(this.#clients.get(owner)?.sessions ?? [])]);
    };
    const client = new ClientConnection(updates, incoming.signal, onLeave);
    this.#clients.set(owner, client);
    return client;
  }
}
