// Measures for how long large arguments block the event loops of a service and its caller:
// npx tsx test/reliability/large-arguments.ts [rounds]
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect, InvalidArgsError, Variant } from "@dbus-codegen-ts/runtime";
import { Bench1, Bench1Client } from "../bench/generated/org.example.Bench1.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { ms, nextLine, spawnProgram } from "./support.ts";

/** Durations for which one call with large arguments blocked the event loops. */
export interface BlockedTimes {
  readonly name: string;
  readonly refused: boolean;
  /** Longest time in milliseconds for which the event loop of the service was blocked. */
  readonly service: number;
  readonly caller: number;
}

const MIB = 2 ** 20;
const RESOLUTION = 1;
const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`Key${index}`, new Variant("u", index)]));

/** Calls of methods that do not take the arguments, and of methods that take and return them. */
const CALLS: readonly (readonly [name: string, member: string, signature: string, make: () => unknown])[] = [
  ["60 MiB ay, refused", "Echo", "ay", () => new Uint8Array(60 * MIB)],
  ["1,000,000 as, refused", "Echo", "as", () => new Array(1e6).fill("a string")],
  ["100,000 a{sv}, refused", "Echo", "a{sv}", () => entries(1e5)],
  ["60 MiB ay, echoed", "EchoBytes", "ay", () => new Uint8Array(60 * MIB)],
];

/** Makes each call once, one after another, on a private bus. */
export async function holdLoops(): Promise<readonly BlockedTimes[]> {
  await using daemon = await startPrivateBus();
  const program = spawnProgram("measured-service", daemon.address);
  try {
    const destination = await nextLine(program);
    await using bus = await connect({ bus: daemon.address });
    const service = new Bench1Client(bus, { destination, path: "/a" });
    const held: BlockedTimes[] = [];
    for (const [name, member, signature, make] of CALLS) {
      const args = [make()];
      const own = monitorEventLoopDelay({ resolution: RESOLUTION });
      await sleep(20);
      await service.echo("longest");
      own.enable();
      await sleep(20);
      const call = bus.call({ destination, path: "/a", interface: Bench1.name, member, signature, args });
      const refused = await call.then(() => false).catch((error: unknown) => error instanceof InvalidArgsError);
      await sleep(20);
      own.disable();
      const longest = Number(await service.echo("longest"));
      held.push({ name, refused, service: longest, caller: own.max / 1e6 - RESOLUTION });
    }
    return held;
  } finally {
    program.kill("SIGKILL");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds: (readonly BlockedTimes[])[] = [];
  for (let round = 0; round < Number(process.argv[2] ?? 5); round++) rounds.push(await holdLoops());
  for (const [index, { name }] of (rounds[0] ?? []).entries()) {
    const most = (key: "service" | "caller"): string => ms(Math.max(...rounds.map((held) => held[index]?.[key] ?? 0)));
    process.stdout.write(`${name.padEnd(24)} service held ${most("service")}, caller ${most("caller")}\n`);
  }
}
