import { expect, test } from "vitest";
import { connect, DisconnectedError, MissingDescriptorError } from "../../../../runtime/core/index.ts";
import { mutantMessage } from "../../../fuzz/messages.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { bodyAs, messageAs } from "../fixtures/mistyped-messages.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { daemon, expectWorkingConnection, useSamplerConnection } from "../fixtures/sampler-connection.ts";
import { Everything } from "../fixtures/services.ts";

const PATH = "/a";

useSamplerConnection();

test("disconnects only the sender of malformed messages to the bus [S41]", async () => {
  for (let seed = 0; seed < 30; seed++) {
    await using peer = await RawPeer.connect(daemon.address);
    peer.write(mutantMessage(seed));
    peer.write(Buffer.alloc(64, seed));
  }
  await expectWorkingConnection();
});

test("ends the connection for malformed messages from the bus [S42]", async () => {
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

test("ignores unknown message types, flags and header fields [S47]", async () => {
  await using bus = await FakeBus.start((call, fake) => {
    fake.send({ type: 200 });
    fake.write(replyWithUnknownField(call.serial));
  });
  await using connection = await connect({ bus: bus.address });
  expect(await connection.call({ destination: ":1.8", path: "/", member: "M" })).toEqual([]);
});

/** Returns an empty reply of `:1.8` with undefined flags, and with a header field of the unknown code 200. */
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

test("fails only the call whose reply lacks its file descriptor [C21]", async () => {
  await using bus = await FakeBus.start((call, fake) => {
    if (call.member === "Open") fake.write(bodyAs("u", 7, "h", call.serial));
    else fake.answer(call, "s", ["ok"], ":1.8");
  });
  await using connection = await connect({ bus: bus.address });
  const service = { destination: ":1.8", path: "/" };
  await expect(connection.call({ ...service, member: "Open" })).rejects.toBeInstanceOf(MissingDescriptorError);
  expect(await connection.call({ ...service, member: "M" })).toEqual(["ok"]);
});

test("decodes special dictionary keys as plain keys, and the last value of a repeated key [S34]", async () => {
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

test("does not decode a call that is refused because of its signature [S33]", async () => {
  const header = { type: 1, path: PATH, interface: "org.example.Sampler1", member: "Describe", sender: ":1.8" };
  await using bus = await FakeBus.start();
  await using small = await connect({ bus: bus.address });
  await small.serve(PATH, new Everything());
  // The bytes of the body are not an array of strings. Decoding them would end the connection.
  bus.write(messageAs("u", 0xffff_ffff, "as", { ...header, serial: 5 }));
  bus.write(messageAs("s", "x", "s", { ...header, serial: 6 }));
  await expect.poll(() => bus.received.filter(({ replySerial }) => replySerial !== undefined)).toHaveLength(2);
  const answers = bus.received.filter(({ replySerial }) => replySerial !== undefined);
  expect(answers.map(described)).toEqual([
    'InvalidArgs: org.example.Sampler1.Describe takes "u" or "s", got "as"',
    ["text x"],
  ]);
});
