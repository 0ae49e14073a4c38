import { readFileSync } from "node:fs";
import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { expect, test } from "vitest";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { ScriptedProtocol } from "../scripted-protocol.ts";
import { startTestManager } from "../test-manager.ts";
import { TRACES } from "../traces.ts";

const FILE = `${TRACES}/im.telepathy1-interest-semantics.txt`;
const PREFIX = "im.telepathy1.Connection.Interface";
const TOKENS = [`${PREFIX}.Location1`, `${PREFIX}.MailNotification1/count`];

/** An action of a client in the recording, and the interests that it started or ended. */
interface Step {
  readonly client: string;
  readonly action: string;
  readonly tokens: readonly string[];
  /** Tokens, with `+` if the interest in them started and `-` if it ended. */
  readonly transitions: readonly string[];
}

function readSteps(): readonly Step[] {
  const steps: Step[] = [];
  let transitions: string[] = [];
  for (const line of readFileSync(FILE, "utf8").split("\n")) {
    const [, change, token] = /(first-interested|last-uninterested) (\S+)/.exec(line) ?? [];
    if (token !== undefined) transitions.push(`${change === "first-interested" ? "+" : "-"}${token}`);
    const [, client, action] = /^\d+ (c\d) (\w+)/.exec(line) ?? [];
    if (client === undefined || action === undefined) continue;
    const tokens = [...line.matchAll(/'([^']*)'/g)].map(([, name = ""]) => name.replace(/^\.\./, `${PREFIX}.`));
    steps.push({ client, action, tokens, transitions });
    transitions = [];
  }
  return steps;
}

/** Intended differences from the recording: functions that move or add transitions. */
const DECISIONS: readonly ((steps: readonly Step[]) => readonly Step[])[] = [
  // An interest that starts before Connect is reported to the protocol at Connect.
  (steps) => {
    const early = steps.slice(0, 2).flatMap(({ transitions }) => transitions);
    return steps.map((step, index) => {
      if (index < 2) return { ...step, transitions: [] };
      return step.action === "Connect" ? { ...step, transitions: early } : step;
    });
  },
  // The end of the connection ends every interest.
  (steps) =>
    steps.map((step) =>
      step.action === "Disconnect" ? { ...step, transitions: [...step.transitions, `-${TOKENS[0]}`] } : step,
    ),
];

test("the recorded calls start and end the same interests at the same steps", async () => {
  const steps = readSteps();
  const protocol = new ScriptedProtocol({ interests: TOKENS, connect: ({ host }) => host.connected("me") });
  await using setup = await startTestManager([protocol]);
  const target = await setup.request(protocol.name, { account: "me" });
  const clients = new Map<string, Bus>();
  const replayed: Step[] = [];
  for (const step of steps) {
    const { log } = protocol.last;
    const before = log.length;
    const bus = clients.get(step.client) ?? (await connect({ bus: setup.daemon.address }));
    clients.set(step.client, bus);
    await play(step, bus, target);
    await settled(setup.client, step.action === "leaves" ? bus : undefined, target);
    replayed.push({ ...step, transitions: log.slice(before).filter((entry) => /^[+-]/.test(entry)) });
  }
  for (const bus of clients.values()) await bus.close();
  const expected = DECISIONS.reduce((decided, decide) => decide(decided), steps);
  expect(replayed).toEqual(expected);
  expect(steps).toHaveLength(21);
});

/** Resolves when the service has processed an action, or the departure of a client. */
async function settled(observer: Bus, left: Bus | undefined, target: Target): Promise<void> {
  const daemon = new DaemonClient(observer);
  while (left !== undefined && (await daemon.nameHasOwner(left.uniqueName))) await new Promise(setImmediate);
  const ping = { ...target, interface: "org.freedesktop.DBus.Peer", member: "Ping" };
  // After Disconnect the name has no owner.
  await observer.call(ping).catch(() => undefined);
}

async function play({ action, tokens }: Step, bus: Bus, target: Target): Promise<void> {
  const connection = new ConnectionClient(bus, target);
  if (action === "AddClientInterest") await connection.addClientInterest(tokens);
  else if (action === "RemoveClientInterest") await connection.removeClientInterest(tokens);
  else if (action === "Connect") await connection.connect();
  else if (action === "leaves") await bus.close();
  else if (action === "Disconnect") {
    // The recorded client had an interest when it called Disconnect.
    await connection.addClientInterest([TOKENS[0] ?? ""]);
    await connection.disconnect();
  }
}
