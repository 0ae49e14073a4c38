import { connect } from "@dbus-codegen-ts/runtime";
import type { Turn } from "../longest-turn.ts";
import { percentile } from "../support.ts";
import type { Flood } from "./attack-list.ts";
import { Attacker } from "./perform.ts";
import { type AttackedBus, type BusKind, BYSTANDER, startAttackedBus, type Victim } from "./victims.ts";

const DURATION_MS = 3000;
const WARM_UP_CALLS = 200;
/** Time between two calls of the other client. */
const PAUSE_MS = 2;

/** What another client and the victim experience during a flood. */
export interface FloodFigures {
  /** Answered calls of the attacker. */
  readonly callsPerMs: number;
  /** Time until the reply to a call of another client: the median, and the 99th percentile. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Time until the reply to a call of another service, which is not flooded. */
  readonly bystanderP99Ms: number;
  /** Processor time of the victim during one call of another client. */
  readonly processorP99Ms: number;
  /** The longest turn of the victim's event loop. */
  readonly turn: Turn;
  /** Bytes by which the victim's resident memory grew. */
  readonly memory: number;
  /** The share of one processor that each process used. */
  readonly shares: Readonly<Record<"victim" | "bus" | "attacker", number>>;
}

/** Starts a victim on a new bus and measures the calls of another client while an attacker floods it. */
export async function measureFlood(
  kind: BusKind,
  flood: Flood,
  start: (bus: AttackedBus) => Promise<Victim>,
): Promise<FloodFigures> {
  await using bus = await startAttackedBus(kind);
  await using victim = await start(bus);
  await using observer = await connect({ bus: bus.address });
  const peer = { path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" };
  await using bystander = await connect({ bus: bus.address });
  await bystander.requestName(BYSTANDER);
  const latencies = { victim: [] as number[], bystander: [] as number[] };
  const processorMs: number[] = [];
  let isFlooding = true;
  const repeat = async (destination: string, measured: number[]): Promise<void> => {
    while (isFlooding) {
      const [begin, usedBefore] = [performance.now(), victim.processorMs()];
      await observer.call({ ...peer, destination });
      measured.push(performance.now() - begin);
      if (measured === latencies.victim) processorMs.push(victim.processorMs() - usedBefore);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const { destination } = victim.target;
  for (let call = 0; call < WARM_UP_CALLS; call++) await observer.call({ ...peer, destination });
  using attacker = await Attacker.start(bus.address);
  const memoryBefore = await victim.resetPeakMemory();
  await victim.longestTurn();
  const processes = { victim, bus, attacker };
  const usedBefore = { victim: victim.processorMs(), bus: bus.processorMs(), attacker: attacker.processorMs() };
  const begin = performance.now();
  const flooded = attacker.flood({ flood: flood.name, victim: victim.target, durationMs: DURATION_MS });
  const measuring = Promise.all([repeat(destination, latencies.victim), repeat(BYSTANDER, latencies.bystander)]);
  const calls = await flooded;
  const elapsedMs = performance.now() - begin;
  const share = (name: keyof typeof processes): number =>
    (processes[name].processorMs() - usedBefore[name]) / elapsedMs;
  const shares = { victim: share("victim"), bus: share("bus"), attacker: share("attacker") };
  isFlooding = false;
  await measuring;
  const turn = await victim.longestTurn();
  return {
    callsPerMs: calls / DURATION_MS,
    p50Ms: percentile(latencies.victim, 0.5),
    p99Ms: percentile(latencies.victim, 0.99),
    bystanderP99Ms: percentile(latencies.bystander, 0.99),
    processorP99Ms: percentile(processorMs, 0.99),
    turn,
    memory: (await victim.peakMemory()) - memoryBefore,
    shares,
  };
}
