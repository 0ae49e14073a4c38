// Serves a Bench1 at /a whose echo of "longest" returns the longest milliseconds for which the event loop was blocked
// since the previous call of it. Argument: bus address.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { connect, type Variant } from "@dbus-codegen-ts/runtime";
import { Bench1Service } from "../../bench/generated/org.example.Bench1.ts";

const RESOLUTION = 1;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });

class Measured extends Bench1Service {
  override echo(text: string): string {
    if (text !== "longest") return text;
    const longest = delay.max / 1e6 - RESOLUTION;
    delay.reset();
    return `${longest}`;
  }
  override echoDictionary(entries: Readonly<Record<string, Variant>>): Readonly<Record<string, Variant>> {
    return entries;
  }
  override echoBytes(bytes: Uint8Array): Uint8Array {
    return bytes;
  }
  override emit(): void {}
  override cpuTime(): number {
    return 0;
  }
}

const [address = ""] = process.argv.slice(2);
const bus = await connect({ bus: address });
await bus.serve("/a", new Measured());
delay.enable();
process.stdout.write(`${bus.uniqueName}\n`);
