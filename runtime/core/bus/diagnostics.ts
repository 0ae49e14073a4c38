import { channel } from "node:diagnostics_channel";
import { performance } from "node:perf_hooks";
import type { Header } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";
import type { DropReason } from "./counters.ts";
import type { Request } from "./request.ts";

/** What the channels of `node:diagnostics_channel` carry, by channel name. Nothing is made while nobody subscribes. */
export interface DiagnosticEvents {
  "dbus-codegen:message": MessageEvent;
  "dbus-codegen:call": CallEvent;
  "dbus-codegen:drop": DropEvent;
  "dbus-codegen:connection": ConnectionEvent;
}

/** A message that was sent, or came. */
export interface MessageEvent {
  /** Own unique name of the connection, such as `:1.42`. */
  readonly connection: string;
  readonly direction: "in" | "out";
  readonly header: Header;
  /** Signature of the body. */
  readonly signature: string;
  /** Length of the whole message in bytes. */
  readonly size: number;
}

/** A call that has ended. */
export interface CallEvent {
  readonly connection: string;
  readonly destination: string;
  readonly path: string;
  readonly interface: string | undefined;
  readonly member: string;
  /** Milliseconds from the sending to the end. */
  readonly duration: number;
  readonly outcome: CallOutcome;
  /** Where the outcome is `"error"`: its name on the wire. */
  readonly errorName: string | undefined;
}

/** How a call ended: `"invalid"` stands for a reply that is not what the contract declares. */
export type CallOutcome = "reply" | "error" | "invalid" | "timeout" | "aborted" | "disconnected";

/** A message that came and was not used. */
export interface DropEvent {
  readonly connection: string;
  readonly reason: DropReason;
  readonly header: Header;
  readonly signature: string;
}

/** What happens to a connection. */
export type ConnectionEvent =
  | { readonly state: "connected" | "reconnected"; readonly connection: string }
  | { readonly state: "disconnected"; readonly connection: string; readonly reason: Error }
  | {
      /** An attempt to reconnect has failed. */
      readonly state: "retrying";
      readonly connection: string;
      readonly reason: Error;
      /** How many attempts have failed since the connection was lost. */
      readonly attempts: number;
    }
  | { readonly state: "closed"; readonly connection: string };

const messages = channel("dbus-codegen:message" satisfies keyof DiagnosticEvents);
const calls = channel("dbus-codegen:call" satisfies keyof DiagnosticEvents);
const drops = channel("dbus-codegen:drop" satisfies keyof DiagnosticEvents);
const connections = channel("dbus-codegen:connection" satisfies keyof DiagnosticEvents);

export function reportSent(connection: string, header: Header, signature: string, size: number): void {
  if (!messages.hasSubscribers) return;
  messages.publish({ connection, direction: "out", header, signature, size } satisfies MessageEvent);
}

export function reportReceived(connection: string, message: Message): void {
  if (!messages.hasSubscribers) return;
  const { signature, bytes } = message;
  const event = { connection, direction: "in", header: headerOf(message), signature, size: bytes.length } as const;
  messages.publish(event satisfies MessageEvent);
}

export function reportDrop(connection: string, reason: DropReason, message: Message): void {
  if (!drops.hasSubscribers) return;
  const { signature } = message;
  drops.publish({ connection, reason, header: headerOf(message), signature } satisfies DropEvent);
}

export function reportConnection(event: ConnectionEvent): void {
  if (connections.hasSubscribers) connections.publish(event);
}

/** Is told how a call ended. */
export type CallTrace = (outcome: CallOutcome, errorName?: string) => void;

/** Begins to measure a call, where somebody wants to know. */
export function traceCall(connection: string, request: Request): CallTrace | undefined {
  if (!calls.hasSubscribers) return undefined;
  const { destination, path, interface: interfaceName, member } = request;
  const begin = performance.now();
  return (outcome, errorName) => {
    const duration = performance.now() - begin;
    const what = { connection, destination, path, interface: interfaceName, member };
    calls.publish({ ...what, duration, outcome, errorName } satisfies CallEvent);
  };
}

/** The header alone: a message keeps its bytes in memory, and those that came with it. */
function headerOf(message: Message): Header {
  const { type, flags, serial, path, interface: interfaceName, member, destination, sender } = message;
  const { errorName, replySerial } = message;
  return { type, flags, serial, path, interface: interfaceName, member, errorName, replySerial, destination, sender };
}
