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
  for (const name of ["a3", "a4", "b1", "b2", "c1"]) scheduler.wait(name.slice(0, 1), call(name, 0.2));
  now += 100;
  expect(scheduler.mustWait("a")).toBe(true);
  await nextTurn();
  expect(ran).toEqual(["a1", "a2", "a3", "b1", "c1"]);
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

test.each([
  { takesMs: 0.015, ran: ["a a a a", "b b b b", "a a a a", "b b b b"] },
  { takesMs: 0.03, ran: ["a a a", "b b b", "a a a", "b b b"] },
  { takesMs: 0.2, ran: ["a", "b", "a"] },
  { takesMs: 0.6, ran: ["a"] },
])("the turn of a sender has several works if they are short: $takesMs ms", async ({ takesMs, ran }) => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  const order: string[] = [];
  for (let count = 0; count < 50; count++) {
    for (const sender of ["a", "b"]) {
      scheduler.wait(sender, () => {
        now += takesMs;
        order.push(sender);
      });
    }
  }
  await nextTurn();
  expect(order.join(" ")).toBe(ran.join(" "));
});

/** A scheduler with senders whose work waits. Each work takes a quarter of a millisecond. */
class BusyScheduler {
  now = 0;
  ran = 0;
  /** Functions that continue the work, by slice whose results are not read yet. */
  readonly unread: (() => void)[] = [];
  readonly #scheduler = new FairScheduler(
    fail,
    (next) => this.unread.push(next),
    () => this.now,
  );

  constructor(senderCount: number) {
    for (let sender = 0; sender < senderCount; sender++) {
      this.#scheduler.run(`${sender}`, () => (this.now += 0.6));
      for (let count = 0; count < 200; count++) this.#scheduler.wait(`${sender}`, () => this.#work());
    }
  }

  /** Does work of a sender that does not use up its share. */
  serveLightSender(): void {
    this.#scheduler.run("light", () => undefined);
  }

  /** Continues until all works wait for their results to be read. Returns the number of works done. */
  async works(): Promise<number> {
    const before = this.ran;
    for (let last = -1; last < this.ran; ) {
      last = this.ran;
      await nextTurn();
    }
    return this.ran - before;
  }

  #work(): void {
    this.ran++;
    this.now += 0.25;
  }
}

test("waiting work continues 8 slices before the results of the first are read, if there is no light sender", async () => {
  const busy = new BusyScheduler(2);
  expect([await busy.works(), busy.unread.length]).toEqual([16, 8]);
  expect([await busy.works(), busy.unread.length]).toEqual([0, 8]);
  for (let slice = 0; slice < 3; slice++) {
    busy.unread.shift()?.();
    expect([await busy.works(), busy.unread.length]).toEqual([2, 8]);
  }
});

test.each([
  { senders: 2, slice: 2 },
  { senders: 6, slice: 1 },
  { senders: 10, slice: 1 },
])(
  "for 10 windows after a light sender, each slice waits until the results of the previous one are read: $senders other senders",
  async ({ senders, slice }) => {
    const busy = new BusyScheduler(senders);
    busy.serveLightSender();
    const works: number[] = [];
    for (let window = 0; window < 10; window++) {
      busy.now += 20;
      works.push(await busy.works());
      busy.unread.shift()?.();
    }
    expect(works).toEqual(Array.from({ length: 10 }, () => slice));
  },
);

test.each([
  { title: "ends after 10 windows", windows: 10, works: 16 },
  { title: "is in force in the tenth window", windows: 9, works: 2 },
])("the limit for a light sender $title", async ({ windows, works }) => {
  const busy = new BusyScheduler(2);
  busy.serveLightSender();
  for (let window = 0; window < windows; window++) {
    busy.now += 20;
    await busy.works();
    busy.unread.shift()?.();
  }
  busy.now += 20;
  expect(await busy.works()).toBe(works);
});

test("a single sender delays no other one, so its work does not wait for results", async () => {
  const scheduler = new FairScheduler(fail, fail);
  let ran = 0;
  for (let count = 0; count < 1000; count++) scheduler.wait("a", () => void ran++);
  await expect.poll(() => ran).toBe(1000);
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

test("waiting work yields after half a millisecond", async () => {
  let now = 0;
  const scheduler = new FairScheduler(fail, undefined, () => now);
  let ran = 0;
  for (let count = 0; count < 100; count++) {
    scheduler.wait("a", () => {
      ran++;
      now += 0.25;
    });
  }
  for (const expected of [2, 4, 6, 8]) {
    await nextTurn();
    expect(ran).toBe(expected);
  }
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
