import {
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnectionFailure } from "../protocols/protocol.ts";
import { describeReason, errorForReason } from "./disconnect-reasons.ts";

/** Receiver of changes of the status, in the order in which the D-Bus signals of the same names must be emitted. */
export interface StatusListener {
  /** Called immediately before `statusChanged` to Disconnected, unless the user requested the disconnection. */
  connectionError(name: string, details: ConnectionErrorDetails): void;
  statusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void;
}

/** Progress of a connection. Unlike Connection_Status, it distinguishes a new connection from one that has ended. */
export type ConnectionPhase = "new" | "connecting" | "connected" | "disconnected";

/**
 * State machine of a connection's status, in the order new, connecting, connected, disconnected. Changes in another
 * order are ignored, so that no status is announced twice.
 */
export class StatusMachine {
  readonly #listener: StatusListener;
  readonly #register: boolean;
  #phase: ConnectionPhase = "new";

  /** @param register - Value of the parameter `register`. Decides the error for the reason NameInUse. */
  constructor(listener: StatusListener, register = false) {
    this.#listener = listener;
    this.#register = register;
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  /** Value of the D-Bus property Status. It is Disconnected for a new connection, too. */
  get status(): ConnectionStatus {
    if (this.#phase === "connected") return ConnectionStatus.Connected;
    return this.#phase === "connecting" ? ConnectionStatus.Connecting : ConnectionStatus.Disconnected;
  }

  /** Changes the phase from new to connecting. Returns whether the phase was new. */
  startConnecting(): boolean {
    if (this.#phase !== "new") return false;
    this.#phase = "connecting";
    this.#listener.statusChanged(ConnectionStatus.Connecting, ConnectionStatusReason.Requested);
    return true;
  }

  /** Changes the phase from connecting to connected. Returns whether the phase was connecting. */
  setConnected(): boolean {
    if (this.#phase !== "connecting") return false;
    this.#phase = "connected";
    this.#listener.statusChanged(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
    return true;
  }

  /**
   * Changes the phase to disconnected. Unless the reason is Requested, reports an error first: the one in
   * `failure`, or the error that corresponds to the reason. Its details contain a debug message in any case: that
   * of `failure`, the server's message, or a description of the reason.
   *
   * @returns Whether the phase was another before.
   */
  setDisconnected(reason: ConnectionStatusReason, failure: ConnectionFailure = {}): boolean {
    if (this.#phase === "disconnected") return false;
    const wasConnected = this.#phase === "connected";
    this.#phase = "disconnected";
    if (reason !== ConnectionStatusReason.Requested) {
      const equivalent = errorForReason(reason, { wasConnected, register: this.#register });
      const { serverMessage = describeReason(reason) } = failure.details ?? {};
      // Some clients show only the debug message.
      const details = { debugMessage: serverMessage, ...failure.details };
      this.#listener.connectionError(failure.name ?? equivalent.errorName, details);
    }
    this.#listener.statusChanged(ConnectionStatus.Disconnected, reason);
    return true;
  }
}
