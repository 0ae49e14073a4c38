import { addAbortListener } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect, DBusError, type Incoming } from "../../../../runtime/core/index.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { described, RawPeer } from "../fixtures/raw-peer.ts";
import { NAME, startClient, VAULT } from "../fixtures/service-bus.ts";
import { Vault } from "../fixtures/vault.ts";

describe("credentials and presence of a caller", () => {
  test("are those of its process, requested once and forgotten when it leaves", async () => {
    const { bus, client, call } = await startClient();
    const vault = new Vault();
    const seen: unknown[] = [];
    const kept: Incoming[] = [];
    vault.act = async (_method, _argument, incoming) => {
      kept.push(incoming);
      seen.push(await incoming.credentials());
      return "done";
    };
    await bus.serve("/vault", vault);
    const before = bus.counters.calls;
    await call("/vault", "Look");
    await call("/vault", "Look");
    // One call of AddMatch, and one call of GetConnectionCredentials.
    expect(bus.counters.calls - before).toBe(2);
    expect(seen[0]).toMatchObject({ uid: process.getuid?.(), pid: process.pid });
    expect(seen[1]).toBe(seen[0]);
    await client.close();
    await expect.poll(() => kept[0]?.credentials().catch((error: unknown) => error)).toBeInstanceOf(DBusError);
  });

  test("abort the signal when the caller leaves the bus", async () => {
    const { bus, client, call } = await startClient();
    const vault = new Vault();
    let signal: AbortSignal | undefined;
    vault.act = (_method, _argument, incoming) => {
      signal = incoming.signal;
      return new Promise((resolve) => incoming.signal.addEventListener("abort", resolve));
    };
    await bus.serve("/vault", vault);
    const waiting = call("/vault", "Look").catch((error: unknown) => error);
    await expect.poll(() => signal?.aborted).toBe(false);
    await client.close();
    await waiting;
    await expect.poll(() => signal?.aborted).toBe(true);
    expect(signal?.reason).toBeInstanceOf(DBusError);
  });

  test("abort the signal: errors of its listeners are reported, and other listeners are called", async () => {
    const { bus, client, call, log } = await startClient();
    const vault = new Vault();
    const called: string[] = [];
    const removed = (): never => {
      throw new Error("removed");
    };
    const twice = (): void => void called.push("added twice");
    vault.act = async (_method, _argument, { signal }) => {
      signal.addEventListener("abort", () => {
        throw new Error("listener");
      });
      signal.addEventListener("abort", {
        handleEvent: () => {
          throw new Error("object");
        },
      });
      signal.addEventListener("abort", async () => {
        throw new Error("promise");
      });
      signal.onabort = (): never => {
        throw new Error("property");
      };
      signal.addEventListener("abort", removed);
      signal.removeEventListener("abort", removed);
      signal.addEventListener("abort", twice, { once: true });
      signal.addEventListener("abort", twice, { once: true });
      addAbortListener(signal, () => called.push("helper"));
      AbortSignal.any([signal]).addEventListener("abort", () => called.push("dependent"));
      return "done";
    };
    await bus.serve("/vault", vault);
    await call("/vault", "Look");
    const sender = client.uniqueName;
    await client.close();
    const errors = (): readonly unknown[] => log.entries.map(({ error }) => Object(error).message);
    await expect.poll(errors).toEqual(["listener", "object", "property", "promise"]);
    expect(log.entries.map(({ origin }) => origin)).toEqual(new Array(4).fill({ kind: "abortListener", sender }));
    expect(called.toSorted()).toEqual(["added twice", "dependent", "helper"]);
  });

  test("abort the signal if the caller left before its first use", async () => {
    const { daemon, bus } = await startClient();
    const vault = new Vault();
    const kept: Incoming[] = [];
    vault.act = (_method, _argument, incoming) => void kept.push(incoming);
    await bus.serve("/vault", vault);
    const gone = await RawPeer.connect(daemon.address);
    gone.send({ destination: NAME, path: "/vault", interface: VAULT, member: "Look", flags: 1 });
    await gone.settled(NAME);
    await gone[Symbol.asyncDispose]();
    await expect.poll(() => kept[0]?.signal.aborted).toBe(true);
  });
});

test("a connection that gets the name of a caller after a restart of the bus does not receive its reply", async () => {
  const folder = await mkdtemp(join(tmpdir(), "service-limits-"));
  const path = join(folder, "bus");
  const first = await startPrivateBus({ path });
  const vault = new Vault();
  const pending: (() => void)[] = [];
  vault.act = (method, _argument, { signal }) => {
    signals.push(signal);
    return new Promise((resolve) => pending.push(() => resolve(method)));
  };
  const signals: AbortSignal[] = [];
  await using service = await connect({ bus: `unix:path=${path}`, reconnect: { minDelay: 10 } });
  await service.serve("/vault", vault);
  const call = { destination: service.uniqueName, path: "/vault", interface: "org.example.Vault1", member: "Look" };
  const caller = await RawPeer.connect(first.address);
  caller.send(call);
  await expect.poll(() => pending.length).toBe(1);
  await caller.settled(call.destination);
  await caller.settled(call.destination);
  expect(signals[0]?.aborted).toBe(false);
  await first.stop("SIGKILL");
  await caller[Symbol.asyncDispose]();
  expect(signals[0]?.aborted).toBe(true);

  await using second = await startPrivateBus({ path });
  await expect.poll(() => service.counters.reconnects).toBe(1);
  await using other = await RawPeer.connect(second.address);
  expect([other.uniqueName, service.uniqueName]).toEqual([caller.uniqueName, call.destination]);
  pending[0]?.();
  await other.settled(call.destination);
  expect(other.received).toEqual([]);
  other.send(call);
  await expect.poll(() => pending.length).toBe(2);
  pending[1]?.();
  await expect.poll(() => other.received.map(described)).toEqual([["look"]]);
  expect(signals[1]?.aborted).toBe(false);
  await rm(folder, { recursive: true, force: true });
});
