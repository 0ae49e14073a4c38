// Uses real daemons through `add` and the overlays of the catalogue: npm run peers -- catalogue [part of the name of an API or daemon]
import { checkRow } from "./catalogue/check-row.ts";
import type { Row } from "./catalogue/row.ts";
import { ROWS } from "./catalogue/rows.ts";

/** Number of daemons that must return a changed dictionary, if all are installed. */
const REQUIRED_WRITE_BACKS = 12;

const [part = ""] = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0, writtenBack: 0 };
for (const row of ROWS.filter(({ api, daemon }) => api.includes(part) || daemon.includes(part))) {
  const label = `${row.daemon} (${row.api})`.padEnd(40);
  if (row.missing === undefined) {
    await runRow(row, label);
  } else {
    counts.skipped += 1;
    console.log(`skipped  ${label}${row.missing}`);
  }
}
const { passed, failed, skipped, writtenBack } = counts;
console.log(
  `${passed} passed, ${failed} failed, ${skipped} skipped; ${writtenBack} daemons returned a changed dictionary`,
);
const isShort = part === "" && skipped === 0 && writtenBack < REQUIRED_WRITE_BACKS;
if (isShort) console.log(`${REQUIRED_WRITE_BACKS} daemons are required to return a changed dictionary`);
if (failed > 0 || isShort) process.exitCode = 1;

/** Checks one row, counts and prints the result. */
async function runRow(row: Row, label: string): Promise<void> {
  try {
    await using daemon = await row.start();
    const { origins, modules, output, writtenBack, checked, undeclared } = await checkRow(row, daemon);
    counts.passed += 1;
    if (writtenBack.length > 0) counts.writtenBack += 1;
    console.log(`passed   ${label}${modules} modules; ${checked} checks of values; ${output.replaceAll("\n", " | ")}`);
    for (const line of writtenBack) console.log(`         written back: ${line}`);
    if (row.notWritten !== undefined) console.log(`         not written back: ${row.notWritten}`);
    for (const line of origins) console.log(`         ${line.trim()}`);
    for (const line of undeclared) console.log(`         ${line}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`failed   ${label}`, error);
  }
}
