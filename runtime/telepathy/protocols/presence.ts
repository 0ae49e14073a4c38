import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";

/** Presences of one connection, as the protocol implements them. Identifiers are normalised. */
export interface PresenceProtocol {
  /** All statuses, by name. Statuses with `maySetOnSelf` can be set before the connection is connected, too. */
  readonly statuses: StatusSpecMap;
  /** Maximum number of characters of a message; 0 if there is no limit. Read when the connection is connected. */
  readonly maximumMessageLength: number;

  /**
   * Sets the presence that the user has as soon as the connection is connected. Called only before
   * `host.connected`. If a protocol does not have this function, such a presence is set with `setPresence`
   * immediately after `host.connected`.
   *
   * @param status - Name of a status with `maySetOnSelf`.
   * @param message - At most `maximumMessageLength` characters; empty if the status cannot have a message.
   */
  setInitialPresence?(status: string, message: string): void;

  /**
   * Sets the user's presence. Called only while the connection is connected. The new presence is reported with
   * `presencesChanged`.
   *
   * @param status - Name of a status with `maySetOnSelf`.
   * @param message - At most `maximumMessageLength` characters; empty if the status cannot have a message.
   * @throws NetworkError if the server does not answer; NotAvailableError if it refuses the presence.
   */
  setPresence(status: string, message: string): MaybePromise<void>;

  /** Returns the known presences of contacts, in the order of the identifiers. Requests nothing from the server. */
  presences(identifiers: readonly string[]): readonly Presence[];

  /** Observes the presence of contacts that a client uses. Omitted if the protocol observes no contacts. */
  watch?(identifiers: readonly string[]): void;
}

/** Receiver of changed presences. Contacts without a handle are ignored. */
export interface PresenceHost {
  /** @param presences - The new presences, by normalised identifier. */
  presencesChanged(presences: ReadonlyMap<string, Presence>): void;
}
