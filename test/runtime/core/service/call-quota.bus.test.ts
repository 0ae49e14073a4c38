import { expect, test } from "vitest";
import { deferred } from "../../../../runtime/core/async.ts";
import { connect, InvalidValueError, Variant } from "../../../../runtime/core/index.ts";
import { DEFAULT_QUOTAS } from "../../../../runtime/core/quotas.ts";
import { CallQuota } from "../../../../runtime/core/service/call-quota.ts";
import { block } from "../../../setup/block.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { NAME, PATH, startVault, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

test("calls are counted per sender until they end or the sender is forgotten", () => {
  const quota = new CallQuota({ ...DEFAULT_QUOTAS, callsPerSender: 2 });
  const excess = (sender: string) => quota.excess(sender, 0)?.message;
  const [first, second] = [quota.begin(":1.1", 0), quota.begin(":1.1", 0)];
  expect([excess(":1.1"), excess(":1.2")]).toEqual(["at most 2 calls of one sender may be in flight", undefined]);
  first();
  expect(excess(":1.1")).toBeUndefined();
  quota.forget(":1.1");
  quota.begin(":1.1", 0);
  second();
  quota.begin(":1.1", 0);
  expect(excess(":1.1")).toBe("at most 2 calls of one sender may be in flight");
});

test("quotas below 1 are refused before a connection is made", async () => {
  for (const callsPerSender of [0, -1, Number.NaN]) {
    const connection = connect({ bus: "unix:path=/nowhere", quotas: { callsPerSender } });
    await expect(connection).rejects.toBeInstanceOf(InvalidValueError);
  }
});

test.each([
  ["bytes", { bytesPerSender: 1000 }, [600, 0], "at most 1000 bytes of one sender's calls may be in flight"],
  [
    "decoded bytes",
    { decodedBytesPerSender: 1000 },
    [0, 600],
    "at most 1000 decoded bytes of one sender's calls may be in flight",
  ],
] as const)(
  "%s are counted per sender; one call may exceed the quota",
  (_, quotas, [bytes, decodedBytes], expected) => {
    const quota = new CallQuota({ ...DEFAULT_QUOTAS, ...quotas });
    const ends = [1, 2].map(() => quota.begin("a", bytes, decodedBytes));
    expect([quota.excess("a", 0)?.message, quota.excess("b", 0)]).toEqual([expected, undefined]);
    for (const end of [...ends, ...ends]) end();
    quota.begin("a", 2 * bytes, decodedBytes);
    expect(quota.excess("a", 0)?.message).toBe(bytes > 0 ? expected : undefined);
  },
);

test("the bytes of all senders have a quota, of which each sender has a share", () => {
  const quota = new CallQuota({ ...DEFAULT_QUOTAS, bytesOfAllSenders: 256_000 });
  const isRefused = (sender: string, bytes: number) => quota.excess(sender, bytes) !== undefined;
  // One call alone may exceed the quota.
  expect(isRefused("a", 300_000)).toBe(false);
  const end = quota.begin("a", 100_000, 150_000);
  const rows = [isRefused("a", 6_000), isRefused("a", 7_000), isRefused("b", 6_000), isRefused("b", 7_000)];
  expect(rows).toEqual([false, true, false, true]);
  quota.begin("b", 6_000);
  // The quota is used up: each sender has 1,000 bytes.
  expect([isRefused("a", 1), isRefused("b", 1), isRefused("c", 1_000), isRefused("c", 1_001)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  // The calls of a sender that has left still take memory.
  quota.forget("a");
  expect(isRefused("d", 7_000)).toBe(true);
  end();
  expect([isRefused("d", 7_000), isRefused("d", 251_000)]).toEqual([false, true]);
});

test("a sender is refused while other senders use up the quota of all, unless its call is small", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address, quotas: { bytesOfAllSenders: 1_000_000 } });
  const vault = new Vault();
  const finish: (() => void)[] = [];
  vault.act = (_method, given) => {
    if (given.length < 100_000) return new Variant("s", "done");
    return new Promise((resolve) => finish.push(() => resolve(new Variant("s", "done"))));
  };
  await bus.serve("/vault", vault);
  await using first = await RawPeer.connect(daemon.address);
  await using second = await RawPeer.connect(daemon.address);
  const call = { destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Give" };
  first.send(call, "s", ["x".repeat(900_000)]);
  await expect.poll(() => finish.length).toBe(1);
  const refused = "LimitsExceeded: at most 1000000 bytes of all calls may be in flight";
  expect((await second.exchange(call, "s", ["x".repeat(200_000)])).map(described)).toEqual([refused]);
  expect((await second.exchange(call, "s", ["x".repeat(1_000)])).map(described)).toEqual([[new Variant("s", "done")]]);
  finish[0]?.();
  await expect.poll(() => first.received.length).toBe(1);
  second.send(call, "s", ["x".repeat(200_000)]);
  await expect.poll(() => finish.length).toBe(2);
});

