import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { PendingCalls } from "../../runtime/core/bus/pending-calls.ts";
import {
  type Bus,
  type CallEvent,
  type ConnectionChange,
  type ConnectOptions,
  connect,
  DisconnectedError,
  type Incoming,
  InvalidReplySignatureError,
  LimitsExceededError,
  NoReplyError,
  type Subscription,
} from "../../runtime/core/index.ts";
import { bodyCodec } from "../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../runtime/core/wire/header.ts";
import type { Message } from "../../runtime/core/wire/message.ts";
import { Jukebox1Client } from "../runtime/core/fixtures/jukebox.ts";
import { Everything } from "../runtime/core/fixtures/services.ts";
import { Sampler1Client } from "../runtime/core/generated/org.example.Sampler1.ts";
import { startPrivateBus } from "../setup/private-bus.ts";
import { crashRepeatedly } from "./crashing.ts";
import { forge } from "./forging.ts";
import { measureSlowReader } from "./slow-reading.ts";
import { startStockBus } from "./stock-bus.ts";
import { CrashingBus, nextLine, onDiagnostic, rawBus, spawnProgram, until } from "./support.ts";

// The rows of the reliability checklist that the bus floor answers for, each by its number.

const NAME = "org.example.Rows";
const BACKOFF = { minDelay: 5, maxDelay: 50 };
const cleanups: (() => Promise<unknown>)[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let daemon: CrashingBus;

beforeEach(async () => {
  process.on("unhandledRejection", onUnhandled);
  daemon = cleanUp(await CrashingBus.start());
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await sleep(0);
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

function cleanUp<T extends AsyncDisposable>(resource: T): T {
  cleanups.push(async () => resource[Symbol.asyncDispose]());
  return resource;
}
const open = async (options: ConnectOptions = {}): Promise<Bus> =>
  cleanUp(await connect({ bus: daemon.address, ...options }));

/** A connection that reconnects, with the changes it told of. */
async function openLasting(): Promise<{ readonly bus: Bus; readonly states: string[] }> {
  const states: string[] = [];
  const onConnection = ({ state }: ConnectionChange): void => void states.push(state);
  return { bus: await open({ reconnect: BACKOFF, onConnection }), states };
}

/** A service at /a that owns the name, and a client of it, both on connections that reconnect. */
async function openPair() {
  const service = await openLasting();
  const everything = new Everything();
  await service.bus.serve("/a", everything);
  const ownership = await service.bus.requestName(NAME);
  const { bus, states } = await openLasting();
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  return { service: service.bus, serviceStates: service.states, everything, ownership, bus, states, client };
}

async function crashAndRestart(...states: readonly string[][]): Promise<void> {
  await daemon.crash();
  await daemon.restart();
  await until("everybody is back", () => states.every((list) => list.at(-1) === "reconnected"));
}

test("S14 a unique name that reappears after the daemon restarted is somebody else", async () => {
  const quotas = { callsPerSender: 2 };
  const states: string[] = [];
  const onConnection = ({ state }: ConnectionChange): void => void states.push(state);
  const service = await open({ reconnect: BACKOFF, onConnection, quotas });
  const everything = new Visited();
  await service.serve("/a", everything);
  const ownership = await service.requestName(NAME);
  const old = await clientNamed(":1.2");
  expect(await old.client.describe$("before")).toBe(`text of ${process.pid}`);
  const held = [old.client.later(60_000), old.client.later(60_000)].map((call) => call.catch(() => undefined));
  await expect(old.client.describe$("third")).rejects.toBeInstanceOf(LimitsExceededError);
  await daemon.crash();
  await Promise.all(held);
  await daemon.restart();
  await until("the service is back", () => states.at(-1) === "reconnected" && ownership.state === "owner");
  const asked: string[] = [];
  const stop = onDiagnostic("dbus-codegen:call", ({ member }) => asked.push(member));
  const next = await clientNamed(":1.2");
  expect(next.uniqueName).toBe(old.uniqueName);
  expect(await next.client.describe$("after")).toBe(`text of ${process.pid}`);
  stop();
  // The bus is asked anew who that is, and what the other had in flight does not count.
  expect(asked.filter((member) => member === "GetConnectionCredentials")).toHaveLength(1);
  const both = [next.client.later(1), next.client.later(1)];
  expect(await Promise.all(both)).toEqual([1, 1]);
  const [first, last] = everything.visits;
  expect([first?.sender, last?.sender]).toEqual([old.uniqueName, old.uniqueName]);
  expect([first?.signal.aborted, last?.signal.aborted]).toEqual([true, false]);
  await expect(first?.credentials()).rejects.toThrow("has left the bus");
  expect((await last?.credentials())?.pid).toBe(process.pid);
});

/** Remembers who has called. */
class Visited extends Everything {
  readonly visits: Incoming[] = [];

  override async describe$(_text: string, incoming: Incoming): Promise<string> {
    this.visits.push(incoming);
    return `text of ${(await incoming.credentials()).pid}`;
  }
}

/** A client with that unique name, which the bus gives out in a row. */
async function clientNamed(uniqueName: string) {
  for (let tries = 0; tries < 10; tries++) {
    const bus = await open();
    if (bus.uniqueName === uniqueName) {
      return { uniqueName, client: new Sampler1Client(bus, { destination: NAME, path: "/a" }) };
    }
  }
  throw new Error(`nobody became ${uniqueName}`);
}

test("S36 daemon SIGKILL", async () => {
  const { service, serviceStates, everything, ownership, bus, states, client } = await openPair();
  const heard: number[] = [];
  const owners: (string | undefined)[] = [];
  await client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
  await bus.watchName(NAME, (owner) => owners.push(owner));
  const iterator = client.signals.hasOwnProperty$[Symbol.asyncIterator]();
  const iterated = iterator.next();
  await until("both listen", () => bus.usage.listeners === 2);
  await client.describe$("all is set up");
  const before = { service: service.uniqueName, rules: bus.usage.matchRules };
  let rejections = 0;
  const pending = Array.from({ length: 50 }, () =>
    client.later(60_000).catch((error: unknown) => {
      rejections++;
      return error;
    }),
  );

  const begin = performance.now();
  await daemon.crash();
  for (const error of await Promise.all(pending)) expect(error).toBeInstanceOf(DisconnectedError);
  expect(performance.now() - begin).toBeLessThan(2000);
  expect(rejections).toBe(50);
  expect(bus.usage.pendingCalls).toBe(0);
  await expect(client.describe$("while it is away")).rejects.toBeInstanceOf(DisconnectedError);
  await daemon.restart();
  await until("both are back", () => [states, serviceStates].every((list) => list.includes("reconnected")));

  expect(await client.describe$("by name")).toBe("text by name");
  expect(ownership.state).toBe("owner");
  const { hasOwnProperty$: emit } = everything.signals;
  emit(7);
  expect(await iterated).toEqual({ done: false, value: [7] });
  await until("the signal is heard", () => heard.length > 0);
  expect(heard).toEqual([7]);
  expect(bus.usage.matchRules).toBe(before.rules);
  await until("the name is owned again", () => owners.at(-1) !== undefined);
  expect(owners).toEqual([before.service, undefined, service.uniqueName]);
  expect(states).toEqual(["disconnected", "reconnected"]);
  expect(bus.counters.reconnects).toBe(1);
  await iterator.return?.();
});

describe("S37 daemon killed during", () => {
  test("Hello, of the first connection and of the next", async () => {
    const { bus, states } = await openLasting();
    const retries: string[] = [];
    const stop = onDiagnostic("dbus-codegen:connection", ({ state }) => void retries.push(state));
    await daemon.crash();
    await daemon.restart();
    daemon.freeze();
    const first = expect(connect({ bus: daemon.address })).rejects.toBeInstanceOf(DisconnectedError);
    await sleep(200);
    await daemon.crash();
    await first;
    await daemon.restart();
    await until("it is back", () => states.includes("reconnected"));
    stop();
    expect(retries.filter((state) => state === "reconnected")).toHaveLength(1);
    expect(await bus.requestName(NAME)).toMatchObject({ state: "owner" });
  });

  test("AddMatch", async () => {
    const { bus, states, serviceStates, client, everything } = await openPair();
    await client.describe$("the owner is known");
    daemon.freeze();
    const heard: number[] = [];
    const subscription = client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
    const watch = bus.watchName("org.example.Other", () => undefined);
    const refused = Promise.allSettled([subscription, watch]);
    await daemon.crash();
    for (const outcome of await refused) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
    await crashAndRestart(states, serviceStates);
    // The one rule follows the owner of the name, which was called.
    expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 1, listeners: 0 });
    await client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
    const { hasOwnProperty$: emit } = everything.signals;
    emit(1);
    await until("the signal is heard", () => heard.length > 0);
    expect(heard).toEqual([1]);
  });

  test("RequestName and ReleaseName", async () => {
    const { bus, states } = await openLasting();
    const kept = await bus.requestName("org.example.Kept");
    const released = await bus.requestName("org.example.Released");
    daemon.freeze();
    const requested = expect(bus.requestName("org.example.Requested")).rejects.toBeInstanceOf(DisconnectedError);
    const releasing = released.release();
    await daemon.crash();
    await requested;
    await releasing;
    await crashAndRestart(states);
    const other = await open();
    expect(kept.state).toBe("owner");
    expect(await other.requestName("org.example.Kept")).toMatchObject({ state: "taken" });
    expect(await other.requestName("org.example.Requested")).toMatchObject({ state: "owner" });
    expect(await other.requestName("org.example.Released")).toMatchObject({ state: "owner" });
  });

  test("the writing of replies, and the setting up of what was before", async () => {
    const { states, serviceStates, client } = await openPair();
    const calls = Promise.allSettled(Array.from({ length: 100 }, (_, index) => client.later(index % 5)));
    daemon.freeze();
    await sleep(20);
    await daemon.crash();
    for (const outcome of await calls) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
    await daemon.restart();
    daemon.freeze();
    await sleep(100);
    await crashAndRestart(states, serviceStates);
    expect(await client.later(1)).toBe(1);
  });
});

describe("S38 name", () => {
  test("already owned: taken, or queued and acquired at its turn", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const owned = await first.requestName(NAME);
    const taken = await second.requestName(NAME);
    const queued = await third.requestName(NAME, { queue: true });
    expect([owned.state, taken.state, queued.state]).toEqual(["owner", "taken", "queued"]);
    await expect(taken.acquired).rejects.toThrow("taken");
    await owned.acquired;
    await owned.release();
    await queued.acquired;
    expect([owned.state, queued.state]).toEqual(["released", "owner"]);
  });

  test("lost to one that replaces: given up, or queued for again", async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    const givesUp = await first.requestName("org.example.A", { allowReplacement: true });
    const queues = await first.requestName("org.example.B", { allowReplacement: true, queue: true });
    await second.requestName("org.example.A", { replaceExisting: true });
    const other = await third.requestName("org.example.B", { replaceExisting: true });
    await Promise.all([givesUp.lost, queues.lost]);
    expect([givesUp.state, queues.state]).toEqual(["taken", "queued"]);
    await other.release();
    await queues.acquired;
    expect(queues.state).toBe("owner");
  });
});

