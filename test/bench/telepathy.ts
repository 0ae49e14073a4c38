import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { RemoteManager } from "../../runtime/telepathy/client/remote-manager.ts";
import { LOOPBACK_INTERESTS } from "../../runtime/telepathy/protocols/loopback/loopback.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { ServiceProcess } from "./telepathy/service-process.ts";

/**
 * `npm run bench -- telepathy [rounds]`: measures handles and interests of a connection in another process, over a bus.
 */
const [rounds = 5] = process.argv.slice(2).map(Number);
const { Contact } = HandleType;
const COUNT = 100_000;
const BATCH = 1000;
const MANY = 1_000_000;
const SINGLES = 2000;
const CLIENTS = 1000;
const DAEMON = "org.freedesktop.DBus";

/** Measured figures; lower is better. */
const FIGURES = [
  { name: "100,000 new handles", goal: 200, unit: "ms" },
  { name: "100,000 existing handles", goal: 200, unit: "ms" },
  { name: "100,000 identifiers of handles", goal: 100, unit: "ms" },
  { name: "a request for one new handle", goal: 0.3, unit: "ms" },
  { name: "a request for one existing handle", goal: 0.3, unit: "ms" },
  { name: "heap of a handle beside its identifier", goal: 100, unit: "bytes" },
  { name: "time of the 2nd half of a million, over the 1st", goal: 1.5, unit: "" },
  { name: "a call that adds an interest", goal: 0.5, unit: "ms" },
  { name: "heap of a client with an interest", goal: 1500, unit: "bytes" },
  { name: "heap left when the clients have gone", goal: 100, unit: "bytes" },
] as const;
type Figure = (typeof FIGURES)[number]["name"];

const results = new Map<Figure, number[]>();
const cpu = new Map<Figure, string[]>();
await using daemon = await startPrivateBus();
using service = await ServiceProcess.start(daemon.address);
await using bus = await connect({ bus: daemon.address });

for (let round = 0; round <= rounds; round++) {
  await measureHandles(`round${round}`);
  await measureInterests(`interests${round}`);
  // The first round warms up.
  if (round === 0) for (const figures of [results, cpu]) figures.clear();
  console.error(round === 0 ? "warmed up" : `round ${round} of ${rounds} done`);
}
await measureMany();
report();

/** Opens a connection for an account. */
async function openConnection(account: string): Promise<ConnectionClient> {
  const { target } = await new RemoteManager(bus, "bench").connect("loopback", { account });
  return new ConnectionClient(bus, target);
}

async function measureHandles(account: string): Promise<void> {
  const connection = await openConnection(account);
  const names = identifiers(COUNT);
  const handles: number[] = [];
  const request = async (batch: readonly string[]): Promise<void> => {
    handles.push(...(await connection.requestHandles(Contact, batch)));
  };
  await timed("100,000 new handles", () => inTurn(batches(names), request));
  await timed("100,000 existing handles", () => inTurn(batches(names), request));
  const created = handles.slice(0, COUNT);
  await timed("100,000 identifiers of handles", () =>
    inTurn(batches(created), async (batch) => void (await connection.inspectHandles(Contact, batch))),
  );
  const single = async (name: string): Promise<void> => void (await connection.requestHandles(Contact, [name]));
  const others = identifiers(SINGLES, "single");
  await timed("a request for one new handle", () => inTurn(others, single), SINGLES);
  await timed("a request for one existing handle", () => inTurn(others, single), SINGLES);
  await connection.disconnect();
}

async function measureInterests(account: string): Promise<void> {
  const name = `im.telepathy1.Connection.bench.loopback.${account}`;
  const target: Target = { destination: name, path: `/${name.replaceAll(".", "/")}` };
  const connection = await openConnection(account);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect({ bus: daemon.address })));
  const add = (client: Bus): Promise<void> =>
    new ConnectionClient(client, target).addClientInterest([LOOPBACK_INTERESTS[0]]);
  // The first call adds the match rule for departures.
  await add(bus);
  const before = await service.heap();
  await timed("a call that adds an interest", () => inTurn(clients, add), CLIENTS);
  const during = await service.heap();
  note("heap of a client with an interest", (during - before) / CLIENTS);
  await Promise.all(clients.map((client) => client.close()));
  await departed(clients);
  // The bus has announced the departures before it delivers this call.
  await connection.requestHandles(Contact, ["settled"]);
  const after = await service.heap();
  note("heap left when the clients have gone", (after - before) / CLIENTS);
  await connection.disconnect();
}

