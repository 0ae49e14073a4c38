import { afterAll, afterEach, beforeAll, beforeEach, expect, expectTypeOf, test } from "vitest";
import {
  type Bus,
  connect,
  DBusError,
  DisconnectedError,
  LimitsExceededError,
  type LiveChange,
  ObjectManagerClient,
  type ServedObject,
  UnknownObjectError,
  Variant,
  watchObjects,
} from "../../../../runtime/core/index.ts";
import { type RawAnswer, rawService } from "../../../generator/tools/raw-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1Client, type RepeatMode } from "../fixtures/jukebox.ts";
import { ErrorLog, Everything, Jukebox } from "../fixtures/services.ts";

const NAME = "org.example.Live";
const ROOT = "/live";
let daemon: PrivateBus;
let bus: Bus;
let service: Bus;
let log: ErrorLog;
const served = new Map<string, { readonly jukebox: Jukebox; readonly handle: ServedObject }>();

async function add(path: string): Promise<void> {
  const jukebox = new Jukebox();
  served.set(path, { jukebox, handle: await service.serve(path, jukebox) });
}
const jukeboxAt = (path: string): Jukebox => served.get(path)?.jukebox ?? new Jukebox();

async function startService(): Promise<void> {
  service = await connect({ bus: daemon.address });
  await service.serveObjectManager(ROOT);
  await service.serve("/live/other", new Everything());
  await add("/live/a");
  await add("/live/tree/b");
  await service.requestName(NAME);
}

beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());
beforeEach(async () => {
  log = new ErrorLog();
  bus = await connect({ bus: daemon.address, onError: log.hook });
  await startService();
});
afterEach(async () => {
  await bus.close();
  await service.close();
  served.clear();
});

/** Usage without any watch. The remaining match rule reports owners of names. */
const NOTHING = { listeners: 0, matchRules: 1 };
const INTERFACE = { interface: Jukebox1Client };

/** Returns a listener that records changes as text, such as `changed /live/a volume 0.25`. */
function record(changes: string[]) {
  return ({ kind, object, changed }: LiveChange<Jukebox1Client>): void =>
    void changes.push([kind, object.path, ...changed, object.values.volume].join(" "));
}

test("the map has the objects with the interface, with typed clients and values", async () => {
  await using objects = await watchObjects(bus, NAME, ROOT, INTERFACE);
  expect([objects.size, [...objects.keys()].sort()]).toEqual([2, ["/live/a", "/live/tree/b"]]);
  expect([objects.has("/live/a"), objects.has("/live/other")]).toEqual([true, false]);
  const object = objects.get("/live/a");
  expectTypeOf(object?.client).toEqualTypeOf<Jukebox1Client | undefined>();
  expectTypeOf(object?.values).toEqualTypeOf<{ readonly volume?: number; readonly repeat?: RepeatMode } | undefined>();
  expect(object?.values).toEqual({ volume: 0.5, repeat: 0 });
  expect(object?.client.properties.volume.value).toBe(0.5);
  await object?.client.stop();
  expect(object?.values).toEqual({ volume: 0, repeat: 0 });
  expect([...objects].map(([path, { values }]) => [path, values.volume]).sort()).toEqual([
    ["/live/a", 0],
    ["/live/tree/b", 0.5],
  ]);
  const seen: string[] = [];
  objects.forEach(({ path }, key, map) => void seen.push(`${path === key && map === objects}`));
  expect(seen).toEqual(["true", "true"]);
});

test("objects that are added, changed and removed are reported, and removed ones keep their last values", async () => {
  await using objects = await watchObjects(bus, NAME, ROOT, INTERFACE);
  const changes: string[] = [];
  await using _ = objects.subscribe(record(changes));
  expect(changes.splice(0).sort()).toEqual(["added /live/a 0.5", "added /live/tree/b 0.5"]);
  await add("/live/c");
  jukeboxAt("/live/c").properties.volume = 0.25;
  await expect.poll(() => changes).toEqual(["added /live/c 0.5", "changed /live/c volume 0.25"]);
  changes.length = 0;
  await served.get("/live/c")?.handle.close();
  await expect.poll(() => changes).toEqual(["removed /live/c 0.25"]);
  expect(objects.has("/live/c")).toBe(false);
});

