import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bearer } from "../../../policy/service.ts";
import { NetworkError } from "../network.ts";

/** Folder of the kernel with an entry for each switch of a radio (rfkill). */
export const RADIO_SWITCHES_FOLDER = "/sys/class/rfkill";

/** Bearers by the type that the kernel reports for a switch. */
const BEARERS: ReadonlyMap<string, Bearer> = new Map([
  ["wlan", "wifi"],
  ["bluetooth", "bluetooth"],
  ["wwan", "cellular"],
  ["wimax", "wimax"],
]);

const RADIOS: ReadonlySet<Bearer> = new Set(BEARERS.values());

/** A switch of a radio (rfkill). */
export interface RadioSwitch {
  readonly folder: string;
  readonly bearer: Bearer;
  /** Whether the radio is off, by software or by a switch of the machine. */
  readonly isOff: boolean;
}

/** Returns whether the devices of a bearer are radios, which offline mode switches off. */
export function isRadio(bearer: Bearer): boolean {
  return RADIOS.has(bearer);
}

/** Returns the switches of radios for networks; none on kernels without rfkill. */
export async function readRadioSwitches(folder: string): Promise<readonly RadioSwitch[]> {
  const names = await readdir(folder).catch(() => []);
  const switches = await Promise.all(names.map((name) => readRadioSwitch(join(folder, name))));
  return switches.flatMap((radioSwitch) => radioSwitch ?? []);
}

/**
 * Switches a radio on or off.
 *
 * @throws NetworkError if the kernel does not allow it.
 */
export async function setRadioSwitch({ folder, bearer }: RadioSwitch, isOn: boolean): Promise<void> {
  try {
    await writeFile(join(folder, "soft"), isOn ? "0" : "1");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "the kernel does not allow it";
    throw new NetworkError(`cannot switch ${bearer} ${isOn ? "on" : "off"}: ${reason}`, { cause });
  }
  if (isOn && (await isSet(folder, "hard"))) throw new NetworkError(`${bearer} is switched off by the machine`);
}

/** Reads a switch. Returns undefined if the switch was removed, or its radio is not for networks. */
async function readRadioSwitch(folder: string): Promise<RadioSwitch | undefined> {
  const type = await readFile(join(folder, "type"), "utf8").catch(() => "");
  const bearer = BEARERS.get(type.trim());
  if (bearer === undefined) return undefined;
  return { folder, bearer, isOff: (await isSet(folder, "soft")) || (await isSet(folder, "hard")) };
}

async function isSet(folder: string, name: string): Promise<boolean> {
  return (await readFile(join(folder, name), "utf8").catch(() => "0")).trim() === "1";
}
