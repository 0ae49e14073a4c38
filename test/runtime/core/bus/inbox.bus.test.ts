import { describe, expect, onTestFinished, test } from "vitest";
import { type Bus, connect, LimitsExceededError, MalformedMessageError } from "../../../../runtime/core/index.ts";
import type { Quotas } from "../../../../runtime/core/quotas.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { decodeBody, type Message } from "../../../../runtime/core/wire/message.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { messageAs } from "../fixtures/mistyped-messages.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const SERVICE = ":1.8";
const OTHER = ":1.9";
const SAMPLER = "org.example.Sampler1";
const PATH = "/a";
const MANY = new Array(100_000).fill("text");
const TARGET = { destination: SERVICE, path: PATH, interface: SAMPLER };

/** Starts a bus that accepts all match rules and passes all other calls to `onCall`. */
async function start(onCall: (call: Message, bus: FakeBus) => void = () => undefined, quotas: Quotas = {}) {
  const fake = await FakeBus.start((call, bus) => {
    if (call.member === "GetNameOwner") bus.answer(call, "s", [SERVICE], "org.freedesktop.DBus");
    else if (call.destination === "org.freedesktop.DBus") bus.answer(call, "", [], "org.freedesktop.DBus");
    else onCall(call, bus);
  });
  onTestFinished(() => fake[Symbol.asyncDispose]());
  const bus = await connect({ bus: fake.address, quotas });
  onTestFinished(() => bus.close());
  return { fake, bus };
}

/** Subscribes to a signal. Returns a list to which the number of items, or the value, of each signal is added. */
async function listen(bus: Bus, sender: string, signature: string, log: unknown[] = []): Promise<unknown[]> {
  const codec = bodyCodec(signature);
  const onSignal = (signal: Message): void => {
    const [value] = decodeBody(signal, codec);
    log.push(Array.isArray(value) ? value.length : value);
  };
  const onUnreadable = (): void => void log.push("unreadable");
  await bus.listen({ sender, path: PATH, interface: SAMPLER, member: "M", codec, onSignal, onUnreadable });
  return log;
}

const signal = (sender: string, serial = 7) => ({
  ...{ type: MessageType.Signal, sender, serial, path: PATH, interface: SAMPLER, member: "M" },
});

test("a large reply of the bus does not delay later messages of the bus", async () => {
  const name = "org.example.Called";
  const waiting: Message[] = [];
  const fake = await FakeBus.start((call, from) => {
    waiting.push(call);
    if (call.destination !== name) return;
    for (const each of waiting) {
      if (each.member === "ListNames") from.answer(each, "as", [MANY], "org.freedesktop.DBus");
      else if (each.member === "GetNameOwner") from.answer(each, "s", [SERVICE], "org.freedesktop.DBus");
      else if (each.destination === name) from.answer(each, "s", ["answer"], SERVICE);
      else from.answer(each, "", [], "org.freedesktop.DBus");
    }
  });
  onTestFinished(() => fake[Symbol.asyncDispose]());
  const bus = await connect({ bus: fake.address });
  onTestFinished(() => bus.close());
  const toBus = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
  };
  const names = bus.call({ ...toBus, member: "ListNames" });
  expect(await bus.call({ destination: name, path: PATH, member: "M" })).toEqual(["answer"]);
  expect((await names)[0]).toHaveLength(MANY.length);
});

describe("a large reply or signal", () => {
  test("is passed on in the order of its sender, while messages of other senders do not wait", async () => {
    const { bus } = await start((call, from) => {
      from.answer(call, "as", [MANY], SERVICE);
      from.send(signal(SERVICE), "s", ["of the same sender"]);
      from.send(signal(OTHER), "s", ["of another sender"]);
    });
    const log = await listen(bus, SERVICE, "s");
    await listen(bus, OTHER, "s", log);
    // The result of `read` is used before any later message of the sender.
    const request = { ...TARGET, member: "M", codec: bodyCodec(""), args: [], replyCodec: bodyCodec("as") };
    await bus.request(request, {}, (reply) => log.push(Object(decodeBody(reply, request.replyCodec)[0]).length));
    await expect.poll(() => log).toEqual(["of another sender", MANY.length, "of the same sender"]);
  });

  test("is delivered to every listener with separate values", async () => {
    const { fake, bus } = await start();
    const logs = [await listen(bus, SERVICE, "as"), await listen(bus, SERVICE, "as")];
    fake.send(signal(SERVICE), "as", [MANY]);
    await expect.poll(() => logs).toEqual([[MANY.length], [MANY.length]]);
  });

  test("is not decoded if it has no receiver", async () => {
    const { fake, bus } = await start();
    fake.write(messageAs("u", 0xffff_ffff, "as", signal(SERVICE)));
    fake.write(
      messageAs("u", 0xffff_ffff, "as", { ...signal(SERVICE), type: MessageType.MethodReturn, replySerial: 5 }),
    );
    await expect.poll(() => bus.counters.drops).toMatchObject({ unheardSignal: 1, lateReply: 1, malformedBody: 0 });
  });

  test("is dropped when the connection ends while it is decoded", async () => {
    const { fake, bus } = await start();
    const log = await listen(bus, SERVICE, "as");
    fake.send(signal(SERVICE), "as", [new Array(300_000).fill("text")]);
    fake.end();
    await bus.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(log).toEqual([]);
  });
});

