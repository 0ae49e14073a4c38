import { expect, test } from "vitest";
import { connect, InvalidValueError, Variant } from "../../../../runtime/core/index.ts";
import { CallQuota } from "../../../../runtime/core/service/call-quota.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { NAME, PATH, startVault, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

test("calls are counted per sender until they end or the sender is forgotten", () => {
  const quota = new CallQuota({ callsPerSender: 2 });
  const [first, second] = [quota.begin(":1.1"), quota.begin(":1.1")];
  expect([quota.hasMaxCalls(":1.1"), quota.hasMaxCalls(":1.2")]).toEqual([true, false]);
  first();
  expect(quota.hasMaxCalls(":1.1")).toBe(false);
  quota.forget(":1.1");
  quota.begin(":1.1");
  second();
  quota.begin(":1.1");
  expect(quota.hasMaxCalls(":1.1")).toBe(true);
});

test("quotas below 1 are refused before a connection is made", async () => {
  for (const callsPerSender of [0, -1, Number.NaN]) {
    const connection = connect({ bus: "unix:path=/nowhere", quotas: { callsPerSender } });
    await expect(connection).rejects.toBeInstanceOf(InvalidValueError);
  }
});

test("waiting bytes are counted per sender; one call may exceed the quota", () => {
  const quota = new CallQuota({ waitingBytesPerSender: 1000 });
  const ends = [600, 600].map((bytes) => quota.begin("a", bytes));
  expect([quota.hasMaxWaitingBytes("a"), quota.hasMaxWaitingBytes("b")]).toEqual([true, false]);
  for (const end of ends) end();
  quota.begin("a");
  expect(quota.hasMaxWaitingBytes("a")).toBe(false);
});

test("a sender above the quota of waiting bytes is refused; other senders are not", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address, quotas: { waitingBytesPerSender: 1_000_000 } });
  const vault = new Vault();
  vault.act = () => {
    for (const end = performance.now() + 6; performance.now() < end; );
    return new Variant("s", "done");
  };
  await bus.serve("/vault", vault);
  await using raw = await RawPeer.connect(daemon.address);
  const call = { destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Give" };
  const large = (): Uint8Array => raw.encode(call, "s", ["x".repeat(100_000)]).bytes;
  raw.write(Buffer.concat(Array.from({ length: 100 }, large)));
  await raw.settled(bus.uniqueName);
  await expect.poll(() => raw.received.length).toBe(100);
  const refused = raw.received.map(described).filter((answer) => typeof answer === "string");
  expect(new Set(refused)).toEqual(new Set(["LimitsExceeded: at most 1000000 bytes of one sender may wait"]));
  expect(vault.calls.length).toBe(100 - refused.length);
  await using other = await RawPeer.connect(daemon.address);
  expect((await other.exchange(call, "s", ["x".repeat(2_000_000)])).map(described)).toEqual([
    [new Variant("s", "done")],
  ]);
});

test("calls above the quota are refused while handlers do not resolve [S06]", async () => {
  const { daemon, vault, raw } = await startVault();
  const pending: ((value: unknown) => void)[] = [];
  vault.act = () => new Promise((resolve) => pending.push(resolve));
  for (let count = 0; count < 64; count++)
    raw.send({ destination: NAME, path: PATH, interface: VAULT, member: "Look" });
  await expect.poll(() => pending.length).toBe(64);
  raw.send({ destination: NAME, path: PATH, interface: VAULT, member: "Look" });
  await expect
    .poll(() => raw.received.map(described))
    .toEqual(["LimitsExceeded: at most 64 calls of one sender may be in flight"]);
  await using other = await RawPeer.connect(daemon.address);
  await other.settled(NAME);
  pending[0]?.("at last");
  await expect.poll(() => raw.received.length).toBe(2);
  expect(pending).toHaveLength(64);
  raw.send({ destination: NAME, path: PATH, interface: VAULT, member: "Look" });
  await expect.poll(() => pending.length).toBe(65);
});
