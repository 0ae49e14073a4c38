import { connect } from "../../runtime/core/index.ts";
import { Everything } from "../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../runtime/core/generated/org.example.Sampler1.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { ms, percentile } from "./support.ts";

// Makes many calls in one process and prints the memory in use after them. Argument: number of calls. Run with --expose-gc.

const TENTHS = 10;
const CALLERS = 32;
const WARM_UP = 20_000;
const calls = Number(process.argv[2] ?? 1_000_000);

await using daemon = await startPrivateBus();
await using service = await connect({ bus: daemon.address });
await using bus = await connect({ bus: daemon.address });
await service.serve("/a", new Everything());
await service.requestName("org.example.Soak");
const client = new Sampler1Client(bus, { destination: "org.example.Soak", path: "/a" });
const latencies = new Float64Array(calls);

async function run(count: number, record: (index: number, latency: number) => void): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const begin = performance.now();
      await client.describe$("x");
      record(index, performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function heapAfterCollection(): number {
  if (globalThis.gc === undefined) throw new Error("this needs node --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

await run(WARM_UP, () => undefined);
const heaps = [heapAfterCollection()];
const part = Math.ceil(calls / TENTHS);
const begin = performance.now();
for (let done = 0; done < calls; done += part) {
  await run(Math.min(part, calls - done), (index, latency) => {
    latencies[done + index] = latency;
  });
  heaps.push(heapAfterCollection());
}
const seconds = (performance.now() - begin) / 1000;
const sorted = [...latencies];
const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
const growth = (heaps.at(-1) ?? 0) - (heaps[heaps.length >> 1] ?? 0);
console.log(
  `${calls} calls, ${CALLERS} at a time, in ${seconds.toFixed(1)} s: ${Math.round(calls / seconds)} per second`,
);
const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => ms(percentile(sorted, share)));
console.log(`latency: p50 ${p50}, p99 ${p99}, p99.9 ${p999}`);
console.log(`heap after each tenth, MiB: ${heaps.map(mib).join(" ")}`);
console.log(`growth in the second half: ${((growth / calls) * 2).toFixed(3)} bytes per call`);
console.log(`left: ${JSON.stringify(bus.usage)}`);