describe("S43 serial 0xffffffff", () => {
  test("wraps past 0 and past serials in flight", async () => {
    const service = await open();
    await service.serve("/a", new Everything());
    const bus = cleanUp(await rawBus(daemon.address, { lastSerial: 0xffff_fffc }));
    const serials: number[] = [];
    const stop = onDiagnostic("dbus-codegen:message", ({ connection, direction, header }) => {
      if (connection === bus.uniqueName && direction === "out") serials.push(header.serial);
    });
    const call = (member: string, signature: string, arg: unknown): Promise<unknown[]> =>
      bus.call({ destination: service.uniqueName, path: "/a", member, signature, args: [arg] });
    const slow = Array.from({ length: 20 }, (_, index) => call("Later", "u", 20 - index));
    const texts = await Promise.all(Array.from({ length: 20 }, (_, index) => call("Describe", "s", String(index))));
    expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => [`text ${index}`]));
    expect(await Promise.all(slow)).toEqual(Array.from({ length: 20 }, (_, index) => [20 - index]));
    stop();
    expect(serials.slice(0, 4)).toEqual([0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 1]);
    expect(new Set(serials).size).toBe(40);
  });
});

test("S45 signals and replies sent to the service with random members are ignored, without reply", async () => {
  const service = await open();
  await service.serve("/a", new Everything());
  const stranger = cleanUp(await rawBus(daemon.address));
  const sent = service.counters.messagesOut;
  const to = { path: "/a", destination: service.uniqueName, codec: bodyCodec("s"), args: ["x"] };
  for (let index = 0; index < 50; index++) {
    stranger.emit({ ...to, interface: "org.example.Sampler1", member: `Random${index}` });
    stranger.emit({ ...to, interface: `random.i${index}`, member: "Describe" });
    stranger.reply(callOf(service.uniqueName, index + 1), bodyCodec("s"), ["x"]);
    stranger.replyError(callOf(service.uniqueName, index + 1), "org.example.Error.Random", "x");
  }
  const call = { destination: service.uniqueName, path: "/a", member: "Describe", signature: "s", args: ["alive"] };
  expect(await stranger.call(call)).toEqual(["text alive"]);
  expect(service.counters.messagesOut - sent).toBe(1);
  expect(service.counters.drops).toMatchObject({ unheardSignal: 100, lateReply: 100 });
});

