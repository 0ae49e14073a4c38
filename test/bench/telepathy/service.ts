// Connection manager that is measured: node --expose-gc service.ts <bus address>. Replies to "heap" and "cpu" on stdin.
import { createInterface } from "node:readline";
import { getHeapCodeStatistics } from "node:v8";
import { connect } from "@dbus-codegen-ts/runtime";
import { loopback } from "../../../runtime/telepathy/protocols/loopback/loopback.ts";
import { serveConnectionManager } from "../../../runtime/telepathy/service/connection-manager.ts";

const bus = await connect({ bus: process.argv[2] ?? "" });
await serveConnectionManager(bus, { name: "bench", protocols: [loopback] });
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${line === "heap" ? heap() : cpu()}\n`);
}

/** Returns the bytes of the heap after a garbage collection, without compiled code, which grows during the first rounds. */
function heap(): number {
  // Objects that one collection frees may keep others alive until the next.
  for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { code_and_metadata_size, bytecode_and_metadata_size } = getHeapCodeStatistics();
  return process.memoryUsage().heapUsed - code_and_metadata_size - bytecode_and_metadata_size;
}

/** Returns the CPU time of the process in milliseconds. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
