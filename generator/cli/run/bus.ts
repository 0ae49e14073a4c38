import {
  type Bus,
  connect,
  DBusError,
  DisconnectedError,
  InvalidValueError,
  isBusName,
  isObjectPath,
} from "@dbus-codegen-ts/runtime";
import { DBus } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { UsageError } from "../usage-error.ts";
import type { Flags } from "../commands/command.ts";

/** Flags of commands that speak to a running service. */
export const BUS_FLAGS = {
  bus: { type: "string", value: "<bus>", help: "session (default), system, or an address such as unix:path=/run/bus" },
} as const satisfies Flags;

/** Does something on the bus that the command line names. Throws UsageError where there is none, or it goes away. */
export async function onBus(given: string | undefined, act: (bus: Bus) => Promise<number>): Promise<number> {
  await using bus = await openBus(given);
  try {
    return await act(bus);
  } catch (error) {
    if (!(error instanceof DisconnectedError)) throw error;
    throw new UsageError(`lost the ${busWords(given)}: ${error.message}`, { cause: error });
  }
}

/** Connects to the bus that the command line names. Throws UsageError where there is none. */
async function openBus(given: string | undefined): Promise<Bus> {
  try {
    return await connect({ bus: given ?? "session" });
  } catch (error) {
    if (!(error instanceof DBusError || error instanceof InvalidValueError)) throw error;
    throw new UsageError(`cannot connect to the ${busWords(given)}: ${error.message}`, { cause: error });
  }
}

/** Checks the names of a service and an object before anybody is asked. */
export function checkTarget(name: string, path: string): void {
  if (!isBusName(name)) throw new UsageError(`"${name}" is not a bus name, such as org.example.Jukebox1 or :1.42`);
  if (!isObjectPath(path)) throw new UsageError(`"${path}" is not an object path, such as /org/example/Jukebox1`);
}

/** Makes sure that somebody has a name, or can be started for it. Throws UsageError that names who is near. */
export async function checkService(bus: Bus, name: string, given: string | undefined): Promise<void> {
  const known = [...(await listNames(bus, "ListNames")), ...(await listNames(bus, "ListActivatableNames"))];
  if (known.includes(name)) return;
  const near = nearestWord(
    name,
    known.filter((one) => !one.startsWith(":")),
  );
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(`nobody has the name ${name} on the ${busWords(given)}${hint}`);
}

async function listNames(bus: Bus, member: "ListNames" | "ListActivatableNames"): Promise<readonly string[]> {
  const call = { destination: DBus.name, path: "/org/freedesktop/DBus", interface: DBus.name, member };
  const [names] = await bus.call(call);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

function busWords(bus: string | undefined): string {
  if (bus === undefined || bus === "session") return "session bus";
  return bus === "system" ? "system bus" : `bus at ${bus}`;
}
