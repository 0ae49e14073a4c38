import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { pathIn } from "../connection/object-names.ts";
import { CANONICAL_ROOT } from "../dialects/dialect.ts";
import type { AccountProperties } from "./account-properties.ts";
import { type AccountSettings, validateServiceName } from "./account-settings.ts";
import { isPresence, validateAutomaticPresence, validateRequestedPresence } from "./presence.ts";

export type AccountPropertyValue = AccountProperties[keyof AccountProperties];

/**
 * Returns the change of the settings that results from setting a property. RequestedPresence is not a setting, so
 * it is not supported.
 *
 * @throws InvalidArgumentError if the value is invalid, or the property is read-only.
 */
export function settingsChange(key: keyof AccountProperties, value: AccountPropertyValue): Partial<AccountSettings> {
  switch (key) {
    case "displayName":
    case "icon":
    case "nickname":
      return { [key]: readText(value) };
    case "service":
      return { service: validateServiceName(readText(value)) };
    case "enabled":
    case "connectAutomatically":
      return { [key]: value === true };
    case "supersedes":
      return { supersedes: Array.isArray(value) ? value.map((path) => pathIn(CANONICAL_ROOT, String(path))) : [] };
    case "automaticPresence":
      return { automaticPresence: validateAutomaticPresence(readPresence(value)) };
    default:
      throw new InvalidArgumentError(`${key} cannot be set`);
  }
}

/** Returns the value of a property if a client can request it as a presence. Otherwise throws InvalidArgumentError. */
export function readPresence(value: AccountPropertyValue): Presence {
  if (isPresence(value)) return validateRequestedPresence(value);
  throw new InvalidArgumentError("the value is not a presence");
}

function readText(value: AccountPropertyValue): string {
  return typeof value === "string" ? value : "";
}
