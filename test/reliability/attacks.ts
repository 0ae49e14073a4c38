import { fileURLToPath } from "node:url";
import { compileC } from "../setup/c-program.ts";
import { ATTACKS, type Attack, FLOODS, type Flood, sizesOf, type VictimKind } from "./attacks/attack-list.ts";
import { type FloodFigures, measureFlood } from "./attacks/measure-flood.ts";
import { Attacker, type AttackResult, performAttack } from "./attacks/perform.ts";
import { type AttackedBus, type BusKind, startAttackedBus, Victim } from "./attacks/victims.ts";

// Attacks of another user on the daemons and on a client, with messages up to the limit of the bus, on buses with the
// stock configurations. A service in C gets the same floods: its latency is what dbus-daemon allows. Arguments: [largest
// size in MiB] [part of an attack's name].

const MIB = 2 ** 20;
const [largestMib = "128", filter = ""] = process.argv.slice(2);

/**
 * Limits for each row of the output. The heap grows in steps, so that small messages may take more memory than four
 * times their length. The latency of another client in a flood may be at most `p99Ms` or, if that is more, `p99Factor`
 * times its latency in a flood of the service in C. The output also contains the processor time of the victim, and the
 * latency of another service that is not flooded, which have no limit: they explain failures.
 */
const LIMITS = { turnMs: 100, rejectedTurnMs: 50, memoryFactor: 4, smallMemory: 20 * MIB, p99Ms: 10, p99Factor: 1.2 };
/** Number of measurements of each flood. The service in C is measured after each of them, and medians are compared. */
const FLOOD_ROUNDS = 3;
/**
 * Number of measurements of a turn that is above the limit. The first can be too high because the machine stopped the
 * process, or because garbage of earlier attacks was collected.
 */
const ATTEMPTS = 3;
const VICTIMS: Readonly<Record<BusKind, readonly VictimKind[]>> = {
  session: ["session daemon", "connection manager", "client"],
  system: ["session daemon", "client"],
};

interface Measured extends AttackResult {
  /** Damage, and limits that were exceeded. */
  readonly problems: readonly string[];
}

const floorService = compileC(
  fileURLToPath(new URL("attacks/floor-service.c", import.meta.url)),
  "libsystemd",
  "libsystemd-dev",
);
if ("missing" in floorService) console.log(`floods of a service in C: skipped without ${floorService.missing}`);

let failures = 0;
for (const kind of ["session", "system"] as const) {
  if (kind === "system" && process.getuid?.() !== 0) {
    console.log("system bus: skipped, because only root may start one");
    continue;
  }
  for (const victim of VICTIMS[kind]) {
    for (const attack of ATTACKS) {
      if (!attack.victims.includes(victim) || !attack.name.includes(filter)) continue;
      // The policy of the system bus lets calls reach services only.
      if (kind === "system" && victim === "client" && attack.kind !== "signal") continue;
      await using bus = await startAttackedBus(kind);
      await attackWithAllSizes(kind, bus, victim, attack);
    }
    for (const flood of FLOODS) {
      if (!flood.victims.includes(victim) || !`flood: ${flood.name}`.includes(filter)) continue;
      await floodVictim(kind, victim, flood);
    }
  }
}
console.log(failures === 0 ? "all attacks failed to do harm" : `${failures} rows exceed a limit`);
if (failures > 0) process.exitCode = 1;

