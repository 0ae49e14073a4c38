import { expect, test } from "vitest";
import { FairScheduler } from "../../../../runtime/core/bus/fair-scheduler.ts";
import { connect, Variant } from "../../../../runtime/core/index.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { errorText } from "../../../../runtime/core/wire/message.ts";
import { block } from "../../../setup/block.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { NAME, PATH, startVault, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a sender that has used up its share waits; waiting senders take turns, each in order", async () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  const ran: string[] = [];
  const call = (name: string, takes: number) => (): void => {
    ran.push(name);
    now += takes;
  };
  scheduler.run("a", call("a1", 3));
  expect(scheduler.mustWait("a")).toBe(false);
  scheduler.run("a", call("a2", 3));
  expect([scheduler.mustWait("a"), scheduler.mustWait("b")]).toEqual([true, false]);
  for (const name of ["a3", "a4", "b1", "b2", "c1"]) scheduler.wait(name.slice(0, 1), call(name, 0.1));
  now += 100;
  expect(scheduler.mustWait("a")).toBe(true);
  await nextTurn();
  expect(ran).toEqual(["a1", "a2", "a3", "b1", "c1", "a4", "b2"]);
  expect(scheduler.mustWait("a")).toBe(false);
});

test("the share of work that is done immediately is smaller with more senders", () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now / 10);
  const senders = Array.from({ length: 10 }, (_, index) => `s${index}`);
  /**
   * Simulates senders that work until they have to wait, for at most 1 ms each. Returns the used time of each sender in
   * tenths of a millisecond.
   */
  const work = (): readonly number[] =>
    senders.map((sender) => {
      let spent = 0;
      for (; spent < 10 && !scheduler.mustWait(sender); spent++) scheduler.run(sender, () => now++);
      return spent;
    });
  const first = work();
  expect([first[0], first[3]]).toEqual([10, 10]);
  expect(first[9]).toBeLessThan(7);
  now = 200;
  for (const spent of work()) expect(spent).toBeLessThan(7);
  now = 400;
  scheduler.run("s0", () => (now += 4));
  expect([scheduler.mustWait("s0"), scheduler.mustWait("light")]).toEqual([false, false]);
  scheduler.run("s0", () => (now += 2));
  expect([scheduler.mustWait("s0"), scheduler.mustWait("light")]).toEqual([true, false]);
});

test("waiting work of several senders continues only when earlier results have been taken", async () => {
  let now = 0;
  const ready: (() => void)[] = [];
  const scheduler = new FairScheduler(
    fail,
    (next) => ready.push(next),
    () => now,
  );
  const ran: string[] = [];
  const work = (name: string): void => {
    scheduler.wait("a", () => {
      ran.push(name);
      now += 1;
    });
  };
  scheduler.run("a", () => undefined);
  work("a1");
  work("a2");
  // A single sender delays no other one.
  await nextTurn();
  await nextTurn();
  expect([ran, ready.length]).toEqual([["a1", "a2"], 0]);
  scheduler.run("b", () => undefined);
  work("a3");
  work("a4");
  for (const name of ["a3", "a4"]) {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
    expect([ran.at(-1), ready.length]).toEqual([name === "a3" ? "a2" : "a3", 1]);
    ready.pop()?.();
    await nextTurn();
    expect(ran.at(-1)).toBe(name);
  }
  expect(ready).toEqual([]);
});

test("a sender without a turn in one slice is first in the next", async () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  const ran: string[] = [];
  for (const name of ["a1", "a2", "b1", "c1"]) {
    scheduler.wait(name.slice(0, 1), () => {
      ran.push(name);
      now += 0.3;
    });
  }
  await nextTurn();
  expect(ran).toEqual(["a1", "b1"]);
  await nextTurn();
  expect(ran).toEqual(["a1", "b1", "c1", "a2"]);
});

