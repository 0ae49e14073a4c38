import { readFileSync } from "node:fs";
import { type Bus, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { decodeBody } from "../../../../runtime/core/wire/message.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import type { Protocol } from "../../../../runtime/telepathy/protocols/protocol.ts";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { startWorld, type World } from "../test-manager.ts";
import { TRACES } from "../traces.ts";
import { parseGVariant } from "./gvariant.ts";

/** One line of a recorded trace. */
interface Recorded {
  readonly step: string;
  readonly kind: "call" | "return" | "error" | "signal" | "note";
  readonly dest: string;
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly sig: string;
  readonly body: string | null;
  readonly error: string;
}

/** What happened in one step, in order: calls, their answers, and signals, one line each. */
export type Steps = ReadonlyMap<string, readonly string[]>;

/** What the recorded connection manager did, and what ours does when it is called the same. */
export async function replay(file: string): Promise<{ readonly theirs: Steps; readonly ours: Steps }> {
  const lines = readFileSync(`${TRACES}/${file}`, "utf8").trim().split("\n");
  const recorded = lines.map((line): Recorded => JSON.parse(line)).filter(({ kind }) => kind !== "note");
  const echo: Protocol = { ...loopback, name: "example" };
  await using world = await startWorld([echo], { name: "example_echo_2" });
  const events: string[] = [];
  await listen(world, recorded, events);
  const ours = new Map<string, readonly string[]>();
  for (const [step, all] of grouped(recorded)) {
    events.length = 0;
    for (const line of all) if (line.kind === "call") await call(world.client, line, events);
    ours.set(step, [...events]);
  }
  const theirs = [...grouped(recorded)].map(([step, all]) => [step, all.map(describeRecorded)] as const);
  return { theirs: new Map(theirs), ours };
}

function grouped(recorded: readonly Recorded[]): ReadonlyMap<string, readonly Recorded[]> {
  const steps = new Map<string, Recorded[]>();
  for (const line of recorded) steps.set(line.step, [...(steps.get(line.step) ?? []), line]);
  return steps;
}

function describeRecorded({ kind, member, body, error }: Recorded): string {
  if (kind === "error") return `error ${member} ${error}`;
  // Introspection data is compared by what it means, elsewhere.
  if (member === "Introspect") return `${kind} Introspect`;
  return `${kind} ${member} ${text(body === null ? [] : parseGVariant(body))}`;
}

/** Listens to every signal that the trace could have. */
async function listen(world: World, recorded: readonly Recorded[], events: string[]): Promise<void> {
  const daemon = new DaemonClient(world.client);
  const own = (name: string) => (name === world.service.uniqueName ? ":1.0" : name);
  const tell =
    (member: string) =>
    (...args: readonly unknown[]) =>
      events.push(`signal ${member} ${text(args)}`);
  await daemon.signals.nameOwnerChanged.subscribe((name, before, after) => {
    if (name.startsWith("im.telepathy1.Connection.")) tell("NameOwnerChanged")(name, own(before), own(after));
  });
  await world.remote.signals.newConnection.subscribe(tell("NewConnection"));
  const paths = new Set(
    recorded.map(({ path }) => path).filter((path) => path?.startsWith("/im/telepathy1/Connection/")),
  );
  for (const path of paths) {
    const { signals } = new ConnectionClient(world.client, { destination: world.service.uniqueName, path });
    await signals.selfHandleChanged.subscribe(tell("SelfHandleChanged"));
    await signals.connectionError.subscribe(tell("ConnectionError"));
    await signals.statusChanged.subscribe(tell("StatusChanged"));
  }
}

/** Calls as the trace does, and notes the answer before anything that comes after it. */
async function call(bus: Bus, recorded: Recorded, events: string[]): Promise<void> {
  const { dest: destination, path, iface, member, sig, body } = recorded;
  const args = body === null ? [] : parseGVariant(body);
  if (!Array.isArray(args)) throw new TypeError(`${member} has no arguments: ${body}`);
  events.push(describeRecorded(recorded));
  const request = { destination, path, interface: iface, member, codec: bodyCodec(sig), args };
  await bus.request(request, {}, (reply) => {
    const values = decodeBody(reply, bodyCodec(reply.signature));
    if (reply.type === MessageType.Error) events.push(`error ${member} ${reply.errorName}`);
    else events.push(member === "Introspect" ? "return Introspect" : `return ${member} ${text(values)}`);
  });
}

/** A value as text that is the same for the same value, whatever its containers are and in which order they have it. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (one instanceof Variant) return { [`<${one.signature}>`]: one.value };
    const entries = one instanceof Map ? [...one] : isRecord(one) ? Object.entries(one) : undefined;
    return entries === undefined ? one : Object.fromEntries(entries.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)));
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
