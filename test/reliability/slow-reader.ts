import { measureSlowReader } from "./slow-reading.ts";
import { ms, percentile } from "./support.ts";

// Stops one subscriber with SIGSTOP while signals are sent to it. Arguments: seconds, characters per signal.

const seconds = Number(process.argv[2] ?? 10);
const signalSize = Number(process.argv[3] ?? 10_000);
const report = await measureSlowReader({ seconds, signalSize });
const { signals, calls, latenciesMs, failures, peakRss, receivesAfterwards } = report;
const sent = ((signals * signalSize) / 2 ** 20).toFixed(0);
console.log(`one subscriber stopped for ${seconds} s, ${signals} signals of ${signalSize} characters: ${sent} MiB`);
console.log(`another client: ${calls} calls, ${failures.length} failed`);
console.log(`latency: p50 ${ms(percentile(latenciesMs, 0.5))}, p99 ${ms(percentile(latenciesMs, 0.99))}`);
console.log(`peak RSS of service and client: ${(peakRss / 2 ** 20).toFixed(0)} MiB`);
console.log(`the subscriber received everything afterwards: ${receivesAfterwards ? "yes" : "no"}`);
if (failures.length > 0) process.exitCode = 1;