async function attackWithAllSizes(kind: BusKind, bus: AttackedBus, victimKind: VictimKind, attack: Attack) {
  // The limit of the bus includes the header.
  const limit = Math.min(bus.messageLimit, Number(largestMib) * MIB) - 4096;
  let victim = await Victim.start(victimKind, bus.address);
  using attacker = await Attacker.start(bus.address);
  for (const size of sizesOf(attack, limit)) {
    let best: Measured | undefined;
    for (let attempt = 0; attempt < ATTEMPTS && (best === undefined || best.problems.length > 0); attempt++) {
      if (!victim.isRunning) victim = await Victim.start(victimKind, bus.address);
      const measured = await measure(bus, victim, attacker, attack, size);
      if (best === undefined || measured.problems.length < best.problems.length) best = measured;
      if (measured.problems.some((problem) => !problem.startsWith("turn"))) break;
    }
    if (best === undefined) continue;
    const { reply: received, turn, memory, problems } = best;
    const reply = received === "timeout" ? received : received.reply.replace("org.freedesktop.DBus.Error.", "");
    const columns = [kind, victimKind, attack.name, `${(size / MIB).toFixed(3)} MiB`, reply];
    const figures = `turn ${turn.elapsedMs.toFixed(0)} ms, processor ${turn.processorMs.toFixed(0)} ms, memory +${(memory / MIB).toFixed(0)} MiB`;
    console.log(`${columns.join(" | ")} | ${figures}${problems.length > 0 ? `  << ${problems.join("; ")}` : ""}`);
    if (problems.length > 0) failures++;
  }
  await victim[Symbol.asyncDispose]();
}

async function measure(
  bus: AttackedBus,
  victim: Victim,
  attacker: Attacker,
  attack: Attack,
  size: number,
): Promise<Measured> {
  const attacked = await performAttack(bus, victim, attacker, attack, size);
  const problems = [...attacked.damage];
  const turnLimit = attack.isRejected ? LIMITS.rejectedTurnMs : LIMITS.turnMs;
  if (attacked.turn.elapsedMs > turnLimit) problems.push(`turn above ${turnLimit} ms`);
  const memoryLimit = Math.max(size * LIMITS.memoryFactor, LIMITS.smallMemory);
  if (attacked.memory > memoryLimit) problems.push(`memory above ${memoryLimit / MIB} MiB`);
  return { ...attacked, problems };
}

/** Floods a victim and, if it can be compiled, the service in C, in turns, each on a new bus. */
async function floodVictim(kind: BusKind, victimKind: VictimKind, flood: Flood): Promise<void> {
  const [ours, floor]: [FloodFigures[], FloodFigures[]] = [[], []];
  for (let round = 0; round < FLOOD_ROUNDS; round++) {
    ours.push(await measureFlood(kind, flood, ({ address }) => Victim.start(victimKind, address)));
    if (!("program" in floorService)) continue;
    const { program } = floorService;
    floor.push(await measureFlood(kind, flood, ({ address }) => Victim.startFloor(victimKind, program, address)));
  }
  const [own, lower] = [medianOf(ours), medianOf(floor)];
  if (own === undefined) return;
  const allowedMs = Math.max(LIMITS.p99Ms, LIMITS.p99Factor * (lower?.p99Ms ?? 0));
  const problem = own.p99Ms > allowedMs ? `  << p99 above ${allowedMs.toFixed(1)} ms` : "";
  if (problem !== "") failures++;
  const turnMs = Math.max(...ours.map(({ turn }) => turn.elapsedMs));
  const load = `longest turn ${turnMs.toFixed(1)} ms, memory +${(own.memory / MIB).toFixed(0)} MiB`;
  const floorFigures = lower === undefined ? [] : [`the same calls of a service in C: ${latenciesOf(lower)}`];
  const columns = [kind, victimKind, `flood: ${flood.name}`, load, `another client: ${latenciesOf(own)}`];
  console.log(`${[...columns, ...floorFigures].join(" | ")}${problem}`);
}

/** Returns the figures with the median latency (p99) of another client. */
function medianOf(rounds: readonly FloodFigures[]): FloodFigures | undefined {
  return rounds.toSorted((a, b) => a.p99Ms - b.p99Ms)[rounds.length >> 1];
}

function latenciesOf({ callsPerMs, p50Ms, p99Ms, bystanderP99Ms, processorP99Ms, shares }: FloodFigures): string {
  const parts = Object.entries(shares).map(([process, share]) => `${process} ${(100 * share).toFixed(0)} %`);
  const meanwhile = `${bystanderP99Ms.toFixed(1)} ms to a service that is not flooded; processor time of the victim meanwhile ${processorP99Ms.toFixed(1)} ms`;
  return `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms (${meanwhile}; ${callsPerMs.toFixed(1)} calls/ms, ${parts.join(", ")})`;
}
