import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ParameterSpec } from "../../../../runtime/telepathy/protocols/parameters.ts";
import { validateParameters } from "../../../../runtime/telepathy/protocols/validate-parameters.ts";
import { toParamSpec, toVariants } from "../../../../runtime/telepathy/protocols/wire-parameters.ts";

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
const MANDATORY = { account: new Variant("s", "bob"), password: new Variant("s", "hunter2") };
const validate = (more: Readonly<Record<string, Variant>>) =>
  validateParameters(SPECS, new Map(Object.entries({ ...MANDATORY, ...more })));

test("values are returned by type, with defaults", () => {
  const values = validate({ "fallback-servers": new Variant("as", ["a", "b"]) });
  expect([values.getString("account"), values.getNumber("port"), values.getBoolean("register")]).toEqual([
    "bob",
    6667,
    false,
  ]);
  expect(values.get("fallback-servers")).toEqual(["a", "b"]);
  expect([values.get("offset"), values.getString("port"), values.getNumber("account")]).toEqual([
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
] as const)("%s accepts %o as %o", (name, variant, expected) => {
  expect(validate({ [name]: variant }).get(name)).toBe(expected);
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
] as const)("%s rejects %o", (name, variant, message) => {
  expect(() => validate({ [name]: variant })).toThrow(new InvalidArgumentError(message));
});

test("parameters with the flag Register are mandatory instead of Required ones if register is true", () => {
  const register = new Variant("b", true);
  expect(() => validate({ register })).toThrow("parameter email is missing");
  const given: Record<string, Variant> = {
    account: MANDATORY.account,
    email: new Variant("s", "b@example.com"),
    register,
  };
  expect(validateParameters(SPECS, new Map(Object.entries(given))).getBoolean("register")).toBe(true);
  expect(() => validateParameters(SPECS, new Map([["account", MANDATORY.account]]))).toThrow(
    "parameter password is missing",
  );
});

test("errors and logs do not contain secrets", () => {
  for (const variant of [new Variant("u", 424_242), new Variant("as", ["424242"])]) {
    const problem = (() => {
      try {
        return validate({ password: variant });
      } catch (error) {
        return error;
      }
    })();
    expect(`${problem} ${JSON.stringify(problem)}`).not.toContain("424242");
  }
  const values = validate({});
  expect(`${values} ${JSON.stringify(values)} ${Object.values(values)}`).not.toContain("hunter2");
});

test("an integer is accepted in another integer type if and only if it is in range", () => {
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
      const [min, max] = ranges[from];
      const value = min + Math.floor((max - min) * share);
      const given = new Map([["value", new Variant(from, value)]]);
      const coerced = () => validateParameters([{ name: "value", signature: to }], given).get("value");
      if (value >= ranges[to][0] && value <= ranges[to][1]) expect(coerced()).toBe(value);
      else expect(coerced).toThrow(InvalidArgumentError);
    }),
  );
});

test("Param_Spec has the flag HasDefault, or a placeholder value of the type", () => {
  expect(toParamSpec({ name: "port", signature: "q", defaultValue: 0 })).toEqual({
    name: "port",
    flags: ConnMgrParamFlags.HasDefault,
    signature: "q",
    defaultValue: new Variant("q", 0),
  });
  expect(toParamSpec({ name: "account", signature: "s", flags: Required })).toEqual({
    name: "account",
    flags: Required,
    signature: "s",
    defaultValue: new Variant("s", ""),
  });
});

test("toVariants restores wire names and types, also of undeclared parameters", () => {
  const extra = { port: new Variant("u", 5222), "x-own": new Variant("b", true) };
  expect(toVariants({ account: "bob", requireEncryption: true, extra })).toEqual(
    new Map<string, Variant>([
      ["port", new Variant("u", 5222)],
      ["x-own", new Variant("b", true)],
      ["account", new Variant("s", "bob")],
      ["require-encryption", new Variant("b", true)],
    ]),
  );
});
