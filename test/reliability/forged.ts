import { forge } from "./forging.ts";
import { startStockBus } from "./stock-bus.ts";

// Sends forged replies, errors and owner changes on a bus as Debian configures the session bus. Argument: number of each.

const count = Number(process.argv[2] ?? 1000);
await using bus = await startStockBus();
const begin = performance.now();
const report = await forge(bus.address, count);
console.log(`configuration: ${bus.configuration}`);
for (const [kind, { forged, reached, accepted }] of Object.entries(report)) {
  console.log(`${kind.padEnd(13)} forged ${forged}  reached the victim ${reached}  accepted ${accepted}`);
}
console.log(`${((performance.now() - begin) / 1000).toFixed(1)} s`);
if (Object.values(report).some(({ accepted }) => accepted > 0)) process.exitCode = 1;
