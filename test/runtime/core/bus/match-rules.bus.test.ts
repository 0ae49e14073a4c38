import { expect, test } from "vitest";
import { connect, LimitsExceededError, type Subscription } from "../../../../runtime/core/index.ts";
import { until } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1Client } from "../fixtures/jukebox.ts";
import { cleanUp, NAME, useCrashingBus } from "../fixtures/lasting-bus.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

useCrashingBus();

test("leaves nothing behind when the bus refuses a rule [C14]", async () => {
  await using limited = await startPrivateBus({ limits: { max_match_rules_per_connection: 1 } });
  const bus = cleanUp(await connect({ bus: limited.address }));
  const client = new Sampler1Client(bus, { destination: NAME, path: "/a" });
  await expect(client.signals.hasOwnProperty$.subscribe(() => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  await until("the other rule is removed", () => bus.usage.pendingCalls === 0);
  expect(bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
  const watch = await bus.watchName("org.example.One", () => undefined);
  await expect(bus.watchName("org.example.Two", () => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  await watch.close();
  await (await bus.watchName("org.example.Two", () => undefined)).close();
  expect(bus.usage.matchRules).toBe(0);
});

test("adds each rule once and removes it after its last use [C15]", async () => {
  await using limited = await startPrivateBus({ limits: { max_match_rules_per_connection: 40 } });
  const bus = cleanUp(await connect({ bus: limited.address }));
  for (let round = 0; round < 100; round++) {
    const clients = Array.from({ length: 30 }, (_, index) => {
      return new Jukebox1Client(bus, { destination: NAME, path: `/p${index}` });
    });
    const subscribe = (index: number): Promise<Subscription> | undefined =>
      clients[index % clients.length]?.signals.trackChanged.subscribe(() => undefined);
    const subscriptions = await Promise.all(Array.from({ length: 1000 }, (_, index) => subscribe(index)));
    expect(bus.usage).toMatchObject({ matchRules: 31, listeners: 1000 });
    await Promise.all(subscriptions.map((subscription) => subscription?.close()));
  }
  await expect.poll(() => bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
  for (let round = 0; round < 200; round++) {
    const client = new Jukebox1Client(bus, { destination: NAME, path: `/p${round % 7}` });
    const opened = await Promise.all([
      ...Array.from({ length: 8 }, () => client.signals.trackChanged.subscribe(() => undefined)),
      bus.watchName(`org.example.N${round}`, () => undefined),
      bus.watchName(`org.example.N${round}`, () => undefined),
    ]);
    expect(bus.usage).toMatchObject({ matchRules: 3, listeners: 8 });
    await Promise.all(opened.map((subscription) => subscription.close()));
    await Promise.all(opened.map((subscription) => subscription.close()));
  }
  await expect.poll(() => bus.usage).toEqual({ pendingCalls: 0, matchRules: 0, listeners: 0 });
});
