import { fuzzHandlers } from "./handlers.ts";

/** `npm run fuzz -- handlers <count> [<first>]`: calls handlers with hostile results and prints those that went wrong. */
const [count = 100_000, first = 0] = process.argv.slice(2).map(Number);
const CHUNK = 5000;
let failed = 0;
const escaped: unknown[] = [];
for (const event of ["uncaughtException", "unhandledRejection"]) process.on(event, (error) => escaped.push(error));
const started = performance.now();

for (let from = first; from < first + count; from += CHUNK) {
  const failures = await fuzzHandlers(from, Math.min(from + CHUNK, first + count));
  failed += failures.length;
  for (const failure of failures) console.error(failure);
}

const seconds = (performance.now() - started) / 1000;
console.log(`${count} handler results from seed ${first} in ${seconds.toFixed(0)} s`);
console.log(`${failed} failed, ${escaped.length} exceptions escaped`);
process.exitCode = failed + escaped.length === 0 ? 0 : 1;
