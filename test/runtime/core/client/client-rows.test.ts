import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import {
  Bus,
  Client,
  connect,
  DBusError,
  InvalidReplySignatureError,
  InvalidValueError,
  LimitsExceededError,
  MissingDescriptorError,
  NoReplyError,
  UnknownMethodError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import type { Message } from "../../../../runtime/core/wire/message.ts";
import { killAndReturn } from "../../../reliability/kill-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { FakeDaemon } from "../fixtures/fake-daemon.ts";
import { Jukebox1, Jukebox1Client } from "../fixtures/jukebox.ts";
import { ErrorLog, Everything, Jukebox } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

// Rows C of the reliability cases, by their number. Where bytes must be forged, the bus is one in memory.

const NAME = "org.example.Rows";
const PATH = "/rows";
const TARGET = { destination: NAME, path: PATH };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const cleanUp = <T extends AsyncDisposable>(resource: T): T => {
  cleanups.push(async () => resource[Symbol.asyncDispose]());
  return resource;
};

let daemon: PrivateBus;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(async () => daemon?.stop());

const open = async (options: Parameters<typeof connect>[0] = {}): Promise<Bus> =>
  cleanUp(await connect({ bus: daemon.address, ...options }));

/** A service with both interfaces that owns the name. */
async function serve(): Promise<{ bus: Bus; jukebox: Jukebox; everything: Everything }> {
  const bus = await open();
  const [jukebox, everything] = [new Jukebox(), new Everything()];
  await bus.serve(PATH, jukebox, everything);
  await bus.requestName(NAME);
  return { bus, jukebox, everything };
}

/** A client of a service on a bus in memory, where every call is answered as the test says. */
async function fake(answer: (call: Message, bus: FakeDaemon) => void): Promise<{ client: Jukebox1Client; bus: Bus }> {
  const bus = new FakeDaemon(NAME);
  bus.setOwner(":1.8");
  const connection = cleanUp(new Bus(bus.transport, {}));
  const timer = setInterval(() => {
    while (bus.route()) for (const call of bus.calls.splice(0)) answer(call, bus);
    bus.deliver(9);
  });
  cleanups.push(async () => clearInterval(timer));
  return { client: new Jukebox1Client(connection, TARGET), bus: connection };
}

test("C01 service dies mid call: NoReply once, and nothing is left", async () => {
  const service = await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  let rejections = 0;
  const call = client.later(10_000).catch((error: unknown) => {
    rejections++;
    return error;
  });
  await client.describe$("sent");
  await service.bus.close();
  expect(await call).toBeInstanceOf(NoReplyError);
  expect([rejections, bus.usage.pendingCalls]).toEqual([1, 0]);
});

test("C02 service never answers: NoReply after the timeout, which is 25 s by default", async () => {
  const { client, bus } = await fake(() => undefined);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  cleanups.push(async () => vi.useRealTimers());
  const outcomes = new Map<number | undefined, unknown>();
  for (const timeout of [undefined, 50, 2 ** 31, Number.POSITIVE_INFINITY]) {
    client.stop(timeout === undefined ? {} : { timeout }).catch((error: unknown) => outcomes.set(timeout, error));
  }
  const after = async (milliseconds: number): Promise<unknown[]> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return [...outcomes.keys()];
  };
  expect(await after(45)).toEqual([]);
  expect(await after(15)).toEqual([50]);
  expect(await after(24_900)).toEqual([50]);
  expect(await after(60)).toEqual([50, undefined]);
  for (const error of outcomes.values()) expect(error).toBeInstanceOf(NoReplyError);
  expect(await after(2 ** 30)).toEqual([50, undefined]);
  expect(bus.usage.pendingCalls).toBe(2);
});

