// Networks and routings of hosts in one namespace. Reads commands from standard input, one per line, and prints the services
// after each change and the results of commands.

import { createInterface } from "node:readline";
import {
  LinuxNetwork,
  type LinuxNetworkOptions,
} from "../../../../runtime/connman/adapters/network/linux/linux-network.ts";
import { LinuxRouting } from "../../../../runtime/connman/adapters/routing/linux/linux-routing.ts";
import type { SessionRoute } from "../../../../runtime/connman/adapters/routing/routing.ts";
import type { Bearer } from "../../../../runtime/connman/policy/service.ts";

/** A route whose service is given by the name of its interface. */
export type RouteArgument = Omit<SessionRoute, "service" | "user"> &
  Partial<Pick<SessionRoute, "user">> & {
    readonly interface?: string;
  };
/** A command to a host. */
export type HostCommand =
  | { readonly open: LinuxNetworkOptions }
  | { readonly close: true }
  | { readonly apply: readonly RouteArgument[] }
  | { readonly connect: string }
  | { readonly disconnect: string }
  | { readonly setOffline: boolean }
  | { readonly setAutoConnect: string; readonly autoConnect: boolean }
  | { readonly setPowered: Bearer; readonly isPowered: boolean };
/**
 * A line of the input: a command with its number, for the host with a number. `open` creates a host with the number.
 */
export type HostInput = HostCommand & { readonly host: number; readonly id: number };

export type HostOutput =
  | Pick<LinuxNetwork, "services" | "technologies" | "isOffline">
  /** The command with this number has succeeded. */
  | { readonly done: number }
  /** The command with this number has failed. Without a number: an error that belongs to no command. */
  | { readonly error: string; readonly id?: number };
/** A line of the output: a result of the host with a number. */
export type HostLine = HostOutput & { readonly host: number };

interface Host {
  readonly network: LinuxNetwork;
  readonly routing: LinuxRouting;
}

const hosts = new Map<number, Host>();

for await (const line of createInterface({ input: process.stdin })) {
  const input: HostInput = JSON.parse(line);
  const { host, id } = input;
  const result = "open" in input ? open(host, input.open) : run(host, input);
  result.then(
    () => print(host, { done: id }),
    (error) => print(host, { error: String(error), id }),
  );
}
for (const number of hosts.keys()) await close(number);

async function open(number: number, options: LinuxNetworkOptions): Promise<void> {
  const network = await LinuxNetwork.open({
    bearers: { "wan-*": "ethernet" },
    ...options,
    onError: (error) => print(number, { error: String(error) }),
  });
  const printNetwork = (): void => {
    const { services, technologies, isOffline } = network;
    print(number, { services, technologies, isOffline });
  };
  network.subscribe(printNetwork);
  hosts.set(number, { network, routing: new LinuxRouting() });
  printNetwork();
}

async function run(number: number, command: Exclude<HostCommand, { readonly open: unknown }>): Promise<void> {
  const host = hosts.get(number);
  if (host === undefined) throw new Error("the host is not open");
  const { network, routing } = host;
  if ("close" in command) return close(number);
  if ("connect" in command) return network.connect(command.connect);
  if ("disconnect" in command) return network.disconnect(command.disconnect);
  if ("setOffline" in command) return network.setOffline(command.setOffline);
  if ("setAutoConnect" in command) return network.setAutoConnect(command.setAutoConnect, command.autoConnect);
  if ("setPowered" in command) return network.setPowered(command.setPowered, command.isPowered);
  const routes = command.apply.map(({ interface: name, user, ...route }) => ({
    ...route,
    user,
    service: network.services.find((service) => service.interface === name),
  }));
  return routing.apply(routes);
}

async function close(number: number): Promise<void> {
  const host = hosts.get(number);
  hosts.delete(number);
  await host?.routing.close();
  await host?.network.close();
}

function print(host: number, output: HostOutput): void {
  const line: HostLine = { ...output, host };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