describe("a large signal of the owner of a name that has another owner when it is decoded", () => {
  const NAME = "org.example.Named";
  const ownerChanged = (name: string, from: string, to: string): Parameters<FakeBus["send"]> => [
    {
      ...{ type: MessageType.Signal, sender: "org.freedesktop.DBus", serial: 9, path: "/org/freedesktop/DBus" },
      ...{ interface: "org.freedesktop.DBus", member: "NameOwnerChanged" },
    },
    "sss",
    [name, from, to],
  ];

  const VERY_MANY = new Array(300_000).fill("text");

  test("is delivered, as are the signals that waited for it, but no later ones of the former owner", async () => {
    const { fake, bus } = await start();
    const log = await listen(bus, NAME, "as");
    fake.sendTogether(
      [signal(SERVICE), "as", [VERY_MANY]],
      [signal(SERVICE), "as", [["waited"]]],
      ownerChanged(NAME, SERVICE, OTHER),
      [signal(SERVICE), "as", [["of", "the", "former", "owner"]]],
      [signal(OTHER), "as", [["of", "the", "next", "owner", "."]]],
    );
    await expect.poll(() => log).toEqual([5, VERY_MANY.length, 1]);
    await expect.poll(() => bus.counters.drops.foreignSignal).toBe(1);
  });

  test("is not delivered if it was sent before its sender became the owner", async () => {
    const { fake, bus } = await start();
    const log = await listen(bus, OTHER, "as");
    await listen(bus, NAME, "as", log);
    fake.sendTogether(
      [signal(OTHER), "as", [VERY_MANY]],
      [signal(OTHER), "as", [["waited"]]],
      ownerChanged(NAME, SERVICE, OTHER),
      [signal(OTHER), "as", [["as", "owner"]]],
    );
    await expect.poll(() => log).toEqual([VERY_MANY.length, 1, 2, 2]);
  });

  test("is not delivered to a listener that knows the next owner", async () => {
    const { fake, bus } = await start();
    const log: unknown[] = [];
    const codec = bodyCodec("as");
    await bus.listen({
      ...{ sender: NAME, path: PATH, interface: SAMPLER, member: "M", codec },
      onOwner: (owner) => void log.push(owner),
      onSignal: (message) => void log.push(decodeBody(message, codec).length),
    });
    fake.sendTogether([signal(SERVICE), "as", [VERY_MANY]], ownerChanged(NAME, SERVICE, OTHER));
    fake.send(signal(OTHER), "as", [["one"]]);
    await expect.poll(() => bus.counters.drops.foreignSignal).toBe(1);
    expect(log).toEqual([SERVICE, OTHER, 1]);
  });
});

describe("above a quota", () => {
  const text =
    "the reply has more than 134217728 bytes, or takes more than 8000 bytes, or 4194304 more than twice its length, when decoded, or has a path or key of more than 65536 bytes";

  test("a reply fails its call with LimitsExceeded, and the connection remains", async () => {
    const { bus } = await start(
      (call, from) => from.answer(call, "as", [call.member === "Many" ? MANY : []], SERVICE),
      { decodedBytesPerMessage: 8000 },
    );
    const many = bus.call({ ...TARGET, member: "Many" });
    await expect(many).rejects.toBeInstanceOf(LimitsExceededError);
    await expect(many).rejects.toThrow(text);
    expect(await bus.call({ ...TARGET, member: "Few" })).toEqual([[]]);
    expect(bus.usage.pendingCalls).toBe(0);
  });

  test("a signal is dropped with the reason, and the next one is delivered", async () => {
    const { fake, bus } = await start(undefined, { decodedBytesPerMessage: 8000 });
    const log = await listen(bus, SERVICE, "as");
    fake.send(signal(SERVICE), "as", [MANY]);
    fake.send(signal(SERVICE), "as", [["one"]]);
    await expect.poll(() => log).toEqual(["unreadable", 1]);
    expect(bus.counters.drops.overQuota).toBe(1);
  });

  test("PropertiesChanged makes the cache read all values", async () => {
    let reads = 0;
    const { fake, bus } = await start(
      (call, from) => {
        if (call.member === "GetAll") from.answer(call, "a{sv}", [{}], SERVICE);
        reads++;
      },
      { decodedBytesPerMessage: 8000 },
    );
    await using _ = await new Sampler1Client(bus, TARGET).$cache();
    const header = { ...signal(SERVICE), interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" };
    expect(reads).toBe(1);
    fake.send(header, "sa{sv}as", [SAMPLER, {}, MANY]);
    await expect.poll(() => reads).toBe(2);
  });
});

test("a malformed body of a signal is dropped, and fails a call, but the connection remains", async () => {
  const { fake, bus } = await start((call, from) => {
    const header = { type: MessageType.MethodReturn, serial: 5, replySerial: call.serial, sender: SERVICE };
    from.write(messageAs("u", 0xffff_ffff, "as", header));
  });
  const log = await listen(bus, SERVICE, "as");
  fake.write(messageAs("u", 0xffff_ffff, "as", signal(SERVICE)));
  fake.write(messageAs("(asu)", [MANY, 7], "as", signal(SERVICE)));
  fake.send(signal(SERVICE), "as", [["one"]]);
  await expect.poll(() => log).toEqual(["unreadable", "unreadable", 1]);
  expect(bus.counters.drops.malformedBody).toBe(2);
  await expect(bus.call({ ...TARGET, member: "M" })).rejects.toBeInstanceOf(MalformedMessageError);
});
