import { channel } from "node:diagnostics_channel";
import type { Header } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import type { Request } from "./request.ts";

/** Events on channels of `node:diagnostics_channel`, by channel name. No event is created without a subscriber. */
export interface DiagnosticEvents {
  "dbus-codegen:message": MessageEvent;
  "dbus-codegen:call": CallEvent;
  "dbus-codegen:drop": DropEvent;
  "dbus-codegen:connection": ConnectionEvent;
}

/** A message that was sent or received. */
export interface MessageEvent {
  /** Unique name of the connection, such as `:1.42`. */
  readonly connection: string;
  readonly direction: "in" | "out";
  readonly header: Header;
  /** Signature of the body. */
  readonly signature: string;
  /** Length of the whole message in bytes. */
  readonly size: number;
}

/** A method call that has ended. */
export interface CallEvent {
  readonly connection: string;
  readonly destination: string;
  readonly path: string;
  readonly interface: string | undefined;
  readonly member: string;
  /** Milliseconds from sending the call to its end. */
  readonly duration: number;
  readonly outcome: CallOutcome;
  /** Error name of the reply if the outcome is `"error"`. */
  readonly errorName: string | undefined;
}

/** How a call ended. `"invalid"` is a reply that differs from the contract. */
export type CallOutcome = "reply" | "error" | "invalid" | "timeout" | "aborted" | "disconnected";

/** A received message that was not used. */
export interface DropEvent {
  readonly connection: string;
  readonly reason: DropReason;
  readonly header: Header;
  readonly signature: string;
}

/** A change of the state of a connection. */
export type ConnectionEvent =
  | { readonly state: "connected" | "reconnected"; readonly connection: string }
  | { readonly state: "disconnected"; readonly connection: string; readonly reason: Error }
  | {
      /** An attempt to reconnect has failed. */
      readonly state: "retrying";
      readonly connection: string;
      readonly reason: Error;
      /** Number of failed attempts since the connection was lost. */
      readonly attempts: number;
    }
  | { readonly state: "closed"; readonly connection: string };

const messages = channel("dbus-codegen:message" satisfies keyof DiagnosticEvents);
const calls = channel("dbus-codegen:call" satisfies keyof DiagnosticEvents);
const drops = channel("dbus-codegen:drop" satisfies keyof DiagnosticEvents);
const connections = channel("dbus-codegen:connection" satisfies keyof DiagnosticEvents);

/** Reports a sent message to subscribers. */
export function reportSent(connection: string, header: Header, signature: string, size: number): void {
  if (!messages.hasSubscribers) return;
  messages.publish({ connection, direction: "out", header, signature, size } satisfies MessageEvent);
}

/** Reports a received message to subscribers. */
export function reportReceived(connection: string, message: Message): void {
  if (!messages.hasSubscribers) return;
  const { signature, bytes } = message;
  const event = { connection, direction: "in", header: headerOf(message), signature, size: bytes.length } as const;
  messages.publish(event satisfies MessageEvent);
}

/** Reports a dropped message to subscribers. */
export function reportDrop(connection: string, reason: DropReason, message: Message): void {
  if (!drops.hasSubscribers) return;
  const { signature } = message;
  drops.publish({ connection, reason, header: headerOf(message), signature } satisfies DropEvent);
}

/** Reports a change of a connection to subscribers. */
export function reportConnection(event: ConnectionEvent): void {
  if (connections.hasSubscribers) connections.publish(event);
}

/** Reports how a call ended to the subscribers of the channel. Called once. */
export type CallTrace = (outcome: CallOutcome, errorName?: string) => void;

/** Starts to measure a call. Returns undefined if the channel has no subscriber. */
export function traceCall(connection: string, request: Request): CallTrace | undefined {
  if (!calls.hasSubscribers) return undefined;
  const { destination, path, interface: interfaceName, member } = request;
  const begin = performance.now();
  return (outcome, errorName) => {
    const duration = performance.now() - begin;
    const call = { connection, destination, path, interface: interfaceName, member };
    calls.publish({ ...call, duration, outcome, errorName } satisfies CallEvent);
  };
}

/**
 * Returns a copy of the header. A subscriber that keeps the message itself would keep its bytes and neighboring
 * messages in memory.
 */
function headerOf(message: Message): Header {
  const { type, flags, serial, path, interface: interfaceName, member, destination, sender } = message;
  const { errorName, replySerial } = message;
  return { type, flags, serial, path, interface: interfaceName, member, errorName, replySerial, destination, sender };
}
