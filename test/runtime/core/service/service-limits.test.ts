import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connect, type ErrorOrigin, InvalidValueError, Variant } from "../../../../runtime/core/index.ts";
import { CallQuota } from "../../../../runtime/core/service/call-quota.ts";
import { FairScheduler } from "../../../../runtime/core/service/fair-scheduler.ts";
import { ServedObjectTree } from "../../../../runtime/core/service/served-object-tree.ts";
import { Subtree } from "../../../../runtime/core/service/subtree.ts";
import { CrashingBus } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { Vault } from "../fixtures/vault.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("calls are counted per sender until they end, or the sender is forgotten", () => {
  const limit = new CallQuota({ callsPerSender: 2 });
  const [first, second] = [limit.begin(":1.1"), limit.begin(":1.1")];
  expect([limit.hasMaxCalls(":1.1"), limit.hasMaxCalls(":1.2")]).toEqual([true, false]);
  first();
  expect(limit.hasMaxCalls(":1.1")).toBe(false);
  limit.forget(":1.1");
  limit.begin(":1.1");
  second();
  limit.begin(":1.1");
  expect(limit.hasMaxCalls(":1.1")).toBe(true);
});

test("limits that are none are refused before anything is connected", async () => {
  for (const callsPerSender of [0, -1, Number.NaN]) {
    const connection = connect({ bus: "unix:path=/nowhere", quotas: { callsPerSender } });
    await expect(connection).rejects.toBeInstanceOf(InvalidValueError);
  }
});

test("calls that wait for their turn are bounded in bytes, with one past the bound", () => {
  const limit = new CallQuota({ waitingBytesPerSender: 1000 });
  const ends = [600, 600].map((bytes) => limit.begin("a", bytes));
  expect([limit.hasMaxWaitingBytes("a"), limit.hasMaxWaitingBytes("b")]).toEqual([true, false]);
  for (const end of ends) end();
  limit.begin("a");
  expect(limit.hasMaxWaitingBytes("a")).toBe(false);
});

test("a sender whose waiting calls have as many bytes as they may is refused; others are not", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address, quotas: { waitingBytesPerSender: 1_000_000 } });
  const vault = new Vault();
  vault.act = () => {
    for (const end = performance.now() + 6; performance.now() < end; );
    return new Variant("s", "done");
  };
  await bus.serve("/vault", vault);
  await using raw = await RawPeer.connect(daemon.address);
  const call = { destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Give" };
  const large = (): Uint8Array => raw.encode(call, "s", ["x".repeat(100_000)]).bytes;
  raw.write(Buffer.concat(Array.from({ length: 100 }, large)));
  await raw.settled(bus.uniqueName);
  await expect.poll(() => raw.received.length).toBe(100);
  const refused = raw.received.map(described).filter((answer) => typeof answer === "string");
  expect(new Set(refused)).toEqual(new Set(["LimitsExceeded: at most 1000000 bytes of one sender may wait"]));
  expect(vault.calls.length).toBe(100 - refused.length);
  await using other = await RawPeer.connect(daemon.address);
  expect((await other.exchange(call, "s", ["x".repeat(2_000_000)])).map(described)).toEqual([
    [new Variant("s", "done")],
  ]);
});

test("a call that waits means what is there at its turn: what calls before it have made, or ended", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const objects = new Map<string, Vault>();
  const maker = new Vault();
  maker.act = (_method, what) => {
    for (const end = performance.now() + 6; performance.now() < end; );
    if (what === "make") objects.set("made", new Vault());
    if (what === "end") objects.delete("made");
    return new Variant("s", "done");
  };
  await bus.serve("/maker", maker);
  await bus.serveSubtree("/below", (name) => {
    const found = objects.get(name);
    return found && [found];
  });
  await using raw = await RawPeer.connect(daemon.address);
  const give = { destination: bus.uniqueName, path: "/maker", interface: "org.example.Vault1", member: "Give" };
  const look = { ...give, path: "/below/made", member: "Look" };
  const calls = [raw.encode(give, "s", ["wait"]), raw.encode(give, "s", ["make"]), raw.encode(look)];
  calls.push(raw.encode(look, "s", ["too much"]), raw.encode(give, "s", ["end"]), raw.encode(look));
  raw.write(Buffer.concat(calls.map(({ bytes }) => bytes)));
  await expect.poll(() => raw.received.length).toBe(calls.length);
  const done = [new Variant("s", "done")];
  expect(raw.received.map(described)).toEqual([
    done,
    done,
    ["look"],
    expect.stringMatching(/^InvalidArgs: /),
    done,
    "UnknownObject: there is no object at /below/made",
  ]);
});

test("a sender that has used up its share waits; those who wait take turns, each in its order", async () => {
  let now = 0;
  const turns = new FairScheduler(() => now);
  const ran: string[] = [];
  const call = (name: string, takes: number) => (): void => {
    ran.push(name);
    now += takes;
  };
  turns.run("a", call("a1", 3));
  expect(turns.mustWait("a")).toBe(false);
  turns.run("a", call("a2", 3));
  expect([turns.mustWait("a"), turns.mustWait("b")]).toEqual([true, false]);
  for (const name of ["a3", "a4", "b1", "b2", "c1"]) turns.wait(name.slice(0, 1), call(name, 0));
  now += 100;
  expect(turns.mustWait("a")).toBe(true);
  await nextTurn();
  expect(ran).toEqual(["a1", "a2", "a3", "b1", "c1"]);
  await nextTurn();
  expect(ran.slice(5)).toEqual(["a4", "b2"]);
  expect(turns.mustWait("a")).toBe(false);
});

