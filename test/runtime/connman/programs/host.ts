// The network and the routing of a host, to be led from outside: prints its services whenever they change, and takes
// orders, one a line. Prints `applied`, or the error, when sessions hold.

import { createInterface } from "node:readline";
import { LinuxNetwork } from "../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import { LinuxRouting } from "../../../../runtime/connman/adapters/routing/linux/linux-routing.ts";
import type { SessionRoute } from "../../../../runtime/connman/adapters/routing/routing.ts";

/** A session as it is said to this program. */
export type SpokenRoute = Omit<SessionRoute, "service"> & { readonly interface?: string };
/** Orders that this program reads. */
export type Order =
  | { readonly apply: readonly SpokenRoute[] }
  | { readonly connect: string }
  | { readonly disconnect: string };
/** What this program says, one a line. */
export type Said =
  | { readonly services: LinuxNetwork["services"] }
  | { readonly applied: true }
  | { readonly error: string };

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

const [onlineUrl] = process.argv.slice(2);
await using network = await LinuxNetwork.open({
  bearers: { "wan-*": "ethernet" },
  ...(onlineUrl && { online: { url: onlineUrl, header: { name: "X-ConnMan-Status", value: "online" } } }),
  switchInterfaces: true,
  onError: (error) => say({ error: String(error) }),
});
await using routing = new LinuxRouting();
network.subscribe((services) => say({ services }));
say({ services: network.services });
for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  if ("connect" in order) network.connect(order.connect);
  else if ("disconnect" in order) network.disconnect(order.disconnect);
  else apply(order.apply);
}

function apply(spoken: readonly SpokenRoute[]): void {
  const routes = spoken.map(({ interface: name, ...route }) => ({
    ...route,
    service: network.services.find((service) => service.interface === name),
  }));
  routing.apply(routes).then(
    () => say({ applied: true }),
    (error) => say({ error: String(error) }),
  );
}
