import { readFileSync } from "node:fs";
import { type Bus, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { decodeBody } from "../../../../runtime/core/wire/message.ts";
import { loopback } from "../../../../runtime/telepathy/protocols/loopback/loopback.ts";
import type { Protocol, ProtocolConnection } from "../../../../runtime/telepathy/protocols/protocol.ts";
import { CONTACT_TEXTS } from "../../../../runtime/telepathy/protocols/text-messages.ts";
import { DaemonClient } from "../../../../runtime/telepathy/service/daemon.ts";
import { startTestManager, type TestSetup } from "../test-manager.ts";
import { TRACES } from "../traces.ts";
import { parseGVariant } from "./gvariant.ts";

/** One line of a recording. */
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

/** Calls, replies, errors and signals by step, as one line each, in order. */
export type Steps = ReadonlyMap<string, readonly string[]>;

/**
 * Repeats the recorded calls with this implementation. Returns the recorded events (`theirs`) and those of this
 * implementation (`ours`).
 */
export async function replay(file: string): Promise<{ readonly theirs: Steps; readonly ours: Steps }> {
  const lines = readFileSync(`${TRACES}/${file}`, "utf8").trim().split("\n");
  const recorded = lines.map((line): Recorded => JSON.parse(line)).filter(({ kind }) => kind !== "note");
  const echo: Protocol = { ...loopback, name: "example", channels: [CONTACT_TEXTS], open: openWithoutRooms };
  await using setup = await startTestManager([echo], { name: "example_echo_2" });
  const events: string[] = [];
  await subscribe(setup, recorded, events);
  const ours = new Map<string, readonly string[]>();
  for (const [step, all] of grouped(recorded)) {
    events.length = 0;
    for (const line of all) if (line.kind === "call") await call(setup.client, line, events);
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
  // Introspection data is tested in connection-manager.bus.test.ts.
  if (member === "Introspect") return `${kind} Introspect`;
  return `${kind} ${member} ${text(body === null ? [] : parseGVariant(body))}`;
}

/** Subscribes to all signals that the recording may contain. */
async function subscribe(setup: TestSetup, recorded: readonly Recorded[], events: string[]): Promise<void> {
  const daemon = new DaemonClient(setup.client);
  const withoutUniqueName = (name: string) => (name === setup.service.uniqueName ? ":1.0" : name);
  const record =
    (member: string) =>
    (...args: readonly unknown[]) =>
      events.push(`signal ${member} ${text(args)}`);
  await daemon.signals.nameOwnerChanged.subscribe((name, before, after) => {
    if (name.startsWith("im.telepathy1.Connection."))
      record("NameOwnerChanged")(name, withoutUniqueName(before), withoutUniqueName(after));
  });
  await setup.remote.signals.newConnection.subscribe(record("NewConnection"));
  const paths = new Set(
    recorded.map(({ path }) => path).filter((path) => path?.startsWith("/im/telepathy1/Connection/")),
  );
  for (const path of paths) {
    const { signals } = new ConnectionClient(setup.client, { destination: setup.service.uniqueName, path });
    await signals.selfHandleChanged.subscribe(record("SelfHandleChanged"));
    await signals.connectionError.subscribe(record("ConnectionError"));
    await signals.statusChanged.subscribe(record("StatusChanged"));
  }
}

/** Makes a recorded call. Its reply is added to `events` before any later event. */
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

/**
 * Converts a value to text. Equal values result in equal texts, regardless of the container type and the order of
 * entries.
 */
function text(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Variant) return { [`<${item.signature}>`]: item.value };
    const entries = item instanceof Map ? [...item] : isRecord(item) ? Object.entries(item) : undefined;
    return entries === undefined ? item : Object.fromEntries(entries.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)));
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Opens a loopback connection without rooms, because the recorded managers have no rooms. */
function openWithoutRooms(...args: Parameters<Protocol["open"]>): ProtocolConnection {
  const connection = loopback.open(...args);
  const { rooms: _, ...parts } = connection;
  return {
    ...parts,
    handleTypes: [HandleType.Contact],
    connect: () => connection.connect(),
    disconnect: () => connection.disconnect(),
    normalize: (type, identifier) => connection.normalize(type, identifier),
    contactAttributes: (identifiers, interfaces) => connection.contactAttributes(identifiers, interfaces),
    startReporting: (token) => connection.startReporting(token),
    stopReporting: (token) => connection.stopReporting(token),
  };
}
