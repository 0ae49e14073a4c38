import { connect, Variant } from "@dbus-codegen-ts/runtime";
import { Bench1Client, Bench1Service } from "../bench/generated/org.example.Bench1.ts";
import { cpuTime, dictionaryOf, drive, PATH, readArguments } from "./drive.ts";

class Bench extends Bench1Service {
  override echo(text: string): string {
    return text;
  }

  override echoDictionary(entries: Readonly<Record<string, Variant>>): Readonly<Record<string, Variant>> {
    return entries;
  }

  override echoBytes(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  override emit(count: number): void {
    for (let number = 0; number < count; number++) this.signals.tick(number, "tick");
  }

  override cpuTime(): number {
    return cpuTime();
  }
}

const { isServer, address, name, load, seconds } = readArguments();
const bus = await connect({ bus: address });
if (isServer) {
  await bus.serve(PATH, new Bench());
  await bus.requestName(name);
  console.log("ready");
} else {
  const bench = new Bench1Client(bus, { destination: name, path: PATH });
  const entries = dictionaryOf((type, value) => new Variant(type, value));
  const client = {
    echo: (text: string) => bench.echo(text),
    echoDictionary: () => bench.echoDictionary(entries),
    echoBytes: (bytes: Buffer) => bench.echoBytes(bytes),
    emit: (count: number) => bench.emit(count),
    onTick: (listener: () => void) => bench.signals.tick.subscribe(listener),
    cpuTime: () => bench.cpuTime(),
  };
  await drive(client, load, seconds);
  await bus.close();
}
