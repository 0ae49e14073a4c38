import { Variant } from "@dbus-codegen-ts/runtime";
import { expect, expectTypeOf, test } from "vitest";
import type { PropertiesOf } from "../../../../generator/tools/mock/handler-types.ts";
import { mock } from "../../../../generator/tools/mock/mock.ts";
import type { Labels, Profile } from "../../../data/golden/dictionary-kinds/expected/org.example.Storage.ts";
import { Storage } from "../../../data/golden/dictionary-kinds/expected/org.example.Storage.ts";

type Properties = PropertiesOf<typeof Storage>;

test("a mock of declared dictionaries accepts the values that the generated types describe", () => {
  expectTypeOf<Labels>().toExtend<Properties["labels"]>();
  expectTypeOf<readonly Profile[]>().toExtend<Properties["profiles"]>();
  const media: Properties["media"] = [{ kind: "disk", size: 1n }, { extra: { Kind: new Variant("s", "drum") } }];
  // @ts-expect-error A label is a string.
  const labels: Properties["labels"] = { title: 1 };
  // @ts-expect-error Keys that are not declared have string values, too.
  const extra: Properties["labels"] = { extra: { other: new Variant("s", "") } };
  expect([labels, extra]).toHaveLength(2);
  const { properties } = mock(Storage, {}, { media });
  expect(properties).toMatchObject({ media, labels: {}, profiles: [] });
});
