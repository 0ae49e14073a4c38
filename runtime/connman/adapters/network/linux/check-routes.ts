import { runCommand } from "../../linux/command.ts";
import { parseRouteInterface } from "./ip-json.ts";

/**
 * Routing protocol number of the routes and rules of online checks. iproute2 assigns the number to no other program.
 */
const PROTOCOL = 214;
/** Priority of the rules of online checks. They apply before the rules of sessions, which must not redirect a check. */
const PRIORITY = 19_999;
/** Number of the first routing table of online checks, far above the tables of sessions. */
const FIRST_TABLE = 2_140_000_000;

/**
 * An address of an interface from which an online check is made, with the gateway to use. All values must have been
 * validated.
 */
export interface CheckPath {
  readonly family: 4 | 6;
  readonly interface: string;
  readonly address: string;
  /** Address of the gateway; undefined if the default route has none, as over WireGuard and PPP. */
  readonly gateway: string | undefined;
}

/**
 * Routes and rules by which the packets of an online check leave over the interface that is checked.
 * Linux chooses a route by the destination: a request from the address of one interface may leave over another
 * interface. Node.js cannot bind a socket to an interface. So a rule selects the packets from the address of the
 * interface to the server of the check, and sends them to a routing table with a route over the interface. The rule
 * exists only during the check, and only if the routes of the system use another interface. The rule selects neither a
 * user nor a port, so that strict reverse path filters accept the response.
 */
export class CheckRoutes {
  /** Numbers of the tables in use, as differences from `FIRST_TABLE`. */
  readonly #used = new Set<number>();

  /**
   * Makes packets from the address of an interface to a server leave over this interface.
   *
   * @param server - Address of the server, of the same address family as the path.
   * @returns A function that removes the rule, if one was necessary.
   * @throws CommandError if the rule cannot be added, for instance without root.
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

/**
 * Returns the interface over which the system sends packets from address `from` to address `to`; undefined if there is
 * no route.
 */
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
