import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkParameters } from "../../../../runtime/telepathy/protocols/parameters.ts";
import type { ParameterSpec } from "../../../../runtime/telepathy/protocols/protocol.ts";
import { paramSpecOf, variantsOf } from "../../../../runtime/telepathy/protocols/wire-parameters.ts";

const { Required, Register, Secret } = ConnMgrParamFlags;
const SPECS: readonly ParameterSpec[] = [
  { name: "account", signature: "s", flags: Required | Register },
  { name: "password", signature: "s", flags: Required | Secret },
  { name: "email", signature: "s", flags: Register },
  { name: "port", signature: "q", defaultValue: 6667 },
  { name: "offset", signature: "n" },
  { name: "big", signature: "x" },
  { name: "ratio", signature: "d" },
  { name: "register", signature: "b", defaultValue: false },
  { name: "fallback-servers", signature: "as" },
];
const NEEDED = { account: new Variant("s", "bob"), password: new Variant("s", "hunter2") };
const check = (more: Readonly<Record<string, Variant>>) =>
  checkParameters(SPECS, new Map(Object.entries({ ...NEEDED, ...more })));

test("values come with defaults, by their types", () => {
  const values = check({ "fallback-servers": new Variant("as", ["a", "b"]) });
  expect([values.text("account"), values.number("port"), values.flag("register")]).toEqual(["bob", 6667, false]);
  expect(values.get("fallback-servers")).toEqual(["a", "b"]);
  expect([values.get("offset"), values.text("port"), values.number("account")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ["port", new Variant("u", 5222), 5222],
  ["port", new Variant("t", 5222n), 5222],
  ["port", new Variant("y", 0), 0],
  ["offset", new Variant("x", -32768n), -32768],
  ["big", new Variant("i", -1), -1n],
  ["ratio", new Variant("u", 2), 2],
  ["ratio", new Variant("t", 2n), 2],
  ["ratio", new Variant("d", 0.5), 0.5],
] as const)("%s takes %o as %o", (name, variant, expected) => {
  expect(check({ [name]: variant }).get(name)).toBe(expected);
});

test.each([
  ["port", new Variant("u", 65_536), "parameter port is not between 0 and 65535"],
  ["port", new Variant("i", -1), "parameter port is not between 0 and 65535"],
  ["port", new Variant("s", "5222"), 'parameter port has type "s", not "q"'],
  ["port", new Variant("d", 5222), 'parameter port has type "d", not "q"'],
  ["port", new Variant("b", true), 'parameter port has type "b", not "q"'],
  ["account", new Variant("o", "/bob"), 'parameter account has type "o", not "s"'],
  ["register", new Variant("u", 1), 'parameter register has type "u", not "b"'],
  ["fallback-servers", new Variant("s", "a"), 'parameter fallback-servers has type "s", not "as"'],
  ["nonsense", new Variant("s", ""), 'unknown parameters: "nonsense"'],
  ["constructor", new Variant("s", ""), 'unknown parameters: "constructor"'],
] as const)("%s does not take %o", (name, variant, message) => {
  expect(() => check({ [name]: variant })).toThrow(new InvalidArgumentError(message));
});

test("with register, what is flagged Register is needed instead of what is flagged Required", () => {
  const register = new Variant("b", true);
  expect(() => check({ register })).toThrow("parameter email is missing");
  const given: Record<string, Variant> = {
    account: NEEDED.account,
    email: new Variant("s", "b@example.com"),
    register,
  };
  expect(checkParameters(SPECS, new Map(Object.entries(given))).flag("register")).toBe(true);
  expect(() => checkParameters(SPECS, new Map([["account", NEEDED.account]]))).toThrow("parameter password is missing");
});

test("no error and no log tells a secret", () => {
  for (const variant of [new Variant("u", 424_242), new Variant("as", ["424242"])]) {
    const problem = (() => {
      try {
        return check({ password: variant });
      } catch (error) {
        return error;
      }
    })();
    expect(`${problem} ${JSON.stringify(problem)}`).not.toContain("424242");
  }
  const values = check({});
  expect(`${values} ${JSON.stringify(values)} ${Object.values(values)}`).not.toContain("hunter2");
});

test("every integer is taken in every integer type exactly where it fits", () => {
  const ranges = {
    y: [0, 255],
    n: [-32768, 32767],
    q: [0, 65535],
    i: [-(2 ** 31), 2 ** 31 - 1],
    u: [0, 2 ** 32 - 1],
  } as const;
  const signature = fc.constantFrom("y", "n", "q", "i", "u");
  fc.assert(
    fc.property(signature, signature, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, share) => {
      const [least, most] = ranges[from];
      const value = least + Math.floor((most - least) * share);
      const given = new Map([["value", new Variant(from, value)]]);
      const take = () => checkParameters([{ name: "value", signature: to }], given).get("value");
      if (value >= ranges[to][0] && value <= ranges[to][1]) expect(take()).toBe(value);
      else expect(take).toThrow(InvalidArgumentError);
    }),
  );
});

test("on the wire a default has its flag, and what has none a dummy of its type", () => {
  expect(paramSpecOf({ name: "port", signature: "q", defaultValue: 0 })).toEqual({
    name: "port",
    flags: ConnMgrParamFlags.HasDefault,
    signature: "q",
    defaultValue: new Variant("q", 0),
  });
  expect(paramSpecOf({ name: "account", signature: "s", flags: Required })).toEqual({
    name: "account",
    flags: Required,
    signature: "s",
    defaultValue: new Variant("s", ""),
  });
});

test("typed parameters go back to their names and types, undeclared ones with them", () => {
  const extra = { port: new Variant("u", 5222), "x-own": new Variant("b", true) };
  expect(variantsOf({ account: "bob", requireEncryption: true, extra })).toEqual(
    new Map<string, Variant>([
      ["port", new Variant("u", 5222)],
      ["x-own", new Variant("b", true)],
      ["account", new Variant("s", "bob")],
      ["require-encryption", new Variant("b", true)],
    ]),
  );
});
