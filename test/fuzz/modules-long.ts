import { compile } from "../generator/compile.ts";
import { modulesOfMutants } from "./pipeline.ts";

/** `npm run fuzz -- modules <count> [<first>]`: compiles the modules of mutated specs with the strict flags of the project. */
const [count = 20_000, first = 0] = process.argv.slice(2).map(Number);
const CHUNK = 1000;
let failed = 0;

for (let from = first; from < first + count; from += CHUNK) {
  const files = await modulesOfMutants(from, Math.min(from + CHUNK, first + count));
  const problems = await compile(files);
  failed += problems.length;
  for (const problem of problems) console.error(problem);
  console.error(`${from + CHUNK - first} mutants done, ${failed} errors of the compiler`);
}
process.exitCode = failed === 0 ? 0 : 1;
