import { fuzz } from "./pipeline.ts";

/** `npm run fuzz -- specs <count> [<first>]`: generates from `count` mutated specs and prints how many were accepted. */
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number);
const CHUNK = 10_000;
const codes = new Map<string, number>();
let [accepted, rejected, failed] = [0, 0, 0];
const started = performance.now();

for (let from = first; from < first + count; from += CHUNK) {
  const tally = fuzz(from, Math.min(from + CHUNK, first + count));
  accepted += tally.accepted;
  rejected += tally.rejected;
  failed += tally.failures.length;
  for (const [code, times] of tally.codes) codes.set(code, (codes.get(code) ?? 0) + times);
  for (const { seed, error } of tally.failures)
    console.error(`seed ${seed}: ${error instanceof Error ? error.stack : error}`);
  if (from % 100_000 === 0) console.error(`${from - first} done, ${failed} failed`);
}

const seconds = (performance.now() - started) / 1000;
console.log(`${count} mutated specs from seed ${first} in ${seconds.toFixed(0)} s`);
console.log(`${accepted} accepted, ${rejected} rejected with diagnostics, ${failed} failed`);
for (const [code, times] of [...codes].toSorted(([, a], [, b]) => b - a))
  console.log(`${String(times).padStart(9)} ${code}`);
process.exitCode = failed === 0 ? 0 : 1;
