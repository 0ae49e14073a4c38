import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@dbus-codegen-ts/runtime";
import { programArguments } from "../../setup/program.ts";
import { processorMsOf, type Turn } from "../longest-turn.ts";
import { endsWithUs } from "../support.ts";
import type { Attack } from "./attack-list.ts";
import type { AttackerReady, AttackOrder, FloodOrder } from "./attacker.ts";
import type { CallResult } from "./raw-peer.ts";
import type { AttackedBus, Victim } from "./victims.ts";

const REPLY_TIMEOUT_MS = 60_000;
const ATTACKER_UID = 65_534;

/** What an attack resulted in. */
export interface AttackResult {
  readonly reply: CallResult | "timeout";
  /** The longest turn of the victim's event loop. */
  readonly turn: Turn;
  /** Bytes by which the victim's resident memory grew. */
  readonly memory: number;
  /** Descriptions of damage; empty if the victim still runs with the same connection and has replied. */
  readonly damage: readonly string[];
}

/** A process of another user, which attacks a victim. */
export class Attacker implements Disposable {
  readonly uniqueName: string;
  readonly #process: ChildProcess;

  static async start(address: string): Promise<Attacker> {
    const program = fileURLToPath(new URL("attacker.ts", import.meta.url));
    const args = [...programArguments(program), address, String(ATTACKER_UID)];
    const child = endsWithUs(spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    const [ready]: AttackerReady[] = await once(child, "message");
    return new Attacker(child, ready?.uniqueName ?? "");
  }

  private constructor(child: ChildProcess, uniqueName: string) {
    this.#process = child;
    this.uniqueName = uniqueName;
  }

  async perform(order: AttackOrder): Promise<CallResult | "timeout"> {
    const signal = AbortSignal.timeout(REPLY_TIMEOUT_MS);
    const answered = once(this.#process, "message", { signal }).then(([result]: CallResult[]) => result ?? "timeout");
    this.#process.send(order);
    return answered.catch(() => "timeout" as const);
  }

  /** Returns the processor time that the main thread has used. */
  processorMs(): number {
    return processorMsOf(this.#process.pid);
  }

  /** Returns the number of answered calls. */
  async flood(order: FloodOrder): Promise<number> {
    const answered = once(this.#process, "message").then(([calls]: number[]) => calls ?? 0);
    this.#process.send(order);
    return answered;
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
  }
}

/** Performs an attack and observes the victim. */
export async function performAttack(
  bus: AttackedBus,
  victim: Victim,
  attacker: Attacker,
  attack: Attack,
  size: number,
): Promise<AttackResult> {
  const ownerBefore = await ownerOf(victim.target.destination, bus);
  const memoryBefore = await victim.resetPeakMemory();
  await victim.longestTurn();
  if (attack.kind === "reply") victim.callAttacker(attacker.uniqueName);
  const reply = await attacker.perform({ attack: attack.name, victim: victim.target, size });
  const turn = await victim.longestTurn();
  const memory = (await victim.peakMemory()) - memoryBefore;
  const damage: string[] = [];
  if (!victim.isRunning) damage.push(`the program ended: ${victim.errors.trim().split("\n").slice(-6).join(" / ")}`);
  else if ((await ownerOf(victim.target.destination, bus)) !== ownerBefore) damage.push("the connection was closed");
  if (reply === "timeout") damage.push("no reply");
  else if (reply.reply === "closed") damage.push("the bus closed the attacker's connection: its message is malformed");
  return { reply, turn, memory, damage };
}

async function ownerOf(name: string, { address }: AttackedBus): Promise<unknown> {
  await using observer = await connect({ bus: address });
  const daemon = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
  };
  const call = { ...daemon, member: "GetNameOwner", signature: "s", args: [name] };
  return observer.call(call).then(
    ([owner]) => owner,
    () => undefined,
  );
}
