import {
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { errorOfReason } from "./disconnect-reasons.ts";

/** What happens to the status of a connection, in the order in which it has to be announced. */
export interface StatusListener {
  /** Comes only right before `statusChanged` to disconnected. */
  connectionError(name: string, details: ConnectionErrorDetails): void;
  statusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void;
}

/** Why a connection has ended, as far as more than the reason is known. */
interface Fault {
  readonly name?: string;
  readonly details?: ConnectionErrorDetails;
}

/**
 * The status of one connection: new, connecting, connected, disconnected, and never back. A change that is not possible
 * is ignored, so that no status is announced twice.
 */
export class StatusMachine {
  readonly #listener: StatusListener;
  readonly #register: boolean;
  #phase: "new" | "connecting" | "connected" | "disconnected" = "new";

  /** @param register - Whether the account is to be created on the server, which decides what a clash of names means. */
  constructor(listener: StatusListener, register = false) {
    this.#listener = listener;
    this.#register = register;
  }

  /** How far the connection has come. Unlike the status on the bus, it tells new and disconnected apart. */
  get phase(): "new" | "connecting" | "connected" | "disconnected" {
    return this.#phase;
  }

  /** The status as the bus knows it. */
  get status(): ConnectionStatus {
    if (this.#phase === "connected") return ConnectionStatus.Connected;
    return this.#phase === "connecting" ? ConnectionStatus.Connecting : ConnectionStatus.Disconnected;
  }

  /** Begins to connect. False where it has begun before. */
  connecting(): boolean {
    if (this.#phase !== "new") return false;
    this.#phase = "connecting";
    this.#listener.statusChanged(ConnectionStatus.Connecting, ConnectionStatusReason.Requested);
    return true;
  }

  /** Connecting has succeeded. False where the connection is not connecting. */
  connected(): boolean {
    if (this.#phase !== "connecting") return false;
    this.#phase = "connected";
    this.#listener.statusChanged(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
    return true;
  }

  /**
   * The connection is over. What was requested is no error; everything else is announced as one, by the equivalent of the
   * reason where no better name is known. False where it was over before.
   */
  disconnected(reason: ConnectionStatusReason, fault: Fault = {}): boolean {
    if (this.#phase === "disconnected") return false;
    const wasConnected = this.#phase === "connected";
    this.#phase = "disconnected";
    if (reason !== ConnectionStatusReason.Requested) {
      const equivalent = errorOfReason(reason, { wasConnected, register: this.#register });
      this.#listener.connectionError(fault.name ?? equivalent.errorName, fault.details ?? {});
    }
    this.#listener.statusChanged(ConnectionStatus.Disconnected, reason);
    return true;
  }
}
