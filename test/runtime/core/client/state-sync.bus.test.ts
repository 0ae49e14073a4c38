import { expect, test } from "vitest";
import { LimitsExceededError } from "../../../../runtime/core/index.ts";
import { NAME, startServices, TARGET } from "../fixtures/client-services.ts";
import { Jukebox1Client } from "../fixtures/jukebox.ts";

test("the cache is cleared and read from the new owner when the owner of the name changes [C10]", async () => {
  const { open, serve } = await startServices();
  const first = await serve();
  first.jukebox.properties.volume = 0.1;
  const bus = await open();
  const client = new Jukebox1Client(bus, TARGET);
  const owners: (string | undefined)[] = [];
  await bus.watchName(NAME, (owner) => owners.push(owner));
  const values: (number | undefined)[] = [];
  const tracks: string[] = [];
  await client.properties.volume.subscribe((value) => values.push(value));
  await client.signals.trackChanged.subscribe((track) => tracks.push(track));
  await first.bus.close();
  await expect.poll(() => client.properties.volume.value).toBeUndefined();
  const second = await serve();
  second.jukebox.signals.trackChanged("of the second", 1n);
  await expect.poll(() => values).toEqual([0.1, undefined, 0.5]);
  expect(tracks).toEqual(["of the second"]);
  expect(owners).toEqual([first.bus.uniqueName, undefined, second.bus.uniqueName]);
  expect(client.properties.repeat.value).toBe(0);
});

test("a subscription whose match rule is refused rejects with LimitsExceeded and releases everything [C14]", async () => {
  const limited = await startServices({ limits: { max_match_rules_per_connection: 2 } });
  const { jukebox } = await limited.serve();
  const bus = await limited.open();
  const client = new Jukebox1Client(bus, TARGET);
  const received: unknown[] = [];
  const subscription = await client.signals.trackChanged.subscribe((track) => received.push(track));
  const before = bus.usage;
  await expect(client.$cache()).rejects.toBeInstanceOf(LimitsExceededError);
  await expect(client.properties.volume.subscribe(() => undefined)).rejects.toBeInstanceOf(LimitsExceededError);
  expect(client.properties.volume.value).toBeUndefined();
  await client.stop();
  expect(bus.usage).toEqual(before);
  jukebox.signals.trackChanged("still", 1n);
  await client.stop();
  expect(received).toEqual(["still"]);
  await subscription.close();
  await using _ = await client.$cache();
  expect(client.properties.repeat.value).toBe(0);
});