const BYTES_QUOTA = 1_000_000;
const TOO_MANY_BYTES = "LimitsExceeded: at most 1000000 bytes of one sender's calls may be in flight";

/**
 * Starts a service with a quota of bytes.
 *
 * @param handle - Called by each handler. Returns for how many milliseconds the handler works, or a promise to wait
 * for.
 */
async function startSlowVault(daemon: PrivateBus, handle: () => Promise<void> | number) {
  const bus = await connect({ bus: daemon.address, quotas: { bytesPerSender: BYTES_QUOTA } });
  const vault = new Vault();
  const done = new Variant("s", "done");
  vault.act = () => {
    const handled = handle();
    if (typeof handled !== "number") return handled.then(() => done);
    block(handled);
    return done;
  };
  await bus.serve("/vault", vault);
  return { bus, vault };
}

/** Calls a service with 100 simultaneous calls of 100 kB each. Returns the errors in the replies. */
async function callWithManyBytes(raw: RawPeer, destination: string): Promise<readonly unknown[]> {
  const call = { destination, path: "/vault", interface: "org.example.Vault1", member: "Give" };
  const large = (): Uint8Array => raw.encode(call, "s", ["x".repeat(100_000)]).bytes;
  const before = raw.received.length;
  raw.write(Buffer.concat(Array.from({ length: 100 }, large)));
  await expect.poll(() => raw.received.length - before).toBe(100);
  const replies = raw.received.slice(before).map(described);
  return replies.filter((reply) => typeof reply === "string");
}

test("a sender above the quota of bytes is refused while its calls wait for their turns; other senders are not", async () => {
  await using daemon = await startPrivateBus();
  let handlerMs = 3;
  const { bus, vault } = await startSlowVault(daemon, () => handlerMs);
  await using _ = bus;
  await using raw = await RawPeer.connect(daemon.address);
  let [calls, errors]: [number, readonly unknown[]] = [0, []];
  // The calls wait if the bus delivers them faster than they are handled.
  while (errors.length === 0) {
    handlerMs *= 2;
    calls += 100;
    errors = await callWithManyBytes(raw, bus.uniqueName);
  }
  expect(new Set(errors)).toEqual(new Set([TOO_MANY_BYTES]));
  expect(vault.calls.length).toBe(calls - errors.length);
  await using other = await RawPeer.connect(daemon.address);
  const call = { destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Give" };
  expect((await other.exchange(call, "s", ["x".repeat(2 * BYTES_QUOTA)])).map(described)).toEqual([
    [new Variant("s", "done")],
  ]);
});

test("a sender above the quota of bytes is refused while its handlers do not resolve", async () => {
  await using daemon = await startPrivateBus();
  const { promise, resolve } = deferred<void>();
  const { bus, vault } = await startSlowVault(daemon, () => promise);
  await using _ = bus;
  await using raw = await RawPeer.connect(daemon.address);
  const called = callWithManyBytes(raw, bus.uniqueName);
  // Each call has a header, so ten are above the quota.
  await expect.poll(() => raw.received.length).toBe(90);
  expect(vault.calls).toHaveLength(10);
  resolve();
  expect(await called).toEqual(new Array(90).fill(TOO_MANY_BYTES));
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
