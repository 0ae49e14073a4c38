import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { delayAfter, ReconnectDelays } from "../../../../runtime/core/bus/backoff.ts";
import {
  type Bus,
  type ConnectionChange,
  type ConnectOptions,
  connect,
  DisconnectedError,
  InvalidValueError,
} from "../../../../runtime/core/index.ts";
import { CrashingBus, onDiagnostic, until } from "../../../reliability/support.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { ErrorLog, Everything } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const BACKOFF = { minDelay: 5, maxDelay: 50 };
const cleanups: AsyncDisposable[] = [];
let daemon: CrashingBus;

beforeEach(async () => {
  daemon = await CrashingBus.start();
});
afterEach(async () => {
  for (const resource of cleanups.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

async function open(options: ConnectOptions = {}): Promise<Bus> {
  const bus = await connect({ bus: daemon.address, ...options });
  cleanups.push(bus);
  return bus;
}

/** Opens a connection that reconnects. Returns the connection, and the list of changes that it reports. */
async function openLasting(options: ConnectOptions = {}) {
  const changes: ConnectionChange[] = [];
  const bus = await open({ reconnect: BACKOFF, onConnection: (change) => changes.push(change), ...options });
  return { bus, changes };
}

describe("without reconnect", () => {
  test("a loss resolves closed, ends iterations with an error and loses names", async () => {
    const changes: ConnectionChange[] = [];
    const bus = await open({ onConnection: (change) => changes.push(change) });
    const name = await bus.requestName("org.example.Name");
    const queued = (await open()).requestName("org.example.Name", { queue: true });
    const client = new Sampler1Client(bus, { destination: "org.example.Other", path: "/a" });
    const next = client.signals.hasOwnProperty$[Symbol.asyncIterator]().next();
    await until("it listens", () => bus.usage.listeners === 1);
    const ended = expect(next).rejects.toBeInstanceOf(DisconnectedError);
    const waiting = await queued;
    await daemon.crash();
    await ended;
    await name.lost;
    await expect(waiting.acquired).rejects.toBeInstanceOf(DisconnectedError);
    expect(await bus.closed).toBeInstanceOf(DisconnectedError);
    expect([name.state, waiting.state]).toEqual(["released", "released"]);
    expect(changes).toEqual([]);
    await expect(bus.watchName("org.example.Name", () => undefined)).rejects.toBeInstanceOf(DisconnectedError);
  });
});

describe("with reconnect", () => {
  test("the connection gets another unique name and works until it is closed", async () => {
    const { bus, changes } = await openLasting();
    let closed = false;
    void bus.closed.then(() => {
      closed = true;
    });
    const first = bus.uniqueName;
    await daemon.crash();
    await until("the loss is told", () => changes.length === 1);
    expect(bus.uniqueName).toBe(first);
    await daemon.restart();
    await open();
    await until("it is back", () => changes.length === 2);
    expect(changes).toEqual([
      { state: "disconnected", reason: expect.any(DisconnectedError) },
      { state: "reconnected", uniqueName: bus.uniqueName },
    ]);
    expect(closed).toBe(false);
    await bus.close();
    expect(await bus.closed).toBeUndefined();
  });

  test("closing without a bus ends all attempts and rejects whatever waits", async () => {
    const { bus, changes } = await openLasting();
    const attempts: number[] = [];
    const stop = onDiagnostic("dbus-codegen:connection", (event) => {
      if (event.state === "retrying") attempts.push(event.attempts);
    });
    const client = new Sampler1Client(bus, { destination: "org.example.Other", path: "/a" });
    const next = client.signals.hasOwnProperty$[Symbol.asyncIterator]().next();
    await until("it listens", () => bus.usage.listeners === 1 && bus.usage.pendingCalls === 0);
    const ended = expect(next).rejects.toThrow("closed by this side");
    await daemon.crash();
    await until("it tries again and again", () => attempts.length >= 4);
    await bus.close();
    await ended;
    const tried = attempts.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    stop();
    expect(attempts.length).toBe(tried);
    expect(attempts.slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(changes.map(({ state }) => state)).toEqual(["disconnected"]);
    expect(bus.usage).toMatchObject({ pendingCalls: 0, listeners: 0 });
  });

  test("a name that another connection took is lost, and a queued name is acquired", async () => {
    const { bus, changes } = await openLasting({ reconnect: { minDelay: 300, maxDelay: 300 } });
    const taken = await bus.requestName("org.example.Taken");
    const rival = await open();
    await rival.requestName("org.example.Freed");
    const freed = await bus.requestName("org.example.Freed", { queue: true });
    expect([taken.state, freed.state]).toEqual(["owner", "queued"]);
    await daemon.crash();
    await daemon.restart();
    await (await open()).requestName("org.example.Taken");
    await until("it is back", () => changes.at(-1)?.state === "reconnected");
    await Promise.all([taken.lost, freed.acquired]);
    expect([taken.state, freed.state]).toEqual(["taken", "owner"]);
  });

  test("subscriptions and names that are closed or released without a bus are not restored", async () => {
    const { bus, changes } = await openLasting();
    const name = await bus.requestName("org.example.Name");
    const watch = await bus.watchName("org.example.Name", () => undefined);
    const client = new Sampler1Client(bus, { destination: "org.example.Name", path: "/a" });
    const subscription = await client.signals.hasOwnProperty$.subscribe(() => undefined);
    await daemon.crash();
    await until("the loss is told", () => changes.length === 1);
    await Promise.all([name.release(), watch.close(), subscription.close()]);
    await daemon.restart();
    await until("it is back", () => changes.length === 2);
    expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
    expect(await (await open()).requestName("org.example.Name")).toMatchObject({ state: "owner" });
  });

  test("a unique name of the previous bus never has an owner, even if it is reused", async () => {
    // The next bus gives its first unique name to the connection that reconnects, and its second to the next
    // connection.
    const [, other] = [await open(), await open()];
    const { bus, changes } = await openLasting();
    const unique = other.uniqueName;
    const owners: (string | undefined)[] = [];
    await bus.watchName(unique, (owner) => owners.push(owner));
    const client = new Sampler1Client(bus, { destination: unique, path: "/a" });
    const heard: number[] = [];
    await client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
    const next = client.signals.hasOwnProperty$[Symbol.asyncIterator]().next();
    await until("both listen", () => bus.usage.listeners === 2);
    const ended = expect(next).rejects.toBeInstanceOf(DisconnectedError);
    await daemon.crash();
    await ended;
    await daemon.restart();
    await until("it is back", () => changes.length === 2);
    const heir = await openUnder(unique);
    const everything = new Everything();
    await heir.serve("/a", everything);
    const { hasOwnProperty$: emit } = everything.signals;
    emit(1);
    expect(await client.describe$("x")).toBe("text x");
    expect(heard).toEqual([]);
    expect(owners).toEqual([unique, undefined]);
    expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
  });

  test("connection attempts are repeated until a bus accepts all registrations", async () => {
    const { bus, changes } = await openLasting();
    const reasons: string[] = [];
    const stop = onDiagnostic("dbus-codegen:connection", (event) => {
      if (event.state === "retrying") reasons.push(event.reason.message);
    });
    const name = await bus.requestName("org.example.Name");
    const owners: (string | undefined)[] = [];
    await bus.watchName("org.example.Name", (owner) => owners.push(owner));
    await daemon.crash();
    await daemon.restart({ limits: { max_match_rules_per_connection: 0 } });
    await until("it was refused twice", () => reasons.filter((reason) => reason.includes("match")).length >= 2);
    expect(changes.map(({ state }) => state)).toEqual(["disconnected"]);
    await daemon.crash();
    await daemon.restart();
    await until("it is back", () => changes.length === 2);
    stop();
    expect(name.state).toBe("owner");
    await until("the owner is known again", () => owners.at(-1) === bus.uniqueName);
    expect(bus.counters.reconnects).toBe(1);
  });

  test("an error of the hook is reported and has no other effect", async () => {
    const log = new ErrorLog();
    const onConnection = (): void => {
      throw new Error("hook");
    };
    const bus = await open({ reconnect: BACKOFF, onConnection, onError: log.hook });
    await daemon.crash();
    await daemon.restart();
    await until("it is back", () => log.entries.length === 2);
    expect(log.entries.map(({ origin }) => origin.kind)).toEqual(["connectionHook", "connectionHook"]);
    expect(await bus.requestName("org.example.Name")).toMatchObject({ state: "owner" });
  });

  test("invalid delays are rejected", async () => {
    for (const reconnect of [{ minDelay: -1 }, { maxDelay: Number.NaN }, { maxDelay: Number.POSITIVE_INFINITY }]) {
      await expect(connect({ bus: daemon.address, reconnect })).rejects.toBeInstanceOf(InvalidValueError);
    }
  });

  test("the delay doubles up to the longest, with jitter down to one half", () => {
    const delays = (random: number): number[] =>
      [0, 1, 2, 3, 10, 2000].map((failures) => delayAfter(failures, { minDelay: 100, maxDelay: 1000 }, random));
    expect(delays(1)).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(delays(0)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  test("the delay continues to double until a connection lasts for the longest delay", () => {
    const delays = new ReconnectDelays({ minDelay: 100, maxDelay: 1000 });
    const delaysAfter = (durationMs: number, attempts: number): number[] => {
      delays.onLost(durationMs);
      return Array.from({ length: attempts }, () => delays.next(1));
    };
    expect(delaysAfter(0, 1)).toEqual([100]);
    expect(delaysAfter(0, 1)).toEqual([200]);
    expect(delaysAfter(999, 3)).toEqual([400, 800, 1000]);
    expect(delaysAfter(999, 1)).toEqual([1000]);
    expect(delaysAfter(1000, 2)).toEqual([100, 200]);
    expect(delaysAfter(60_000, 1)).toEqual([100]);
  });

  test("a bus that accepts and drops each connection is called less and less often", async () => {
    let hellos = 0;
    await using dropping = await FakeBus.start(undefined, undefined, (fake) => {
      hellos++;
      setTimeout(() => fake.end(), 5);
    });
    const changes: ConnectionChange[] = [];
    const reconnect = { minDelay: 1, maxDelay: 1_000_000 };
    const begin = performance.now();
    await open({ bus: dropping.address, reconnect, onConnection: (change) => changes.push(change) });
    await expect.poll(() => changes.some(({ state }) => state === "reconnected")).toBe(true);
    await expect.poll(() => hellos).toBeGreaterThanOrEqual(10);
    // Delays from 1 ms that double, with at most half of them as jitter: n delays take at least (2^n - 1) / 2 ms.
    expect(2 ** (hellos - 1) - 1).toBeLessThanOrEqual(2 * (performance.now() - begin));
  });

  /** Opens connections to the present bus until one has the given unique name, and returns that connection. */
  async function openUnder(unique: string): Promise<Bus> {
    for (let tries = 0; tries < 20; tries++) {
      const bus = await open();
      if (bus.uniqueName === unique) return bus;
    }
    throw new Error(`the bus gave ${unique} to nobody`);
  }
});
