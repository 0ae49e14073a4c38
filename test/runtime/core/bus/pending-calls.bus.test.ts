import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { PendingCalls } from "../../../../runtime/core/bus/pending-calls.ts";
import {
  type Bus,
  type CallEvent,
  DisconnectedError,
  InvalidReplySignatureError,
  NoReplyError,
} from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import type { Message } from "../../../../runtime/core/wire/message.ts";
import { nextLine, onDiagnostic, rawBus, spawnProgram, until } from "../../../reliability/support.ts";
import { cleanUp, daemon, NAME, open, openPair, useCrashingBus } from "../fixtures/lasting-bus.ts";
import { Everything } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

useCrashingBus();

test("wraps serials past 0xffffffff, 0 and the serials of pending calls [S43]", async () => {
  const service = await open();
  await service.serve("/a", new Everything());
  const bus = cleanUp(await rawBus(daemon.address, { lastSerial: 0xffff_fffc }));
  const serials: number[] = [];
  const stop = onDiagnostic("dbus-codegen:message", ({ connection, direction, header }) => {
    if (connection === bus.uniqueName && direction === "out") serials.push(header.serial);
  });
  const call = (member: string, signature: string, arg: unknown): Promise<unknown[]> =>
    bus.call({ destination: service.uniqueName, path: "/a", member, signature, args: [arg] });
  const slow = Array.from({ length: 20 }, (_, index) => call("Later", "u", 20 - index));
  const texts = await Promise.all(Array.from({ length: 20 }, (_, index) => call("Describe", "s", String(index))));
  expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => [`text ${index}`]));
  expect(await Promise.all(slow)).toEqual(Array.from({ length: 20 }, (_, index) => [20 - index]));
  stop();
  expect(serials.slice(0, 4)).toEqual([0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 1]);
  expect(new Set(serials).size).toBe(40);
});

test("fails a call with NoReply when the service dies during the call [C01]", async () => {
  const bus = await open();
  const program = spawnProgram("service", daemon.address, NAME);
  await nextLine(program);
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  let rejections = 0;
  const call = client.later(60_000).catch((error: unknown) => {
    rejections++;
    throw error;
  });
  await client.describe$("the call before has arrived");
  program.kill("SIGKILL");
  await expect(call).rejects.toBeInstanceOf(NoReplyError);
  expect(rejections).toBe(1);
  expect(bus.usage.pendingCalls).toBe(0);
});

test("fails a call with NoReply after its timeout [C02]", async () => {
  const mute = cleanUp(await rawBus(daemon.address));
  const bus = await open();
  const begin = performance.now();
  const call = bus.call({ destination: mute.uniqueName, path: "/", member: "Never" }, { timeout: 50 });
  await expect(call).rejects.toBeInstanceOf(NoReplyError);
  await expect(call).rejects.toThrow("within 50 ms");
  expect(performance.now() - begin).toBeGreaterThan(45);
  expect(bus.usage.pendingCalls).toBe(0);
  expect(bus.counters.timeouts).toBe(1);
});

