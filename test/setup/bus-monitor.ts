import { Connection } from "../../runtime/core/bus/connection.ts";
import { BusCounters } from "../../runtime/core/bus/counters.ts";
import { dialer } from "../../runtime/core/bus/dial.ts";
import { DEFAULT_QUOTAS } from "../../runtime/core/quotas.ts";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { type Header, MessageType } from "../../runtime/core/wire/header.ts";
import { decodeBodyWithDescriptors, type Message } from "../../runtime/core/wire/message.ts";

/** A message that was sent over the bus. */
export interface SeenMessage {
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  readonly replySerial: number | undefined;
  readonly sender: string | undefined;
  readonly destination: string | undefined;
  readonly path: string | undefined;
  readonly interface: string | undefined;
  readonly member: string | undefined;
  readonly errorName: string | undefined;
  readonly signature: string;
  readonly body: readonly unknown[];
}

/**
 * A record of every message on a bus, in the order in which the bus delivered the messages, like that of
 * `dbus-monitor`.
 */
export interface BusMonitor extends AsyncDisposable {
  readonly messages: readonly SeenMessage[];
}

/** Starts to monitor a bus. Resolves when every later message will be recorded. */
export async function monitorBus(address: string): Promise<BusMonitor> {
  const messages: SeenMessage[] = [];
  const transport = await dialer(address, 5000)();
  const serial = transport.lastSerial + 1;
  await new Promise<void>((resolve, reject) => {
    const receiver = {
      onMessage(message: Message): void {
        if (message.destination !== transport.uniqueName) messages.push(seen(message));
        else if (message.replySerial === serial) resolve();
      },
      onDown: reject,
      restore: async () => undefined,
    };
    const connection = new Connection(transport, receiver, new BusCounters(), DEFAULT_QUOTAS);
    connection.start();
    connection.send(becomeMonitor(serial), bodyCodec("asu"), [[], 0]);
  });
  return { messages, [Symbol.asyncDispose]: async () => transport.close() };
}

function seen(message: Message): SeenMessage {
  const { type, flags, serial, replySerial, sender, destination, path, member, errorName, signature } = message;
  const body = decodeBodyWithDescriptors(message, bodyCodec(signature));
  return {
    type,
    flags,
    serial,
    replySerial,
    sender,
    destination,
    path,
    interface: message.interface,
    member,
    errorName,
    signature,
    body,
  };
}

function becomeMonitor(serial: number): Header {
  return {
    type: MessageType.MethodCall,
    flags: 0,
    serial,
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus.Monitoring",
    member: "BecomeMonitor",
  };
}
