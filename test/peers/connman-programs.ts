// Runs the test programs of ConnMan, unmodified, against the session service in a network namespace, and prints their
// results: tools/session-test.c, and test/test-session if it is for Python 3 (since ConnMan 1.38).
// Usage: npm run peers -- connman-programs <folder of ConnMan's sources, such as that of "apt-get source connman">

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ConnmanSources } from "./connman/connman-sources.ts";
import { runPythonProgram } from "./connman/python-program.ts";
import { SessionHost } from "./connman/session-host.ts";

/** Dialect for the C program, which aborts on settings that it does not know. */
const C_DIALECT = "session-2013";
const PYTHON_DIALECTS = ["session-2013", "session-2017", "connman-1.41"] as const;
/** Tests of the C program that may fail, with the reason. */
const KNOWN_FAILURES: ReadonlyMap<string, string> = new Map([
  [
    "/manager/session create already exists",
    "two clients may use the same notifier path, as in ConnMan 1.41; otherwise clients could prevent sessions of others",
  ],
  [
    "/manager/session create duplicate notification",
    "the program closes a connection whose last Update it has not read, and ends; with ConnMan 1.41 it does so, too",
  ],
]);

const [folder] = process.argv.slice(2);
const missing =
  folder === undefined ? "no folder of ConnMan's sources is given" : ConnmanSources.whyNot(resolve(folder));
if (folder === undefined || missing !== undefined) {
  process.stdout.write(`skipped: ${missing}\n`);
  process.exit();
}

const sources = new ConnmanSources(resolve(folder));
const work = await mkdtemp(join(tmpdir(), "connman-programs-"));
await using host = await SessionHost.prepare();
let failureCount = 0;

/**
 * Prints the result of a test.
 *
 * @param failure - Undefined if it passed.
 * @param known - Reason for which it may fail.
 */
function report(name: string, failure: string | undefined, known?: string): void {
  if (failure !== undefined && known === undefined) failureCount++;
  const note = failure === undefined || known === undefined ? "" : `\n  known: ${known}`;
  process.stdout.write(`${name.padEnd(72)} ${failure === undefined ? "passed" : `failed: ${failure}`}${note}\n`);
}

try {
  const program = await sources.compileSessionTest(work);
  for (const test of program.tests()) {
    await using _ = await host.startSessions(C_DIALECT, program.policyFolder);
    const name = `session-test ${sources.version}, ${C_DIALECT}, ${test}`;
    report(name, await program.run(test, host.address), KNOWN_FAILURES.get(test));
  }
  for (const dialect of PYTHON_DIALECTS) {
    const name = `test-session ${sources.version}, ${dialect}`;
    if (sources.isPython2) process.stdout.write(`${name.padEnd(72)} skipped: it is written in Python 2\n`);
    else report(name, await runPythonProgram(host, sources.pythonProgram, dialect));
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
process.exitCode = failureCount === 0 ? 0 : 1;
