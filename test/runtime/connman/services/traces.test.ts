import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { refuseAsConnman, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { afterEach, describe, expect, test } from "vitest";
import { monitorBus, type SeenMessage } from "../../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";

/**
 * What a live ConnMan 1.41 said on the bus, message for message, against our service in its dialect: the same calls in the
 * same order, and the network doing what it did then. Each session is compared by itself, because the order between
 * sessions is chance in ConnMan.
 */
const TRACES = fileURLToPath(new URL("../../../data/traces/connman", import.meta.url));

/** A message of a trace: unique names are letters, and `:connman` is the service. */
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

/** What the cable went through, before the message of this number. */
const EVENTS: Readonly<
  Record<string, Readonly<Record<number, typeof LINK_DOWN | typeof LINK_UP | typeof LINK_ONLINE>>>
> = {
  s01_lifecycle: {},
  s02_errors: {},
  s03_link_types: { 12: LINK_DOWN, 30: LINK_UP, 42: LINK_DOWN, 58: LINK_ONLINE },
  s05_owner: {},
  s08_changes: {},
};

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

describe.skipIf(!existsSync(TRACES))("traces of ConnMan 1.41 (skipped without ../shared beside the clone)", () => {
  test.each(Object.keys(EVENTS))("%s replays equal, message for message", async (name) => {
    const { messages } = JSON.parse(readFileSync(`${TRACES}/${name}.golden.json`, "utf8")) as {
      readonly messages: readonly TraceMessage[];
    };
    const ours = await replay(messages, EVENTS[name] ?? {});
    expect(bySession(ours)).toEqual(bySession(messages));
  });
});

/** Plays the calls of a trace, and gives what went over the bus as another trace. */
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
  const caughtUp = (until: number) =>
    expect.poll(() => bySession(ours()).count, { interval: 2 }).toBe(bySession(trace.slice(0, until)).count);
  for (const [index, message] of trace.entries()) {
    for (const change of events[message.n] ?? []) network.change(CABLE, change);
    if (wasGone(message, trace)) await clients.get(message.to ?? "")?.close();
    const client = clients.get(message.from);
    if (client === undefined || !isCall(message)) continue;
    await caughtUp(index);
    await play(client, message, names);
  }
  await caughtUp(trace.length);
  return ours();
}

function keep<T extends AsyncDisposable>(one: T): T {
  open.push(one);
  return one;
}

function isCall({ type, from }: TraceMessage): boolean {
  return type === "method_call" && from !== ":connman";
}

/** Whether a message went to a client that had left. */
function wasGone({ n }: TraceMessage, trace: readonly TraceMessage[]): boolean {
  return trace.some(({ from, reply_to }) => from === "org.freedesktop.DBus" && reply_to === n);
}

async function play(client: Bus, call: TraceMessage, names: ReadonlyMap<string, string>): Promise<void> {
  const { path = "/", member = "", signature } = call;
  const args = call.body.map((value) => fromTrace(value, names));
  const where = { destination: "net.connman", path: String(fromTrace(path, names)), signature, member, args };
  await client
    .call(call.interface === undefined ? where : { ...where, interface: call.interface })
    .catch(() => undefined);
}

/** A value of a trace as we send it. */
function fromTrace(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return value.replace(/<(:.)>/, (_, letter: string) => (names.get(letter) ?? "").replaceAll(/[:.]/g, "_"));
  }
  if (Array.isArray(value)) return value.map((one) => fromTrace(one, names));
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value) return new Variant(String(value.type), fromTrace(Reflect.get(value, "data"), names));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromTrace(one, names)]));
}

const TYPES = ["", "method_call", "method_return", "error", "signal"] as const;

/** What went over the bus, in the words of a trace. */
function toTrace(messages: readonly SeenMessage[], names: ReadonlyMap<string, string>): readonly TraceMessage[] {
  const letters = new Map([...names].map(([letter, name]) => [name, letter]));
  const known = (name: string | undefined): string => letters.get(name ?? "") ?? name ?? "";
  const texts = (value: unknown): unknown => valueToTrace(value, letters);
  const serials = new Map(messages.map(({ sender, serial }, n) => [`${sender} ${serial}`, n]));
  return messages.flatMap((message, n) => {
    const { type, sender, destination, replySerial, flags, signature, body, path, member, errorName } = message;
    if (type === 0 || type > 4) return [];
    const reply_to = serials.get(`${destination} ${replySerial}`);
    return {
      n,
      type: TYPES[type] || "signal",
      from: known(sender),
      to: destination === undefined ? null : known(destination),
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
  if (Array.isArray(value)) return value.map((one) => valueToTrace(one, letters));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, valueToTrace(one, letters)]));
}

/** The messages between service and clients by session: those about none are the manager's. */
function bySession(trace: readonly TraceMessage[]): { count: number; sessions: Record<string, unknown[]> } {
  const sessions: Record<string, unknown[]> = {};
  let count = 0;
  for (const message of trace) {
    const session = sessionOf(message, trace);
    if (session === undefined) continue;
    const { n: _, reply_to, ...content } = message;
    const answered = trace.find(({ n }) => n === reply_to);
    sessions[session] ??= [];
    sessions[session].push({ ...content, ...(answered && { reply_to: answered.member }) });
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
