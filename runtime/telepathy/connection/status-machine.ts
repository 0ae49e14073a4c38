import {
  type ConnectionErrorDetails,
  ConnectionStatus,
  ConnectionStatusReason,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import type { ConnectionFailure } from "../protocols/protocol.ts";
import { describeReason, errorForReason } from "./disconnect-reasons.ts";

/** Receiver of status changes, in the order in which the signals of the same names must be emitted. */
export interface StatusListener {
  /** Called immediately before `statusChanged` to disconnected, unless the user requested the disconnection. */
  connectionError(name: string, details: ConnectionErrorDetails): void;
  statusChanged(status: ConnectionStatus, reason: ConnectionStatusReason): void;
}

/** Progress of a connection. Unlike Connection_Status, it distinguishes new from disconnected. */
export type ConnectionPhase = "new" | "connecting" | "connected" | "disconnected";

/**
 * State machine of a connection's status: new, connecting, connected, disconnected, never backwards. Impossible changes
 * are ignored, so no status is announced twice.
 */
export class StatusMachine {
  readonly #listener: StatusListener;
  readonly #register: boolean;
  #phase: ConnectionPhase = "new";

  /** @param register - Value of the parameter `register`; it selects the error for a name that is in use. */
  constructor(listener: StatusListener, register = false) {
    this.#listener = listener;
    this.#register = register;
  }

  get phase(): ConnectionPhase {
    return this.#phase;
  }

  /** Value of the D-Bus property Status: a new connection is Disconnected, too. */
  get status(): ConnectionStatus {
    if (this.#phase === "connected") return ConnectionStatus.Connected;
    return this.#phase === "connecting" ? ConnectionStatus.Connecting : ConnectionStatus.Disconnected;
  }

  /** Changes from new to connecting. Returns whether the status changed. */
  startConnecting(): boolean {
    if (this.#phase !== "new") return false;
    this.#phase = "connecting";
    this.#listener.statusChanged(ConnectionStatus.Connecting, ConnectionStatusReason.Requested);
    return true;
  }

  /** Changes from connecting to connected. Returns whether the status changed. */
  setConnected(): boolean {
    if (this.#phase !== "connecting") return false;
    this.#phase = "connected";
    this.#listener.statusChanged(ConnectionStatus.Connected, ConnectionStatusReason.Requested);
    return true;
  }

  /**
   * Changes to disconnected from any other phase. Reports an error first unless the reason is Requested; without a
   * name in `failure` it is the error equivalent to the reason. The details contain a debug message in any case: that of
   * `failure`, the server's message, or a description of the reason. Returns whether the phase changed.
   */
  setDisconnected(reason: ConnectionStatusReason, failure: ConnectionFailure = {}): boolean {
    if (this.#phase === "disconnected") return false;
    const wasConnected = this.#phase === "connected";
    this.#phase = "disconnected";
    if (reason !== ConnectionStatusReason.Requested) {
      const equivalent = errorForReason(reason, { wasConnected, register: this.#register });
      const { serverMessage = describeReason(reason) } = failure.details ?? {};
      // Some clients show only this text.
      const details = { debugMessage: serverMessage, ...failure.details };
      this.#listener.connectionError(failure.name ?? equivalent.errorName, details);
    }
    this.#listener.statusChanged(ConnectionStatus.Disconnected, reason);
    return true;
  }
}
