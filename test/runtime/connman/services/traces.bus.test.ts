import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { refuseAsConnman, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { monitorBus, type SeenMessage } from "../../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { keep } from "../disposables.ts";

/**
 * Recorded messages of ConnMan 1.41. In the dialect connman-1.41, the service of this project must send the same
 * messages after the same calls and the same changes of the network. Each session is compared separately, because
 * ConnMan does not specify the order among sessions.
 */
const TRACES = fileURLToPath(new URL("../../../data/traces/connman", import.meta.url));

/** A message of a trace. Unique names are replaced by `:A` and `:B` for clients and `:connman` for the service. */
interface TraceMessage {
  readonly n: number;
  readonly type: "method_call" | "method_return" | "error" | "signal";
  readonly from: string;
  readonly to: string | null;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly error_name?: string;
  readonly reply_to?: number;
  readonly flags: number;
  readonly signature: string;
  readonly body: readonly unknown[];
}

const CABLE = "ethernet_020000000a01_cable";
const ADDRESS = { method: "dhcp", address: "10.99.1.50", netmask: "255.255.255.0" };
const ONLINE = { state: "online", ipv4: { ...ADDRESS, gateway: "10.99.1.1" } } as const;
const LINK_DOWN = [{ state: "idle", ipv4: {} }] as const;
const LINK_UP = [{ state: "ready", ipv4: { method: "dhcp" } }, { ipv4: ADDRESS }, { ipv4: ONLINE.ipv4 }] as const;
const LINK_ONLINE = [...LINK_UP, { state: "online" }] as const;

/** For each trace: the changes of the cable, by the number of the message before which they happen. */
const EVENTS: Readonly<
  Record<string, Readonly<Record<number, typeof LINK_DOWN | typeof LINK_UP | typeof LINK_ONLINE>>>
> = {
  s01_lifecycle: {},
  s02_errors: {},
  s03_link_types: { 12: LINK_DOWN, 30: LINK_UP, 42: LINK_DOWN, 58: LINK_ONLINE },
  s05_owner: {},
  s08_changes: {},
};

describe("traces of ConnMan 1.41", () => {
  test.each(Object.keys(EVENTS))("%s: the messages of each session are equal", async (name) => {
    const { messages } = JSON.parse(readFileSync(`${TRACES}/${name}.golden.json`, "utf8")) as {
      readonly messages: readonly TraceMessage[];
    };
    const ours = await replay(messages, EVENTS[name] ?? {});
    expect(bySession(ours)).toEqual(bySession(messages));
  });
});

/** Makes the calls of a trace. Returns the resulting messages in the format of a trace. */
async function replay(
  trace: readonly TraceMessage[],
  events: (typeof EVENTS)[string],
): Promise<readonly TraceMessage[]> {
  const daemon = keep(await startPrivateBus());
  const network = new SimulatedNetwork([
    { id: CABLE, name: "Wired", bearer: "ethernet", interface: "cma0", ...ONLINE },
    { id: "gadget_020000000b01_usb", name: "Wired", bearer: "gadget", interface: "cmb0" },
  ]);
  const service = keep(await connect({ bus: daemon.address, refuse: refuseAsConnman }));
  await serveSessions(service, { network, dialect: "connman-1.41" });
  const clients = new Map<string, Bus>();
  for (const { from } of trace.filter(isCall)) {
    if (!clients.has(from)) clients.set(from, keep(await connect({ bus: daemon.address })));
  }
  const monitor = keep(await monitorBus(daemon.address));
  const names = new Map([...clients].map(([letter, bus]) => [letter, bus.uniqueName]));
  const ours = () => toTrace(monitor.messages, new Map([...names, [":connman", service.uniqueName]]));
  const receivedUntil = (until: number) =>
    expect.poll(() => bySession(ours()).count, { interval: 2 }).toBe(bySession(trace.slice(0, until)).count);
  for (const [index, message] of trace.entries()) {
    for (const change of events[message.n] ?? []) network.change(CABLE, change);
    if (isUndeliverable(message, trace)) await clients.get(message.to ?? "")?.close();
    const client = clients.get(message.from);
    if (client === undefined || !isCall(message)) continue;
    await receivedUntil(index);
    await makeCall(client, message, names);
  }
  await receivedUntil(trace.length);
  return ours();
}

function isCall({ type, from }: TraceMessage): boolean {
  return type === "method_call" && from !== ":connman";
}

/** Returns whether a message was sent to a client that had already left the bus. */
function isUndeliverable({ n }: TraceMessage, trace: readonly TraceMessage[]): boolean {
  return trace.some(({ from, reply_to }) => from === "org.freedesktop.DBus" && reply_to === n);
}

async function makeCall(client: Bus, call: TraceMessage, names: ReadonlyMap<string, string>): Promise<void> {
  const { path = "/", member = "", signature } = call;
  const args = call.body.map((value) => fromTrace(value, names));
  const where = { destination: "net.connman", path: String(fromTrace(path, names)), signature, member, args };
  await client
    .call(call.interface === undefined ? where : { ...where, interface: call.interface })
    .catch(() => undefined);
}

/** Converts a value of a trace to a value for this run, with its unique names. */
function fromTrace(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/<(:.)>/, (_, letter: string) => (names.get(letter) ?? "").replaceAll(/[:.]/g, "_"));
  }
  if (Array.isArray(value)) return value.map((element) => fromTrace(element, names));
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value) return new Variant(String(value.type), fromTrace(Reflect.get(value, "data"), names));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromTrace(entry, names)]));
}

