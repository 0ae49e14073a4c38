import { ATTACKS, type AttackedVictim, FLOODS } from "./attack-list.ts";
import { type CallResult, RawPeer } from "./raw-peer.ts";

// Performs attacks as another user. Arguments: bus address, user id. Orders and results are messages between processes.

/** An attack to perform. */
export interface AttackOrder {
  readonly attack: string;
  readonly victim: AttackedVictim;
  readonly size: number;
}

/** A flood to begin, and the time after which it ends. */
export interface FloodOrder {
  readonly flood: string;
  readonly victim: AttackedVictim;
  readonly durationMs: number;
}

/** Sent when the attacker is connected. */
export interface AttackerReady {
  readonly uniqueName: string;
}

const [address = "", uid = "65534"] = process.argv.slice(2);
if (process.getuid?.() === 0) {
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
const peer = await RawPeer.connect(address);
process.on("message", (order: AttackOrder | FloodOrder) => void ("flood" in order ? flood(order) : perform(order)));
process.on("disconnect", () => process.exit());
process.send?.({ uniqueName: peer.uniqueName } satisfies AttackerReady);

async function perform({ attack: name, victim, size }: AttackOrder): Promise<void> {
  const attack = ATTACKS.find((candidate) => candidate.name === name);
  if (attack === undefined) throw new Error(`there is no attack ${name}`);
  process.send?.((await attack.perform(peer, victim, size)) satisfies CallResult);
}

/** Sends the number of answered calls when the flood has ended. */
async function flood({ flood: name, victim, durationMs }: FloodOrder): Promise<void> {
  const found = FLOODS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`there is no flood ${name}`);
  const peers = await Promise.all(Array.from({ length: found.connections }, () => RawPeer.connect(address)));
  const end = performance.now() + durationMs;
  let calls = 0;
  const repeat = async (sender: RawPeer): Promise<void> => {
    while (performance.now() < end) {
      const { reply } = await found.call(sender, victim, calls++);
      if (reply === "closed") return;
    }
  };
  await Promise.all(peers.flatMap((sender) => Array.from({ length: found.callsInFlight }, () => repeat(sender))));
  for (const sender of peers) sender.close();
  process.send?.(calls);
}
