import { existsSync, readFileSync } from "node:fs";
import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { describe, expect, test } from "vitest";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startWorld } from "../test-manager.ts";
import { hasTraces, TRACES, TRACES_NOTE } from "../traces.ts";

const FILE = `${TRACES}/im.telepathy1-interest-semantics.txt`;
const PREFIX = "im.telepathy1.Connection.Interface";
const TOKENS = [`${PREFIX}.Location1`, `${PREFIX}.MailNotification1/count`];

/** One line of the trace: what a client did, and whose interest began or ended by it. */
interface Step {
  readonly client: string;
  readonly what: string;
  readonly tokens: readonly string[];
  readonly told: readonly string[];
}

function readSteps(): readonly Step[] {
  const steps: Step[] = [];
  let told: string[] = [];
  for (const line of existsSync(FILE) ? readFileSync(FILE, "utf8").split("\n") : []) {
    const [, change, token] = /(first-interested|last-uninterested) (\S+)/.exec(line) ?? [];
    if (token !== undefined) told.push(`${change === "first-interested" ? "+" : "-"}${token}`);
    const [, client, what] = /^\d+ (c\d) (\w+)/.exec(line) ?? [];
    if (client === undefined || what === undefined) continue;
    const tokens = [...line.matchAll(/'([^']*)'/g)].map(([, one = ""]) => one.replace(/^\.\./, `${PREFIX}.`));
    steps.push({ client, what, tokens, told });
    told = [];
  }
  return steps;
}

/** What is told at another moment than in the trace, and on purpose. */
const DECISIONS: readonly ((steps: readonly Step[]) => readonly Step[])[] = [
  // Interest from before the connection is connected is remembered, and the protocol hears of it when it can act on it.
  (steps) => {
    const early = steps.slice(0, 2).flatMap(({ told }) => told);
    return steps.map((step, index) => {
      if (index < 2) return { ...step, told: [] };
      return step.what === "Connect" ? { ...step, told: early } : step;
    });
  },
  // The end of the connection is the end of every interest: the protocol hears of it once.
  (steps) =>
    steps.map((step) => (step.what === "Disconnect" ? { ...step, told: [...step.told, `-${TOKENS[0]}`] } : step)),
];

describe.skipIf(!hasTraces)(`recorded interests${TRACES_NOTE}`, () => {
  const steps = readSteps();

  test("the same clients say the same: the same interests begin and end, at the same steps", async () => {
    const protocol = new ScriptedProtocol({ interests: TOKENS, connect: ({ host }) => host.connected("me") });
    await using world = await startWorld([protocol]);
    const target = await world.request(protocol.name, { account: "me" });
    const clients = new Map<string, Bus>();
    const heard: Step[] = [];
    for (const step of steps) {
      const { log } = protocol.last;
      const before = log.length;
      const bus = clients.get(step.client) ?? (await connect({ bus: world.daemon.address }));
      clients.set(step.client, bus);
      await play(step, bus, target);
      await settled(world.client, step.what === "leaves" ? bus : undefined, target);
      heard.push({ ...step, told: log.slice(before).filter((one) => /^[+-]/.test(one)) });
    }
    for (const bus of clients.values()) await bus.close();
    const expected = DECISIONS.reduce((decided, decide) => decide(decided), steps);
    expect(heard).toEqual(expected);
    expect(steps).toHaveLength(21);
  });
});

/** Resolves when the service has heard what was done, also that a client left. */
async function settled(observer: Bus, left: Bus | undefined, target: Target): Promise<void> {
  const daemon = new DaemonClient(observer);
  while (left !== undefined && (await daemon.nameHasOwner(left.uniqueName))) await new Promise(setImmediate);
  const ping = { ...target, interface: "org.freedesktop.DBus.Peer", member: "Ping" };
  // After Disconnect nobody has the name any more.
  await observer.call(ping).catch(() => undefined);
}

async function play({ what, tokens }: Step, bus: Bus, target: Target): Promise<void> {
  const connection = new ConnectionClient(bus, target);
  if (what === "AddClientInterest") await connection.addClientInterest(tokens);
  else if (what === "RemoveClientInterest") await connection.removeClientInterest(tokens);
  else if (what === "Connect") await connection.connect();
  else if (what === "leaves") await bus.close();
  else if (what === "Disconnect") {
    // The recorded client was interested when it did so.
    await connection.addClientInterest([TOKENS[0] ?? ""]);
    await connection.disconnect();
  }
}
