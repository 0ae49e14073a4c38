import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Bus,
  connect,
  DisconnectedError,
  InvalidValueError,
  LimitsExceededError,
  MissingDescriptorError,
  NoReplyError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { compileArguments } from "../../../../runtime/core/wire/arguments-codec.ts";
import { codecOf } from "../../../../runtime/core/wire/compile-codec.ts";
import type { Header } from "../../../../runtime/core/wire/header.ts";
import { encodeMessage } from "../../../../runtime/core/wire/message.ts";
import { Writer } from "../../../../runtime/core/wire/writer.ts";
import { mutantMessage } from "../../../fuzz/messages.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { Everything } from "../fixtures/services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

const PATH = "/a";
const MIB = 2 ** 20;

let daemon: PrivateBus;
let service: Bus;
let client: Bus;
const everything = new Everything();

beforeAll(async () => {
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  client = await connect({ bus: daemon.address });
  await service.serve(PATH, everything);
});
afterAll(async () => {
  await client?.close();
  await service?.close();
  await daemon?.stop();
});

const describeCall = () => ({
  destination: service.uniqueName,
  path: PATH,
  interface: "org.example.Sampler1",
  member: "Describe",
});
/** The bytes of a reply whose body is written as one type and declared as another. */
function bodyAs(written: string, value: unknown, declared: string, replySerial: number): Uint8Array {
  return messageAs(written, value, declared, { type: 2, serial: 5, replySerial, sender: ":1.8" });
}

/** The bytes of a message whose body is written as one type and declared as another. */
function messageAs(written: string, value: unknown, declared: string, header: Omit<Header, "flags">): Uint8Array {
  const writer = new Writer();
  codecOf(written).encode(writer, value);
  const body = writer.copyBytes();
  const raw = compileArguments([["body", { ...codecOf(declared), encode: (into) => into.bytes(body) }]]);
  const message = new Writer();
  encodeMessage(message, { flags: 0, ...header }, raw, [undefined]);
  return message.copyBytes();
}

/** An empty reply of `:1.8` with flags that do not exist and a header field of code 200. */
function replyWithUnknownField(replySerial: number): Uint8Array {
  const bytes = Buffer.from(
    "6c02f801000000000100000029000000" +
      "0501750000000000" +
      "0701730004000000" +
      "3a312e3800000000" +
      "c801730002000000" +
      "616200" +
      "0000000000",
    "hex",
  );
  bytes.writeUInt32LE(replySerial, 20);
  bytes.writeUInt32LE(0x23, 12);
  return bytes;
}

const stillWorks = async (): Promise<void> => {
  const works = new Sampler1Client(client, { destination: service.uniqueName, path: PATH });
  expect(await works.describe$("x")).toBe("text x");
};

test("S33: what is refused by its signature is not decoded", async () => {
  const header = { type: 1, path: PATH, interface: "org.example.Sampler1", member: "Describe", sender: ":1.8" };
  await using bus = await FakeBus.start();
  await using small = await connect({ bus: bus.address });
  await small.serve(PATH, new Everything());
  // Its bytes are no array of strings: decoding them would end the connection.
  bus.write(messageAs("u", 0xffff_ffff, "as", { ...header, serial: 5 }));
  bus.write(messageAs("s", "x", "s", { ...header, serial: 6 }));
  await expect.poll(() => bus.received.filter(({ replySerial }) => replySerial !== undefined)).toHaveLength(2);
  const answers = bus.received.filter(({ replySerial }) => replySerial !== undefined);
  expect(answers.map(described)).toEqual([
    'InvalidArgs: org.example.Sampler1.Describe takes "u" or "s", got "as"',
    ["text x"],
  ]);
});

test("S33: 60 MiB of ay cross the bus unchanged", async () => {
  const bytes = new Uint8Array(60 * MIB).fill(7);
  bytes[bytes.length - 1] = 9;
  await using other = await FakeBus.start((call, bus) => bus.answer(call, "ay", [bytes], ":1.8"));
  await using bus = await connect({ bus: other.address });
  const [received] = await bus.call({ destination: ":1.8", path: "/", member: "M", signature: "ay", args: [bytes] });
  expect(Buffer.compare(Buffer.from(bytes), received as Uint8Array)).toBe(0);
});

test("S34: keys of dictionaries are only keys, and the last of a duplicate wins", async () => {
  const pairs: [string, string][] = ["__proto__", "constructor", "10", "9"].map((key) => [key, `value of ${key}`]);
  pairs.push(["9", "last"]);
  // An array of structs has the same bytes as a dictionary.
  await using bus = await FakeBus.start((call, fake) => fake.write(bodyAs("a(ss)", pairs, "a{ss}", call.serial)));
  await using connection = await connect({ bus: bus.address });
  const [record] = await connection.call({ destination: ":1.8", path: "/", member: "M" });
  expect(Object.getPrototypeOf(record)).toBeNull();
  const entries = new Map(Object.entries(record as object));
  expect(entries).toEqual(new Map(pairs));
});

