import { runCommand } from "../../linux/command.ts";
import { parsePackets } from "./ip-json.ts";

/**
 * Returns the number of packets that interfaces have received and sent. Interfaces that do not exist are ignored.
 *
 * @throws CommandError if `ip` fails. IpOutputError if its output cannot be parsed.
 */
export async function packetsOf(interfaces: readonly string[]): Promise<number> {
  const packets = parsePackets(await runCommand("ip", ["-json", "-stats", "link", "show"]));
  return [...new Set(interfaces)].reduce((sum, name) => sum + (packets.get(name) ?? 0), 0);
}