const TYPES = ["", "method_call", "method_return", "error", "signal"] as const;

/** Converts recorded messages to the format of a trace. */
function toTrace(messages: readonly SeenMessage[], names: ReadonlyMap<string, string>): readonly TraceMessage[] {
  const letters = new Map([...names].map(([letter, name]) => [name, letter]));
  const letterOf = (name: string | undefined): string => letters.get(name ?? "") ?? name ?? "";
  const texts = (value: unknown): unknown => valueToTrace(value, letters);
  const serials = new Map(messages.map(({ sender, serial }, n) => [`${sender} ${serial}`, n]));
  return messages.flatMap((message, n) => {
    const { type, sender, destination, replySerial, flags, signature, body, path, member, errorName } = message;
    if (type === 0 || type > 4) return [];
    const reply_to = serials.get(`${destination} ${replySerial}`);
    return {
      n,
      type: TYPES[type] || "signal",
      from: letterOf(sender),
      to: destination === undefined ? null : letterOf(destination),
      flags,
      signature,
      body: body.map(texts),
      ...(path !== undefined && { path: String(texts(path)) }),
      ...(message.interface !== undefined && { interface: message.interface }),
      ...(member !== undefined && { member }),
      ...(errorName !== undefined && { error_name: errorName }),
      ...(reply_to !== undefined && { reply_to }),
    };
  });
}

function valueToTrace(value: unknown, letters: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    let text = value;
    for (const [name, letter] of letters) text = text.replace(`/${name.replaceAll(/[:.]/g, "_")}/`, `/<${letter}>/`);
    return text;
  }
  if (value instanceof Variant) return { type: value.signature, data: valueToTrace(value.value, letters) };
  if (Array.isArray(value)) return value.map((element) => valueToTrace(element, letters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, valueToTrace(entry, letters)]));
}

/** Groups the messages between service and clients by session, and other messages by sender. */
function bySession(trace: readonly TraceMessage[]): { count: number; sessions: Record<string, unknown[]> } {
  const sessions: Record<string, unknown[]> = {};
  let count = 0;
  for (const message of trace) {
    const session = sessionOf(message, trace);
    if (session === undefined) continue;
    const { n: _, reply_to, ...content } = message;
    const call = trace.find(({ n }) => n === reply_to);
    sessions[session] ??= [];
    sessions[session].push({ ...content, ...(call && { reply_to: call.member }) });
    count++;
  }
  return { count, sessions };
}

function sessionOf(message: TraceMessage, trace: readonly TraceMessage[]): string | undefined {
  const { type, from, to, path = "", member, body } = message;
  if (type === "signal" || (![from, to].includes(":connman") && to !== "net.connman")) return undefined;
  if (from === "org.freedesktop.DBus" || to === "org.freedesktop.DBus") return undefined;
  if (type === "method_call" && from === ":connman") return `${to} ${path}`;
  if (type !== "method_call") {
    const call = trace.find(({ n }) => n === message.reply_to);
    return call && sessionOf(call, trace);
  }
  const notifier = member === "CreateSession" ? body[1] : member === "DestroySession" ? body[0] : path;
  return typeof notifier === "string"
    ? notifier.replace(/^\/sessions\/<(:.)>/, "$1 ").replace(/^\//, `${from} /`)
    : from;
}