test("an iteration begins with the current objects, and ends when the map is closed", async () => {
  const objects = await watchObjects(bus, NAME, ROOT, INTERFACE);
  const changes: string[] = [];
  const add = record(changes);
  const iteration = (async () => {
    for await (const change of objects.changes) add(change);
  })();
  await expect.poll(() => changes.length).toBe(2);
  jukeboxAt("/live/a").properties.volume = 1;
  await expect.poll(() => changes.at(-1)).toBe("changed /live/a volume 1");
  const ended = expect(iteration).rejects.toBeInstanceOf(DisconnectedError);
  await objects.close();
  await ended;
  expect([await objects.closed, objects.size]).toEqual([undefined, 0]);
  await expect(objects.changes[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(DisconnectedError);
  expect(bus.usage).toMatchObject({ listeners: 0 });
});

test("the filters select objects by path and by their current values", async () => {
  await using below = await watchObjects(bus, NAME, ROOT, { ...INTERFACE, below: "/live/tree" });
  expect([...below.keys()]).toEqual(["/live/tree/b"]);
  await using loud = await watchObjects(bus, NAME, ROOT, {
    ...INTERFACE,
    where: ({ values: { volume = 0 } }) => volume > 0.6,
  });
  const changes: string[] = [];
  await using _ = loud.subscribe(record(changes));
  const { properties } = jukeboxAt("/live/a");
  for (const [volume, change] of [
    [0.7, "added /live/a 0.7"],
    [0.8, "changed /live/a volume 0.8"],
    [0.1, "removed /live/a 0.1"],
  ] as const) {
    properties.volume = volume;
    await expect.poll(() => changes.at(-1)).toBe(change);
  }
  expect(changes).toHaveLength(3);
  expect(loud.size).toBe(0);
});

test("an error of a filter or listener is reported, and others still run", async () => {
  const mistake = new Error("a bug");
  await using objects = await watchObjects(bus, NAME, ROOT, {
    ...INTERFACE,
    where: ({ path }) => {
      if (path === "/live/a") throw mistake;
      return true;
    },
  });
  expect([...objects.keys()]).toEqual(["/live/tree/b"]);
  await using _ = objects.subscribe(() => {
    throw mistake;
  });
  expect(log.entries.map(({ error }) => error)).toEqual([mistake, mistake]);
  expect(log.entries[0]?.origin).toMatchObject({ kind: "listener", sender: NAME, path: ROOT });
});

test("after a restart of the service, the objects of the new one are in the map", async () => {
  await using objects = await watchObjects(bus, NAME, ROOT, INTERFACE);
  const changes: string[] = [];
  await using _ = objects.subscribe(record(changes));
  jukeboxAt("/live/a").properties.volume = 0.9;
  await expect.poll(() => changes.length).toBe(3);
  changes.length = 0;
  await service.close();
  await expect.poll(() => objects.size).toBe(0);
  expect(changes.splice(0).sort()).toEqual(["removed /live/a 0.9", "removed /live/tree/b 0.5"]);
  await startService();
  await expect.poll(() => objects.size).toBe(2);
  expect(changes.sort()).toEqual(["added /live/a 0.5", "added /live/tree/b 0.5"]);
});

test("an error reply of the service rejects, and releases everything", async () => {
  await expect(watchObjects(bus, NAME, "/none", INTERFACE)).rejects.toBeInstanceOf(UnknownObjectError);
  await expect.poll(() => bus.usage).toMatchObject(NOTHING);
});

test("the map ends with its connection", async () => {
  const objects = await watchObjects(bus, NAME, ROOT, INTERFACE);
  await bus.close();
  expect([await objects.closed, objects.size]).toEqual([expect.any(DisconnectedError), 0]);
});

/** Returns the interfaces of one object of a hostile service. */
const jukebox = (volume: number, name = "org.example.Jukebox1") => ({ [name]: { Volume: new Variant("d", volume) } });
/** Returns objects of a hostile service. */
const jukeboxes = (count: number) =>
  new Map(Array.from({ length: count }, (_, index) => [`/o/${index}`, jukebox(index)] as const));

const REPLIES: readonly (readonly [string, RawAnswer])[] = [
  ["more interfaces than the limit", ["a{oa{sa{sv}}}", jukeboxes(101)]],
  ["longer paths than the limit", ["a{oa{sa{sv}}}", new Map([[`/${"a".repeat(20_000)}`, jukebox(1)]])]],
];
test.each(REPLIES)("%s are refused when the objects are read", async (_, reply) => {
  await using hostile = await rawService(daemon.address, "org.example.Hostile", () => reply);
  const limits = { maxInterfaces: 100, maxBytes: 20_000 };
  await expect(watchObjects(bus, hostile.name, "/", { ...INTERFACE, ...limits })).rejects.toBeInstanceOf(
    LimitsExceededError,
  );
  await using manager = new ObjectManagerClient(
    bus,
    { destination: hostile.name, path: "/" },
    { it: Jukebox1Client },
    limits,
  );
  await expect(manager.objects()).rejects.toBeInstanceOf(LimitsExceededError);
  await expect.poll(() => bus.usage).toMatchObject(NOTHING);
});

test("a service that adds more objects than the limit ends the map", async () => {
  await using hostile = await rawService(daemon.address, "org.example.Hostile", () => ["a{oa{sa{sv}}}", jukeboxes(99)]);
  const objects = await watchObjects(bus, hostile.name, "/", { ...INTERFACE, maxInterfaces: 100 });
  const changes: string[] = [];
  objects.subscribe(record(changes));
  const iterator = objects.changes[Symbol.asyncIterator]();
  await iterator.next();
  const emit = (path: string): void =>
    hostile.emit("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", path, jukebox(1));
  for (const path of ["/n/1", "/n/1", "/n/2", "/n/3"]) emit(path);
  const reason = await objects.closed;
  expect([reason, objects.size]).toEqual([expect.any(LimitsExceededError), 0]);
  expect(changes.filter((change) => change.startsWith("removed"))).toHaveLength(100);
  const rest = (async () => {
    for await (const _ of { [Symbol.asyncIterator]: () => iterator });
  })();
  await expect(rest).rejects.toBe(reason);
  await expect.poll(() => bus.usage).toMatchObject(NOTHING);
});

test("signals about any number of objects during a read are limited, too", async () => {
  await using hostile = await rawService(daemon.address, "org.example.Hostile", () => undefined);
  const watched = watchObjects(bus, hostile.name, "/", { ...INTERFACE, maxInterfaces: 100 });
  const refused = expect(watched).rejects.toBeInstanceOf(LimitsExceededError);
  const manager = "org.freedesktop.DBus.ObjectManager";
  await expect.poll(() => bus.usage.matchRules).toBeGreaterThan(2);
  const timer = setInterval(() => {
    for (let index = 0; index < 101; index++)
      hostile.emit("/", manager, "InterfacesRemoved", "oas", `/o/${index}`, ["org.example.Jukebox1"]);
  }, 20);
  await refused;
  clearInterval(timer);
});

test("an error of the service that is called LimitsExceeded does not end the map", async () => {
  const present: RawAnswer = ["a{oa{sa{sv}}}", jukeboxes(1)];
  const answers = [present, new DBusError("org.freedesktop.DBus.Error.LimitsExceeded", "busy"), present];
  const serve = () => rawService(daemon.address, "org.example.Busy", () => answers.shift());
  const first = await serve();
  await using objects = await watchObjects(bus, "org.example.Busy", "/", INTERFACE);
  expect(objects.size).toBe(1);
  await first[Symbol.asyncDispose]();
  await using second = await serve();
  await expect.poll(() => answers.length).toBe(1);
  expect(objects.size).toBe(0);
  second.emit("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", "/n", jukebox(1));
  await expect.poll(() => objects.size).toBe(2);
});
