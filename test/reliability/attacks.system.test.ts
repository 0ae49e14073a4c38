import { expect, test } from "vitest";
import { ATTACKS, type VictimKind } from "./attacks/attack-list.ts";
import { Attacker, performAttack } from "./attacks/perform.ts";
import { startAttackedBus, Victim } from "./attacks/victims.ts";

// The command `npm run reliability -- attacks` also measures time and memory, with messages up to the limit of the bus.

const MIB = 2 ** 20;

test.each(["session daemon", "connection manager", "client"] as const)(
  "the %s survives every attack of another user with messages of 8 KiB and 8 MiB",
  async (kind: VictimKind) => {
    await using bus = await startAttackedBus("session");
    await using victim = await Victim.start(kind, bus.address);
    using attacker = await Attacker.start(bus.address);
    const damages: string[] = [];
    for (const attack of ATTACKS.filter(({ victims }) => victims.includes(kind))) {
      for (const size of [8192, Math.min(8 * MIB, attack.sizes[1] ?? 8 * MIB)]) {
        const { damage } = await performAttack(bus, victim, attacker, attack, size);
        damages.push(...damage.map((text) => `${attack.name}, ${size} bytes: ${text}`));
      }
    }
    expect(damages).toEqual([]);
  },
);
