import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeUtf8, readRegularFile } from "@dbus-codegen-ts/runtime/files";
import type { Bearer } from "../../../policy/service.ts";
import { isInterfaceName } from "../../linux/interface-name.ts";
import { isRadio } from "./radio-switches.ts";

/** Settings of users that last longer than the process. */
export interface NetworkSettings {
  readonly isOffline: boolean;
  /** Technologies that are off because of offline mode. */
  readonly offlineBearers: readonly Bearer[];
  /** Technologies that are switched off, with the names of the interfaces to switch on later. */
  readonly switchedOff: ReadonlyMap<Bearer, readonly string[]>;
  /** Ids of services that are not brought up when a session calls Connect. */
  readonly withoutAutoConnect: ReadonlySet<string>;
}

export const DEFAULT_SETTINGS: NetworkSettings = {
  isOffline: false,
  offlineBearers: [],
  switchedOff: new Map(),
  withoutAutoConnect: new Set(),
};

/** Largest size of the file: enough for a thousand services. */
const MAX_FILE_BYTES = 128 * 1024;
/** Maximum number of stored services without AutoConnect. The oldest are dropped. */
const MAX_SERVICES = 1_000;
const SERVICE_ID = /^[a-z]+_[0-9a-z]*_[0-9a-z]+$/;
const BEARERS: readonly Bearer[] = ["ethernet", "wifi", "bluetooth", "cellular", "gadget", "vpn", "wimax"];

/** The settings file cannot be read. */
class SettingsFileError extends Error {
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = "SettingsFileError";
  }
}

/**
 * Reads a settings file. Returns the default settings if the file does not exist.
 *
 * @throws SettingsFileError if the file is damaged.
 */
export async function readSettingsFile(path: string): Promise<NetworkSettings> {
  const content = await readRegularFile(path, MAX_FILE_BYTES);
  if (content.kind === "missing") return DEFAULT_SETTINGS;
  if (content.kind === "unusable") throw new SettingsFileError(path, content.problem);
  const settings = parseSettings(decodeUtf8(content.bytes) ?? "");
  if (settings === undefined) throw new SettingsFileError(path, "not a valid settings file");
  return settings;
}

/** Replaces a settings file, and creates its folder. After a crash, the file has either the old or the new content. */
export async function writeSettingsFile(path: string, settings: NetworkSettings): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const temporary = `${path}.tmp`;
  // Removes whatever has the name: a link would be followed, and a pipe would block.
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(`${printSettings(settings)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** Returns settings as JSON. */
export function printSettings({ isOffline, offlineBearers, switchedOff, withoutAutoConnect }: NetworkSettings): string {
  return JSON.stringify({
    isOffline,
    offlineBearers,
    switchedOff: [...switchedOff],
    withoutAutoConnect: [...withoutAutoConnect].slice(-MAX_SERVICES),
  });
}

/** Parses the result of `printSettings`. Returns undefined for anything else. */
export function parseSettings(text: string): NetworkSettings | undefined {
  const { isOffline, offlineBearers, switchedOff, withoutAutoConnect } = parseObject(text);
  const isValid =
    typeof isOffline === "boolean" &&
    isListOf(offlineBearers, isBearer) &&
    offlineBearers.every(isRadio) &&
    isListOf(switchedOff, isSwitchedOff) &&
    isListOf(withoutAutoConnect, isServiceId);
  if (!isValid) return undefined;
  return {
    isOffline,
    offlineBearers,
    switchedOff: new Map(switchedOff),
    withoutAutoConnect: new Set(withoutAutoConnect),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isListOf<T>(value: unknown, isElement: (element: unknown) => element is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isElement);
}

function isBearer(value: unknown): value is Bearer {
  return BEARERS.some((bearer) => bearer === value);
}

function isSwitchedOff(value: unknown): value is readonly [Bearer, readonly string[]] {
  return Array.isArray(value) && value.length === 2 && isBearer(value[0]) && isListOf(value[1], isName);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && isInterfaceName(value);
}

function isServiceId(value: unknown): value is string {
  return typeof value === "string" && value.length <= 100 && SERVICE_ID.test(value);
}