describe("S35: a service that answers too much fails alone, and the connection stays", () => {
  test("an array of more than 64 MiB", async () => {
    const call = () => client.call({ ...describeCall(), signature: "ay", args: [new Uint8Array(64 * MIB + 1)] });
    await expect(call()).rejects.toThrow("an array has at most 67108864 bytes");
    await stillWorks();
  });

  test("a message of more than 128 MiB", async () => {
    const half = new Uint8Array(64 * MIB);
    const call = () => client.call({ ...describeCall(), signature: "ayay", args: [half, half] });
    await expect(call()).rejects.toThrow("a message has at most 134217728 bytes");
    await stillWorks();
  });

  test("more than the send queue takes, until it is drained", async () => {
    await using bus = await FakeBus.start((call, fake) => fake.answer(call, "", [], ":1.8"));
    await using connection = await connect({ bus: bus.address, quotas: { queuedBytes: MIB } });
    const call = () =>
      connection.call({
        destination: ":1.8",
        path: "/",
        member: "M",
        signature: "ay",
        args: [new Uint8Array(2 * MIB)],
      });
    bus.pause();
    const accepted = call();
    await expect(call()).rejects.toBeInstanceOf(LimitsExceededError);
    const toTheBus = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", member: "GetId" };
    await expect(connection.call(toTheBus, { timeout: 50 })).rejects.toBeInstanceOf(NoReplyError);
    let isDrained = false;
    const drained = connection.drained.then(() => {
      isDrained = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isDrained).toBe(false);
    bus.resume();
    await drained;
    await accepted;
    await call();
  });
});

test("S41: malformed messages to the bus end their sender alone", async () => {
  for (let seed = 0; seed < 30; seed++) {
    await using peer = await RawPeer.connect(daemon.address);
    peer.write(mutantMessage(seed));
    peer.write(Buffer.alloc(64, seed));
  }
  await stillWorks();
});

test("S42: malformed messages from the bus end the connection cleanly", async () => {
  for (let seed = 0; seed < 100; seed++) {
    await using bus = await FakeBus.start();
    await using connection = await connect({ bus: bus.address });
    const call = connection.call({ destination: ":1.8", path: "/", member: "M" });
    const failed = expect(call).rejects.toBeInstanceOf(DisconnectedError);
    bus.write(mutantMessage(seed));
    bus.end();
    await failed;
    expect(await connection.closed).toBeInstanceOf(DisconnectedError);
  }
});

test("S47: unknown types, flags and header fields are ignored", async () => {
  await using bus = await FakeBus.start((call, fake) => {
    fake.send({ type: 200 });
    fake.write(replyWithUnknownField(call.serial));
  });
  await using connection = await connect({ bus: bus.address });
  expect(await connection.call({ destination: ":1.8", path: "/", member: "M" })).toEqual([]);
});

describe("C19: an argument that cannot be sent fails before anything is written, and the connection stays", () => {
  const nest = (depth: number): Variant => new Variant(depth === 1 ? "y" : "v", depth === 1 ? 1 : nest(depth - 1));
  const UNFIT: readonly (readonly [string, unknown])[] = [
    ["u", -1],
    ["y", 256],
    ["o", "no/path"],
    ["g", "("],
    ["v", nest(70)],
    ["s", "\ud800"],
    ["ay", "text"],
  ];
  test.each(UNFIT)("%s %o", async (signature, value) => {
    const { messagesOut } = client.counters;
    await expect(client.call({ ...describeCall(), signature, args: [value] })).rejects.toBeInstanceOf(
      InvalidValueError,
    );
    expect(client.counters.messagesOut).toBe(messagesOut);
    await stillWorks();
  });
});

test("C21: a reply with a file descriptor that did not come fails alone", async () => {
  await using bus = await FakeBus.start((call, fake) => {
    if (call.member === "Open") fake.write(bodyAs("u", 7, "h", call.serial));
    else fake.answer(call, "s", ["ok"], ":1.8");
  });
  await using connection = await connect({ bus: bus.address });
  const other = { destination: ":1.8", path: "/" };
  await expect(connection.call({ ...other, member: "Open" })).rejects.toBeInstanceOf(MissingDescriptorError);
  expect(await connection.call({ ...other, member: "M" })).toEqual(["ok"]);
});
