import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";

/** Presences on one connection: the protocol's side. Identifiers are normalised. */
export interface PresenceProtocol {
  /** All statuses, by name. Those with `maySetOnSelf` can be set before the connection is connected, too. */
  readonly statuses: StatusSpecMap;
  /** Largest number of characters of a message; 0 if it is not limited. It is read when the connection is connected. */
  readonly maximumMessageLength: number;

  /**
   * Sets the presence with which the user comes online. Called only before `host.connected`. Without this function, such
   * a presence is set right after it: for protocols whose servers let users choose no presence earlier.
   *
   * @param status - As for `setPresence`.
   * @param message - As for `setPresence`.
   */
  setInitialPresence?(status: string, message: string): void;

  /**
   * Sets the user's presence. Called only while connected. The presence that results is reported with `presencesChanged`.
   *
   * @param status - One of `statuses` with `maySetOnSelf`.
   * @param message - At most `maximumMessageLength` characters; empty if the status cannot have a message.
   * @throws NetworkError if the server does not answer; NotAvailableError if it refuses the presence.
   */
  setPresence(status: string, message: string): MaybePromise<void>;

  /** Returns the presences that are known, of each contact at the position of its identifier. Nothing is requested. */
  presences(identifiers: readonly string[]): readonly Presence[];

  /** Notes that a client uses these contacts, so that their presence is requested if the protocol requests presences. */
  watch?(identifiers: readonly string[]): void;
}

/** Receiver of changed presences. It ignores contacts that no client knows. */
export interface PresenceHost {
  /** @param presences - The new presences, by normalised identifier. */
  presencesChanged(presences: ReadonlyMap<string, Presence>): void;
}
