import { expect, test } from "vitest";
import {
  connect,
  DBusError,
  type ErrorOrigin,
  FailedError,
  ValueTooLargeError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { CrashingBus } from "../../../reliability/support.ts";
import { RawPeer } from "../fixtures/raw-peer.ts";
import { PROPERTIES, startVault, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const THROWN: readonly (readonly [string, unknown])[] = [
  ["an Error", new Error("at /home/someone/node_modules/x.js")],
  ["a text", "/home/someone"],
  ["undefined", undefined],
  ["null", null],
  ["an error with an invalid name", new DBusError("node_modules", "/home/someone")],
];
test.each(THROWN)(
  "a handler that throws or rejects with %s replies Failed without the text [S04]",
  async (_, thrown) => {
    const { log, vault, replies } = await startVault();
    vault.act = (_method, how) => {
      if (how === "throw") throw thrown;
      return Promise.reject(thrown);
    };
    for (const how of ["throw", "reject"]) expect(await replies("Give", "s", [how])).toEqual(["Failed: Give failed"]);
    expect(log.entries.map(({ error }) => error)).toEqual([thrown, thrown]);
    vault.act = () => new Variant("s", "alive");
    expect(await replies("Give", "s", [""])).toEqual([[new Variant("s", "alive")]]);
  },
);

let deep: Variant = new Variant("s", "bottom");
for (let depth = 0; depth < 64; depth++) deep = new Variant("v", deep);
const BAD_RESULTS: readonly (readonly [what: string, method: string, result: unknown])[] = [
  ["another type", "Path", 42],
  ["a bad path", "Path", "/a//b"],
  ["a bad signature", "Signature", "a"],
  ["a variant of a bad signature", "Give", new Variant("zz" as string, 1)],
  ["a bad path in a variant", "Give", new Variant("o", "nowhere")],
  ["a depth past 64", "Give", deep],
  ["NUL", "Give", new Variant("s", "a\0b")],
  ["a lone surrogate", "Give", new Variant("s", "\ud800")],
  ["no array for two values", "Two", "one"],
  ["too few values", "Two", ["one"]],
];
test.each(BAD_RESULTS)(
  "a handler that returns %s replies Failed, and the connection remains [S05]",
  async (_, method, result) => {
    const { log, vault, replies } = await startVault();
    for (const value of [result, Promise.resolve(result)]) {
      vault.act = () => value;
      expect(await replies(method, "s", [""])).toEqual([`Failed: ${method} failed`]);
    }
    expect(log.entries).toHaveLength(2);
    vault.act = () => "/fine";
    expect(await replies("Path", "s", [""])).toEqual([["/fine"]]);
  },
);

test("a caller that requests no reply gets no reply [S07]", async () => {
  const { vault, replies } = await startVault();
  vault.act = (_method, how) => {
    if (how === "bug") throw new Error("bug");
    return how === "later" ? Promise.reject(new FailedError("later")) : new Variant("s", "x");
  };
  const quiet = { flags: 1 };
  for (const how of ["", "bug", "later"]) expect(await replies("Give", "s", [how], quiet)).toEqual([]);
  expect(await replies("Give", "", [], quiet)).toEqual([]);
  expect(await replies("Burn", "", [], quiet)).toEqual([]);
  expect(await replies("Look", "", [], { ...quiet, path: "/nowhere" })).toEqual([]);
  expect(await replies("Get", "ss", [VAULT, "Label"], { ...quiet, interface: PROPERTIES })).toEqual([]);
  expect(vault.calls).toEqual(["give", "give", "give"]);
});

const MIB = 2 ** 20;
const TOO_LARGE: readonly (readonly [what: string, result: () => unknown, reason: string])[] = [
  [
    "an array of more than 64 MiB",
    () => new Variant("ay", new Uint8Array(64 * MIB + 1)),
    "an array has at most 67108864",
  ],
  [
    "a message of more than 128 MiB",
    () => new Variant("(ayay)", [new Uint8Array(64 * MIB), new Uint8Array(64 * MIB)]),
    "a message has at most 134217728",
  ],
];
test.each(TOO_LARGE)(
  "a service that sends %s gets an error, and the connection remains [S35]",
  async (_, result, reason) => {
    const { log, vault, replies } = await startVault();
    vault.act = result;
    expect(await replies("Give", "s", [""])).toEqual([
      "LimitsExceeded: the reply of Give is longer than a message may be",
    ]);
    expect(log.entries.map(({ error }) => String(error))).toEqual([expect.stringContaining(reason)]);
    expect(() => vault.signals.opened("x".repeat(128 * MIB))).toThrow(ValueTooLargeError);
    vault.act = () => new Variant("s", "alive");
    expect(await replies("Give", "s", [""])).toEqual([[new Variant("s", "alive")]]);
    expect(log.entries).toHaveLength(1);
  },
);

test("a reply that exceeds the send queue is reported to onError, and the service continues", async () => {
  await using daemon = await CrashingBus.start();
  const reported: unknown[] = [];
  const onError = (error: unknown, origin: ErrorOrigin): void => void reported.push([String(error), origin.kind]);
  await using bus = await connect({ bus: daemon.address, onError, quotas: { queuedBytes: 1000 } });
  const vault = new Vault();
  const pending: (() => void)[] = [];
  vault.act = (method) => new Promise((resolve) => pending.push(() => resolve(method)));
  await bus.serve("/vault", vault);
  await using caller = await RawPeer.connect(daemon.address);
  caller.send({ destination: bus.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Look" });
  await expect.poll(() => pending.length).toBe(1);
  daemon.freeze();
  const flood = async (): Promise<void> => {
    for (;;) {
      vault.signals.opened("x".repeat(100_000));
      await nextTurn();
    }
  };
  await expect(flood()).rejects.toThrow("more than 1000 bytes wait to be sent");
  pending[0]?.();
  await expect
    .poll(() => reported)
    .toEqual([[expect.stringContaining("more than 1000 bytes wait to be sent"), "handler"]]);
});
