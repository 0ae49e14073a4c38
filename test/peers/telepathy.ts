// Runs programs of Debian against the Telepathy package: npx tsx telepathy.ts [part of a name]
import { SCENARIOS } from "./telepathy/scenarios.ts";

const [part = ""] = process.argv.slice(2);
for (const { name, missing, run } of SCENARIOS.filter((scenario) => scenario.name.includes(part))) {
  if (missing !== undefined) {
    console.log(`skipped  ${name}: ${missing}`);
    continue;
  }
  try {
    await run();
    console.log(`passed   ${name}`);
  } catch (error) {
    console.log(`failed   ${name}:`, error);
    process.exitCode = 1;
  }
}
