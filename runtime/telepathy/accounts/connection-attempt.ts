import { type Bus, DBusError, type Subscription, type Variant } from "@dbus-codegen-ts/runtime";
import {
  ConnectionClient,
  ConnectionStatus,
  ConnectionStatusReason,
  HandleType,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { reasonOfError } from "../connection/disconnect-reasons.ts";
import { managerPlace } from "../connection/object-names.ts";
import { shapedParameters } from "./account-parameters.ts";
import type { AccountName, Parameters } from "./account-settings.ts";
import type { AccountEvent, LinkError } from "./account-state-machine.ts";
import { endLeftover } from "./stale-connection.ts";

/** Milliseconds that a connection may keep its bus name after it has answered Disconnect. */
const PARTING = 2_000;

const PROPERTIES = "org.freedesktop.DBus.Properties";

/** One attempt of an account to have a connection, as it goes over the bus: tells the account what becomes of it. */
export class AccountLink {
  readonly #bus: Bus;
  readonly #attempt: number;
  readonly #tell: (event: AccountEvent) => void;
  readonly #subscriptions: Subscription[] = [];
  #connection: ConnectionClient | undefined;
  #target = { destination: "", path: "" };
  #error: LinkError | undefined;
  #isLeaving = false;
  #isOver = false;
  #parting: NodeJS.Timeout | undefined;

  constructor(bus: Bus, attempt: number, tell: (event: AccountEvent) => void) {
    this.#bus = bus;
    this.#attempt = attempt;
    this.#tell = tell;
  }

  /**
   * Asks for a connection and connects it. Never rejects: what fails is told.
   *
   * @param leftover - Path of an earlier connection that may still be there; empty for none.
   */
  async open({ manager, protocol }: AccountName, parameters: Parameters, leftover: string): Promise<void> {
    try {
      await endLeftover(this.#bus, leftover);
      const client = new ConnectionManagerClient(this.#bus, managerPlace(manager));
      const [destination, path] = await client.requestConnection(protocol, shapedParameters(parameters));
      this.#target = { destination, path };
      const connection = new ConnectionClient(this.#bus, this.#target);
      this.#connection = connection;
      await this.#follow(connection, destination);
      this.#tell({ kind: "made", attempt: this.#attempt, path });
      if (!this.#isLeaving) await connection.connect();
    } catch (error) {
      const name = error instanceof DBusError ? error.errorName : DisconnectedError.errorName;
      const message = error instanceof Error ? error.message : String(error);
      this.#fail({ name, details: { debugMessage: message } });
      // One that was made, but could not even begin, would be in the way of the next.
      await this.#connection?.disconnect().catch(() => undefined);
    }
  }

  /** Disconnects the connection; tells `left` when it is gone. Never rejects. */
  async disconnect(): Promise<void> {
    this.#isLeaving = true;
    try {
      await this.#connection?.disconnect();
    } catch {
      // It is gone already, or will not go: either way there is nothing to wait for.
      this.#left();
      return;
    }
    if (this.#isOver) return;
    // The next connection of this account may need the same name, so the account waits until it is free.
    this.#parting = setTimeout(() => this.#left(), PARTING);
    this.#parting.unref();
  }

  /** Sets a property of the connection that a parameter is named after. Rejects with DBusError. */
  async setProperty(parameter: string, value: Variant): Promise<void> {
    const dot = parameter.lastIndexOf(".");
    const args = [parameter.slice(0, dot), parameter.slice(dot + 1), value];
    await this.#bus.call({ ...this.#target, interface: PROPERTIES, member: "Set", signature: "ssv", args });
  }

  async #follow(connection: ConnectionClient, destination: string): Promise<void> {
    const { signals } = connection;
    this.#subscriptions.push(
      await signals.connectionError.subscribe((name, details) => {
        this.#error = { name, details };
      }),
      await signals.statusChanged.subscribe((status, reason) => this.#mirror(status, reason)),
      await signals.selfHandleChanged.subscribe((handle) => void this.#identify(connection, handle)),
      await this.#bus.watchName(destination, (owner) => {
        if (owner === undefined) this.#gone();
      }),
    );
    if (this.#isOver) this.#unsubscribe();
  }

  #mirror(status: ConnectionStatus, reason: ConnectionStatusReason): void {
    const error = this.#error;
    const event = { kind: "statusChanged", attempt: this.#attempt, status, reason } as const;
    this.#tell(error === undefined ? event : { ...event, error });
    // What the name does after that no longer matters, except to one who waits for it.
    if (status === ConnectionStatus.Disconnected && !this.#isLeaving) this.#finish();
    if (status === ConnectionStatus.Connected && this.#connection !== undefined) void this.#identify(this.#connection);
  }

  async #identify(connection: ConnectionClient, changed?: number): Promise<void> {
    try {
      const handle = changed ?? (await connection.properties.selfHandle.get());
      const [identifier = ""] = await connection.inspectHandles(HandleType.Contact, [handle]);
      this.#tell({ kind: "identified", attempt: this.#attempt, identifier });
    } catch {
      // Not connected yet, or not any more: then there is nothing to know.
    }
  }

  /** Nobody has the connection's name: it left as it should, or whoever had it crashed. */
  #gone(): void {
    if (this.#isLeaving) this.#left();
    else this.#fail({ name: DisconnectedError.errorName, details: { debugMessage: "the connection is gone" } });
  }

  #fail(error: LinkError): void {
    const known = reasonOfError(error.name);
    // Nobody wanted it cancelled here, whatever the peer says.
    const reason = known === ConnectionStatusReason.Requested ? ConnectionStatusReason.NoneSpecified : known;
    this.#end({ kind: "failed", attempt: this.#attempt, reason, error });
  }

  #left(): void {
    this.#end({ kind: "left", attempt: this.#attempt });
  }

  #end(event: AccountEvent): void {
    if (this.#isOver) return;
    this.#finish();
    this.#tell(event);
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#parting);
    this.#unsubscribe();
  }

  #unsubscribe(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.close().catch(() => undefined);
  }
}