describe("C04 reply signature wrong, empty, extra", () => {
  const REPLIES: readonly (readonly [string, string, readonly unknown[]])[] = [
    ["wrong", "s(st)", ["/a", ["u", 1n]]],
    ["empty", "", []],
    ["extra", "o(st)u", ["/a", ["u", 1n], 1]],
    ["short", "o", ["/a"]],
  ];
  test.each(REPLIES)("%s: InvalidReplySignatureError", async (_, signature, values) => {
    const { client } = await fake((call, bus) => bus.answer(call, ":1.8", signature, values));
    const call = client.play("a", {});
    await expect(call).rejects.toBeInstanceOf(InvalidReplySignatureError);
    await expect(call).rejects.toMatchObject({ expected: "o(st)", received: signature });
  });

  test("also of Get, Set and GetAll", async () => {
    const { client } = await fake((call, bus) => bus.answer(call, ":1.8", "u", [1]));
    const { volume } = client.properties;
    await expect(volume.get()).rejects.toMatchObject({ expected: "v", received: "u" });
    await expect(volume.set(1)).rejects.toMatchObject({ expected: "", received: "u" });
    await expect(client.$cache()).rejects.toMatchObject({ expected: "a{sv}", received: "u" });
  });
});

describe("C06 error without body, non-string first arg, 1 MB text, unknown name", () => {
  const long = "x".repeat(2 ** 20);
  const ERRORS: readonly (readonly [string, string, readonly unknown[], string])[] = [
    ["without body", "", [], ""],
    ["with a number", "us", [1, "text"], ""],
    ["with a long text", "s", [long], long],
    ["with more after the text", "su", ["text", 1], "text"],
  ];
  test.each(ERRORS)("%s", async (_, signature, values, message) => {
    const { client } = await fake((call, bus) => bus.fail(call, ":1.8", "org.example.Unknown", signature, values));
    const error = await client.stop().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DBusError);
    expect(error).toMatchObject({ errorName: "org.example.Unknown" });
    expect(error instanceof Error && error.message === message).toBe(true);
  });
});

