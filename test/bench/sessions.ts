import { ConnmanDaemon, whyNoConnman } from "../runtime/connman/connman-daemon.ts";
import { whyNoNamespaces } from "../runtime/connman/namespaces.ts";
import { daemonsOn, type MeasuredDaemon, type RunningDaemon, usageOf } from "./sessions/daemons.ts";
import { compileReceiver, Receiver } from "./sessions/receiver.ts";

/**
 * Measures this project's session daemon next to ConnMan in a network namespace with a cable. The daemons take turns,
 * with the same receiver in C, and each round starts new processes. Arguments: [rounds] [numbers of sessions…].
 */
const [rounds = 3, ...numbers] = process.argv.slice(2).map(Number);

/** Measured values by row of the printed table; each array has one value per round. */
type Values = Map<string, number[]>;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const noNamespaces = whyNoNamespaces();
if (noNamespaces !== undefined) throw new Error(`this benchmark needs network namespaces: ${noNamespaces}`);
const noConnman = whyNoConnman();
if (noConnman !== undefined) console.error(`without connmand: ${noConnman}`);
try {
  compileReceiver();
} catch (cause) {
  throw new Error("this benchmark needs gcc, pkg-config and libdbus-1-dev; session-updates does not", { cause });
}
await using host = await ConnmanDaemon.prepare();
// With a second cable, sessions would change to it.
await host.plug("b", false);
const daemons = daemonsOn(host).filter(({ name }) => name !== "connmand" || noConnman === undefined);

console.log(`Node ${process.version}, receiver in C with libdbus, medians of ${rounds} rounds`);
for (const sessions of numbers.length > 0 ? numbers : [1000, 10_000]) {
  const results = new Map(daemons.map(({ name }) => [name, new Map<string, number[]>()]));
  for (let round = 0; round < rounds; round++) {
    for (const daemon of daemons) await measure(daemon, sessions, results.get(daemon.name) ?? new Map());
  }
  print(sessions, results);
}

/**
 * Measures two new processes of a daemon. The first creates sessions twice; the second reports changes of the link to
 * its sessions.
 */
async function measure(daemon: MeasuredDaemon, sessions: number, values: Values): Promise<void> {
  await withProcess(daemon, undefined, async ({ pid }, receiver) => {
    const create = () => receiver.run(`create ${sessions}`);
    add(values, "resident without sessions, MB", usageOf(pid).residentMB);
    const perSecond = (ms: number): number => (sessions / ms) * 1000;
    await withUsage("create, first sessions of a process", async () => perSecond(await create()), "per second");
    add(values, "resident with sessions, MB", usageOf(pid).residentMB);
    await receiver.run("destroy");
    await withUsage("create a second time", async () => perSecond(await create()), "per second");

    async function withUsage(row: string, action: () => Promise<number>, unit: string): Promise<void> {
      const before = usageOf(pid).cpuMs;
      add(values, `${row}, ${unit}`, await action());
      add(values, `${row}, processor time in µs`, ((usageOf(pid).cpuMs - before) * 1000) / sessions);
    }
  });
  // ConnMan notices no changes of the link after many sessions were created at the same time.
  await withProcess(daemon, 1, async ({ pid }, receiver) => {
    await receiver.run(`create ${sessions}`);
    await receiver.run("await up");
    const before = usageOf(pid).cpuMs;
    for (const isUp of [false, true]) {
      const start = process.hrtime.bigint();
      const reported = receiver.run(`await ${isUp ? "up" : "down"}`, start);
      await host.plug("a", isUp);
      add(values, `link ${isUp ? "up" : "down"}, ms to the last Update`, await reported);
    }
    add(values, "link down and up, processor time in µs", ((usageOf(pid).cpuMs - before) * 1000) / sessions);
  });
}

async function withProcess(
  daemon: MeasuredDaemon,
  callsInFlight: number | undefined,
  action: (running: RunningDaemon, receiver: Receiver) => Promise<void>,
): Promise<void> {
  const running = await daemon.start();
  const receiver = await Receiver.start(host.bus.address, callsInFlight);
  try {
    await action(running, receiver);
  } finally {
    receiver.stop();
    await running.stop();
  }
}

function add(values: Values, row: string, value: number): void {
  values.set(row, [...(values.get(row) ?? []), value]);
}

function print(sessions: number, results: ReadonlyMap<string, Values>): void {
  const names = [...results.keys()];
  console.log(`\n${sessions} sessions`.padEnd(56) + names.map((name) => name.padStart(12)).join(""));
  for (const row of results.get("ours")?.keys() ?? []) {
    const cells = names.map((name) => cellOf(median(results.get(name)?.get(row) ?? [])).padStart(12));
    console.log(row.padEnd(55) + cells.join(""));
  }
}

function cellOf(value: number): string {
  return Number.isNaN(value) ? "none" : value.toFixed(0);
}
