import { describe, expect, onTestFinished, test } from "vitest";
import { type Bus, connect, type InterfaceContract, Service, Variant } from "../../../../runtime/core/index.ts";
import type { Quotas } from "../../../../runtime/core/quotas.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { encodeMessage, type Message } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";

const TAKER = "org.example.Taker1";
const PATH = "/taker";
const MIB = 2 ** 20;
const PRIVILEGED = { "org.freedesktop.systemd1.Privileged": "true" };
const CONTRACT = {
  version: 2,
  name: TAKER,
  methods: {
    take: { name: "Take", in: [{ type: "as" }], out: [{ type: "u" }] },
    bytes: { name: "Bytes", in: [{ type: "aay" }], out: [{ type: "u" }] },
    hold: { name: "Hold", in: [{ type: "as" }], out: [{ type: "u" }] },
    note: { name: "Note", in: [{ type: "s" }], out: [] },
    guarded: { name: "Guarded", in: [{ type: "as" }], out: [], annotations: PRIVILEGED },
    asked: { name: "Asked", in: [{ type: "as" }], out: [{ type: "u" }], annotations: PRIVILEGED },
  },
  properties: {
    list: { name: "List", type: "as", access: "readwrite", emits: "false" },
    guardedList: { name: "GuardedList", type: "as", access: "readwrite", emits: "false", annotations: PRIVILEGED },
  },
} as const satisfies InterfaceContract;

class Taker extends Service<typeof CONTRACT, { list: string[]; guardedList: string[] }> {
  readonly handled: string[] = [];
  readonly held: ((length: number) => void)[] = [];

  constructor() {
    super(CONTRACT, { list: [], guardedList: [] });
  }

