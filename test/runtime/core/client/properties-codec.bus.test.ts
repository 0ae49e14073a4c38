import { expect, test } from "vitest";
import { Variant } from "../../../../runtime/core/index.ts";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { PATH, startServices, TARGET } from "../fixtures/client-services.ts";
import { Sampler1Client } from "../generated/org.example.Sampler1.ts";

test("PropertiesChanged with invalidated, unknown or mistyped properties changes no other values [C13]", async () => {
  const { open, serve } = await startServices();
  const { bus: service, everything } = await serve();
  const bus = await open();
  const client = new Sampler1Client(bus, TARGET);
  const { announced, invalidated, silent, constant } = client.properties;
  await using _ = await client.$cache();
  expect([announced.value, invalidated.value, silent.value, constant.value]).toEqual([
    ["one"],
    "before",
    undefined,
    "always",
  ]);
  everything.properties.invalidated = "after";
  const change = (values: Readonly<Record<string, Variant>>, invalid: readonly string[] = []): void =>
    service.emit({
      path: PATH,
      interface: "org.freedesktop.DBus.Properties",
      member: "PropertiesChanged",
      codec: bodyCodec("sa{sv}as"),
      args: ["org.example.Sampler1", values, invalid],
    });
  await client.describe$("in order");
  expect(invalidated.value).toBeUndefined();
  expect(await invalidated.get()).toBe("after");
  expect(invalidated.value).toBe("after");
  expect(bus.counters.drops.wrongSignature).toBe(0);
  change({ New: new Variant("s", "x"), Silent: new Variant("u", 9), Constant: new Variant("s", "no") }, ["Constant"]);
  await client.describe$("in order");
  expect([silent.value, constant.value, bus.counters.drops.wrongSignature]).toEqual([undefined, "always", 0]);
  change({ Announced: new Variant("s", "not an array"), Invalidated: new Variant("s", "changed") });
  await client.describe$("in order");
  expect([announced.value, invalidated.value]).toEqual([["one"], "changed"]);
  expect(bus.counters.drops.wrongSignature).toBe(1);
  change({}, ["Announced", "Unknown"]);
  await client.describe$("in order");
  expect(announced.value).toBeUndefined();
});
