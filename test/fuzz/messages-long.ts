import { fuzzMessages } from "./messages.ts";

/** `npm run fuzz -- messages <count> [<first>]`: decodes the given number of mutated messages and prints counts. */
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number);
const CHUNK = 50_000;
let [accepted, rejected, failed] = [0, 0, 0];
const started = performance.now();

for (let from = first; from < first + count; from += CHUNK) {
  const tally = fuzzMessages(from, Math.min(from + CHUNK, first + count));
  accepted += tally.accepted;
  rejected += tally.rejected;
  failed += tally.failures.length;
  for (const { seed, hex, error } of tally.failures) console.error(`seed ${seed}: ${error}\n  ${hex}`);
}

const seconds = (performance.now() - started) / 1000;
console.log(`${count} mutated messages from seed ${first} in ${seconds.toFixed(0)} s`);
console.log(`${accepted} accepted, ${rejected} refused as malformed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
