// Uses real daemons through `add` and the overlays of the catalogue: npm run peers -- catalogue [part of a name]
import { checkRow } from "./catalogue/check-row.ts";
import { ROWS } from "./catalogue/rows.ts";

const [part = ""] = process.argv.slice(2);
for (const row of ROWS.filter(({ api }) => api.includes(part))) {
  const label = row.api.padEnd(16);
  if (row.missing !== undefined) {
    console.log(`skipped  ${label}${row.missing}`);
    continue;
  }
  try {
    await using daemon = await row.start();
    const { origins, modules, output, checked, undeclared } = await checkRow(row, daemon);
    console.log(`passed   ${label}${modules} modules; ${checked} checks of values; ${output.replaceAll("\n", " | ")}`);
    for (const line of origins) console.log(`         ${line.trim()}`);
    for (const line of undeclared) console.log(`         ${line}`);
  } catch (error) {
    console.log(`failed   ${label}`, error);
    process.exitCode = 1;
  }
}
