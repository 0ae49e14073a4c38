import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Bus,
  connect,
  InvalidValueError,
  LimitsExceededError,
  UnknownObjectError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { rawBus } from "../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1Client } from "../fixtures/jukebox.ts";
import { Everything, Jukebox } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const NAME = "org.example.Cached";
const TARGET = { destination: NAME, path: "/cached" };
let daemon: PrivateBus;
let service: Bus;
let bus: Bus;
let jukebox: Jukebox;

beforeAll(async () => {
  daemon = await startPrivateBus();
  bus = await connect({ bus: daemon.address });
});
beforeEach(async () => {
  await service?.close();
  service = await connect({ bus: daemon.address });
  jukebox = new Jukebox();
  await service.serve(TARGET.path, jukebox, new Everything());
  await service.requestName(NAME);
});
afterAll(async () => {
  await bus?.close();
  await service?.close();
  await daemon?.stop();
});

test("the cache stays on until both of its users have turned it off", async () => {
  const client = new Jukebox1Client(bus, TARGET);
  const { volume } = client.properties;
  const before = bus.usage.listeners;
  expect(volume.value).toBeUndefined();
  const [first, second] = await Promise.all([client.$cache(), client.$cache()]);
  expect([volume.value, bus.usage.listeners]).toEqual([0.5, before + 1]);
  await first.close();
  await first.close();
  jukebox.properties.volume = 0.6;
  await client.stop();
  await expect.poll(() => volume.value).toBe(0);
  await second.close();
  expect([volume.value, bus.usage.listeners]).toEqual([undefined, before]);
  await using _again = await client.$cache();
  expect(volume.value).toBe(0);
});

test("get reads from the service and does not fill a cache that is off", async () => {
  const { volume } = new Jukebox1Client(bus, TARGET).properties;
  jukebox.properties.volume = 0.7;
  expect(await volume.get()).toBe(0.7);
  expect(volume.value).toBeUndefined();
});

test("an iteration over changes starts with the current value and turns off the cache at its end", async () => {
  const client = new Jukebox1Client(bus, TARGET);
  const before = bus.usage.listeners;
  const seen: (number | undefined)[] = [];
  for await (const value of client.properties.volume.changes) {
    seen.push(value);
    if (value === 0.5) jukebox.properties.volume = 0.8;
    if (value === 0.8) await service.close();
    if (value === undefined) break;
  }
  expect(seen).toEqual([0.5, 0.8, undefined]);
  expect(bus.usage.listeners).toBe(before);
});

test("a listener receives each change once, when all values of the signal are stored", async () => {
  const client = new Sampler1Client(bus, TARGET);
  const received: unknown[] = [];
  const { announced, invalidated, silent } = client.properties;
  const subscription = await announced.subscribe((value) => received.push([value, invalidated.value]));
  await using _silent = await silent.subscribe((value) => received.push(value));
  expect(received).toEqual([[["one"], "before"]]);
  const other = new Sampler1Client(bus, TARGET);
  await other.properties.invalidated.set("new");
  await other.properties.announced.set(["two"]);
  await other.properties.silent.set(7);
  await other.properties.announced.set(["two"]);
  expect(received.slice(1)).toEqual([[["two"], undefined]]);
  await subscription.close();
  await other.properties.announced.set(["three"]);
  expect(received).toHaveLength(2);
});

test("the cache is empty while the name has no owner", async () => {
  const client = new Jukebox1Client(bus, { ...TARGET, destination: "org.example.Later" });
  await using _ = await client.$cache();
  expect(client.properties.volume.value).toBeUndefined();
  await service.requestName("org.example.Later");
  await expect.poll(() => client.properties.volume.value).toBe(0.5);
});

test("the cache of a missing object cannot be turned on; an object that is added later is read at its first signal", async () => {
  const client = new Jukebox1Client(bus, { ...TARGET, path: "/late" });
  const before = bus.usage;
  await expect(client.$cache()).rejects.toBeInstanceOf(UnknownObjectError);
  expect(bus.usage).toEqual(before);
  await using early = await connect({ bus: daemon.address });
  const later = new Jukebox1Client(bus, { destination: "org.example.Early", path: "/late" });
  await using _ = await later.$cache();
  await early.requestName("org.example.Early");
  await expect.poll(() => bus.counters.errors).toBeGreaterThan(0);
  await later.stop().catch(() => undefined);
  const late = new Jukebox();
  await early.serve("/late", late);
  late.properties.volume = 0.25;
  await expect.poll(() => [later.properties.volume.value, later.properties.repeat.value]).toEqual([0.25, 0]);
});

