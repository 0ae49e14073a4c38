import { Variant } from "@dbus-codegen-ts/runtime";
import { newAccountSettings, type StoredAccount } from "../../../../../runtime/telepathy/accounts/account-settings.ts";

/** Returns an account that contains a number in several fields, so that a mixture of two accounts is detected. */
export function numberedAccount(generation: number): StoredAccount {
  const text = new Variant("s", `${generation}`.padEnd(20_000, "x"));
  const settings = newAccountSettings("Test", new Map([["account", text]]), new Map([["password", text]]));
  return { name: { manager: "m", protocol: "local-p", id: "a" }, settings: { ...settings, nickname: `${generation}` } };
}
