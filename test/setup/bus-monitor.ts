import { BusCounters } from "../../runtime/core/bus/counters.ts";
import { dialer } from "../../runtime/core/bus/dial.ts";
import { Link } from "../../runtime/core/bus/link.ts";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { encodeMessage, type Message, MessageType, takeBody } from "../../runtime/core/wire/message.ts";
import { Writer } from "../../runtime/core/wire/writer.ts";

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

/** Records every message on a bus, in the order in which the bus delivered it, as `dbus-monitor` does. */
export interface BusMonitor extends AsyncDisposable {
  readonly messages: readonly SeenMessage[];
}

/** Starts to monitor a bus. Resolves when every later message will be recorded. */
export async function monitorBus(address: string): Promise<BusMonitor> {
  const messages: SeenMessage[] = [];
  const transport = await dialer(address, 5000)();
  const serial = transport.lastSerial + 1;
  await new Promise<void>((resolve, reject) => {
    const link = new Link(transport, new BusCounters(), {
      onMessage(message) {
        if (message.destination !== transport.uniqueName) messages.push(seen(message));
        else if (message.replySerial === serial) resolve();
      },
      onLost: reject,
    });
    link.start();
    link.write(becomeMonitor(serial));
  });
  return { messages, [Symbol.asyncDispose]: async () => transport.close() };
}

function seen(message: Message): SeenMessage {
  const { type, flags, serial, replySerial, sender, destination, path, member, errorName, signature } = message;
  const body = takeBody(message, bodyCodec(signature));
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

function becomeMonitor(serial: number): Uint8Array {
  const writer = new Writer();
  const header = {
    type: MessageType.MethodCall,
    flags: 0,
    serial,
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus.Monitoring",
    member: "BecomeMonitor",
  };
  encodeMessage(writer, header, bodyCodec("asu"), [[], 0]);
  return writer.take();
}
