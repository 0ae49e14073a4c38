import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnMgrParamFlags, type ParamSpec } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { describe, expect, test } from "vitest";
import { areParametersValid, updateParameters } from "../../../../runtime/telepathy/accounts/account-parameters.ts";

const spec = (name: string, signature: string, flags: number): ParamSpec => ({
  name,
  signature,
  flags,
  defaultValue: new Variant("s", ""),
});
const { Required, Register, Secret } = ConnMgrParamFlags;
const SPECS = [
  spec("account", "s", Required),
  spec("password", "s", Secret | Register),
  spec("port", "q", 0),
  spec("register", "b", 0),
];
const account = ["account", new Variant("s", "bob")] as const;
const NO_PARAMETERS = { parameters: new Map(), secrets: new Map(), unreadSecrets: [] };

test("secrets are separated, and integers are coerced to the declared type", () => {
  const given = new Map<string, Variant>([
    account,
    ["password", new Variant("s", "x")],
    ["port", new Variant("u", 6697)],
  ]);
  expect(updateParameters(SPECS, NO_PARAMETERS, given)).toEqual({
    parameters: new Map<string, Variant>([account, ["port", new Variant("q", 6697)]]),
    secrets: new Map([["password", new Variant("s", "x")]]),
    unreadSecrets: [],
    changed: ["account", "password", "port"],
  });
});

test("unset parameters are removed, and equal values do not count as changed", () => {
  const current = {
    parameters: new Map<string, Variant>([account, ["port", new Variant("q", 1)]]),
    secrets: new Map(),
    unreadSecrets: [],
  };
  expect(updateParameters(SPECS, current, new Map([account]), ["port", "nonsense"])).toEqual({
    parameters: new Map([account]),
    secrets: new Map(),
    unreadSecrets: [],
    changed: ["port"],
  });
});

test.each<[string, ReadonlyMap<string, Variant>]>([
  ["missing parameters: account", new Map()],
  ["missing parameters: password", new Map<string, Variant>([account, ["register", new Variant("b", true)]])],
  ["unknown parameter: colour", new Map<string, Variant>([account, ["colour", new Variant("s", "red")]])],
  ["parameter port takes type q, got s", new Map<string, Variant>([account, ["port", new Variant("s", "1")]])],
  ["parameter port takes type q, got i", new Map<string, Variant>([account, ["port", new Variant("i", -1)]])],
  ["parameter port takes type q, got u", new Map<string, Variant>([account, ["port", new Variant("u", 65_536)]])],
])("reports %s", (message, given) => {
  expect(() => updateParameters(SPECS, NO_PARAMETERS, given)).toThrow(new InvalidArgumentError(message));
});

describe("secrets that cannot be read", () => {
  const unread = { ...NO_PARAMETERS, unreadSecrets: ["password", "pin"] };
  const register = new Variant("b", true);
  test.each([
    {
      name: "remain when others change",
      given: [account],
      unset: [],
      unreadSecrets: ["password", "pin"],
      changed: ["account"],
    },
    {
      name: "are replaced",
      given: [account, ["password", new Variant("s", "x")]],
      unset: [],
      unreadSecrets: ["pin"],
      changed: ["account", "password"],
    },
    { name: "are removed", given: [account], unset: ["pin"], unreadSecrets: ["password"], changed: ["account", "pin"] },
    {
      name: "count as present",
      given: [account, ["register", register]],
      unset: [],
      unreadSecrets: ["password", "pin"],
      changed: ["account", "register"],
    },
  ] as const)("$name", ({ given, unset, unreadSecrets, changed }) => {
    expect(updateParameters(SPECS, unread, new Map<string, Variant>(given), unset)).toMatchObject({
      unreadSecrets,
      changed,
    });
  });

  test("do not make an account invalid", () => {
    const parameters = new Map<string, Variant>([account, ["register", register]]);
    expect(areParametersValid(SPECS, { ...unread, parameters })).toBe(true);
    expect(areParametersValid(SPECS, { ...NO_PARAMETERS, parameters })).toBe(false);
  });
});
