// The network and the routing of a host. Reads commands from standard input, one per line, and prints the services after
// each change and the results of commands.

import { createInterface } from "node:readline";
import { LinuxNetwork } from "../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import { LinuxRouting } from "../../../../runtime/connman/adapters/routing/linux/linux-routing.ts";
import type { SessionRoute } from "../../../../runtime/connman/adapters/routing/routing.ts";

/** A route whose service is given by interface. */
export type RouteArgument = Omit<SessionRoute, "service" | "user"> &
  Partial<Pick<SessionRoute, "user">> & {
    readonly interface?: string;
  };
/** A line of the input. */
export type HostCommand =
  | { readonly apply: readonly RouteArgument[] }
  | { readonly connect: string }
  | { readonly disconnect: string };
/** A line of the output. */
export type HostOutput =
  | { readonly services: LinuxNetwork["services"] }
  | { readonly applied: true }
  | { readonly error: string };

const print = (output: HostOutput): void => void process.stdout.write(`${JSON.stringify(output)}\n`);

const [onlineUrl] = process.argv.slice(2);
await using network = await LinuxNetwork.open({
  bearers: { "wan-*": "ethernet" },
  ...(onlineUrl && { online: { url: onlineUrl, header: { name: "X-ConnMan-Status", value: "online" } } }),
  switchInterfaces: true,
  onError: (error) => print({ error: String(error) }),
});
await using routing = new LinuxRouting();
network.subscribe(() => print({ services: network.services }));
print({ services: network.services });
for await (const line of createInterface({ input: process.stdin })) {
  const command: HostCommand = JSON.parse(line);
  if ("connect" in command) network.connect(command.connect);
  else if ("disconnect" in command) network.disconnect(command.disconnect);
  else apply(command.apply);
}

function apply(routeArguments: readonly RouteArgument[]): void {
  const routes = routeArguments.map(({ interface: name, user, ...route }) => ({
    ...route,
    user,
    service: network.services.find((service) => service.interface === name),
  }));
  routing.apply(routes).then(
    () => print({ applied: true }),
    (error) => print({ error: String(error) }),
  );
}
