import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import {
  type Bus,
  connect,
  InvalidReplySignatureError,
  type ManagedChange,
  ObjectManagerClient,
  type ServedObject,
  UnknownObjectError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { rawService } from "../../../generator/tools/raw-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1Client } from "../fixtures/jukebox.ts";
import { ErrorLog, Everything, Jukebox } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const NAME = "org.example.Managed";
const CLASSES = { jukebox: Jukebox1Client, everything: Sampler1Client };
let daemon: PrivateBus;
let bus: Bus;
let service: Bus;
let served: Map<string, ServedObject>;

async function serve(...paths: readonly string[]): Promise<void> {
  service = await connect({ bus: daemon.address });
  served = new Map();
  await service.serveObjectManager("/managed");
  for (const path of paths) served.set(path, await service.serve(path, new Jukebox()));
  await service.requestName(NAME);
}

beforeEach(async () => {
  daemon = await startPrivateBus();
  bus = await connect({ bus: daemon.address });
  await serve("/managed/a", "/managed/b");
});
afterEach(async () => {
  await bus.close();
  await service.close();
  await daemon.stop();
});

const manage = () => new ObjectManagerClient(bus, { destination: NAME, path: "/managed" }, CLASSES);

test("an error of a client class is reported, and the connection and other listeners remain", async () => {
  const log = new ErrorLog();
  await using other = await connect({ bus: daemon.address, onError: log.hook });
  const added: string[] = [];
  await using manager = new ObjectManagerClient(other, { destination: NAME, path: "/managed" }, CLASSES);
  let isBroken = false;
  class Broken extends Jukebox1Client {
    constructor(...args: ConstructorParameters<typeof Jukebox1Client>) {
      super(...args);
      if (isBroken) throw new Error("a bug of the constructor");
    }
  }
  const target = { destination: NAME, path: "/managed" };
  await using broken = new ObjectManagerClient(other, target, { jukebox: Broken });
  await broken.objects();
  isBroken = true;
  await manager.subscribe(({ object }) => void added.push(object.path));
  await service.serve("/managed/c", new Jukebox());
  await expect.poll(() => added).toContain("/managed/c");
  expect(log.entries).toEqual([
    {
      error: new Error("a bug of the constructor"),
      origin: {
        kind: "listener",
        sender: NAME,
        path: "/managed",
        interface: "org.freedesktop.DBus.ObjectManager",
        member: "InterfacesAdded",
      },
    },
  ]);
  expect(await broken.objects()).toHaveLength(2);
});

test("objects have typed clients whose property values are known", async () => {
  await using manager = manage();
  expect(manager.get("/managed/a")).toBeUndefined();
  const objects = await manager.objects();
  expect(objects.map(({ path }) => path).sort()).toEqual(["/managed/a", "/managed/b"]);
  const client = manager.get("/managed/a")?.interfaces.jukebox;
  expectTypeOf(client).toEqualTypeOf<Jukebox1Client | undefined>();
  expect(client).toBeInstanceOf(Jukebox1Client);
  expect([client?.properties.volume.value, client?.properties.repeat.value]).toEqual([0.5, 0]);
  expect(manager.get("/managed/a")?.interfaces.everything).toBeUndefined();
  await client?.stop();
  expect(client?.properties.volume.value).toBe(0);
  expect(manager.get("/managed/b")?.interfaces.jukebox?.properties.volume.value).toBe(0.5);
});

test("added and removed interfaces are reported, and the values of removed ones are cleared", async () => {
  await using manager = manage();
  const reported: string[] = [];
  const tell = (change: ManagedChange<typeof CLASSES>): void => {
    const value =
      change.interface === "jukebox" ? change.client.properties.volume.value : change.client.properties.constant.value;
    reported.push(`${change.kind} ${change.object.path} ${change.interface} ${value}`);
  };
  await using subscription = await manager.subscribe(tell);
  expect(reported.sort()).toEqual(["added /managed/a jukebox 0.5", "added /managed/b jukebox 0.5"]);
  reported.length = 0;
  const everything = await service.serve("/managed/a", new Everything());
  await expect.poll(() => reported).toEqual(["added /managed/a everything always"]);
  const client = manager.get("/managed/b")?.interfaces.jukebox;
  await served.get("/managed/b")?.close();
  await expect.poll(() => reported.slice(1)).toEqual(["removed /managed/b jukebox undefined"]);
  expect([manager.get("/managed/b"), client?.properties.volume.value]).toEqual([undefined, undefined]);
  const again = await service.serve("/managed/b", new Jukebox());
  await expect.poll(() => manager.get("/managed/b")?.interfaces.jukebox?.properties.volume.value).toBe(0.5);
  expect(client?.properties.volume.value).toBeUndefined();
  await again.close();
  await expect.poll(() => manager.get("/managed/b")).toBeUndefined();
  reported.splice(2);
  await everything.close();
  await expect.poll(() => reported.slice(2)).toEqual(["removed /managed/a everything undefined"]);
  expect(Object.keys(manager.get("/managed/a")?.interfaces ?? {})).toEqual(["jukebox"]);
  await subscription.close();
  await service.serve("/managed/c", new Jukebox());
  await expect.poll(() => manager.get("/managed/c")?.path).toBe("/managed/c");
  expect(reported).toHaveLength(3);
});

test("the objects of another owner of the name are read without a call of the application", async () => {
  await using manager = manage();
  await manager.objects();
  const before = manager.get("/managed/a")?.interfaces.jukebox;
  await service.close();
  await expect.poll(() => manager.get("/managed/a")).toBeUndefined();
  await serve("/managed/a", "/managed/new");
  await expect.poll(() => manager.get("/managed/new")?.interfaces.jukebox?.properties.volume.value).toBe(0.5);
  const after = manager.get("/managed/a")?.interfaces.jukebox;
  expect(after).not.toBe(before);
  expect([before?.properties.volume.value, after?.properties.volume.value]).toEqual([undefined, 0.5]);
  expect((await manager.objects()).length).toBe(2);
});

test("an iteration over changes ends when the client is closed", async () => {
  const manager = manage();
  const changes = manager.changes[Symbol.asyncIterator]();
  const first = await Promise.all([changes.next(), changes.next()]);
  expect(first.map(({ value }) => value?.kind)).toEqual(["added", "added"]);
  const usage = bus.usage.listeners;
  await manager.close();
  const rest = [await changes.next(), await changes.next()];
  expect(rest.map(({ value }) => value?.kind)).toEqual(["removed", "removed"]);
  await expect(changes.next()).rejects.toThrow("closed");
  expect(bus.usage.listeners).toBe(usage - 3);
  expect(await manager.objects()).toHaveLength(2);
  await manager.close();
});

test("clients of managed objects use the values of the manager, and a separate cache after removal", async () => {
  const manager = manage();
  await manager.objects();
  const client = manager.get("/managed/a")?.interfaces.jukebox;
  const rules = bus.usage.matchRules;
  const heard: unknown[] = [];
  await client?.properties.volume.subscribe((value) => heard.push(value));
  await client?.stop();
  expect([bus.usage.matchRules, heard]).toEqual([rules, [0.5, 0]]);
  await manager.close();
  expect(heard).toEqual([0.5, 0, undefined]);
  const own = await client?.$cache();
  expect(client?.properties.volume.value).toBe(0);
  await own?.close();
});

test("subscribing is refused and releases everything if the path has no object manager", async () => {
  await bus.call({ destination: NAME, path: "/managed", member: "Ping" });
  const before = bus.usage;
  const manager = new ObjectManagerClient(bus, { destination: NAME, path: "/nowhere" }, CLASSES);
  await expect(manager.objects()).rejects.toBeInstanceOf(UnknownObjectError);
  await expect(manager.subscribe(() => undefined)).rejects.toBeInstanceOf(UnknownObjectError);
  expect(bus.usage).toEqual(before);
});

test("closing a client while it starts ends the start and releases everything", async () => {
  await bus.call({ destination: NAME, path: "/managed", member: "Ping" });
  const before = bus.usage;
  const manager = manage();
  const objects = expect(manager.objects()).rejects.toThrow("closed");
  await manager.close();
  await objects;
  expect([bus.usage, manager.get("/managed/a")]).toEqual([before, undefined]);
});

describe("an object manager with wrong types", () => {
  const OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager";
  const JUKEBOX = "org.example.Jukebox1";
  const liar = { destination: "org.example.Liar", path: "/liar" };
  const managed = (volume: Variant) => new Map([["/liar/a", { [JUKEBOX]: { Volume: volume } }]]);

  test("is refused if the reply has another type", async () => {
    await using _ = await rawService(daemon.address, liar.destination, () => ["s", "objects"]);
    const manager = new ObjectManagerClient(bus, liar, CLASSES);
    await expect(manager.objects()).rejects.toThrow(InvalidReplySignatureError);
  });

  test("has no value for a property of another type, and a signal with one is counted", async () => {
    await using service = await rawService(daemon.address, liar.destination, () => [
      "a{oa{sa{sv}}}",
      managed(new Variant("s", "loud")),
    ]);
    await using manager = new ObjectManagerClient(bus, liar, CLASSES);
    await manager.objects();
    const volume = manager.get("/liar/a")?.interfaces.jukebox?.properties.volume;
    const announce = (value: Variant): void =>
      service.emit(
        "/liar/a",
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        "sa{sv}as",
        JUKEBOX,
        { Volume: value },
        [],
      );
    expect(volume?.value).toBeUndefined();
    announce(new Variant("d", 0.7));
    await expect.poll(() => volume?.value).toBe(0.7);
    announce(new Variant("u", 7));
    await expect.poll(() => bus.counters.drops.wrongSignature).toBe(1);
    service.emit("/liar", OBJECT_MANAGER, "InterfacesAdded", "s", "/liar/b");
    await expect.poll(() => bus.counters.drops.wrongSignature).toBe(2);
    expect([manager.get("/liar/b"), volume?.value]).toEqual([undefined, 0.7]);
  });
});
