import type { Bus, Incoming, ObjectPath } from "@dbus-codegen-ts/runtime";
import { NotificationClient } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { type SessionActions, SessionObject } from "./session-object.ts";
import { UpdateSender } from "./update-sender.ts";

/** A session as its client has it: the object it calls and the notifier it is called at. */
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

  /** Made when it is called for the first time: many clients only listen. */
  get object(): SessionObject {
    this.#object ??= new SessionObject(this.record, this.#actions);
    return this.#object;
  }
}

/** A connection to the bus that has sessions. */
class SessionClientConnection {
  readonly sessions = new Set<SessionRecord>();
  readonly mail: UpdateSender;
  readonly #presence: AbortSignal;
  readonly #onLeave: () => void;

  constructor(mail: UpdateSender, presence: AbortSignal, onLeave: () => void) {
    this.mail = mail;
    this.#presence = presence;
    this.#onLeave = onLeave;
    presence.addEventListener("abort", onLeave, { once: true });
  }

  close(): void {
    this.#presence.removeEventListener("abort", this.#onLeave);
    this.mail.close();
  }
}

/** The clients that have sessions, until they leave the bus. */
export class Clients {
  readonly #bus: Bus;
  readonly #onError: SessionErrorHook;
  readonly #onLeave: (sessions: readonly SessionRecord[]) => void;
  readonly #clients = new Map<string, SessionClientConnection>();
  readonly #sessions = new Map<string, ServedSession>();

  /** @param onLeave - Told the sessions of a client that has left the bus. */
  constructor(bus: Bus, onError: SessionErrorHook, onLeave: (sessions: readonly SessionRecord[]) => void) {
    this.#bus = bus;
    this.#onError = onError;
    this.#onLeave = onLeave;
  }

  /** How many sessions a client has. */
  count(owner: string): number {
    return this.#clients.get(owner)?.sessions.size ?? 0;
  }

  /** The session at a path. */
  at(path: string): ServedSession | undefined {
    return this.#sessions.get(path);
  }

  /** The names of the nodes right below a path. */
  childrenOf(path: string): readonly string[] {
    const prefix = `${path}/`;
    const below = [...this.#sessions.keys()].filter((one) => one.startsWith(prefix));
    return [...new Set(below.map((one) => one.slice(prefix.length).split("/", 1)[0] ?? ""))];
  }

  all(): readonly ServedSession[] {
    return [...this.#sessions.values()];
  }

  add(record: SessionRecord, notifier: ObjectPath, actions: SessionActions, incoming: Incoming): void {
    const { owner: destination, path } = record;
    const notification = new NotificationClient(this.#bus, { destination, path: notifier });
    this.#sessions.set(path, new ServedSession(record, notification, actions));
    this.#ensure(destination, incoming).sessions.add(record);
  }

  remove(record: SessionRecord): void {
    this.#sessions.delete(record.path);
    const client = this.#clients.get(record.owner);
    if (client === undefined) return;
    client.sessions.delete(record);
    client.mail.finish(record);
    if (client.sessions.size > 0) return;
    client.close();
    this.#clients.delete(record.owner);
  }

  /** Tells a client about its session. */
  tell(record: SessionRecord, settings: Settings): void {
    const session = this.#sessions.get(record.path);
    if (session !== undefined) this.#clients.get(record.owner)?.mail.send(record, session.notification, settings);
  }

  #ensure(owner: string, incoming: Incoming): SessionClientConnection {
    const known = this.#clients.get(owner);
    if (known !== undefined) return known;
    const mail = new UpdateSender(this.#bus, owner, this.#onError);
    const onLeave = (): void => {
      mail.close();
      this.#onLeave([...(this.#clients.get(owner)?.sessions ?? [])]);
    };
    const client = new SessionClientConnection(mail, incoming.signal, onLeave);
    this.#clients.set(owner, client);
    return client;
  }
}
