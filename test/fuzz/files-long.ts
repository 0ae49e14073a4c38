import { fuzzFiles } from "./files.ts";

/** `npm run fuzz -- files <count> [<first>]`: reads the given number of mutated files and prints counts. */
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number);
const started = performance.now();
const { accepted, rejected, failures } = fuzzFiles(first, first + count);
for (const { seed, text, error } of failures) console.error(`seed ${seed}: ${error}\n${text.slice(0, 2000)}`);
const seconds = (performance.now() - started) / 1000;
console.log(`${count} mutated files from seed ${first} in ${seconds.toFixed(0)} s`);
console.log(`${accepted} accepted, ${rejected} rejected with a message, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
