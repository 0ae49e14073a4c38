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
import { hintOf } from "../commands/arguments.ts";
import { withReasons } from "../system-error.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Calls a function with a connection to the bus of `--bus`, then closes the connection.
 * @param address - Value of `--bus`; default: the session bus.
 * @throws UsageError if the connection fails or is lost.
 */
export async function withBus(address: string | undefined, use: (bus: Bus) => Promise<number>): Promise<number> {
  await using bus = await openBus(address);
  try {
    return await use(bus);
  } catch (error) {
    if (!(error instanceof DisconnectedError)) throw error;
    throw new UsageError(`lost the connection to the ${busNoun(address)}: ${error.message}`, { cause: error });
  }
}

/** Connects to the bus of `--bus`. Throws UsageError if the connection fails. */
export async function openBus(address: string | undefined): Promise<Bus> {
  try {
    return await connect({ bus: address ?? "session" });
  } catch (error) {
    if (!(error instanceof DBusError || error instanceof InvalidValueError)) throw error;
    const reason = withReasons(error.message.replace(/^cannot connect to the \S* bus: /, ""), address);
    if (address !== undefined && reason.startsWith("bus address"))
      throw new UsageError(`--bus: ${reason}${hintOf(address, ["session", "system"])}`, { cause: error });
    throw new UsageError(`cannot connect to the ${busNoun(address)}: ${reason}`, { cause: error });
  }
}

/** Throws UsageError if the bus name or the object path is not valid. */
export function checkTarget(name: string, path: string): void {
  if (!isBusName(name)) throw new UsageError(`"${name}" is not a bus name, such as org.example.Jukebox1 or :1.42`);
  if (!isObjectPath(path)) throw new UsageError(`"${path}" is not an object path, such as /org/example/Jukebox1`);
}

/** Throws UsageError if a bus name has no owner and cannot be activated. The message suggests a similar name. */
export async function checkServiceExists(bus: Bus, name: string, address: string | undefined): Promise<void> {
  const names = [...(await listNames(bus, "ListNames")), ...(await listNames(bus, "ListActivatableNames"))];
  if (names.includes(name)) return;
  const wellKnownNames = names.filter((candidate) => !candidate.startsWith(":"));
  const nearest = nearestWord(name, wellKnownNames);
  const hint = nearest === undefined ? "" : `; did you mean ${nearest}?`;
  throw new UsageError(`no service has the name ${name} on the ${busNoun(address)}${hint}`);
}

/** Calls ListNames or ListActivatableNames of the bus, and returns the names. */
export async function listNames(bus: Bus, member: "ListNames" | "ListActivatableNames"): Promise<readonly string[]> {
  const call = { destination: DBus.name, path: "/org/freedesktop/DBus", interface: DBus.name, member };
  const [names] = await bus.call(call);
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

function busNoun(address: string | undefined): string {
  if (address === undefined || address === "session") return "session bus";
  return address === "system" ? "system bus" : `bus at ${address}`;
}