test("a slice is twice as long as the previous one, up to 2 ms, until a message arrives", async () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  let ran = 0;
  const work = (): void => {
    ran++;
    now += 0.25;
  };
  /** Returns how many works are done in each of the next turns of the event loop. */
  const slices = async (count: number): Promise<readonly number[]> => {
    const done: number[] = [];
    for (let turn = 0; turn < count; turn++) {
      const before = ran;
      await nextTurn();
      done.push(ran - before);
    }
    return done;
  };
  for (let index = 0; index < 100; index++) scheduler.wait("a", work);
  expect(await slices(5)).toEqual([2, 4, 8, 8, 8]);
  scheduler.run("b", () => undefined);
  expect(await slices(3)).toEqual([2, 4, 8]);
  scheduler.wait("b", work);
  expect(await slices(2)).toEqual([2, 4]);
});

test("any number of works of one sender is done in order, also if work in steps returns to the front", async () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  const ran: number[] = [];
  function* steps(index: number) {
    for (let pause = 0; pause < 3; pause++) {
      now += 1;
      yield;
    }
    ran.push(index);
  }
  for (let index = 0; index < 1000; index++) {
    if (index % 50 === 7) scheduler.wait("a", () => scheduler.runInSteps("a", steps(index)));
    else scheduler.wait("a", () => void ran.push(index));
  }
  await expect.poll(() => ran.length).toBe(1000);
  expect(ran).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(scheduler.isWaiting("a")).toBe(false);
});

test("work that throws is reported and ends, and all other work continues", async () => {
  const reported: unknown[] = [];
  const scheduler = new FairScheduler((error, origin) => {
    reported.push(["sender" in origin && origin.sender, error]);
    // What a hook returns has no effect.
    return false;
  });
  const ran: string[] = [];
  function* steps(fault: string, pauses: number) {
    for (let pause = 0; pause < pauses; pause++) {
      block(3);
      yield;
    }
    throw fault;
  }
  scheduler.runInSteps("a", steps("at once", 0));
  scheduler.runInSteps("a", steps("later", 1));
  scheduler.wait("a", () => void ran.push("a"));
  scheduler.wait("b", () => throwValue("b1"));
  scheduler.wait("b", () => void ran.push("b"));
  await expect.poll(() => ran.sort()).toEqual(["a", "b"]);
  scheduler.wait("a", fail, () => throwValue("dropped"));
  scheduler.wait("b", fail, () => void ran.push("dropped"));
  scheduler.clear();
  expect(ran).toEqual(["a", "b", "dropped"]);
  expect(reported.sort()).toEqual([
    ["a", "at once"],
    ["a", "dropped"],
    ["a", "later"],
    ["b", "b1"],
  ]);
});

function throwValue(value: unknown): never {
  throw value;
}

function fail(): never {
  throw new Error("this must not be called");
}

test("the object of a waiting call is looked up at its turn, after earlier calls have added or removed it", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  const objects = new Map<string, Vault>();
  const maker = new Vault();
  maker.act = (_method, argument) => {
    block(6);
    if (argument === "make") objects.set("made", new Vault());
    if (argument === "end") objects.delete("made");
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

test("a client is served between 30,000 calls of another client [S31]", async () => {
  const { daemon, vault, raw } = await startVault();
  let handled = 0;
  vault.act = () => {
    handled++;
    block(0.5);
    return "done";
  };
  const call = { destination: NAME, path: PATH, interface: VAULT, member: "Look" };
  await using polite = await connect({ bus: daemon.address });
  await polite.call(call);
  const before: number[] = [];
  for (let count = 0; count < 30; count++) {
    raw.write(Buffer.concat(Array.from({ length: 1000 }, () => raw.encode(call).bytes)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const start = handled;
    await polite.call(call);
    before.push(handled - start);
  }
  // Counts the handlers of the other client that run first, because time depends on the machine. Without turns, at
  // least 1000 handlers would run first.
  expect(before.sort((a, b) => a - b).at(-2)).toBeLessThan(200);
  await expect.poll(() => raw.received.length).toBe(30_000);
  const refused = raw.received.filter(({ type }) => type === MessageType.Error).map(errorText);
  expect(new Set(refused)).toEqual(new Set(["at most 64 calls of one sender may be in flight"]));
});
