import { Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionPresenceType, type Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  type AccountName,
  type AccountSettings,
  isRequestable,
  type Parameters,
  type StoredAccount,
} from "./account-settings.ts";
import { decodeValue, encodeValue } from "./json-values.ts";

/** A file that is not what was written: the message says what is wrong with it. */
export class BrokenFileError extends Error {}

/** What the file of an account says. */
export interface AccountFile {
  readonly account: StoredAccount;
  /** Names the file with the secrets that belong to it; undefined where there are none. */
  readonly revision: string | undefined;
}

const VERSION = 1;
const TEXTS = ["displayName", "icon", "nickname", "service", "normalizedName", "connection"] as const;
const FLAGS = ["enabled", "connectAutomatically", "hasBeenOnline"] as const;

/** The content of an account's file: everything but its secrets. */
export function encodeAccount({ name, settings }: StoredAccount, revision: string | undefined): string {
  const { secrets: _, parameters, ...plain } = settings;
  const file = { version: VERSION, ...name, ...plain, parameters: encodeParameters(parameters), secrets: revision };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/**
 * Reads an account's file.
 *
 * @param name - The account that the file should be of.
 * @throws BrokenFileError
 */
export function decodeAccount(text: string, name: AccountName): AccountFile {
  const file = parse(text);
  for (const key of ["manager", "protocol", "id"] as const) {
    if (file[key] !== name[key]) throw new BrokenFileError(`it is of another account: ${key} is ${show(file[key])}`);
  }
  const { secrets } = file;
  if (secrets !== undefined && !isRevision(secrets)) throw new BrokenFileError(`secrets is ${show(secrets)}`);
  return { account: { name, settings: settingsOf(file) }, revision: secrets };
}

/** The content of a file with secrets. */
export function encodeSecrets(secrets: Parameters): string {
  return `${JSON.stringify({ version: VERSION, parameters: encodeParameters(secrets) }, undefined, 2)}\n`;
}

/** Reads a file with secrets. Throws BrokenFileError. */
export function decodeSecrets(text: string): Parameters {
  return parametersOf(parse(text));
}

/** Whether a value can name a file with secrets. */
export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{16}$/.test(value);
}

type Fields = Readonly<Record<string, unknown>>;

function settingsOf(file: Fields): AccountSettings {
  const [displayName, icon, nickname, service, normalizedName, connection] = TEXTS.map((key) =>
    field(file, key, isText),
  );
  const [enabled, connectAutomatically, hasBeenOnline] = FLAGS.map((key) => field(file, key, isFlag));
  return {
    displayName: displayName ?? "",
    icon: icon ?? "",
    nickname: nickname ?? "",
    service: service ?? "",
    normalizedName: normalizedName ?? "",
    connection: connection ?? "",
    enabled: enabled ?? false,
    connectAutomatically: connectAutomatically ?? false,
    hasBeenOnline: hasBeenOnline ?? false,
    automaticPresence: presenceOf(field(file, "automaticPresence", isFields)),
    parameters: parametersOf(file),
    secrets: new Map(),
  };
}

function presenceOf(file: Fields): Presence {
  const { type: number, status, statusMessage } = file;
  const type = Object.values(ConnectionPresenceType).find((known) => known === number && isRequestable(known));
  if (type === undefined || !isText(status) || !isText(statusMessage)) {
    throw new BrokenFileError(`automaticPresence is ${show(file)}`);
  }
  return { type, status, statusMessage };
}

function parametersOf(file: Fields): Parameters {
  const entries = Object.entries(field(file, "parameters", isFields));
  return new Map(entries.map(([name, value]) => [name, variantOf(name, value)]));
}

function variantOf(name: string, file: unknown): Variant {
  const { type, value } = isFields(file) ? file : {};
  const decoded = isText(type) ? decodeValue(type, value) : undefined;
  // The value may be a secret, so the message does not show it.
  if (!isText(type) || decoded === undefined) throw new BrokenFileError(`parameter ${show(name)} is not readable`);
  return new Variant(type, decoded);
}

function encodeParameters(parameters: Parameters): Readonly<Record<string, object>> {
  const entries = [...parameters].map(([name, { signature, value }]) => {
    const encoded = encodeValue(signature, value);
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
    throw new BrokenFileError("it is not JSON");
  }
  if (!isFields(file)) throw new BrokenFileError("it is not a JSON object");
  if (file["version"] !== VERSION) throw new BrokenFileError(`version is ${show(file["version"])}, not ${VERSION}`);
  return file;
}

function field<T>(file: Fields, key: string, is: (value: unknown) => value is T): T {
  const value = file[key];
  if (is(value)) return value;
  throw new BrokenFileError(`${key} is ${show(value)}`);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 100);
}
