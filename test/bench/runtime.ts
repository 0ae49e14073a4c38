import type { Measured } from "../peers/drive.ts";
import { type Peer, peers } from "../peers/programs.ts";
import { runClient, runClients, startServer } from "../peers/run.ts";
import { startPrivateBus } from "../setup/private-bus.ts";

/** Measures calls per second next to other D-Bus libraries, on one bus. Arguments: [seconds per run] [rounds]. */
const [seconds = 1, rounds = 3] = process.argv.slice(2).map(Number);
const LOADS = ["s pipe", "s 4 clients", "a{sv} pipe", "ay pipe", "s seq", "signals"] as const;
type Load = (typeof LOADS)[number];

/** Required ratio of our calls per second to those of another library, by load. */
const GOALS: Readonly<Record<string, Readonly<Partial<Record<Load, number>>>>> = {
  "sd-bus": { "s pipe": 1, "s 4 clients": 0.8, "a{sv} pipe": 0.9, "ay pipe": 0.6, "s seq": 0.55, signals: 0.8 },
  "dbus-native": { "s pipe": 1.5, "a{sv} pipe": 1.7, "ay pipe": 1.6, "s seq": 1.3, signals: 1.5 },
  "dbus-next": { "s pipe": 2.7, "a{sv} pipe": 4, "ay pipe": 30, "s seq": 1.6, signals: 3 },
  "dbus-python": { "s pipe": 1, "a{sv} pipe": 1, "ay pipe": 1, "s seq": 1, signals: 1 },
};

const results = new Map<string, Measured[]>();
const keyOf = (load: string, { name }: Peer): string => `${load} of ${name}`;

/** Returns the medians of all rounds: calls per second, and CPU time per call in microseconds of client and server. */
function figuresOf(load: Load, peer: Peer) {
  const runs = results.get(keyOf(load, peer)) ?? [];
  return {
    perSecond: median(runs.map((run) => run.calls / run.seconds)),
    client: median(runs.map((run) => run.clientCpu / run.calls)),
    server: median(runs.map((run) => run.serverCpu / run.calls)),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function report(all: readonly Peer[], ours: Peer): void {
  console.log(row("load", "peer", "calls/s", "client µs", "server µs", "ours/peer", "goal", ""));
  for (const load of LOADS) {
    const { perSecond: own } = figuresOf(load, ours);
    for (const peer of all) {
      const { perSecond, client, server } = figuresOf(load, peer);
      const goal = GOALS[peer.name]?.[load];
      const verdict = goal === undefined ? "" : own / perSecond >= goal ? "met" : "NOT MET";
      const ratio = peer === ours ? "" : (own / perSecond).toFixed(2);
      const figures = [perSecond.toFixed(0), client.toFixed(1), server.toFixed(1)];
      console.log(row(load, peer.name, ...figures, ratio, goal === undefined ? "" : `>= ${goal}`, verdict));
    }
  }
}

function row(load: string, peer: string, ...cells: readonly string[]): string {
  return `${load.padEnd(11)} ${peer.padEnd(12)}${cells.map((cell) => cell.padStart(11)).join("")}`;
}

const all = peers();
const [ours] = all;
/** The same clients call each service at the same time, so that only the services differ. Those in C take least time. */
const heavyClient = all.find(({ name }) => name === "sd-bus") ?? ours;
await using daemon = await startPrivateBus();
const run = (load: Load, peer: Peer): Promise<Measured> =>
  load === "s 4 clients"
    ? runClients(4, heavyClient, daemon.address, "s pipe", seconds, peer)
    : runClient(peer, daemon.address, load, seconds);
const servers = await Promise.all(all.map((peer) => startServer(peer, daemon.address)));
for (let round = 0; round < rounds; round++) {
  for (const load of LOADS) {
    for (const peer of all) {
      const key = keyOf(load, peer);
      results.set(key, [...(results.get(key) ?? []), await run(load, peer)]);
    }
  }
  console.error(`round ${round + 1} of ${rounds} done`);
}
for (const server of servers) server.kill();
console.log(`median of ${rounds} rounds of ${seconds} s, Node ${process.version}`);
report(all, ours);
