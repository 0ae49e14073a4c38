import { runCommand } from "../../linux/command.ts";
import { deviceType } from "./device-type.ts";
import { parseLinks, parseRoutes } from "./ip-json.ts";
import type { InterfaceBearers, NetworkReading } from "./link-services.ts";
import { wirelessNames } from "./wireless-names.ts";

/** Reads the interfaces and routes of the kernel. Throws CommandError, or IpOutputError. */
export async function readNetwork(bearers: InterfaceBearers = {}): Promise<NetworkReading> {
  const [links, ipv4, ipv6] = await Promise.all([
    runCommand("ip", ["-json", "-details", "address", "show"]).then(parseLinks),
    runCommand("ip", ["-json", "-4", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 4)),
    runCommand("ip", ["-json", "-6", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 6)),
  ]);
  const types = await Promise.all(links.map(async ({ name }) => [name, await deviceType(name)] as const));
  const deviceTypes = new Map(types.flatMap(([name, type]) => (type === undefined ? [] : [[name, type]])));
  const hasWireless = [...deviceTypes.values()].includes("wlan") || Object.values(bearers).includes("wifi");
  const names = hasWireless ? await wirelessNames() : new Map<string, string>();
  return { links, routes: [...ipv4, ...ipv6], deviceTypes, wirelessNames: names };
}
