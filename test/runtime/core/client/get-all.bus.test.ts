import { expect, expectTypeOf, test } from "vitest";
import { InvalidReplySignatureError, UnknownObjectError, Variant } from "../../../../runtime/core/index.ts";
import { startFakeService, startServices, TARGET } from "../fixtures/client-services.ts";
import { Jukebox1Client, type RepeatMode } from "../fixtures/jukebox.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

test("all properties that can be read are returned with their types", async () => {
  const { open, serve } = await startServices();
  await serve();
  const bus = await open();
  const values = await new Jukebox1Client(bus, TARGET).$getAll();
  expectTypeOf(values).toEqualTypeOf<{ readonly volume?: number; readonly repeat?: RepeatMode }>();
  expect(values).toEqual({ volume: 0.5, repeat: 0 });
  const all = await new Sampler1Client(bus, TARGET).$getAll();
  expectTypeOf<typeof all.announced>().toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf(all).not.toHaveProperty("secret");
  expect(all).toEqual({ announced: ["one"], invalidated: "before", silent: 1, constant: "always", toString$: "text" });
  await expect(new Jukebox1Client(bus, { ...TARGET, path: "/none" }).$getAll()).rejects.toBeInstanceOf(
    UnknownObjectError,
  );
});

test("properties that the service leaves out, or with another type, are absent", async () => {
  const sent = { Volume: new Variant("s", "loud"), Repeat: new Variant("u", 1), Unknown: new Variant("s", "x") };
  const { client } = await startFakeService((call, bus) => bus.answer(call, ":1.8", "a{sv}", [sent]));
  expect(await client.$getAll()).toEqual({ repeat: 1 });
});

test("the values are stored in the cache if it is on", async () => {
  let volume = 0;
  const { client } = await startFakeService((call, bus) =>
    bus.answer(call, ":1.8", "a{sv}", [{ Volume: new Variant("d", ++volume) }]),
  );
  expect([await client.$getAll(), client.properties.volume.value]).toEqual([{ volume: 1 }, undefined]);
  await using _ = await client.$cache();
  expect(client.properties.volume.value).toBe(2);
  expect([await client.$getAll(), client.properties.volume.value]).toEqual([{ volume: 3 }, 3]);
});

test("a reply with another signature is refused", async () => {
  const { client } = await startFakeService((call, bus) => bus.answer(call, ":1.8", "u", [1]));
  await expect(client.$getAll()).rejects.toBeInstanceOf(InvalidReplySignatureError);
});