test("who had no turn for lack of time is first in the next", async () => {
  let now = 0;
  const turns = new FairScheduler(() => now);
  const ran: string[] = [];
  for (const name of ["a1", "a2", "b1", "c1"]) {
    turns.wait(name.slice(0, 1), () => {
      ran.push(name);
      now += 4;
    });
  }
  await nextTurn();
  expect(ran).toEqual(["a1", "b1"]);
  await nextTurn();
  expect(ran).toEqual(["a1", "b1", "c1", "a2"]);
});

test("the object tree keeps nothing of what is gone", () => {
  const tree = new ServedObjectTree();
  const vault = new Vault();
  const served = tree.add("/a/b/c", [vault]);
  const end = tree.addManager("/a/b");
  expect(tree.at("/a")?.children()).toEqual(["b"]);
  expect(tree.managersAbove("/a/b/c")).toEqual(["/a/b"]);
  expect(() => tree.add("/x/y", [vault, new Vault()])).toThrow("already has the interface");
  tree.remove("/a/b/c", served);
  expect(tree.at("/a/b/c")).toBeUndefined();
  expect(tree.at("/a/b")?.children()).toEqual([]);
  end();
  expect(tree.at("/a")).toBeUndefined();
  expect(tree.at("/")?.children()).toEqual([]);
});

test("objects of a subtree leave nothing in the object tree", () => {
  const tree = new ServedObjectTree();
  const announcer = { emit: () => undefined, emitPropertiesChanged: () => undefined };
  const vaults = new Map<string, Vault>();
  const find = (relative: string): readonly Vault[] => {
    const vault = vaults.get(relative) ?? new Vault(relative);
    vaults.set(relative, vault);
    return [vault];
  };
  const end = tree.addSubtree(new Subtree("/many", find, {}, () => announcer));
  for (let number = 0; number < 100_000; number++) {
    if (tree.at(`/many/${number % 1000}/${number}`)?.interfaces.size !== 1) expect.fail(`${number} was not found`);
    if (number % 1000 === 999) vaults.clear();
  }
  expect(tree.at("/many")?.children()).toEqual([]);
  expect([...(tree.at("/")?.below() ?? [])]).toEqual([]);
  end();
  expect(tree.at("/many/1/1")).toBeUndefined();
});

test("an answer that the bus takes no more is told of, and the service goes on", async () => {
  await using daemon = await CrashingBus.start();
  const told: unknown[] = [];
  const onError = (error: unknown, origin: ErrorOrigin): void => void told.push([String(error), origin.kind]);
  await using bus = await connect({ bus: daemon.address, onError, quotas: { queuedBytes: 1000 } });
  const vault = new Vault();
  const held: (() => void)[] = [];
  vault.act = (method) => new Promise((resolve) => held.push(() => resolve(method)));
  await bus.serve("/vault", vault);
  await using caller = await RawPeer.connect(daemon.address);
  caller.send({ destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Look" });
  await expect.poll(() => held.length).toBe(1);
  daemon.freeze();
  const flood = async (): Promise<void> => {
    for (;;) {
      vault.signals.opened("x".repeat(100_000));
      await nextTurn();
    }
  };
  await expect(flood()).rejects.toThrow("more than 1000 bytes wait to be sent");
  held[0]?.();
  await expect.poll(() => told).toEqual([[expect.stringContaining("more than 1000 bytes wait to be sent"), "handler"]]);
});

test("who has the name of a caller after a restart of the bus does not get its answer", async () => {
  const folder = await mkdtemp(join(tmpdir(), "service-limits-"));
  const path = join(folder, "bus");
  const first = await startPrivateBus({ path });
  const vault = new Vault();
  const held: (() => void)[] = [];
  vault.act = (method, _argument, { signal }) => {
    signals.push(signal);
    return new Promise((resolve) => held.push(() => resolve(method)));
  };
  const signals: AbortSignal[] = [];
  await using service = await connect({ bus: `unix:path=${path}`, reconnect: { minDelay: 10 } });
  await service.serve("/vault", vault);
  const call = { destination: service.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Look" };
  const caller = await RawPeer.connect(first.address);
  caller.send(call);
  await expect.poll(() => held.length).toBe(1);
  await caller.settled(call.destination);
  await caller.settled(call.destination);
  expect(signals[0]?.aborted).toBe(false);
  await first.stop("SIGKILL");
  await caller[Symbol.asyncDispose]();
  expect(signals[0]?.aborted).toBe(true);

  await using second = await startPrivateBus({ path });
  await expect.poll(() => service.counters.reconnects).toBe(1);
  await using other = await RawPeer.connect(second.address);
  expect([other.uniqueName, service.uniqueName]).toEqual([caller.uniqueName, call.destination]);
  held[0]?.();
  await other.settled(call.destination);
  expect(other.received).toEqual([]);
  other.send(call);
  await expect.poll(() => held.length).toBe(2);
  held[1]?.();
  await expect.poll(() => other.received.map(described)).toEqual([["look"]]);
  expect(signals[1]?.aborted).toBe(false);
  await rm(folder, { recursive: true, force: true });
});
