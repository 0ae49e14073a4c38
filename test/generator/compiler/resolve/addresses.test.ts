import { describe, expect, test } from "vitest";
import { Addresses } from "../../../../generator/compiler/resolve/addresses.ts";

/** Returns addresses whose values are texts: those of an interface with members, and of another without. */
function lamp(): Addresses<string> {
  const addresses = new Addresses<string>();
  const args = (...names: readonly string[]) => names.map((name, index) => ({ name, value: `arg ${index}` }));
  addresses.addInterface({
    name: "org.example.Lamp1",
    value: "interface",
    methods: [
      { name: "Play", value: "method", args: args("track", "") },
      { name: "Blown", value: "method Blown", args: [] },
    ],
    signals: [{ name: "Blown", value: "signal", args: args("why") }],
    properties: [{ name: "Colour", value: "property", args: [] }],
  });
  addresses.addInterface({ name: "org.example.Empty", value: "empty", methods: [], signals: [], properties: [] });
  addresses.add("Track", "struct");
  addresses.add("Track", "struct of another folder");
  return addresses;
}

describe("the values at an address", () => {
  test.each<readonly [string, readonly string[]]>([
    ["org.example.Lamp1", ["interface"]],
    ["org.example.Lamp1.Play()", ["method"]],
    ["org.example.Lamp1.Play", ["method"]],
    ["org.example.Lamp1.Play()[track]", ["arg 0"]],
    ["org.example.Lamp1.Play()[1]", ["arg 1"]],
    ["org.example.Lamp1.Play()[0]", []],
    ["org.example.Lamp1::Blown", ["signal"]],
    ["org.example.Lamp1::Blown[why]", ["arg 0"]],
    ["org.example.Lamp1.Blown", ["method Blown", "signal"]],
    ["org.example.Lamp1:Colour", ["property"]],
    ["org.example.Lamp1.Colour", ["property"]],
    ["Track", ["struct", "struct of another folder"]],
    ["org.example.Nothing", []],
  ])("%s: %j", (address, values) => {
    expect(lamp().at(address)).toEqual(values);
    expect(lamp().matching(address)).toEqual(values);
  });
});

describe("the values at addresses that match a pattern", () => {
  test.each<readonly [string, readonly string[]]>([
    ["org.example.*", ["interface", "empty"]],
    ["org.example.Lamp1.*()", ["method", "method Blown"]],
    ["org.example.Lamp1.*", []],
    ["*", ["interface", "empty", "struct", "struct of another folder"]],
    ["*::*", ["signal"]],
    ["*.Play()[*]", ["arg 0", "arg 1"]],
    ["T*c*k", ["struct", "struct of another folder"]],
    ["T*c*x", []],
    ["Track*", ["struct", "struct of another folder"]],
  ])("%s: %j", (pattern, values) => {
    expect(lamp().matching(pattern)).toEqual(values);
  });
});

describe("the nearest address", () => {
  test.each([
    ["org.example.Lamp1.Pley()", "org.example.Lamp1.Play()"],
    ["org.example.Lamp1::Blwn", "org.example.Lamp1::Blown"],
    ["org.example.Lamp1.Completely()", undefined],
    ["org.exmple.Lamp1", "org.example.Lamp1"],
    ["Trak", "Track"],
    ["net.other.Something", undefined],
  ])("of %s is %s", (address, nearest) => {
    expect(lamp().nearest(address)).toBe(nearest);
  });
});
