import { installedServices } from "../../tools/add/installed-services.ts";
import { dataFolders, installedInterfaces, installedSpecFolders } from "../../tools/add/installed-specs.ts";
import type { ServiceBus } from "../../tools/add/running-service.ts";
import { type Api, hasBusName, readCatalogue } from "../../tools/catalogue/catalogue.ts";
import { EXIT, type Shell } from "../shell.ts";
import { withServiceBuses } from "./service-buses.ts";

/** Prints the services of the catalogue and of this machine. Returns the exit code. */
export async function listServices(bus: string | undefined, shell: Shell): Promise<number> {
  const [catalogue, interfaces, services] = await Promise.all([
    readCatalogue(),
    installedInterfaces(installedSpecFolders(process.env)),
    installedServices(dataFolders(process.env)),
  ]);
  const installed = [...interfaces, ...services];
  await withServiceBuses(bus, async ({ buses, problems }) => {
    const known = catalogue.map((api) => [api.name, stateOf(api, buses, installed), api.title] as const);
    shell.printOutput(["In the catalogue:", ...table(known)]);
    const others = otherServices(catalogue, buses);
    if (others.length > 0) shell.printOutput(["", "Others on this machine:", ...table(others)]);
    shell.printError(problems);
  });
  return EXIT.success;
}

/**
 * Returns the state of a service of the catalogue for `add --list`: the buses on which it runs, `installed`, or `-`.
 */
function stateOf(api: Api, buses: readonly ServiceBus[], installed: readonly string[]): string {
  const isOfApi = (name: string): boolean => hasBusName(api, name);
  const bus = buses.find(({ running }) => running.some(isOfApi));
  if (bus !== undefined) return runningOn(bus);
  const isInstalled =
    buses.some(({ activatable }) => activatable.some(isOfApi)) ||
    installed.some((name) => api.interfaces.includes(name) || isOfApi(name));
  return isInstalled ? "installed" : "-";
}

/** Returns the services on the buses, without those of the catalogue. */
function otherServices(
  catalogue: readonly Api[],
  buses: readonly ServiceBus[],
): readonly (readonly [name: string, state: string, title: string])[] {
  const isKnown = (name: string): boolean => catalogue.some((api) => hasBusName(api, name));
  const states = new Map<string, string>();
  for (const { activatable } of buses) for (const name of activatable) states.set(name, "installed");
  for (const bus of buses) for (const name of bus.running) states.set(name, runningOn(bus));
  return [...states].filter(([name]) => !isKnown(name)).map(([name, state]) => [name, state, ""]);
}

function runningOn({ label }: ServiceBus): string {
  return label === "session" || label === "system" ? `running (${label})` : "running";
}

function table(rows: readonly (readonly [name: string, state: string, title: string])[]): readonly string[] {
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  const stateWidth = Math.max(0, ...rows.map(([, state]) => state.length)) + 2;
  return rows
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, state, title]) => `  ${name.padEnd(nameWidth)}${state.padEnd(stateWidth)}${title}`.trimEnd());
}
