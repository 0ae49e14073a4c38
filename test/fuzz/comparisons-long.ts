import { compareMutants } from "./pipeline.ts";

/** `npm run fuzz -- comparisons <count> [<first>]`: compares each mutated spec with the next. An exception is a bug. */
const [count = 100_000, first = 0] = process.argv.slice(2).map(Number);
compareMutants(first, first + count);
console.log(`${count} comparisons from seed ${first} without an exception`);