/** Waits until clients that have closed their connections have left the bus. */
async function departed(clients: readonly Bus[]): Promise<void> {
  const closed = new Set<unknown>(clients.map(({ uniqueName }) => uniqueName));
  const call = { destination: DAEMON, path: "/org/freedesktop/DBus", interface: DAEMON, member: "ListNames" };
  for (;;) {
    const [names] = await bus.call(call);
    if (!Array.isArray(names) || !names.some((name) => closed.has(name))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function measureMany(): Promise<void> {
  const connection = await openConnection("many");
  const before = await service.heap();
  const took: number[] = [];
  for (let start = 0; start < MANY; start += COUNT) {
    const names = identifiers(COUNT, "many", start);
    const begin = performance.now();
    await inTurn(batches(names), async (batch) => void (await connection.requestHandles(Contact, batch)));
    took.push(performance.now() - begin);
  }
  const after = await service.heap();
  const perHandle = (after - before) / MANY;
  note("heap of a handle beside its identifier", perHandle - heapOfText("many0000000@example.com"));
  const [first, second] = [took.slice(0, took.length / 2), took.slice(took.length / 2)].map(sum);
  note("time of the 2nd half of a million, over the 1st", (second ?? 0) / (first ?? 1));
  console.error(
    `1,000,000 handles: ${took.map((ms) => ms.toFixed(0)).join(" ")} ms, ${perHandle.toFixed(0)} bytes each`,
  );
  await connection.disconnect();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns the bytes that V8 uses for an ASCII string: a header of 16, and one per character, rounded up to 8. */
function heapOfText({ length }: string): number {
  return 16 + Math.ceil(length / 8) * 8;
}

function identifiers(count: number, prefix = "user", start = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${`${start + index}`.padStart(7, "0")}@example.com`);
}

function batches<T>(items: readonly T[]): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, at) => items.slice(at * BATCH, (at + 1) * BATCH));
}

async function inTurn<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await call(item);
}

/** Records the duration of a function, divided by the number of its calls, and the CPU time of both processes. */
async function timed(figure: Figure, run: () => Promise<void>, calls = 1): Promise<void> {
  const before = await service.cpu();
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  await run();
  const took = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpuBefore);
  const after = await service.cpu();
  note(figure, took / calls);
  const share = [(user + system) / 1000, after - before].map((ms) => (ms / calls).toFixed(calls > 1 ? 3 : 0));
  cpu.set(figure, [...(cpu.get(figure) ?? []), `${share.join(" + ")} ms`]);
}

function note(figure: Figure, value: number): void {
  results.set(figure, [...(results.get(figure) ?? []), value]);
}

function report(): void {
  console.log(`medians of ${rounds} rounds, Node ${process.version}; CPU is that of client and service`);
  console.log(row("", "median", "best", "goal", "", "CPU (last)"));
  for (const { name, goal, unit } of FIGURES) {
    const values = [...(results.get(name) ?? [])].sort((a, b) => a - b);
    const median = values[values.length >> 1] ?? Number.NaN;
    const verdict = median <= goal ? "met" : "NOT MET";
    const shown = [median, values[0] ?? Number.NaN].map((value) => `${value.toPrecision(3)} ${unit}`.trim());
    console.log(row(name, ...shown, `<= ${goal}`, verdict, cpu.get(name)?.at(-1) ?? ""));
  }
}

function row(figure: string, ...cells: readonly string[]): string {
  return `${figure.padEnd(49)}${cells.map((cell) => cell.padStart(17)).join("")}`;
}
