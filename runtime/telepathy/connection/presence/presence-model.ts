import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { StatusSpecMap } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { DisconnectedError, InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { PresenceHost, PresenceProtocol } from "../../protocols/presence.ts";
import { byHandle, type ContactDirectory } from "./contact-directory.ts";

/** Receiver of changed presences. */
export interface PresenceListener {
  /** @param presences - The new presences, by handle. */
  presencesChanged(presences: ReadonlyMap<number, Presence>): void;
  /** Called when `statuses` and `maximumMessageLength` have changed. */
  statusesChanged(): void;
}

/** Presences of the contacts and the user of one connection, independent of D-Bus. */
export class PresenceModel implements PresenceHost {
  readonly #protocol: PresenceProtocol;
  readonly #contacts: ContactDirectory;
  readonly #listeners: PresenceListener[] = [];
  /**
   * Presence that was requested before the connection was connected. It is set when the connection becomes
   * connected.
   */
  #initial: { readonly status: string; readonly message: string } | undefined;

  constructor(protocol: PresenceProtocol, contacts: ContactDirectory) {
    this.#protocol = protocol;
    this.#contacts = contacts;
  }

  /** Statuses by name. Before the connection is connected, only the statuses that the user can set. */
  get statuses(): StatusSpecMap {
    const { statuses } = this.#protocol;
    if (this.#contacts.phase === "connected") return statuses;
    return Object.fromEntries(Object.entries(statuses).filter(([, { maySetOnSelf }]) => maySetOnSelf));
  }

  /** Maximum number of characters of a message; 0 if there is no limit, and until the connection is connected. */
  get maximumMessageLength(): number {
    return this.#contacts.phase === "connected" ? this.#protocol.maximumMessageLength : 0;
  }

  addListener(listener: PresenceListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Sets the user's presence. If the connection is not connected yet, the presence is set when it becomes
   * connected. A message that is too long is truncated.
   *
   * @throws InvalidArgumentError if the user cannot set the status, or the status cannot have a message;
   * DisconnectedError if the connection has ended; NetworkError or NotAvailableError of the protocol.
   */
  setPresence(status: string, message: string): MaybePromise<void> {
    const { phase } = this.#contacts;
    if (phase === "disconnected") throw new DisconnectedError("the connection is not connected");
    const { statuses } = this.#protocol;
    const spec = Object.hasOwn(statuses, status) ? statuses[status] : undefined;
    if (spec === undefined || !spec.maySetOnSelf) throw new InvalidArgumentError("the user cannot have this status");
    if (message !== "" && !spec.canHaveMessage) throw new InvalidArgumentError(`${status} cannot have a message`);
    if (phase === "connected") return this.#protocol.setPresence(status, this.#truncate(message));
    if (this.#protocol.setInitialPresence === undefined) this.#initial = { status, message };
    else this.#protocol.setInitialPresence(status, this.#truncate(message));
    return undefined;
  }

  /**
   * Returns the presences of contacts, by handle, and starts to observe them.
   *
   * @throws DisconnectedError before any other check; InvalidHandleError; LimitsExceededError.
   */
  presences(handles: readonly number[]): ReadonlyMap<number, Presence> {
    const identifiers = this.#contacts.inspect(handles);
    const presences = this.presencesOf(identifiers);
    return new Map(
      handles.flatMap((handle, index) => {
        const presence = presences[index];
        return presence === undefined ? [] : [[handle, presence]];
      }),
    );
  }

  /** Returns the presence of each contact, in the order of the identifiers, and starts to observe the contacts. */
  presencesOf(identifiers: readonly string[]): readonly Presence[] {
    this.watch(identifiers);
    return this.#protocol.presences(identifiers);
  }

  /** Whether the protocol observes the presence of the contacts that clients use. */
  get isWatching(): boolean {
    return this.#protocol.watch !== undefined;
  }

  /** Starts to observe the presence of contacts that a client uses. */
  watch(identifiers: readonly string[]): void {
    this.#protocol.watch?.(identifiers);
  }

  /**
   * Reports the user's presence and sets the presence that was requested before. Called when the connection has
   * become connected.
   */
  connected(): MaybePromise<void> {
    for (const listener of this.#listeners) listener.statusesChanged();
    this.selfHandleChanged(0, this.#contacts.selfHandle);
    if (this.#initial === undefined) return undefined;
    const { status, message } = this.#initial;
    return this.#protocol.setPresence(status, this.#truncate(message));
  }

  /** Reports the presences of the user's former and current handle. */
  selfHandleChanged(former: number, current: number): void {
    const handles = [former, current].filter((handle) => handle !== 0);
    const presences = this.#protocol.presences(this.#contacts.inspect(handles));
    this.#report(
      new Map(
        handles.flatMap((handle, index) => {
          const presence = presences[index];
          return presence === undefined ? [] : [[handle, presence]];
        }),
      ),
    );
  }

  presencesChanged(presences: ReadonlyMap<string, Presence>): void {
    if (this.#contacts.phase === "connected") this.#report(byHandle(this.#contacts, presences));
  }

  #report(presences: ReadonlyMap<number, Presence>): void {
    if (presences.size === 0) return;
    for (const listener of this.#listeners) listener.presencesChanged(presences);
  }

  #truncate(message: string): string {
    const { maximumMessageLength } = this.#protocol;
    if (maximumMessageLength === 0 || message.length <= maximumMessageLength) return message;
    return [...message].slice(0, maximumMessageLength).join("");
  }
}
