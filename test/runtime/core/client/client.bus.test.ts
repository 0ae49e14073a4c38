import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  Client,
  DBusError,
  InvalidReplySignatureError,
  InvalidValueError,
  MissingDescriptorError,
  NoReplyError,
  NotSupportedError,
  UnknownMethodError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { startFakeService, startServices, TARGET } from "../fixtures/client-services.ts";
import { Jukebox1 } from "../fixtures/jukebox.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

test("a call fails once with NoReply when the service leaves the bus, and leaves nothing pending [C01]", async () => {
  const { open, serve } = await startServices();
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

test("a call without a reply fails with NoReply after the timeout, 25 s by default [C02]", async () => {
  const { client, bus } = await startFakeService(() => undefined);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
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

describe("a reply with another signature than declared fails with InvalidReplySignatureError [C04]", () => {
  const REPLIES: readonly (readonly [string, string, readonly unknown[]])[] = [
    ["wrong", "s(st)", ["/a", ["u", 1n]]],
    ["empty", "", []],
    ["extra", "o(st)u", ["/a", ["u", 1n], 1]],
    ["short", "o", ["/a"]],
  ];
  test.each(REPLIES)("signature: %s", async (_, signature, values) => {
    const { client } = await startFakeService((call, bus) => bus.answer(call, ":1.8", signature, values));
    const call = client.play("a", {});
    await expect(call).rejects.toBeInstanceOf(InvalidReplySignatureError);
    await expect(call).rejects.toMatchObject({ expected: "o(st)", received: signature });
  });

  test("of Get, Set and GetAll", async () => {
    const { client } = await startFakeService((call, bus) => bus.answer(call, ":1.8", "u", [1]));
    const { volume } = client.properties;
    await expect(volume.get()).rejects.toMatchObject({ expected: "v", received: "u" });
    await expect(volume.set(1)).rejects.toMatchObject({ expected: "", received: "u" });
    await expect(client.$cache()).rejects.toMatchObject({ expected: "a{sv}", received: "u" });
  });
});

describe("an error reply with an unknown name is a DBusError [C06]", () => {
  const long = "x".repeat(2 ** 20);
  const ERRORS: readonly (readonly [string, string, readonly unknown[], string])[] = [
    ["without body", "", [], ""],
    ["with a number", "us", [1, "text"], ""],
    ["with a long text", "s", [long], long],
    ["with more after the text", "su", ["text", 1], "text"],
  ];
  test.each(ERRORS)("%s", async (_, signature, values, message) => {
    const { client } = await startFakeService((call, bus) =>
      bus.fail(call, ":1.8", "org.example.Unknown", signature, values),
    );
    const error = await client.stop().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DBusError);
    expect(error).toMatchObject({ errorName: "org.example.Unknown" });
    expect(error instanceof Error && error.message === message).toBe(true);
  });
});

test("an aborted call fails with AbortError and its late reply is dropped; a disposed bus fails calls [C18]", async () => {
  const { open, serve } = await startServices();
  await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  const controller = new AbortController();
  // Without a pause, because the reply must not arrive before.
  const call = client.later(1, { signal: controller.signal });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: "AbortError" });
  await expect.poll(() => bus.counters.drops.lateReply).toBe(1);
  const disposed = expect(client.later(10_000)).rejects.toMatchObject({ name: "DisconnectedError" });
  await bus[Symbol.asyncDispose]();
  await disposed;
  expect(bus.usage.pendingCalls).toBe(0);
});

test("an argument that is out of range, an invalid path or too deep fails before anything is sent [C19]", async () => {
  const { open, serve } = await startServices();
  const { everything } = await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  await client.describe(1);
  const sent = bus.counters.messagesOut;
  const deep = (levels: number): Variant => (levels === 0 ? new Variant("u", 1) : new Variant("v", deep(levels - 1)));
  const raw = { ...TARGET, interface: "org.example.Sampler1", member: "Echo" };
  const cases: readonly (readonly [signature: string, value: unknown, text: string])[] = [
    ["u", 2 ** 32, "expected an integer from 0 to 4294967295"],
    ["o", "a//b", "expected an object path"],
    ["v", deep(70), "64"],
  ];
  for (const [signature, value, text] of cases) {
    const call = bus.call({ ...raw, signature, args: [value] });
    await expect(call).rejects.toBeInstanceOf(InvalidValueError);
    await expect(call).rejects.toThrow(text);
  }
  await expect(client.describe(-1)).rejects.toThrow('argument "number"');
  await expect(client.describe(1, { timeout: Number.NaN })).rejects.toBeInstanceOf(InvalidValueError);
  expect(bus.counters.messagesOut).toBe(sent);
  expect([await client.describe(2), everything.calls]).toEqual(["number 2", 0]);
});

test("generated clients never introspect [C20]", async () => {
  const members: (string | undefined)[] = [];
  const { client } = await startFakeService((call, bus) => {
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

test("a reply with a missing file descriptor fails its call only, before it is sent if the contract has it [C21]", async () => {
  const { client, bus } = await startFakeService((call, daemon) => {
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
  const call = { ...TARGET, interface: Opener.name, member: "Open" };
  await expect(bus.call(call)).rejects.toBeInstanceOf(MissingDescriptorError);
  // The contract has a file descriptor, so nothing is sent.
  const sent = bus.counters.messagesOut;
  await expect(new OpenerClient(Opener, bus, TARGET).open()).rejects.toThrow(NotSupportedError);
  expect(bus.counters.messagesOut).toBe(sent);
  await client.stop();
  expect(bus.usage.pendingCalls).toBe(0);
});
