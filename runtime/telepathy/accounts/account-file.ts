import { isObjectPath, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { AccountName, AccountSettings, Parameters, StoredAccount } from "./account-settings.ts";
import { isDBusText, valueFromJson, valueToJson } from "./json-values.ts";
import { isRequestablePresenceType } from "./presence.ts";

/**
 * Error in a stored file: the account store did not write the file, or another program changed it. The message
 * describes the problem.
 */
export class BrokenFileError extends Error {}

/** Reference to the item of the Secret Service that contains one secret parameter. */
export interface SecretItemReference {
  /** D-Bus signature of the parameter's value. */
  readonly type: string;
  /** Random name of the secret, stored as the attribute `revision` of the item. */
  readonly revision: string;
}

/** References to the secrets of an account in a file and in the Secret Service. */
export interface SecretReferences {
  /** Revision in the name of the file with secrets; undefined if no secret is in a file. */
  readonly revision: string | undefined;
  /** References to items of the Secret Service, by parameter name. */
  readonly items: ReadonlyMap<string, SecretItemReference>;
}

/** Decoded content of an account's file. */
export interface AccountFile {
  readonly account: StoredAccount;
  readonly references: SecretReferences;
}

const VERSION = 1;
/** Control and format characters, which could change how a terminal shows a message. */
const CONTROL_CHARACTER = /[\p{Cc}\p{Cf}]/gu;
const TEXT_FIELDS = ["displayName", "icon", "nickname", "service", "normalizedName"] as const;
const BOOLEAN_FIELDS = ["enabled", "connectAutomatically", "hasBeenOnline"] as const;

/** Returns the content of an account's file as JSON: all settings, with references in place of the secrets. */
export function encodeAccount({ name, settings }: StoredAccount, { revision, items }: SecretReferences): string {
  const { secrets: _secrets, unreadSecrets: _unread, parameters, ...plain } = settings;
  const secretItems = [...items].map(([parameter, item]) => [parameter, { type: item.type, revision: item.revision }]);
  const file = {
    ...{ version: VERSION, ...name, ...plain, parameters: encodeParameters(parameters), secrets: revision },
    ...(secretItems.length === 0 ? {} : { secretItems: Object.fromEntries(secretItems) }),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * Parses the content of an account's file.
 *
 * @param name - Name of the account, taken from the file name.
 * @throws BrokenFileError if the content is invalid or belongs to another account.
 */
export function decodeAccount(text: string, name: AccountName): AccountFile {
  const file = parse(text);
  for (const key of ["manager", "protocol", "id"] as const) {
    if (file[key] !== name[key])
      throw new BrokenFileError(`the file belongs to another account: ${key} is ${show(file[key])}`);
  }
  const { secrets } = file;
  if (secrets !== undefined && !isRevision(secrets)) throw new BrokenFileError(`secrets is ${show(secrets)}`);
  const items = readSecretItems(file);
  const settings = { ...readSettings(file), unreadSecrets: [...items.keys()] };
  return { account: { name, settings }, references: { revision: secrets, items } };
}

/** Returns the content of a file with secrets. Throws InvalidArgumentError if a parameter cannot be stored. */
export function encodeSecrets(secrets: Parameters): string {
  return `${JSON.stringify({ version: VERSION, parameters: encodeParameters(secrets) }, undefined, 2)}\n`;
}

/** Parses the content of a file with secrets. Throws BrokenFileError. */
export function decodeSecrets(text: string): Parameters {
  return readParameters(parse(text));
}

/** Returns whether a value is the revision of a file with secrets: 16 hexadecimal digits. */
export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{16}$/.test(value);
}

type Fields = Readonly<Record<string, unknown>>;

function readSettings(file: Fields): AccountSettings {
  const [displayName, icon, nickname, service, normalizedName] = TEXT_FIELDS.map((key) =>
    requireField(file, key, isDBusText),
  );
  const [enabled, connectAutomatically, hasBeenOnline] = BOOLEAN_FIELDS.map((key) =>
    requireField(file, key, isBoolean),
  );
  return {
    displayName: displayName ?? "",
    icon: icon ?? "",
    nickname: nickname ?? "",
    service: service ?? "",
    normalizedName: normalizedName ?? "",
    // Files of earlier versions do not contain this field.
    supersedes: file["supersedes"] === undefined ? [] : requireField(file, "supersedes", isPathList),
    connection: requireField(file, "connection", isPathOrEmpty),
    enabled: enabled ?? false,
    connectAutomatically: connectAutomatically ?? false,
    hasBeenOnline: hasBeenOnline ?? false,
    creatorUid: requireField(file, "creatorUid", isUserIdOrAbsent),
    automaticPresence: readPresence(requireField(file, "automaticPresence", isFields)),
    parameters: readParameters(file),
    secrets: new Map(),
    unreadSecrets: [],
  };
}

function readSecretItems(file: Fields): ReadonlyMap<string, SecretItemReference> {
  const items = file["secretItems"] === undefined ? {} : requireField(file, "secretItems", isFields);
  return new Map(Object.entries(items).map(([name, item]) => [name, readSecretItem(name, item)]));
}

function readSecretItem(name: string, item: unknown): SecretItemReference {
  const { type, revision } = isFields(item) ? item : {};
  if (isDBusText(name) && isDBusText(type) && isRevision(revision)) return { type, revision };
  throw new BrokenFileError(`the item of the parameter ${show(name)} is not readable`);
}

function readPresence(file: Fields): Presence {
  const { type: number, status, statusMessage } = file;
  const type = Object.values(ConnectionPresenceType).find(
    (candidate) => candidate === number && isRequestablePresenceType(candidate),
  );
  if (type === undefined || !isDBusText(status) || !isDBusText(statusMessage)) {
    throw new BrokenFileError("automaticPresence is not a presence that can be requested");
  }
  return { type, status, statusMessage };
}

function readParameters(file: Fields): Parameters {
  const entries = Object.entries(requireField(file, "parameters", isFields));
  return new Map(entries.map(([name, value]) => [name, readVariant(name, value)]));
}

function readVariant(name: string, file: unknown): Variant {
  const { type, value } = isFields(file) ? file : {};
  const decoded = isDBusText(name) && isDBusText(type) ? valueFromJson(type, value) : undefined;
  // The value may be secret, so the message does not contain it.
  if (!isDBusText(type) || decoded === undefined) throw new BrokenFileError(`parameter ${show(name)} is not readable`);
  return new Variant(type, decoded);
}

function encodeParameters(parameters: Parameters): Readonly<Record<string, object>> {
  const entries = [...parameters].map(([name, { signature, value }]) => {
    const encoded = valueToJson(signature, value);
    if (encoded === undefined) throw new InvalidArgumentError(`parameter ${name} cannot be stored`);
    return [name, { type: signature, value: encoded }] as const;
  });
  return Object.fromEntries(entries);
}

function parse(text: string): Fields {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new BrokenFileError("the content is not JSON");
  }
  if (!isFields(file)) throw new BrokenFileError("the content is not a JSON object");
  if (file["version"] !== VERSION) throw new BrokenFileError(`version is ${show(file["version"])}, not ${VERSION}`);
  return file;
}

function requireField<T>(file: Fields, key: string, isValid: (value: unknown) => value is T): T {
  const value = file[key];
  if (isValid(value)) return value;
  throw new BrokenFileError(`${key} is ${show(value)}`);
}

/** Returns whether a value is an object path or the empty string. */
function isPathOrEmpty(value: unknown): value is string {
  return typeof value === "string" && (value === "" || isObjectPath(value));
}

function isUserIdOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32);
}

function isPathList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((path) => typeof path === "string" && isObjectPath(path));
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Returns a printable description of a JSON value for an error message. The content of lists and objects is
 * omitted, because deep nesting would overflow the stack of `JSON.stringify`.
 */
function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  const text = typeof value === "string" ? value.slice(0, 100) : value;
  return JSON.stringify(text).replace(
    CONTROL_CHARACTER,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