test("C07 signal from non-owner on our path and interface is not delivered, broadcast or unicast", async () => {
  const { jukebox } = await serve();
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const heard: string[] = [];
  await client.signals.trackChanged.subscribe((track) => heard.push(track));
  await using _cache = await client.$cache();
  const forger = await open();
  const signal = { path: PATH, interface: Jukebox1.name, member: "TrackChanged", codec: bodyCodec("st") };
  const changed = { path: PATH, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
  const body = { codec: bodyCodec("sa{sv}as"), args: [Jukebox1.name, { Volume: new Variant("d", 0.666) }, []] };
  for (const destination of [undefined, bus.uniqueName]) {
    const to = destination === undefined ? {} : { destination };
    forger.emit({ ...signal, args: ["forged", 1n], ...to });
    forger.emit({ ...changed, ...body, ...to });
  }
  await forger.call({ destination: bus.uniqueName, path: "/", member: "Ping" });
  jukebox.signals.trackChanged("real", 1n);
  await client.stop();
  expect(heard).toEqual(["real"]);
  expect(client.properties.volume.value).not.toBe(0.666);
  expect(bus.counters.drops.foreignSignal).toBe(2);
});

test("C08 StatusChanged from another well-known name is not delivered", async () => {
  await serve();
  const other = await open();
  const impostor = new Jukebox();
  await other.serve(PATH, impostor);
  await other.requestName("org.example.Other");
  const bus = await open();
  const [mine, its] = [TARGET, { ...TARGET, destination: "org.example.Other" }].map((target) => {
    return new Jukebox1Client(bus, target);
  });
  const heard: string[] = [];
  await mine?.signals.trackChanged.subscribe((track) => heard.push(`mine ${track}`));
  await its?.signals.trackChanged.subscribe((track) => heard.push(`its ${track}`));
  impostor.signals.trackChanged("a", 1n);
  await its?.stop();
  expect(heard).toEqual(["its a"]);
});

test("C09 signal with the wrong signature is dropped and counted, the listener is not called", async () => {
  const { bus: service, jukebox } = await serve();
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const heard: unknown[] = [];
  await client.signals.trackChanged.subscribe((...args) => heard.push(args));
  const signal = { path: PATH, interface: Jukebox1.name, member: "TrackChanged" };
  service.emit({ ...signal, codec: bodyCodec("s"), args: ["short"] });
  service.emit({ ...signal, codec: bodyCodec("stu"), args: ["long", 1n, 1] });
  service.emit({ ...signal, codec: bodyCodec("su"), args: ["other", 1] });
  jukebox.signals.trackChanged("right", 1n);
  await client.stop();
  expect(heard).toEqual([["right", 1n]]);
  expect(bus.counters.drops.wrongSignature).toBe(3);
});

test("C10 owner change: cache cleared, told, re-read; signals of the new owner come with no extra call", async () => {
  const first = await serve();
  first.jukebox.properties.volume = 0.1;
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const owners: (string | undefined)[] = [];
  await bus.watchName(NAME, (owner) => owners.push(owner));
  const values: (number | undefined)[] = [];
  const tracks: string[] = [];
  await client.properties.volume.subscribe((value) => values.push(value));
  await client.signals.trackChanged.subscribe((track) => tracks.push(track));
  await first.bus.close();
  await expect.poll(() => client.properties.volume.value).toBeUndefined();
  const second = await serve();
  second.jukebox.signals.trackChanged("of the second", 1n);
  await expect.poll(() => values).toEqual([0.1, undefined, 0.5]);
  expect(tracks).toEqual(["of the second"]);
  expect(owners).toEqual([first.bus.uniqueName, undefined, second.bus.uniqueName]);
  expect(client.properties.repeat.value).toBe(0);
});

test("C11 kill/restart of the service: the first signal after each return arrives, none after it is lost", async () => {
  const returns = await killAndReturn(10);
  expect(returns.map(({ lost }) => lost)).toEqual(Array.from({ length: 10 }, () => 0));
});

test("C13 PropertiesChanged invalidated, of an unknown property, of the wrong type", async () => {
  const { bus: service, everything } = await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  const { announced, invalidated, silent, constant } = client.properties;
  await using _ = await client.$cache();
  expect([announced.value, invalidated.value, silent.value, constant.value]).toEqual([
    ["one"],
    "before",
    undefined,
    "always",
  ]);
  everything.properties.invalidated = "after";
  const change = (values: Readonly<Record<string, Variant>>, invalid: readonly string[] = []): void =>
    service.emit({
      path: PATH,
      interface: "org.freedesktop.DBus.Properties",
      member: "PropertiesChanged",
      codec: bodyCodec("sa{sv}as"),
      args: ["org.example.Sampler1", values, invalid],
    });
  await client.describe$("in order");
  expect(invalidated.value).toBeUndefined();
  expect(await invalidated.get()).toBe("after");
  expect(invalidated.value).toBe("after");
  expect(bus.counters.drops.wrongSignature).toBe(0);
  change({ New: new Variant("s", "x"), Silent: new Variant("u", 9), Constant: new Variant("s", "no") }, ["Constant"]);
  await client.describe$("in order");
  expect([silent.value, constant.value, bus.counters.drops.wrongSignature]).toEqual([undefined, "always", 0]);
  change({ Announced: new Variant("s", "not an array"), Invalidated: new Variant("s", "told") });
  await client.describe$("in order");
  expect([announced.value, invalidated.value]).toEqual([["one"], "told"]);
  expect(bus.counters.drops.wrongSignature).toBe(1);
  change({}, ["Announced", "Unknown"]);
  await client.describe$("in order");
  expect(announced.value).toBeUndefined();
});

test("C14 AddMatch fails: subscribing rejects with LimitsExceeded, and nothing stays behind", async () => {
  const limited = cleanUp(await startPrivateBus({ limits: { max_match_rules_per_connection: 2 } }));
  const service = cleanUp(await connect({ bus: limited.address }));
  const jukebox = new Jukebox();
  await service.serve(PATH, jukebox);
  await service.requestName(NAME);
  const bus = cleanUp(await connect({ bus: limited.address }));
  const client = new Jukebox1Client(bus, TARGET);
  const heard: unknown[] = [];
  const subscription = await client.signals.trackChanged.subscribe((track) => heard.push(track));
  const before = bus.usage;
  await expect(client.$cache()).rejects.toBeInstanceOf(LimitsExceededError);
  await expect(client.properties.volume.subscribe(() => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  expect(client.properties.volume.value).toBeUndefined();
  await client.stop();
  expect(bus.usage).toEqual(before);
  jukebox.signals.trackChanged("still", 1n);
  await client.stop();
  expect(heard).toEqual(["still"]);
  await subscription.close();
  await using _ = await client.$cache();
  expect(client.properties.repeat.value).toBe(0);
});

test("C17 listener throws or rejects: the others are called, each error is told once", async () => {
  const { jukebox } = await serve();
  const log = new ErrorLog();
  const bus = await open({ onError: log.hook });
  const client = new Jukebox1Client(bus, TARGET);
  const heard: unknown[] = [];
  const thrower = (): never => {
    throw new Error("thrown");
  };
  const rejecter = async (): Promise<void> => {
    throw new Error("rejected");
  };
  for (const listener of [thrower, rejecter, (value: unknown) => void heard.push(value)]) {
    await client.signals.trackChanged.subscribe(listener);
    await client.properties.repeat.subscribe(listener);
  }
  jukebox.signals.trackChanged("a", 1n);
  await client.stop();
  expect(heard).toEqual([0, "a"]);
  const told = log.entries.map(({ error, origin }) => [error, origin.kind === "listener" && origin.member]);
  expect(told).toHaveLength(4);
  expect(told).toEqual(
    expect.arrayContaining([
      [new Error("thrown"), "TrackChanged"],
      [new Error("rejected"), "TrackChanged"],
      [new Error("thrown"), "Repeat"],
      [new Error("rejected"), "Repeat"],
    ]),
  );
});

test("C18 abort signal, dispose during call: AbortError, a late reply is dropped", async () => {
  await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  const controller = new AbortController();
  const call = client.later(50, { signal: controller.signal });
  await client.describe$("sent");
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
  await client.later(100);
  expect(bus.counters.drops.lateReply).toBe(1);
  const disposed = expect(client.later(10_000)).rejects.toMatchObject({ name: "DisconnectedError" });
  await bus[Symbol.asyncDispose]();
  await disposed;
  expect(bus.usage.pendingCalls).toBe(0);
});

test("C19 call argument out of range, bad path, too deep: an error before anything is sent", async () => {
  const { everything } = await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  await client.describe(1);
  const sent = bus.counters.messagesOut;
  const deep = (levels: number): unknown => (levels === 0 ? new Variant("u", 1) : new Variant("v", deep(levels - 1)));
  const raw = { ...TARGET, interface: "org.example.Sampler1", member: "Echo" };
  for (const [signature, value, text] of [
    ["u", 2 ** 32, "expected an integer from 0 to 4294967295"],
    ["o", "a//b", "expected an object path"],
    ["v", deep(70), "64"],
  ] as const) {
    const call = bus.call({ ...raw, signature, args: [value] });
    await expect(call).rejects.toBeInstanceOf(InvalidValueError);
    await expect(call).rejects.toThrow(text);
  }
  await expect(client.describe(-1)).rejects.toThrow('argument "number"');
  await expect(client.describe(1, { timeout: Number.NaN })).rejects.toBeInstanceOf(InvalidValueError);
  expect(bus.counters.messagesOut).toBe(sent);
  expect([await client.describe(2), everything.calls]).toEqual(["number 2", 0]);
});

test("C20 introspection from a hostile peer: static stubs never introspect", async () => {
  const members: (string | undefined)[] = [];
  const { client } = await fake((call, bus) => {
    members.push(call.member);
    if (call.member === "GetAll") bus.answer(call, ":1.8", "a{sv}", [{}]);
    else bus.fail(call, ":1.8", "org.freedesktop.DBus.Error.UnknownMethod", "", []);
  });
  await using _ = await client.$cache();
  await client.signals.trackChanged.subscribe(() => undefined);
  await expect(client.stop()).rejects.toBeInstanceOf(UnknownMethodError);
  await expect(client.properties.volume.get()).rejects.toBeInstanceOf(UnknownMethodError);
  expect(members).toEqual(["GetAll", "Stop", "Get"]);
});

test("C21 service replies with a file descriptor that did not come: an error here only", async () => {
  const { client, bus } = await fake((call, daemon) => {
    if (call.member === "Open") daemon.answer(call, ":1.8", "u", [0], "h");
    else daemon.answer(call, ":1.8", "", []);
  });
  const Opener = {
    ...Jukebox1,
    methods: { open: { name: "Open", in: [], out: [{ type: "h" }] } },
  } as const;
  class OpenerClient extends Client<typeof Opener, object, object> {
    open(): Promise<number> {
      return this.$call(Opener.methods.open, []);
    }
  }
  await expect(new OpenerClient(Opener, bus, TARGET).open()).rejects.toBeInstanceOf(MissingDescriptorError);
  await client.stop();
  expect(bus.usage.pendingCalls).toBe(0);
});
