import { type Bus, DBusError, type Subscription, type Target, type Variant } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { ConnectionStatus, ConnectionStatusReason, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { DisconnectedError, InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { RemoteConnection } from "../client/remote-connection.ts";
import { findManagerRoot, RemoteManager } from "../client/remote-manager.ts";
import { RemoteNames } from "../client/remote-names.ts";
import { RemotePresence } from "../client/remote-presence.ts";
import { reasonForError } from "../connection/disconnect-reasons.ts";
import { pathIn, pathToBusName, rootOfPath } from "../connection/object-names.ts";
import { CANONICAL_ROOT, nameIn, type Root } from "../dialects/dialect.ts";
import { DEFAULT_ACCOUNT_QUOTAS, DEFAULT_HANDLE_LIMITS } from "../quotas.ts";
import { DaemonClient } from "../service/daemon.ts";
import { toConnectionParameters } from "./account-parameters.ts";
import type { AccountName, Parameters } from "./account-settings.ts";
import type { AccountConnectionFailure, AccountEvent } from "./account-state-machine.ts";
import { disconnectStaleConnection } from "./stale-connection.ts";

/** Milliseconds for which an account waits for its connection to release the bus name after Disconnect. */
const NAME_RELEASE_TIMEOUT_MS = 2_000;

const PROPERTIES = "org.freedesktop.DBus.Properties";

/** One attempt of an account to connect. Calls the connection manager and reports events to the account. */
export class ConnectionAttempt {
  readonly #bus: Bus;
  readonly #roots: readonly Root[];
  /** Number of the attempt, which is part of each event. */
  readonly #attempt: number;
  readonly #report: (event: AccountEvent) => void;
  readonly #subscriptions: Subscription[] = [];
  #connection: RemoteConnection | undefined;
  #presence: RemotePresence | undefined;
  #selfHandle = 0;
  #target: Target = { destination: "", path: "" };
  /** Object paths of the connection by root, for each root under which the connection has a bus name. */
  readonly #paths = new Map<Root, string>();
  /** Arguments of the signal ConnectionError; undefined if it was not received. */
  #failure: AccountConnectionFailure | undefined;
  #isDisconnecting = false;
  #hasEnded = false;
  #isReadingIdentifier = false;
  #mustReadIdentifier = false;
  #isWatchingPresence = false;
  #nameReleaseTimer: NodeJS.Timeout | undefined;

  /** @param roots - Roots of the connection managers to use, the preferred one first. */
  constructor(bus: Bus, roots: readonly Root[], attempt: number, report: (event: AccountEvent) => void) {
    this.#bus = bus;
    this.#roots = roots;
    this.#attempt = attempt;
    this.#report = report;
  }

  /**
   * Requests a connection and connects it. Never rejects: failures are reported as events.
   *
   * @param readParameters - Returns the parameters of the account; may prompt the user.
   * @param readPresence - Returns the presence that the user gets when the connection connects.
   * @param stalePath - Path of an earlier connection that may still exist; empty if no such connection is known.
   */
  async start(
    { manager, protocol }: AccountName,
    readParameters: () => Promise<Parameters>,
    readPresence: () => Presence,
    stalePath: string,
  ): Promise<void> {
    try {
      const parameters = await this.#requireParameters(readParameters);
      if (parameters === undefined) return;
      await disconnectStaleConnection(this.#bus, stalePath);
      const root = await findManagerRoot(this.#bus, manager, this.#roots);
      const remote = new RemoteManager(this.#bus, manager, root);
      const { destination, path } = await remote.request(protocol, toConnectionParameters(parameters));
      // The path is stored and used after a restart, and connection managers are not trusted.
      if (pathToBusName(path) !== destination) throw new InvalidArgumentError("path and bus name do not correspond");
      this.#target = { destination, path };
      const connection = new RemoteConnection(this.#bus, this.#target);
      this.#connection = connection;
      this.#presence = new RemotePresence(this.#bus, connection);
      await this.#findPaths(path);
      await this.#subscribe(connection, destination);
      this.#report({ kind: "connectionCreated", attempt: this.#attempt, path });
      if (!this.#isDisconnecting) await this.#setInitialPresence(readPresence());
      if (!this.#isDisconnecting) await connection.connect();
    } catch (error) {
      const name = error instanceof DBusError ? error.errorName : DisconnectedError.errorName;
      const message = error instanceof Error ? error.message : String(error);
      this.#fail({ name, details: { debugMessage: message } });
      // A connection that was created but failed to start would prevent the next one.
      await this.#connection?.disconnect().catch(() => undefined);
    }
  }

  /** Returns the parameters. If they cannot be read, reports `connectionFailed` and returns undefined. */
  async #requireParameters(readParameters: () => Promise<Parameters>): Promise<Parameters | undefined> {
    try {
      return await readParameters();
    } catch (error) {
      const details = { debugMessage: error instanceof Error ? error.message : String(error) };
      const failure = { name: NotAvailableError.errorName, details };
      // The server would refuse the account without its secrets. With this reason the account does not retry, which
      // would prompt the user repeatedly.
      const reason = ConnectionStatusReason.AuthenticationFailed;
      this.#end({ kind: "connectionFailed", attempt: this.#attempt, reason, failure });
      return undefined;
    }
  }

  /**
   * Returns the object path of the connection under a root; undefined if the connection has no bus name under this
   * root.
   */
  pathIn(root: Root): string | undefined {
    return this.#paths.get(root);
  }

  async #findPaths(path: string): Promise<void> {
    const daemon = new DaemonClient(this.#bus);
    for (const root of this.#roots) {
      const renamed = pathIn(root, path);
      const isOnBus = rootOfPath(path) === root || (await daemon.nameHasOwner(pathToBusName(renamed)));
      if (isOnBus) this.#paths.set(root, renamed);
    }
  }

  /** Disconnects the connection and reports `connectionGone` when it has left the bus. Never rejects. */
  async disconnect(): Promise<void> {
    this.#isDisconnecting = true;
    try {
      await this.#connection?.disconnect();
    } catch {
      // The connection is gone or does not support Disconnect, so no signal will follow.
      this.#reportGone();
      return;
    }
    if (this.#hasEnded) return;
    // The next connection of the account may need the same bus name, so the account waits until the name is free.
    this.#nameReleaseTimer = setTimeout(() => this.#reportGone(), NAME_RELEASE_TIMEOUT_MS);
    this.#nameReleaseTimer.unref();
  }

  /**
   * Sets the property of the connection that has the name of a parameter. Rejects with DBusError.
   *
   * @param parameter - Name of an interface, a dot and the name of a property.
   */
  async setProperty(parameter: string, value: Variant): Promise<void> {
    const dot = parameter.lastIndexOf(".");
    const args = [parameter.slice(0, dot), parameter.slice(dot + 1), value] as const;
    await this.#bus.call({ ...this.#target, interface: PROPERTIES, member: "Set", signature: "ssv", args });
  }

  /**
   * Sets the user's presence on the connected connection, and reports the user's presence from then on. Does
   * nothing if the connection does not support presence. Never rejects: the reported presence shows the result.
   */
  async setPresence(presence: Presence): Promise<void> {
    try {
      const remote = this.#presence;
      const interfaces = (await this.#connection?.interfaces()) ?? [];
      if (remote === undefined || !interfaces.includes(remote.interfaceName)) return;
      if (!this.#isWatchingPresence) await this.#watchPresence(remote);
      await remote.set(presence);
    } catch {
      // The connection has ended or refuses the presence. The account shows the reported presence.
    }
  }

  /**
   * Sets the user's presence before the connection connects, so that contacts never see another presence. Never
   * rejects.
   */
  async #setInitialPresence(presence: Presence): Promise<void> {
    try {
      const remote = this.#presence;
      const interfaces = (await this.#connection?.interfaces()) ?? [];
      if (remote !== undefined && interfaces.includes(remote.interfaceName)) await remote.set(presence);
    } catch {
      // `setPresence` sets the presence after the connection is connected.
    }
  }

  /**
   * Sets the user's alias on the connected connection. Does nothing if the connection does not support aliases or
   * refuses the alias. Never rejects.
   */
  async setAlias(alias: string): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      const aliasing = nameIn(rootOfPath(this.#target.path) ?? CANONICAL_ROOT, Aliasing1.name);
      if (!(await connection.interfaces()).includes(aliasing)) return;
      await new RemoteNames(this.#bus, connection).setAlias(await connection.selfHandle(), alias);
    } catch {
      // Aliases are only displayed, so the account works without the change.
    }
  }

  /** Reports the user's presence, now and at each change. */
  async #watchPresence(remote: RemotePresence): Promise<void> {
    this.#isWatchingPresence = true;
    const subscription = await remote.subscribe((presences) => this.#reportPresence(presences.get(this.#selfHandle)));
    this.#subscriptions.push(subscription);
    if (this.#hasEnded) this.#unsubscribe();
    this.#selfHandle = (await this.#connection?.selfHandle()) ?? 0;
    this.#reportPresence(await remote.get(this.#selfHandle));
  }

  #reportPresence(presence: Presence | undefined): void {
    if (presence === undefined || this.#hasEnded) return;
    // Connection managers are not trusted to limit the length.
    if (presence.status.length + presence.statusMessage.length > DEFAULT_ACCOUNT_QUOTAS.accountTextLength) return;
    this.#report({ kind: "presenceReported", attempt: this.#attempt, presence });
  }

  async #subscribe(connection: RemoteConnection, destination: string): Promise<void> {
    const subscriptions = connection.subscribe({
      connectionError: (name, details) => {
        this.#failure = { name, details };
      },
      statusChanged: (status, reason) => this.#onStatusChanged(status, reason),
      selfHandleChanged: (handle) => {
        this.#selfHandle = handle;
        void this.#reportSelfIdentifier(connection);
      },
    });
    this.#subscriptions.push(
      ...(await Promise.all(subscriptions)),
      await this.#bus.watchName(destination, (owner) => {
        if (owner === undefined) this.#onNameLost();
      }),
    );
    if (this.#hasEnded) this.#unsubscribe();
  }

  #onStatusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    const failure = this.#failure;
    const event = { kind: "statusChanged", attempt: this.#attempt, status, reason } as const;
    this.#report(failure === undefined ? event : { ...event, failure });
    // While disconnecting, the attempt ends only when the bus name is free.
    if (status === ConnectionStatus.Disconnected && !this.#isDisconnecting) this.#finish();
    if (status === ConnectionStatus.Connected && this.#connection !== undefined) {
      void this.#reportSelfIdentifier(this.#connection);
    }
  }

  /** Reads and reports the user's identifier. If the identifier changes while it is read, reads it a second time. */
  async #reportSelfIdentifier(connection: RemoteConnection): Promise<void> {
    this.#mustReadIdentifier = true;
    if (this.#isReadingIdentifier) return;
    this.#isReadingIdentifier = true;
    while (this.#mustReadIdentifier && !this.#hasEnded) {
      this.#mustReadIdentifier = false;
      const identifier = await readSelfIdentifier(connection);
      // The identifier is stored, so its length is limited.
      if (identifier !== undefined && identifier.length <= DEFAULT_HANDLE_LIMITS.maxIdentifierLength) {
        this.#report({ kind: "selfIdentified", attempt: this.#attempt, identifier });
      }
    }
    this.#isReadingIdentifier = false;
  }

  /** Handles the loss of the connection's bus name, after Disconnect or a crash of the connection manager. */
  #onNameLost(): void {
    if (this.#isDisconnecting) this.#reportGone();
    else this.#fail({ name: DisconnectedError.errorName, details: { debugMessage: "the connection is gone" } });
  }

  #fail(failure: AccountConnectionFailure): void {
    const inferred = reasonForError(failure.name);
    // The account did not request the end, even if the error is CancelledError.
    const reason = inferred === ConnectionStatusReason.Requested ? ConnectionStatusReason.NoneSpecified : inferred;
    this.#end({ kind: "connectionFailed", attempt: this.#attempt, reason, failure });
  }

  #reportGone(): void {
    this.#end({ kind: "connectionGone", attempt: this.#attempt });
  }

  #end(event: AccountEvent): void {
    if (this.#hasEnded) return;
    this.#finish();
    this.#report(event);
  }

  #finish(): void {
    this.#hasEnded = true;
    clearTimeout(this.#nameReleaseTimer);
    this.#unsubscribe();
  }

  #unsubscribe(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.close().catch(() => undefined);
  }
}

/** Returns the user's identifier; undefined if it cannot be read, for example because the connection has ended. */
async function readSelfIdentifier(connection: RemoteConnection): Promise<string | undefined> {
  try {
    const handle = await connection.selfHandle();
    const [identifier] = await connection.inspectHandles(HandleType.Contact, [handle]);
    return identifier;
  } catch {
    return undefined;
  }
}
