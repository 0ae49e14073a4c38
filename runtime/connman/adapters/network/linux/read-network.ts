import { runCommand } from "../../linux/command.ts";
import { deviceType } from "./device-type.ts";
import { parseLinks, parseRoutes } from "./ip-json.ts";
import type { InterfaceBearers, NetworkReading } from "./link-services.ts";
import { wirelessNames } from "./wireless-names.ts";

/** Reads the interfaces and routes of the kernel. Throws CommandError, or IpOutputError. */
export async function readNetwork(bearers: InterfaceBearers = {}): Promise<NetworkReading> {
  const [linksAndRoutes, routes6] = await Promise.all([
    // One process for all commands: starting another one would take a large part of the time in which sessions leave a
    // link that is down.
    runCommand("ip", ["-json", "-details", "-batch", "-"], { input: "address show\nroute show table main\n" }),
    runCommand("ip", ["-json", "-6", "route", "show", "table", "main"]),
  ]);
  // The output of each command is one line. There is always an interface.
  const [linkOutput = "", ...routeOutput] = linksAndRoutes.split("\n");
  const links = parseLinks(linkOutput);
  const routes = [...parseRoutes(routeOutput.join("\n"), 4), ...parseRoutes(routes6, 6)];
  const types = await Promise.all(links.map(async ({ name }) => [name, await deviceType(name)] as const));
  const deviceTypes = new Map(types.flatMap(([name, type]) => (type === undefined ? [] : [[name, type]])));
  const hasWireless = [...deviceTypes.values()].includes("wlan") || Object.values(bearers).includes("wifi");
  const names = hasWireless ? await wirelessNames() : new Map<string, string>();
  return { links, routes, deviceTypes, wirelessNames: names };
}
