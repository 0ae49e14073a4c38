import type { Bus, Subscription, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  Presence1,
  Presence1Client,
  type StatusSpecMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { SimplePresenceClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.SimplePresence";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, nameIn } from "../dialects/dialect.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { withCanonicalErrors } from "./remote-errors.ts";

const PRESENCE_ATTRIBUTE = `${Presence1.name}/presence`;

/** Client of the presences of a connection in any dialect. */
export class RemotePresence {
  /** Name of the interface in the connection's dialect. */
  readonly interfaceName: string;
  readonly #connection: RemoteConnection;
  readonly #client: Presence1Client | SimplePresenceClient;

  constructor(bus: Bus, connection: RemoteConnection) {
    const { target } = connection;
    const root = rootOfPath(target.path) ?? CANONICAL_ROOT;
    this.#connection = connection;
    this.interfaceName = nameIn(root, Presence1.name);
    this.#client = root === CANONICAL_ROOT ? new Presence1Client(bus, target) : new SimplePresenceClient(bus, target);
  }

  /**
   * Sets the user's presence: the status of that name, otherwise one of the same type. Does nothing if the user can have
   * no such status.
   */
  async set({ type, status, statusMessage }: Presence): Promise<void> {
    const statuses = await withCanonicalErrors(this.#client.properties.statuses.get());
    const name = chooseStatus(statuses, type, status);
    if (name !== undefined) await withCanonicalErrors(this.#client.setPresence(name, statusMessage));
  }

  /** Reads the presence of a contact; undefined if the connection does not know it. */
  async get(handle: Handle): Promise<Presence | undefined> {
    const contacts = await this.#connection.contactAttributes([handle], [Presence1.name]);
    return readPresence(contacts.get(handle)?.extra?.[PRESENCE_ATTRIBUTE]);
  }

  /** Subscribes to the presences of contacts and of the user, by handle. */
  subscribe(listener: (presences: ReadonlyMap<Handle, Presence>) => void): Promise<Subscription> {
    return this.#client.signals.presencesChanged.subscribe(listener);
  }
}

/** Returns the name of a status that the user can have; undefined if no status fits. */
function chooseStatus(statuses: StatusSpecMap, type: ConnectionPresenceType, status: string): string | undefined {
  const settable = Object.entries(statuses).filter(([, spec]) => spec.maySetOnSelf);
  const named = settable.find(([name]) => name === status);
  const [name] = named ?? settable.find(([, spec]) => spec.type === type) ?? [];
  return name;
}

/** Returns the value of the attribute presence; undefined if it is not a presence. */
function readPresence(attribute: Variant | undefined): Presence | undefined {
  if (attribute?.signature !== "(uss)" || !Array.isArray(attribute.value)) return undefined;
  const [number, status, statusMessage]: readonly unknown[] = attribute.value;
  const type = Object.values(ConnectionPresenceType).find((candidate) => candidate === number);
  if (type === undefined || typeof status !== "string" || typeof statusMessage !== "string") return undefined;
  return { type, status, statusMessage };
}
