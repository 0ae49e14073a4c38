import { Message, MessageType, sessionBus, Variant } from "dbus-next";
import { cpuTime, dictionaryOf, drive, INTERFACE, PATH, readArguments } from "./drive.ts";

const { isServer, address, name, load, seconds } = readArguments();
const bus = sessionBus({ busAddress: address });
await new Promise<void>((resolve) => bus.once("connect", () => resolve()));

async function call(member: string, signature: string, body: unknown[]): Promise<unknown> {
  const message = new Message({ destination: name, path: PATH, interface: INTERFACE, member, signature, body });
  return (await bus.call(message))?.body[0];
}

async function tellBus(member: string, signature: string, body: unknown[]): Promise<void> {
  const daemon = "org.freedesktop.DBus";
  const path = "/org/freedesktop/DBus";
  await bus.call(new Message({ destination: daemon, path, interface: daemon, member, signature, body }));
}

function emitTicks(count: number): void {
  for (let number = 0; number < count; number++) {
    bus.send(Message.newSignal(PATH, INTERFACE, "Tick", "us", [number, "tick"]));
  }
}

if (isServer) {
  bus.addMethodHandler((message: Message) => {
    if (message.interface !== INTERFACE) return false;
    if (message.member === "Emit") emitTicks(Number(message.body[0]));
    if (message.member === "CpuTime") bus.send(Message.newMethodReturn(message, "d", [cpuTime()]));
    else if (message.member === "Emit") bus.send(Message.newMethodReturn(message));
    else bus.send(Message.newMethodReturn(message, message.signature, message.body));
    return true;
  });
  await bus.requestName(name, 0);
  console.log("ready");
} else {
  const entries = dictionaryOf((type, value) => new Variant(type, value));
  const client = {
    echo: (text: string) => call("Echo", "s", [text]),
    echoDictionary: () => call("EchoDictionary", "a{sv}", [entries]),
    echoBytes: (bytes: Buffer) => call("EchoBytes", "ay", [bytes]),
    emit: (count: number) => call("Emit", "u", [count]),
    onTick: async (listener: () => void) => {
      bus.on("message", (message: Message) => {
        if (message.type === MessageType.SIGNAL && message.member === "Tick") listener();
      });
      await tellBus("AddMatch", "s", [`type='signal',sender='${name}',interface='${INTERFACE}'`]);
    },
    cpuTime: async () => Number(await call("CpuTime", "", [])),
  };
  await drive(client, load, seconds);
  bus.disconnect();
}
