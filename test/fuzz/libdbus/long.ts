import { compareWithLibdbus, compileDemarshal } from "./compare.ts";

/** `npm run fuzz -- libdbus [count] [first seed]`: compares our decoder with libdbus and prints every difference. */
const [count = 100_000, first = 0] = process.argv.slice(2).map(Number);
const CHUNK = 5000;
const compiled = compileDemarshal();

if ("missing" in compiled) console.log(`skipped: this needs ${compiled.missing}`);
else compare(compiled.program);

function compare(program: string): void {
  let [accepted, rejected, differences] = [0, 0, 0];
  const exceptions = new Map<string, number>();
  const started = performance.now();
  for (let from = first; from < first + count; from += CHUNK) {
    const result = compareWithLibdbus(program, from, Math.min(from + CHUNK, first + count));
    accepted += result.accepted;
    rejected += result.rejected;
    differences += result.differences.length;
    for (const [reason, times] of result.exceptions) exceptions.set(reason, (exceptions.get(reason) ?? 0) + times);
    for (const { seed, hex, ours, libdbus } of result.differences)
      console.error(`seed ${seed}: ${hex}\n  libdbus ${libdbus}\n  ours    ${ours}`);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${count} messages from seed ${first} in ${seconds.toFixed(0)} s`);
  console.log(`${accepted} accepted with the same values, ${rejected} rejected by both, ${differences} differ`);
  for (const [reason, times] of exceptions) console.log(`${times} not compared: ${reason}`);
  process.exitCode = differences === 0 ? 0 : 1;
}
