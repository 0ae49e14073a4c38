// The service that is measured: node --expose-gc service.ts <bus address>. "heap" or "cpu" on stdin is answered with it.
import { createInterface } from "node:readline";
import { connect } from "@dbus-codegen-ts/runtime";
import { loopback } from "../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { serveConnectionManager } from "../../../runtime/telepathy/service/connection-manager.ts";

const bus = await connect({ bus: process.argv[2] ?? "" });
await serveConnectionManager(bus, { name: "bench", protocols: [loopback] });
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${line === "heap" ? heap() : cpu()}\n`);
}

/** Bytes of the heap, after what nobody needs any more was collected. */
function heap(): number {
  // What was freed last may keep something else alive until the next time.
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Milliseconds on a CPU so far. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