test("fails a call with NoReply after 25 seconds by default [C02]", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const calls = new PendingCalls(0);
    const request = { destination: ":1.9", path: "/", member: "Never", codec: bodyCodec(""), args: [] };
    const watch = { mayReply: () => true, release: () => undefined };
    let outcome: unknown = "waiting";
    calls
      .wait({ serial: calls.nextSerial(), request, watch }, {}, () => undefined)
      .catch((error: unknown) => {
        outcome = error;
      });
    await vi.advanceTimersByTimeAsync(24_900);
    expect(outcome).toBe("waiting");
    await vi.advanceTimersByTimeAsync(200);
    expect(outcome).toBeInstanceOf(NoReplyError);
    expect(calls.size).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test("drops and counts a late reply and a second reply [C03]", async () => {
  const held: Message[] = [];
  const service = cleanUp(await rawBus(daemon.address, { onCall: (call) => void held.push(call) }));
  const bus = await open();
  const to = { destination: service.uniqueName, path: "/", member: "Late" };
  await expect(bus.call(to, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
  const second = bus.call(to);
  await until("both calls arrived", () => held.length === 2);
  for (const [index, call] of held.entries()) service.reply(call, bodyCodec("u"), [index]);
  for (const call of held) service.reply(call, bodyCodec("u"), [99]);
  expect(await second).toEqual([1]);
  await until("all replies arrived", () => bus.counters.drops.lateReply === 3);
  expect(bus.counters.drops.forgedReply).toBe(0);
});

test("fails a call whose reply has another signature [C04]", async () => {
  const onCall = (call: Message, bus: Bus | Awaited<ReturnType<typeof rawBus>>): void =>
    bus.reply(call, bodyCodec("us"), [1, "extra"]);
  const service = cleanUp(await rawBus(daemon.address, { onCall }));
  const bus = await open();
  const client = new Sampler1Client(bus, { destination: service.uniqueName, path: "/a" });
  const ended: CallEvent[] = [];
  const stop = onDiagnostic("dbus-codegen:call", (event) => void ended.push(event));
  await expect(client.later(1)).rejects.toBeInstanceOf(InvalidReplySignatureError);
  stop();
  expect(ended.map(({ member, outcome }) => [member, outcome])).toEqual([["Later", "invalid"]]);
  expect(bus.counters.errors).toBe(1);
});

test("fails a call immediately on abort and on close, and drops its late reply [C18]", async () => {
  const { bus, client } = await openPair();
  const controller = new AbortController();
  await client.describe$("the owner is known");
  // Without a pause, because the reply must not arrive before.
  const aborted = client.later(1, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
  expect(bus.usage.pendingCalls).toBe(0);
  await until("the late reply arrived", () => bus.counters.drops.lateReply === 1);
  const closing = expect(client.later(50)).rejects.toBeInstanceOf(DisconnectedError);
  await bus.close();
  await closing;
  await expect(client.later(1)).rejects.toThrow("closed by this side");
});

test("registers one function for all calls that share an AbortSignal, on any connection, and none after them", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const held: Message[] = [];
  const service = cleanUp(await rawBus(daemon.address, { onCall: (call) => void held.push(call) }));
  const buses = await Promise.all([open(), open()]);
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = (): number => getEventListeners(signal, "abort").length;
  const call = (index: number): Promise<unknown> => {
    const to = { destination: service.uniqueName, path: "/", member: "Held" };
    return buses[index % 2]?.call(to, { signal }) ?? Promise.reject(new Error("there are two"));
  };
  for (const { name, end } of [
    { name: "replies", end: () => held.forEach((each) => void service.reply(each)) },
    { name: "aborts", end: () => controller.abort(new Error("enough")) },
  ]) {
    held.length = 0;
    const calls = Promise.allSettled(Array.from({ length: 30 }, (_, index) => call(index)));
    expect(listeners()).toBe(1);
    await until("all calls arrived", () => held.length === 30);
    end();
    const outcomes = new Set((await calls).map((outcome) => JSON.stringify(outcome.status)));
    expect([name, [...outcomes], listeners()]).toEqual([name, [name === "replies" ? '"fulfilled"' : '"rejected"'], 0]);
  }
  await expect(call(0)).rejects.toThrow("enough");
  expect(listeners()).toBe(0);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

test("a call that ends because another call was aborted ends once", async () => {
  const service = cleanUp(await rawBus(daemon.address));
  const bus = await open();
  const controller = new AbortController();
  const outcomes: string[] = [];
  const stop = onDiagnostic("dbus-codegen:call", ({ member, outcome }) => {
    if (member !== "Held") return;
    outcomes.push(outcome);
    void bus.close();
  });
  const to = { destination: service.uniqueName, path: "/", member: "Held" };
  const calls = [1, 2, 3].map(() => bus.call(to, { signal: controller.signal }));
  const settled = Promise.allSettled(calls);
  controller.abort();
  await settled;
  stop();
  expect(outcomes).toEqual(["aborted", "disconnected", "disconnected"]);
});

test("lets the process exit after close() with pending work [C22]", async () => {
  const program = spawnProgram("closing-client", daemon.address);
  const exited = new Promise<number | null>((resolve) => program.once("exit", resolve));
  expect(await nextLine(program)).toBe("rejected,rejected");
  expect(await exited).toBe(0);
});
