import { createRequire } from "node:module";
import { cpuTime, dictionaryOf, drive, INTERFACE, PATH, readArguments } from "./drive.ts";

/** The part of dbus-native that is used here. The package is installed only for the benchmark. */
interface DBusNative {
  readonly Variant: new (type: string, value: unknown) => object;
  sessionBus(options: { readonly busAddress: string }): NativeBus;
}
interface NativeBus {
  invoke(message: object): PromiseLike<unknown>;
  addMatch(rule: string): PromiseLike<unknown>;
  requestName(name: string, flags: number): PromiseLike<unknown>;
  exportInterface(service: object, path: string, description: object): void;
  mangle(path: string, name: string, member: string): string;
  readonly signals: { on(key: string, listener: () => void): void };
  close(): PromiseLike<void>;
}

const { sessionBus, Variant }: DBusNative = createRequire(import.meta.url)("dbus-native");
const { isServer, address, name, load, seconds } = readArguments();
const bus = sessionBus({ busAddress: address });

function call(member: string, signature: string, body: readonly unknown[]): PromiseLike<unknown> {
  return bus.invoke({ destination: name, path: PATH, interface: INTERFACE, member, signature, body });
}

if (isServer) {
  const service = {
    Echo: (text: string) => text,
    EchoDictionary: (entries: object) => entries,
    EchoBytes: (bytes: Buffer) => bytes,
    Emit(count: number): void {
      for (let number = 0; number < count; number++) this.emit("Tick", number, "tick");
    },
    CpuTime: () => cpuTime(),
    /** Replaced by dbus-native when the object is exported. */
    emit: (_signal: string, ..._args: readonly unknown[]): unknown => undefined,
  };
  bus.exportInterface(service, PATH, {
    name: INTERFACE,
    methods: {
      Echo: ["s", "s"],
      EchoDictionary: ["a{sv}", "a{sv}"],
      EchoBytes: ["ay", "ay"],
      Emit: ["u", ""],
      CpuTime: ["", "d"],
    },
    signals: { Tick: ["us"] },
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
    onTick: (listener: () => void) => {
      bus.signals.on(bus.mangle(PATH, INTERFACE, "Tick"), listener);
      return bus.addMatch(`type='signal',sender='${name}',interface='${INTERFACE}'`);
    },
    cpuTime: async () => Number(await call("CpuTime", "", [])),
  };
  await drive(client, load, seconds);
  await bus.close();
}
