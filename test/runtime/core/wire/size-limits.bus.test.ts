import { describe, expect, test } from "vitest";
import { connect, LimitsExceededError, NoReplyError } from "../../../../runtime/core/index.ts";
import { FakeBus } from "../fixtures/fake-bus.ts";
import { client, describeCall, expectWorkingConnection, useSamplerConnection } from "../fixtures/sampler-connection.ts";

const MIB = 2 ** 20;

useSamplerConnection();

test("transfers a byte array of 60 MiB unchanged [S33]", async () => {
  const bytes = new Uint8Array(60 * MIB).fill(7);
  bytes[bytes.length - 1] = 9;
  await using fakeBus = await FakeBus.start((call, bus) => bus.answer(call, "ay", [bytes], ":1.8"));
  await using bus = await connect({ bus: fakeBus.address });
  const [received] = await bus.call({ destination: ":1.8", path: "/", member: "M", signature: "ay", args: [bytes] });
  expect(Buffer.compare(Buffer.from(bytes), received as Uint8Array)).toBe(0);
});

describe("fails only the call, and keeps the connection, for [S35]", () => {
  test("an array of more than 64 MiB", async () => {
    const call = () => client.call({ ...describeCall(), signature: "ay", args: [new Uint8Array(64 * MIB + 1)] });
    await expect(call()).rejects.toThrow("an array has at most 67108864 bytes");
    await expectWorkingConnection();
  });

  test("a message of more than 128 MiB", async () => {
    const half = new Uint8Array(64 * MIB);
    const call = () => client.call({ ...describeCall(), signature: "ayay", args: [half, half] });
    await expect(call()).rejects.toThrow("a message has at most 134217728 bytes");
    await expectWorkingConnection();
  });

  test("more bytes than the send queue takes, until it is drained", async () => {
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
