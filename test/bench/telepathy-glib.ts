import { startPrivateBus } from "../setup/private-bus.ts";
import { ComparedService, ComparingClient, compilePrograms } from "./telepathy/compared-services.ts";

/**
 * Measures the processor time of this project's connection manager next to a service by telepathy-glib. The two take
 * turns, with the same client in C. A round measures a new process, then the same process after several repetitions of
 * all steps. The start of the process, in which this project's service calls its own methods, is a separate row and not
 * part of the others. Argument: [rounds].
 */
const [rounds = 5] = process.argv.slice(2).map(Number);
/**
 * Number of connections that warm up a process: those after the first, measured as new process, and before the last,
 * measured as warm process.
 */
const WARM_UP = 4;
const GOAL = 1.2;
/** Milliseconds of processor time below which the ratio of two measurements is not judged. */
const LEAST_MS = 1;
/** Name of the row of the printed table for the start of a process, for which no ratio is required. */
const START = "start, until the bus name is owned";

/** Commands of the client: those whose effect on the service is measured, and those that prepare them. */
const STEPS = [
  { row: "100,000 new handles", command: "handles 100000" },
  { row: "100,000 existing handles", command: "handles 100000" },
  { row: "100,000 identifiers of handles", command: "inspect 100000" },
  { row: "1,000 clients come to the bus", command: "clients 1000" },
  { row: "1,000 clients add an interest", command: "interests" },
  { row: "the same 1,000 clients leave the bus", command: "close" },
] as const;
type State = "new process" | "warm process";
type Values = Map<string, number[]>;

try {
  compilePrograms();
} catch (error) {
  console.error(`this benchmark needs gcc, pkg-config, libdbus-1-dev and libtelepathy-glib-dev: ${error}`);
  process.exit(1);
}
const services = [
  { name: "ours", start: ComparedService.startOurs, values: new Map<string, number[]>() },
  { name: "telepathy-glib", start: ComparedService.startGlib, values: new Map<string, number[]>() },
] as const;

for (let round = 1; round <= rounds; round++) {
  for (const { start, values } of services) await measure(start, values);
  console.error(`round ${round} of ${rounds} done`);
}
report();
process.exit();

async function measure(start: typeof ComparedService.startOurs, values: Values): Promise<void> {
  await using daemon = await startPrivateBus();
  const service = await start(daemon.address, WARM_UP + 2);
  add(values, START, service.startMs);
  const client = new ComparingClient(daemon.address);
  for (let connection = 0; connection < WARM_UP + 2; connection++) {
    await client.run(`connection ${connection}`);
    const state = connection === 0 ? "new process" : connection === WARM_UP + 1 ? "warm process" : undefined;
    await runSteps(service, client, values, state);
  }
  client.stop();
  await service.stop();
}

async function runSteps(
  service: ComparedService,
  client: ComparingClient,
  values: Values,
  state: State | undefined,
): Promise<void> {
  for (const { row, command } of STEPS) {
    const before = service.cpuMs();
    await client.run(command);
    const used = service.cpuMs() - before;
    if (state === undefined) continue;
    add(values, `${state}: ${row}`, used);
  }
}

function add(values: Values, key: string, value: number): void {
  values.set(key, [...(values.get(key) ?? []), value]);
}

function report(): void {
  console.log(`processor time of the service in ms, medians of ${rounds} alternating rounds, Node ${process.version}`);
  console.log(row("", "ours", "telepathy-glib", "ratio", `goal ${GOAL}`));
  const [ours, glib] = services;
  for (const key of ours.values.keys()) {
    const [own, other] = [medianOf(ours.values.get(key)), medianOf(glib.values.get(key))];
    const isNothing = Math.max(own, other) < LEAST_MS;
    const verdict = key === START ? "" : isNothing || own / other <= GOAL ? "met" : "NOT MET";
    console.log(row(key, own.toFixed(0), other.toFixed(0), isNothing ? "" : (own / other).toFixed(2), verdict));
  }
}

function medianOf(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function row(title: string, ...cells: readonly string[]): string {
  return `${title.padEnd(52)}${cells.map((cell) => cell.padStart(16)).join("")}`;
}
