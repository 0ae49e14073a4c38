// Runs `conform` on the daemons of Debian behind the stock policies of the system bus: npm run peers -- conform [part]
import { existsSync } from "node:fs";
import type { Source } from "dbus-codegen-ts";
import { type Check, conform } from "dbus-codegen-ts/conform";
import { MockObjects, mock } from "dbus-codegen-ts/testing";
import { Unit } from "../../generator/catalogue/systemd/generated/org.freedesktop.systemd1.Unit.ts";
import type { LiveObject } from "../../generator/tools/introspect/live-document.ts";
import { mergeObjects } from "../../generator/tools/introspect/merge-objects.ts";
import { type ObjectTree, readObjectTree } from "../../generator/tools/introspect/object-tree.ts";
import { writeSpec } from "../../generator/tools/introspect/spec-xml.ts";
import { DAEMONS, type DaemonRow, POLKIT } from "./conform/daemons.ts";
import { startStockBus } from "./conform/stock-bus.ts";

/** Largest number of objects with equal interfaces that are checked for each daemon. */
const MAX_EQUAL_OBJECTS = 2;

/** Number of times that the objects of a daemon are read until there is one. */
const MAX_ATTEMPTS = 50;

const [part = ""] = process.argv.slice(2);
const rows = [POLKIT, ...DAEMONS].filter(({ package: name }) => name.includes(part));
const reason = process.getuid?.() === 0 ? missing("/usr/bin/dbus-daemon", POLKIT.command[0]) : "needs root";
if (reason !== undefined) {
  console.log(`skipped  ${reason}`);
  process.exit();
}
await using stock = await startStockBus();
await using _ = await stock.start(POLKIT);
for (const row of rows) await run(row);

/** Starts a daemon, checks it and prints the result. */
async function run(row: DaemonRow): Promise<void> {
  const label = row.package.padEnd(24);
  const absent = missing(row.command[0]);
  if (absent !== undefined) {
    console.log(`skipped  ${label}${absent}`);
    return;
  }
  try {
    await using _units = await serveUnits(row);
    await using _daemon = row === POLKIT ? undefined : await stock.start(row);
    report(row, label, await checksOf(row));
  } catch (error) {
    console.log(`failed   ${label}${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}

/** Serves units of systemd, which does not run in a container. */
async function serveUnits({ units = [] }: DaemonRow): Promise<AsyncDisposable> {
  const objects = new MockObjects(stock.bus);
  const states = { loadState: "loaded", activeState: "active", unitFileState: "enabled" };
  for (const unit of units) await objects.add(`/org/freedesktop/systemd1/unit/${unit}`, mock(Unit, {}, states));
  if (units.length > 0) await stock.bus.requestName("org.freedesktop.systemd1");
  return {
    [Symbol.asyncDispose]: async () => {
      await stock.bus.releaseName("org.freedesktop.systemd1");
      await objects[Symbol.asyncDispose]();
    },
  };
}

function missing(...programs: readonly string[]): string | undefined {
  const absent = programs.filter((program) => !existsSync(program));
  return absent.length === 0 ? undefined : `not installed: ${absent.join(", ")}`;
}

/** Checks the objects of a daemon against their specs. Throws Error if it has no object. */
async function checksOf({ busName, root }: DaemonRow): Promise<readonly Check[]> {
  const { objects, diagnostics } = await readObjects(busName, root);
  const counts = new Map<string, number>();
  const checks: Check[] = [];
  for (const object of objects) {
    const names = object.interfaces.map(({ name }) => name).join();
    counts.set(names, (counts.get(names) ?? 0) + 1);
    if (names !== "" && (counts.get(names) ?? 0) <= MAX_EQUAL_OBJECTS)
      checks.push(...(await checkObject(busName, object)));
  }
  if (checks.length === 0)
    throw new Error(`no object at or below ${root}: ${diagnostics.map(({ message }) => message).join("; ")}`);
  return checks;
}

/** Reads the objects of a daemon. Some daemons serve them only after they own their name. */
async function readObjects(busName: string, root: string): Promise<ObjectTree> {
  for (let attempt = 1; ; attempt++) {
    const tree = await readObjectTree(stock.bus, busName, root);
    if (attempt === MAX_ATTEMPTS || tree.objects.some(({ interfaces }) => interfaces.length > 0)) return tree;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function checkObject(destination: string, object: LiveObject): Promise<readonly Check[]> {
  const { path } = object;
  const { report: result, diagnostics } = await conform(stock.bus, { destination, path }, specsOf(object));
  if (result === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return result.checks.map((check) => ({ ...check, message: `${check.message ?? ""} (${path})` }));
}

/** Returns the interfaces of an object as specs. */
function specsOf(object: LiveObject): readonly Source[] {
  return mergeObjects([object]).interfaces.map((iface) => ({ path: `${iface.name}.xml`, content: writeSpec([iface]) }));
}

function report({ faults = [] }: DaemonRow, label: string, checks: readonly Check[]): void {
  const failed = checks.filter(({ status }) => status === "failed").map(describe);
  const unexplained = failed.filter((text) => !faults.some(({ check }) => check.test(text)));
  const passed = checks.filter(({ status }) => status === "passed").length;
  const notJudged = checks.filter(({ status }) => status === "skipped").length;
  const result = unexplained.length === 0 ? "passed" : "failed";
  console.log(
    `${result}   ${label}${passed} passed, ${notJudged} not judged, ${failed.length - unexplained.length} faults`,
  );
  for (const text of unexplained) console.log(`         ${text}`);
  for (const { check, reason: why } of faults) {
    const count = failed.filter((text) => check.test(text)).length;
    console.log(`         ${count > 0 ? `${count} × ${why}` : `not seen: ${why}`}`);
  }
  if (unexplained.length > 0) process.exitCode = 1;
}

function describe({ check, interface: iface, member, message }: Check): string {
  return `${check}: ${iface}${member === undefined ? "" : `.${member}`}: ${message}`;
}