  take(items: readonly string[]): number {
    this.handled.push(`take ${items.length}`);
    return items.length;
  }
  bytes(items: readonly Uint8Array[]): number {
    return items.length;
  }
  hold(): Promise<number> {
    return new Promise((resolve) => this.held.push(resolve));
  }
  note(text: string): void {
    this.handled.push(text);
  }
  guarded(): void {}
  asked(items: readonly string[]): number {
    return items.length;
  }
  protected override $authorize(...[member, incoming]: Parameters<Service<typeof CONTRACT>["$authorize"]>) {
    if (member.key !== "asked") return super.$authorize(member, incoming);
    return new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function startTaker(quotas: Quotas = {}) {
  const daemon = await startPrivateBus();
  onTestFinished(() => daemon.stop());
  const bus = await connect({ bus: daemon.address, quotas });
  onTestFinished(() => bus.close());
  const taker = new Taker();
  await bus.serve(PATH, taker);
  const raw = await RawPeer.connect(daemon.address);
  onTestFinished(() => raw[Symbol.asyncDispose]());
  return { daemon, bus, taker, raw };
}

const header = (bus: Bus, member: string) => ({ destination: bus.uniqueName, path: PATH, interface: TAKER, member });

/** Waits for a number of replies, and returns them. */
async function replies(raw: RawPeer, count: number): Promise<readonly unknown[]> {
  await expect.poll(() => raw.received.length).toBe(count);
  await new Promise((resolve) => setTimeout(resolve, 20));
  return raw.received.map(described);
}

const TEXTS = new Array(50_000).fill("text");

describe("a call with many values", () => {
  test.each([
    ["a method", "Take", "as", [TEXTS], [50_000]],
    ["a method whose authorization is asynchronous", "Asked", "as", [TEXTS], [50_000]],
    ["a method with empty byte arrays", "Bytes", "aay", [new Array(50_000).fill(new Uint8Array(0))], [50_000]],
  ])("is handled by %s", async (_, member, signature, args, expected) => {
    const { bus, raw } = await startTaker();
    raw.send(header(bus, member), signature, args);
    expect(await replies(raw, 1)).toEqual([expected]);
  });

  test("is handled before later calls of its caller, and after small calls of other callers", async () => {
    const { daemon, bus, taker, raw } = await startTaker();
    await using other = await RawPeer.connect(daemon.address);
    const large = raw.encode(header(bus, "Take"), "as", [new Array(150_000).fill("text")]).bytes;
    const later = raw.encode(header(bus, "Note"), "s", ["later"]).bytes;
    raw.write(Buffer.concat([large, later]));
    // Calls of the other client arrive while the large call is decoded.
    for (let count = 0; count < 2000 && !taker.handled.includes("later"); count++) {
      await other.exchange(header(bus, "Note"), "s", ["other"]);
    }
    const handled = taker.handled.filter((name) => name !== "other");
    expect(handled).toEqual(["take 150000", "later"]);
    expect(taker.handled.indexOf("other")).toBeLessThan(taker.handled.indexOf("take 150000"));
  });

  test("is dropped when the connection is lost while it is decoded", async () => {
    const fake = await FakeBus.start();
    onTestFinished(() => fake[Symbol.asyncDispose]());
    const bus = await connect({ bus: fake.address });
    const taker = new Taker();
    await bus.serve(PATH, taker);
    fake.write(messageOf({ ...header(bus, "Take"), sender: ":1.8" }, "as", new Array(200_000).fill("text")));
    fake.end();
    await bus.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(taker.handled).toEqual([]);
  });
});

describe("a call above a quota gets exactly one LimitsExceeded, and the next call is handled", () => {
  const text = (bytes = 2 ** 27, decodedBytes = 2 ** 26, excess = 2 ** 22): string => {
    const decoded = `${decodedBytes} bytes, or ${excess} more than twice its length, when decoded`;
    return `LimitsExceeded: the call has more than ${bytes} bytes, or takes more than ${decoded}, or has a path or key of more than 65536 bytes`;
  };

  test.each([
    ["of decoded bytes", {}, "Bytes", "aay", [new Array(30_000).fill(new Uint8Array(1))], text(2 ** 27)],
    [
      "of decoded bytes below 16 KiB",
      { decodedBytesPerMessage: 799 },
      ...(["Take", "as", [new Array(99).fill("")], text(2 ** 27, 799)] as const),
    ],
    ["of bytes", { bytesPerMessage: 1000 }, "Note", "s", ["x".repeat(1000)], text(1000)],
  ] as const)("%s", async (_, quotas, member, signature, args, expected) => {
    const { bus, raw } = await startTaker(quotas);
    raw.send(header(bus, member), signature, args);
    raw.send(header(bus, "Take"), "as", [["one", "two"]]);
    expect(await replies(raw, 2)).toEqual([expected, [2]]);
  });

  test("of the decoded bytes of one caller", async () => {
    const { bus, raw, taker } = await startTaker({ decodedBytesPerSender: 1_800_000 });
    raw.send(header(bus, "Hold"), "as", [TEXTS]);
    raw.send(header(bus, "Hold"), "as", [TEXTS]);
    await expect.poll(() => taker.held.length).toBe(2);
    raw.send(header(bus, "Take"), "as", [[]]);
    expect(await replies(raw, 1)).toEqual([
      "LimitsExceeded: at most 1800000 decoded bytes of one sender's calls may be in flight",
    ]);
    for (const resolve of taker.held) resolve(1);
    expect(await replies(raw, 3)).toHaveLength(3);
    raw.send(header(bus, "Take"), "as", [[]]);
    expect((await replies(raw, 4))[3]).toEqual([0]);
  });
});

describe("a call is refused by its header, before its body is read", () => {
  const interfaceName = "org.freedesktop.DBus.Properties";
  const unreadable = (bus: Bus, fields: Partial<Message>, signature: string): Uint8Array =>
    messageOf({ ...header(bus, "Take"), sender: ":1.8", ...fields }, signature, undefined);

  test.each([
    ["there is no object", { path: "/nowhere" }, "as", "UnknownObject: there is no object at /nowhere"],
    ["there is no interface", { interface: "a.b" }, "as", "UnknownInterface: /taker has no interface a.b"],
    ["there is no method", { member: "Nothing" }, "as", `UnknownMethod: ${TAKER} has no method Nothing`],
    ["the signature differs", {}, "aay", `InvalidArgs: ${TAKER}.Take takes "as", got "aay"`],
    ["the caller is not authorized", { member: "Guarded" }, "as", "AccessDenied: Guarded needs a privilege"],
    ["it is accepted and read", {}, "as", "InvalidArgs: a value goes past the end of the message"],
    [
      "it sets a property",
      { interface: interfaceName, member: "Set" },
      "ssv",
      "InvalidArgs: a value goes past the end of the message",
    ],
  ])("%s", async (_, fields, signature, expected) => {
    const fake = await FakeBus.start();
    onTestFinished(() => fake[Symbol.asyncDispose]());
    const bus = await connect({ bus: fake.address });
    onTestFinished(() => bus.close());
    await bus.serve(PATH, new Taker());
    fake.write(unreadable(bus, fields, signature));
    const answers = () => fake.received.filter(({ replySerial }) => replySerial !== undefined);
    await expect.poll(() => answers().map(described)).toEqual([expected]);
  });

  test.each([
    ["of another type", "List", "u", 7, 'InvalidArgs: List has type "as", got "u"'],
    ["that needs a privilege", "GuardedList", "as", [], "AccessDenied: GuardedList needs a privilege"],
    ["that does not exist", "Other", "as", [], `UnknownProperty: ${TAKER} has no property "Other"`],
  ])("setting a property %s", async (_, name, type, value, expected) => {
    const { bus, raw } = await startTaker();
    raw.send({ ...header(bus, "Set"), interface: interfaceName }, "ssv", [TAKER, name, new Variant(type, value)]);
    expect(await replies(raw, 1)).toEqual([expected]);
  });
});

test("a property with many elements is set", async () => {
  const { bus, raw, taker } = await startTaker();
  const call = { ...header(bus, "Set"), interface: "org.freedesktop.DBus.Properties" };
  raw.send(call, "ssv", [TAKER, "List", new Variant("as", TEXTS)]);
  expect(await replies(raw, 1)).toEqual([[]]);
  expect(taker.properties.list).toEqual(TEXTS);
});

/** Returns the bytes of a call with one argument. With the value undefined, the body cannot be decoded. */
function messageOf(fields: object, signature: string, value: unknown): Uint8Array {
  const codec = bodyCodec(signature);
  const writer = new Writer();
  const head = { type: 1, flags: 0, serial: 5, ...fields };
  if (value === undefined) {
    encodeMessage(writer, head, { ...codec, encode: (to) => to.u32(5 * MIB) }, [undefined]);
  } else encodeMessage(writer, head, codec, [value]);
  return writer.takeBytes();
}