test("C01 service dies mid call", async () => {
  const bus = await open();
  const program = spawnProgram("service", daemon.address, NAME);
  await nextLine(program);
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  let rejections = 0;
  const call = client.later(60_000).catch((error: unknown) => {
    rejections++;
    throw error;
  });
  await client.describe$("the call before has arrived");
  program.kill("SIGKILL");
  await expect(call).rejects.toBeInstanceOf(NoReplyError);
  expect(rejections).toBe(1);
  expect(bus.usage.pendingCalls).toBe(0);
});

test("C02 service never answers", async () => {
  const mute = cleanUp(await rawBus(daemon.address));
  const bus = await open();
  const begin = performance.now();
  const call = bus.call({ destination: mute.uniqueName, path: "/", member: "Never" }, { timeout: 50 });
  await expect(call).rejects.toBeInstanceOf(NoReplyError);
  await expect(call).rejects.toThrow("within 50 ms");
  expect(performance.now() - begin).toBeGreaterThan(45);
  expect(bus.usage.pendingCalls).toBe(0);
  expect(bus.counters.timeouts).toBe(1);
});

test("C02 service never answers: NoReply after 25 seconds where nothing else is said", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const calls = new PendingCalls(0);
    const request = { destination: ":1.9", path: "/", member: "Never", codec: bodyCodec(""), args: [] };
    const answerer = { mayAnswer: () => true, release: () => undefined };
    let outcome: unknown = "waiting";
    calls
      .wait({ serial: calls.nextSerial(), request, answerer }, {}, () => undefined)
      .catch((error: unknown) => {
        outcome = error;
      });
    await vi.advanceTimersByTimeAsync(24_900);
    expect(outcome).toBe("waiting");
    await vi.advanceTimersByTimeAsync(200);
    expect(outcome).toBeInstanceOf(NoReplyError);
    expect(calls.size).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("C03 reply after the timeout, and a second reply, are dropped and counted", async () => {
  const held: Message[] = [];
  const service = cleanUp(await rawBus(daemon.address, { onCall: (call) => void held.push(call) }));
  const bus = await open();
  const to = { destination: service.uniqueName, path: "/", member: "Late" };
  await expect(bus.call(to, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
  const second = bus.call(to);
  await until("both calls arrived", () => held.length === 2);
  for (const [index, call] of held.entries()) service.reply(call, bodyCodec("u"), [index]);
  for (const call of held) service.reply(call, bodyCodec("u"), [99]);
  expect(await second).toEqual([1]);
  await until("all replies arrived", () => bus.counters.drops.lateReply === 3);
  expect(bus.counters.drops.forgedReply).toBe(0);
});

test("C04 a reply of another signature raises InvalidReplySignature", async () => {
  const onCall = (call: Message, bus: Bus | Awaited<ReturnType<typeof rawBus>>): void =>
    bus.reply(call, bodyCodec("us"), [1, "extra"]);
  const service = cleanUp(await rawBus(daemon.address, { onCall }));
  const bus = await open();
  const client = new Sampler1Client(bus, { destination: service.uniqueName, path: "/a" });
  const ended: CallEvent[] = [];
  const stop = onDiagnostic("dbus-codegen:call", (event) => void ended.push(event));
  await expect(client.later(1)).rejects.toBeInstanceOf(InvalidReplySignatureError);
  stop();
  expect(ended.map(({ member, outcome }) => [member, outcome])).toEqual([["Later", "invalid"]]);
  expect(bus.counters.errors).toBe(1);
});

describe("C05, S15, S16 forged", () => {
  test("replies, errors, owner changes and signals on a stock session bus: none is accepted", async () => {
    await using stock = await startStockBus();
    const report = await forge(stock.address, 200);
    expect(report.replies).toEqual({ forged: 200, reached: 200, accepted: 0 });
    expect(report.errors).toEqual({ forged: 200, reached: 200, accepted: 0 });
    expect(report.ownerChanges).toMatchObject({ forged: 200, accepted: 0 });
    expect(report.ownerChanges.reached).toBeGreaterThanOrEqual(300);
  });

  test("names like the bus's own do not make a forger the bus", async () => {
    const victim = await open();
    const forger = await open();
    await expect(forger.requestName("org.freedesktop.DBus")).rejects.toThrow();
    await forger.requestName("org.freedesktop.DBus2");
    const owners: (string | undefined)[] = [];
    await victim.watchName(forger.uniqueName, (owner) => owners.push(owner));
    forger.emit({
      path: "/org/freedesktop/DBus",
      interface: "org.freedesktop.DBus",
      member: "NameOwnerChanged",
      codec: bodyCodec("sss"),
      args: [forger.uniqueName, forger.uniqueName, ""],
      destination: victim.uniqueName,
    });
    await until("the forgery arrived", () => victim.counters.drops.foreignSignal === 1);
    expect(owners).toEqual([forger.uniqueName]);
  });
});

test("C14 AddMatch fails: nothing stays behind", async () => {
  await using limited = await startPrivateBus({ limits: { max_match_rules_per_connection: 1 } });
  const bus = cleanUp(await connect({ bus: limited.address }));
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  await expect(client.signals.hasOwnProperty$.subscribe(() => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  await until("the other rule is removed", () => bus.usage.pendingCalls === 0);
  expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
  const watch = await bus.watchName("org.example.One", () => undefined);
  await expect(bus.watchName("org.example.Two", () => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  await watch.close();
  await (await bus.watchName("org.example.Two", () => undefined)).close();
  expect(bus.usage.matchRules).toBe(0);
});

test("C15 subscribe and unsubscribe: match rules are counted, and removed from the bus", async () => {
  await using limited = await startPrivateBus({ limits: { max_match_rules_per_connection: 40 } });
  const bus = cleanUp(await connect({ bus: limited.address }));
  for (let round = 0; round < 100; round++) {
    const clients = Array.from({ length: 30 }, (_, index) => {
      return new Jukebox1Client(bus, { destination: NAME, path: `/p${index}` });
    });
    const subscribe = (index: number): Promise<Subscription> | undefined =>
      clients[index % clients.length]?.signals.trackChanged.subscribe(() => undefined);
    const all = await Promise.all(Array.from({ length: 1000 }, (_, index) => subscribe(index)));
    expect(bus.usage).toMatchObject({ matchRules: 31, listeners: 1000 });
    await Promise.all(all.map((one) => one?.close()));
  }
  await expect.poll(() => bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
  for (let round = 0; round < 200; round++) {
    const client = new Jukebox1Client(bus, { destination: NAME, path: `/p${round % 7}` });
    const opened = await Promise.all([
      ...Array.from({ length: 8 }, () => client.signals.trackChanged.subscribe(() => undefined)),
      bus.watchName(`org.example.N${round}`, () => undefined),
      bus.watchName(`org.example.N${round}`, () => undefined),
    ]);
    expect(bus.usage).toMatchObject({ matchRules: 3, listeners: 8 });
    await Promise.all(opened.map((one) => one.close()));
    await Promise.all(opened.map((one) => one.close()));
  }
  await expect.poll(() => bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
});

test("C16 bus restarts with 100 calls pending", async () => {
  const { serviceStates, everything, bus, states, client } = await openPair();
  const heard: number[] = [];
  await client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
  const outcomes: string[] = [];
  const stop = onDiagnostic("dbus-codegen:call", ({ connection, outcome, member }) => {
    if (connection === bus.uniqueName && member === "Later") outcomes.push(outcome);
  });
  const calls = Promise.allSettled(Array.from({ length: 100 }, () => client.later(60_000)));
  await client.describe$("all are under way");
  await crashAndRestart(states, serviceStates);
  for (const outcome of await calls) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
  stop();
  expect(outcomes).toEqual(Array.from({ length: 100 }, () => "disconnected"));
  const { hasOwnProperty$: emit } = everything.signals;
  await client.describe$("the owner is known again");
  emit(16);
  await until("the signal is heard", () => heard.length > 0);
  expect(heard).toEqual([16]);
});

test("C18 abort and close during a call: it rejects at once, a late reply is dropped", async () => {
  const { bus, client } = await openPair();
  const controller = new AbortController();
  const aborted = client.later(50, { signal: controller.signal });
  await client.describe$("the call before has arrived");
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  expect(bus.usage.pendingCalls).toBe(0);
  await until("the late reply arrived", () => bus.counters.drops.lateReply === 1);
  const closing = expect(client.later(50)).rejects.toBeInstanceOf(DisconnectedError);
  await bus.close();
  await closing;
  await expect(client.later(1)).rejects.toThrow("closed by this side");
});

test("C22 a process exits by itself after close(), with work pending", async () => {
  const program = spawnProgram("closing-client", daemon.address);
  const exited = new Promise<number | null>((resolve) => program.once("exit", resolve));
  expect(await nextLine(program)).toBe("rejected,rejected");
  expect(await exited).toBe(0);
});

describe("commands, in short", () => {
  test("kill-daemon: no call hangs, no subscription is lost", async () => {
    const report = await crashRepeatedly(5);
    expect(report).toMatchObject({ hung: 0, lost: 0, calls: { other: [] } });
    expect(report.recoveries).toHaveLength(5);
    expect(report.calls.disconnected).toBeGreaterThan(0);
  });

  test("slow-reader: others are served while one does not read", async () => {
    const report = await measureSlowReader({ seconds: 1, signalSize: 10_000 });
    expect(report.calls).toBeGreaterThan(100);
    expect(report.failures).toEqual([]);
    expect(report.heardAfterwards).toBe(true);
  });
});

function callOf(sender: string, serial: number): Message {
  const type = MessageType.MethodCall;
  return { type, flags: 0, serial, sender, signature: "", bytes: new Uint8Array(0), bodyOffset: 0 };
}
