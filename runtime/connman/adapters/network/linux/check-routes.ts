import { runCommand } from "../../linux/command.ts";
import { parseRouteInterface } from "./ip-json.ts";

/** Routing protocol number of the routes and rules of online checks; iproute2 lists no other program for it. */
const PROTOCOL = 214;
/** Priority of the rules: before those of sessions, which must not redirect a check. */
const PRIORITY = 19_999;
/** Number of the first routing table; far above those of sessions. */
const FIRST_TABLE = 2_140_000_000;

/** An address of an interface, from which an online check is made. All values must have been validated. */
export interface CheckPath {
  readonly family: 4 | 6;
  readonly interface: string;
  readonly address: string;
  /** Undefined if the default route has no gateway, as over WireGuard and PPP. */
  readonly gateway: string | undefined;
}

/**
 * Leads the packets of online checks over the interface that is checked.
 *
 * Linux chooses a route by the destination: a request from the address of one interface may leave over another. Node.js
 * cannot bind a socket to an interface. So a rule leads packets from the address to the server of the check, and no others,
 * to a table with the route over the interface. It exists only during the check, and only if the routes of the system lead
 * over another interface. It names no user and no port, so that strict reverse path filters accept the response.
 */
export class CheckRoutes {
  /** Numbers of tables in use, counted from `FIRST_TABLE`. */
  readonly #used = new Set<number>();

  /**
   * Leads packets to a server over an interface.
   *
   * @param server - Address of the server, of the family of the path.
   * @returns A function that removes the rule, if there is one.
   * @throws CommandError if that fails, for instance without root.
   */
  async open({ family, interface: name, address, gateway }: CheckPath, server: string): Promise<() => Promise<void>> {
    const option = `-${family}`;
    const isOwnRoute = (await presentInterface(option, address, server)) === name;
    if (isOwnRoute) return async () => undefined;
    const slot = firstUnused(this.#used);
    this.#used.add(slot);
    const table = FIRST_TABLE + slot;
    const rule = `from ${address} to ${server} lookup ${table} priority ${PRIORITY} protocol ${PROTOCOL}`;
    const nextHop = gateway === undefined ? `dev ${name}` : `via ${gateway} dev ${name} onlink`;
    const close = async (): Promise<void> => {
      try {
        // The kernel has removed the route, or the table, if the interface has lost its address.
        await ipBatch(option, [`route flush table ${table}`]).catch(() => undefined);
        await ipBatch(option, [`rule del ${rule}`]);
      } finally {
        this.#used.delete(slot);
      }
    };
    try {
      await ipBatch(option, [
        `route replace default ${nextHop} table ${table} protocol ${PROTOCOL}`,
        `rule add ${rule}`,
      ]);
    } catch (error) {
      await close().catch(() => undefined);
      throw error;
    }
    return close;
  }
}

/** Removes rules and routes of a process that crashed. Throws CommandError. */
export async function removeCheckRoutes(): Promise<void> {
  const lines = [`rule flush protocol ${PROTOCOL}`, `route flush table all protocol ${PROTOCOL}`];
  await Promise.all([ipBatch("-4", lines), ipBatch("-6", lines)]);
}

/** Returns the interface over which the system sends packets from an address to another; undefined if it sends none. */
async function presentInterface(option: string, from: string, to: string): Promise<string | undefined> {
  const route = await runCommand("ip", ["-json", option, "route", "get", to, "from", from]).catch(() => "");
  return parseRouteInterface(route);
}

async function ipBatch(option: string, lines: readonly string[]): Promise<void> {
  await runCommand("ip", [option, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

function firstUnused(used: ReadonlySet<number>): number {
  let slot = 0;
  while (used.has(slot)) slot++;
  return slot;
}