test("an object is read a second time if a signal arrives together with its error reply", async () => {
  const properties = { path: "/late", interface: "org.freedesktop.DBus.Properties" };
  let asked = 0;
  await using early = await rawBus(daemon.address, {
    onCall(call, own) {
      if (++asked > 1) return own.reply(call, bodyCodec("a{sv}"), [{ Volume: new Variant("d", 0.75) }]);
      own.replyError(call, "org.freedesktop.DBus.Error.UnknownObject", "not yet");
      const args = ["org.example.Jukebox1", { Volume: new Variant("d", 0.25) }, []];
      own.emit({ ...properties, member: "PropertiesChanged", codec: bodyCodec("sa{sv}as"), args });
    },
  });
  const client = new Jukebox1Client(bus, { destination: "org.example.OnePiece", path: "/late" });
  await using _ = await client.$cache();
  await early.requestName("org.example.OnePiece");
  await expect.poll(() => [asked, client.properties.volume.value]).toEqual([2, 0.75]);
});

test("the cache of a unique name is cleared when its owner leaves the bus", async () => {
  const client = new Jukebox1Client(bus, { ...TARGET, destination: service.uniqueName });
  await using _ = await client.$cache();
  expect(client.properties.volume.value).toBe(0.5);
  await service.close();
  await expect.poll(() => client.properties.volume.value).toBeUndefined();
});

test("the end of the connection clears the cache and ends iterations", async () => {
  const own = await connect({ bus: daemon.address });
  const { volume } = new Jukebox1Client(own, TARGET).properties;
  const changes = volume.changes[Symbol.asyncIterator]();
  expect(await changes.next()).toEqual({ done: false, value: 0.5 });
  const next = expect(changes.next().then(() => changes.next())).rejects.toMatchObject({ name: "DisconnectedError" });
  await own.close();
  await next;
  expect(volume.value).toBeUndefined();
});

test("the cache and its listeners continue with the current values after a restart of the bus", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cache-"));
  const path = join(folder, "bus");
  const options = { bus: `unix:path=${path}`, reconnect: { minDelay: 10 } };
  const first = await startPrivateBus({ path });
  await using server = await connect(options);
  const own = new Jukebox();
  await server.serve(TARGET.path, own);
  await server.requestName(NAME);
  await using client = await connect(options);
  const { volume, repeat } = new Jukebox1Client(client, TARGET).properties;
  const received: unknown[] = [];
  await using _ = await volume.subscribe((value) => received.push([value, repeat.value]));
  await first.stop("SIGKILL");
  await expect
    .poll(() => received)
    .toEqual([
      [0.5, 0],
      [undefined, undefined],
    ]);
  own.properties.volume = 0.9;
  await using _second = await startPrivateBus({ path });
  await expect.poll(() => received.slice(2)).toEqual([[0.9, 0]]);
  own.properties.volume = 0.3;
  await expect.poll(() => received.slice(3)).toEqual([[0.3, 0]]);
  await rm(folder, { recursive: true, force: true });
});

test("a stream above its limit returns the queued events, then throws, and has unsubscribed", async () => {
  const { trackChanged } = new Jukebox1Client(bus, TARGET).signals;
  const before = bus.usage.listeners;
  const stream = trackChanged.stream({ limit: 3 });
  const first = stream.next();
  await expect.poll(() => bus.usage.listeners).toBe(before + 1);
  await new Jukebox1Client(bus, TARGET).stop();
  for (const number of [1, 2, 3, 4, 5, 6]) jukebox.signals.trackChanged("t", BigInt(number));
  await expect.poll(() => bus.usage.listeners).toBe(before);
  expect(await first).toEqual({ done: false, value: ["t", 1n] });
  const rest: bigint[] = [];
  await expect(async () => {
    for await (const [, number] of stream) rest.push(number);
  }).rejects.toBeInstanceOf(LimitsExceededError);
  expect(rest).toEqual([2n, 3n, 4n]);
});

test.each([0, -1, Number.NaN])("a stream with the limit %s is refused", (limit) => {
  const { trackChanged } = new Jukebox1Client(bus, TARGET).signals;
  expect(() => trackChanged.stream({ limit })).toThrow(InvalidValueError);
});
