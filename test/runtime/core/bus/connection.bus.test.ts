import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { connect, DisconnectedError, type Incoming, LimitsExceededError } from "../../../../runtime/core/index.ts";
import { onDiagnostic, rawBus, until } from "../../../reliability/support.ts";
import {
  cleanUp,
  crashAndRestart,
  daemon,
  NAME,
  open,
  openLasting,
  openPair,
  useCrashingBus,
} from "../fixtures/lasting-bus.ts";
import { ErrorLog, Everything } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

useCrashingBus();

test("treats a unique name that is reused after a restart of the daemon as another caller [S14]", async () => {
  const quotas = { callsPerSender: 2 };
  const { bus: service, states } = await openLasting({ quotas });
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
  const calledMembers: string[] = [];
  const stop = onDiagnostic("dbus-codegen:call", ({ member }) => calledMembers.push(member));
  const next = await clientNamed(":1.2");
  expect(next.uniqueName).toBe(old.uniqueName);
  expect(await next.client.describe$("after")).toBe(`text of ${process.pid}`);
  stop();
  // The credentials are requested for the new caller, and pending calls of the previous one do not count.
  expect(calledMembers.filter((member) => member === "GetConnectionCredentials")).toHaveLength(1);
  const both = [next.client.later(1), next.client.later(1)];
  expect(await Promise.all(both)).toEqual([1, 1]);
  const [first, last] = everything.visits;
  expect([first?.sender, last?.sender]).toEqual([old.uniqueName, old.uniqueName]);
  expect([first?.signal.aborted, last?.signal.aborted]).toEqual([true, false]);
  await expect(first?.credentials()).rejects.toThrow("has left the bus");
  expect((await last?.credentials())?.pid).toBe(process.pid);
});

/** A service that records its callers. It has the contract of `Everything`. */
class Visited extends Everything {
  readonly visits: Incoming[] = [];

  override async describe$(_text: string, incoming: Incoming): Promise<string> {
    this.visits.push(incoming);
    return `text of ${(await incoming.credentials()).pid}`;
  }
}

/** Returns a client with a unique name, which the bus assigns consecutively. */
async function clientNamed(uniqueName: string) {
  for (let tries = 0; tries < 10; tries++) {
    const bus = await open();
    if (bus.uniqueName === uniqueName) {
      return { uniqueName, client: new Sampler1Client(bus, { destination: NAME, path: "/a" }) };
    }
  }
  throw new Error(`no connection got the name ${uniqueName}`);
}

test("restores calls, signals, names and match rules after the daemon was killed [S36]", async () => {
  const { service, serviceStates, everything, ownership, bus, states, client } = await openPair();
  const received: number[] = [];
  const owners: (string | undefined)[] = [];
  await client.signals.hasOwnProperty$.subscribe((value) => received.push(value));
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

  await daemon.crash();
  for (const error of await Promise.all(pending)) expect(error).toBeInstanceOf(DisconnectedError);
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
  await until("the signal is received", () => received.length > 0);
  expect(received).toEqual([7]);
  expect(bus.usage.matchRules).toBe(before.rules);
  await until("the name has an owner", () => owners.at(-1) !== undefined);
  expect(owners).toEqual([before.service, undefined, service.uniqueName]);
  expect(states).toEqual(["disconnected", "reconnected"]);
  expect(bus.counters.reconnects).toBe(1);
  await iterator.return?.();
});

describe("restores everything if the daemon is killed [S37]", () => {
  test("during Hello of the first and of a later transport", async () => {
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

  test("during AddMatch", async () => {
    const { bus, states, serviceStates, client, everything } = await openPair();
    await client.describe$("the owner is known");
    daemon.freeze();
    const received: number[] = [];
    const subscription = client.signals.hasOwnProperty$.subscribe((value) => received.push(value));
    const watch = bus.watchName("org.example.Other", () => undefined);
    const refused = Promise.allSettled([subscription, watch]);
    await daemon.crash();
    for (const outcome of await refused) expect(outcome).toMatchObject({ reason: { name: "DisconnectedError" } });
    await crashAndRestart(states, serviceStates);
    // The remaining rule watches the owner of the called name.
    expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 1, listeners: 0 });
    await client.signals.hasOwnProperty$.subscribe((value) => received.push(value));
    const { hasOwnProperty$: emit } = everything.signals;
    emit(1);
    await until("the signal is received", () => received.length > 0);
    expect(received).toEqual([1]);
  });

  test("during RequestName and ReleaseName", async () => {
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

  test("during replies and while registrations are restored", async () => {
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

test("fails 100 pending calls when the daemon restarts, and restores subscriptions [C16]", async () => {
  const { serviceStates, everything, bus, states, client } = await openPair();
  const received: number[] = [];
  await client.signals.hasOwnProperty$.subscribe((value) => received.push(value));
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
  await client.describe$("the owner is known");
  emit(16);
  await until("the signal is received", () => received.length > 0);
  expect(received).toEqual([16]);
});

test("a message whose handling throws is reported, and the connection remains", async () => {
  const log = new ErrorLog();
  const onCall = (): void => {
    throw new RangeError("too deep");
  };
  const bus = cleanUp(await rawBus(daemon.address, { onCall, onError: log.hook }));
  const caller = await open();
  const call = { destination: bus.uniqueName, path: "/", member: "Deep" };
  const unanswered = expect(caller.call(call)).rejects.toBeInstanceOf(DisconnectedError);
  const origin = { kind: "message", sender: caller.uniqueName, member: "Deep" };
  await expect.poll(() => log.entries).toEqual([{ error: new RangeError("too deep"), origin }]);
  expect(await bus.requestName(NAME)).toMatchObject({ state: "owner" });
  await caller.close();
  await unanswered;
});
