import type { Bus, CallOptions, Subscription } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  Presence1,
  Presence1Client,
  type StatusSpecMap,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { SimplePresenceClient } from "@dbus-codegen-ts/stubs/telepathy-0/org.freedesktop.Telepathy.Connection.Interface.SimplePresence";
import { rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, nameIn } from "../dialects/dialect.ts";
import { chooseStatus } from "./choose-status.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import { withCanonicalErrors } from "./remote-errors.ts";

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

  /** Reads the statuses that contacts and the user can have, by name. */
  statuses(call?: CallOptions): Promise<StatusSpecMap> {
    return withCanonicalErrors(this.#client.properties.statuses.get(call));
  }

  /**
   * Sets the user's presence: the status with the requested name, otherwise one of the same or a similar type. The
   * message is omitted if the status cannot have a message.
   *
   * @throws NotAvailableError if the user can set no such status; the errors of SetPresence.
   */
  async set(presence: Presence, call?: CallOptions): Promise<void> {
    const chosen = chooseStatus(await this.statuses(call), presence);
    if (chosen === undefined) throw new NotAvailableError("the user can set no status like this presence");
    await withCanonicalErrors(this.#client.setPresence(chosen.status, chosen.message, call));
  }

  /** Reads the presence of a contact; undefined if the connection does not know it. */
  async get(handle: Handle, call?: CallOptions): Promise<Presence | undefined> {
    const contacts = await this.#connection.contactAttributes([handle], [Presence1.name], call);
    return contacts.get(handle)?.presence;
  }

  /** Subscribes to the presences of contacts and of the user, by handle. */
  subscribe(listener: (presences: ReadonlyMap<Handle, Presence>) => void): Promise<Subscription> {
    return this.#client.signals.presencesChanged.subscribe(listener);
  }
}
