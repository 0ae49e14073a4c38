import { generate } from "dbus-codegen-ts";
import { methodsSpec } from "./methods-spec.ts";

// Generates from the largest specs that the size limit allows. Argument: largest number of methods. The time per method
// must not grow with their number.

const largest = Number(process.argv[2] ?? 40_000);

for (const count of [largest / 8, largest / 4, largest / 2, largest].map(Math.floor)) {
  const started = performance.now();
  const { files, diagnostics } = await generate([{ path: "a.xml", content: methodsSpec(count) }]);
  const elapsed = performance.now() - started;
  const generated = files[0]?.text.match(/abstract m\d+\(/g)?.length;
  if (diagnostics.length > 0 || generated !== count) throw new Error(`${generated} methods of ${count}`);
  const perMethod = ((elapsed * 1000) / count).toFixed(0);
  console.log(`${count} methods in ${(elapsed / 1000).toFixed(1)} s, ${perMethod} µs per method`);
}
