import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { keyOf } from "../../../../generator/compiler/resolve/walk.ts";
import { spec } from "../../support.ts";

test.each([
  ["State", "State"],
  ["x-a", "Hint"],
  ["x-", "Hint"],
  ["x", undefined],
  ["a.user", "User"],
  ["x-a.user", "Hint"],
  [".user", "User"],
  ["user", undefined],
  ["a..b", "Pair"],
  ["a.b", undefined],
])("the key %s of a dictionary belongs to %s", (key, expected) => {
  const content = spec(`<dct:dictionary name="D">
    <dct:key name="State" type="s"/>
    <dct:keys name="Hint" pattern="x-*" type="s"/>
    <dct:keys name="User" pattern="*.user" type="s"/>
    <dct:keys name="Pair" pattern="a.*.b" type="s"/>
  </dct:dictionary>`);
  const [type] = analyze([{ path: "a.xml", content }], new Diagnostics()).ir.interfaces[0]?.types ?? [];
  expect(type?.kind === "dictionary" && keyOf(type, key)?.name).toBe(expected);
});
