// Repeatedly kills and restarts a service: npx tsx test/reliability/kill-service.ts [times]
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect } from "../../runtime/core/index.ts";
import { Jukebox1Client } from "../runtime/core/fixtures/jukebox.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { programArguments } from "../setup/program.ts";

/** Observations of a client for one restart of the service. */
export interface RestartObservation {
  /** Milliseconds from the kill until the client was notified that the name has no owner. */
  readonly noticed: number;
  /** Milliseconds from the start of the new process to its first signal. */
  readonly recovered: number;
  /** Number of signals that did not arrive, or not in order. */
  readonly lost: number;
}

const NAME = "org.example.Killed";
const SIGNALS = 100;
const LONGEST = 20_000;

/**
 * Kills the service by SIGKILL and restarts it. It emits its signals as soon as it owns its name, while the client does
 * nothing to restore its subscriptions.
 *
 * @throws Error if the service or the cached properties do not come back.
 */
export async function killAndReturn(times: number): Promise<readonly RestartObservation[]> {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const client = new Jukebox1Client(bus, { destination: NAME, path: "/killed" });
  const heard: (readonly [pid: string, number: bigint])[] = [];
  await using _heard = await client.signals.trackChanged.subscribe((pid, number) => heard.push([pid, number]));
  await using _cached = await client.$cache();
  const { volume } = client.properties;
  const returns: RestartObservation[] = [];
  let service = start(daemon.address);
  try {
    await until(() => volume.value === 1);
    while (returns.length < times) {
      const killed = performance.now();
      service.kill("SIGKILL");
      await until(() => volume.value === undefined);
      const noticed = performance.now() - killed;
      heard.length = 0;
      const started = performance.now();
      service = start(daemon.address);
      await until(() => heard.length > 0);
      const recovered = performance.now() - started;
      await until(() => volume.value === 1);
      const right = heard.filter(([pid, number], index) => pid === `${service.pid}` && number === BigInt(index + 1));
      returns.push({ noticed, recovered, lost: SIGNALS - right.length });
    }
  } finally {
    service.kill("SIGKILL");
    if (service.exitCode === null && service.signalCode === null) await once(service, "exit");
  }
  return returns;
}

function start(address: string): ChildProcess {
  const script = fileURLToPath(new URL("programs/killed-service.ts", import.meta.url));
  return spawn(process.execPath, [...programArguments(script), address, NAME, `${SIGNALS}`], {
    stdio: "inherit",
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (const begin = performance.now(); !condition(); ) {
    if (performance.now() - begin > LONGEST) throw new Error("the service did not come back");
    await sleep(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const returns = await killAndReturn(Number(process.argv[2] ?? 50));
  const sorted = (key: "noticed" | "recovered"): number[] =>
    returns.map((observation) => observation[key]).sort((a, b) => a - b);
  const at = (values: readonly number[], share: number): string =>
    `${values[Math.ceil(values.length * share) - 1]?.toFixed(1)} ms`;
  for (const key of ["noticed", "recovered"] as const) {
    const values = sorted(key);
    process.stdout.write(`${key}: p50 ${at(values, 0.5)}, p99 ${at(values, 0.99)}, most ${at(values, 1)}\n`);
  }
  const lost = returns.reduce((sum, one) => sum + one.lost, 0);
  process.stdout.write(`${returns.length} kills, ${lost} of ${returns.length * SIGNALS} signals lost\n`);
}
