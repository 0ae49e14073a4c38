// The network and the routing of a host. Argument: options of the network as JSON. Reads commands from standard input, one per line, and prints the services after
// each change and the results of commands.

import { createInterface } from "node:readline";
import {
  LinuxNetwork,
  type LinuxNetworkOptions,
} from "../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import { LinuxRouting } from "../../../../runtime/connman/adapters/routing/linux/linux-routing.ts";
import type { SessionRoute } from "../../../../runtime/connman/adapters/routing/routing.ts";
import type { Bearer } from "../../../../runtime/connman/policy/service.ts";

/** A route whose service is given by interface. */
export type RouteArgument = Omit<SessionRoute, "service" | "user"> &
  Partial<Pick<SessionRoute, "user">> & {
    readonly interface?: string;
  };
/** A line of the input. */
export type HostCommand =
  | { readonly apply: readonly RouteArgument[] }
  | { readonly connect: string }
  | { readonly disconnect: string }
  | { readonly setOffline: boolean }
  | { readonly setAutoConnect: string; readonly autoConnect: boolean }
  | { readonly setPowered: Bearer; readonly isPowered: boolean };
/** A line of the output. */
export type HostOutput =
  | Pick<LinuxNetwork, "services" | "technologies" | "isOffline">
  | { readonly applied: true }
  | { readonly error: string };

const print = (output: HostOutput): void => void process.stdout.write(`${JSON.stringify(output)}\n`);

const [options = "{}"] = process.argv.slice(2);
const networkOptions: LinuxNetworkOptions = JSON.parse(options);
await using network = await LinuxNetwork.open({
  bearers: { "wan-*": "ethernet" },
  ...networkOptions,
  onError: (error) => print({ error: String(error) }),
});
await using routing = new LinuxRouting();
const printNetwork = (): void => {
  const { services, technologies, isOffline } = network;
  print({ services, technologies, isOffline });
};
network.subscribe(printNetwork);
printNetwork();
for await (const line of createInterface({ input: process.stdin })) {
  const command: HostCommand = JSON.parse(line);
  if ("connect" in command) network.connect(command.connect);
  else if ("disconnect" in command) network.disconnect(command.disconnect);
  else if ("setOffline" in command) printResult(network.setOffline(command.setOffline));
  else if ("setAutoConnect" in command)
    printResult(network.setAutoConnect(command.setAutoConnect, command.autoConnect));
  else if ("setPowered" in command) printResult(network.setPowered(command.setPowered, command.isPowered));
  else printResult(apply(command.apply));
}

function apply(routeArguments: readonly RouteArgument[]): Promise<void> {
  const routes = routeArguments.map(({ interface: name, user, ...route }) => ({
    ...route,
    user,
    service: network.services.find((service) => service.interface === name),
  }));
  return routing.apply(routes);
}

function printResult(result: Promise<void>): void {
  result.then(
    () => print({ applied: true }),
    (error) => print({ error: String(error) }),
  );
}
