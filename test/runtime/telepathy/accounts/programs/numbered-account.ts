import { Variant } from "@dbus-codegen-ts/runtime";
import { newSettings, type StoredAccount } from "../../../../../runtime/telepathy/accounts/account-settings.ts";

/** An account that tells in several places how often it was saved, so that a mixture of two would show. */
export function accountOf(generation: number): StoredAccount {
  const text = new Variant("s", `${generation}`.padEnd(20_000, "x"));
  const settings = newSettings("Test", new Map([["account", text]]), new Map([["password", text]]));
  return { name: { manager: "m", protocol: "local-p", id: "a" }, settings: { ...settings, nickname: `${generation}` } };
}
