import { afterEach, beforeEach, expect, test } from "vitest";
import { type Bus, connect, type DiagnosticEvents, NoReplyError } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { onDiagnostic, until } from "../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { ErrorLog, Everything } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const NAME = "org.example.Observed";
let daemon: PrivateBus;
let service: Bus;
let bus: Bus;
let client: Sampler1Client;
const stops: (() => void)[] = [];

beforeEach(async () => {
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  await service.serve("/a", new Everything());
  await service.requestName(NAME);
  bus = await connect({ bus: daemon.address });
  client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  await client.describe$("the owner is known");
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await bus.close();
  await service.close();
  await daemon.stop();
});

/**
 * Starts to record the events of a channel about the client's connection. Returns the list to which events are added.
 */
function record<Name extends keyof DiagnosticEvents>(name: Name): DiagnosticEvents[Name][] {
  const events: DiagnosticEvents[Name][] = [];
  const own = bus.uniqueName;
  stops.push(onDiagnostic(name, (event) => void (event.connection === own && events.push(event))));
  return events;
}

test("publishes messages with header, signature and size", async () => {
  const events = record("dbus-codegen:message");
  const before = { ...bus.counters };
  await client.describe$("x");
  expect(events).toMatchObject([
    {
      direction: "out",
      signature: "s",
      header: { type: 1, destination: NAME, path: "/a", interface: "org.example.Sampler1", member: "Describe" },
    },
    { direction: "in", signature: "s", header: { type: 2, sender: service.uniqueName, destination: bus.uniqueName } },
  ]);
  const [call, reply] = events;
  expect(reply?.header.replySerial).toBe(call?.header.serial);
  expect(call?.size).toBe(bus.counters.bytesOut - before.bytesOut);
  expect(reply?.size).toBe(bus.counters.bytesIn - before.bytesIn);
  expect([bus.counters.messagesOut - before.messagesOut, bus.counters.messagesIn - before.messagesIn]).toEqual([1, 1]);
});

test("publishes calls with duration and outcome", async () => {
  const events = record("dbus-codegen:call");
  const before = { ...bus.counters };
  await client.later(30);
  await client.fail("error").catch(() => undefined);
  await expect(client.later(100, { timeout: 10 })).rejects.toBeInstanceOf(NoReplyError);
  const controller = new AbortController();
  const aborted = client.later(100, { signal: controller.signal }).catch(() => undefined);
  controller.abort();
  await aborted;
  const lost = client.later(100).catch(() => undefined);
  await bus.close();
  await lost;
  expect(events.map(({ member, outcome, errorName }) => [member, outcome, errorName])).toEqual([
    ["Later", "reply", undefined],
    ["Fail", "error", "org.freedesktop.DBus.Error.Failed"],
    ["Later", "timeout", undefined],
    ["Later", "aborted", undefined],
    ["Later", "disconnected", undefined],
  ]);
  expect(events[0]).toMatchObject({ destination: NAME, path: "/a", interface: "org.example.Sampler1" });
  expect(events[0]?.duration).toBeGreaterThan(25);
  expect(events[0]?.duration).toBeLessThan(20_000);
  const { calls, errors, timeouts } = bus.counters;
  expect([calls - before.calls, errors - before.errors, timeouts - before.timeouts]).toEqual([5, 1, 1]);
});

test("publishes dropped messages and counts them by reason", async () => {
  const heard: number[] = [];
  await client.signals.hasOwnProperty$.subscribe((value) => heard.push(value));
  const events = record("dbus-codegen:drop");
  const from = async (sender: Bus, member: string, signature: string, value: unknown): Promise<void> => {
    const to = { path: "/a", interface: "org.example.Sampler1", destination: bus.uniqueName };
    sender.emit({ ...to, member, codec: bodyCodec(signature), args: [value] });
    await sender.call({ destination: bus.uniqueName, path: "/", member: "Ping" }).catch(() => undefined);
  };
  await using stranger = await connect({ bus: daemon.address });
  await from(service, "HasOwnProperty", "s", "wrong");
  await from(service, "Unheard", "u", 1);
  await from(stranger, "HasOwnProperty", "u", 1);
  await from(service, "HasOwnProperty", "u", 5);
  bus.send({ destination: service.uniqueName, path: "/", member: "Refused", codec: bodyCodec(""), args: [] });
  await client.later(50, { timeout: 10 }).catch(() => undefined);
  await until("the late reply came", () => bus.counters.drops.lateReply === 1);
  expect(heard).toEqual([5]);
  expect(events.map(({ reason, header, signature }) => [reason, header.member, header.sender, signature])).toEqual([
    ["wrongSignature", "HasOwnProperty", service.uniqueName, "s"],
    ["unheardSignal", "Unheard", service.uniqueName, "u"],
    ["foreignSignal", "HasOwnProperty", stranger.uniqueName, "u"],
    ["lateReply", undefined, service.uniqueName, "u"],
  ]);
  expect(bus.counters.drops).toEqual({
    lateReply: 1,
    forgedReply: 0,
    wrongSignature: 1,
    foreignSignal: 1,
    unheardSignal: 1,
    refusedCall: 0,
    overQuota: 0,
    malformedBody: 0,
  });
  expect(service.counters.drops.refusedCall).toBe(1);
});

test("publishes changes of the state of connections", async () => {
  const states: string[] = [];
  stops.push(onDiagnostic("dbus-codegen:connection", ({ state }) => states.push(state)));
  await (await connect({ bus: daemon.address })).close();
  await using _ = await connect({ bus: daemon.address });
  await daemon.stop("SIGKILL");
  await bus.closed;
  await until("all know", () => states.filter((state) => state === "disconnected").length === 3);
  expect(states.slice(0, 3)).toEqual(["connected", "closed", "connected"]);
});

test("watchName begins with the current owner, and reports listeners that throw", async () => {
  const log = new ErrorLog();
  await using watcher = await connect({ bus: daemon.address, onError: log.hook });
  const owners: (string | undefined)[] = [];
  const watch = await watcher.watchName(NAME, (owner) => owners.push(owner));
  const nobody: (string | undefined)[] = [];
  await watcher.watchName("org.example.Nobody", (owner) => nobody.push(owner));
  await watcher.watchName(NAME, () => {
    throw new Error("listener");
  });
  expect([owners, nobody]).toEqual([[service.uniqueName], [undefined]]);
  await service.releaseName(NAME);
  await bus.requestName(NAME);
  await until("the change is heard", () => owners.length === 3);
  expect(owners).toEqual([service.uniqueName, undefined, bus.uniqueName]);
  expect(log.entries.map(({ origin }) => origin)).toEqual(new Array(3).fill({ kind: "nameListener", name: NAME }));
  await watch.close();
  await bus.releaseName(NAME);
  await until("the other listener heard it", () => log.entries.length === 4);
  expect(owners).toHaveLength(3);
  await expect(watcher.watchName("no name" as string, () => undefined)).rejects.toThrow("name: expected a bus name");
});
