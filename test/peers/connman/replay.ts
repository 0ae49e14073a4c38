import { setImmediate as nextTurn } from "node:timers/promises";
import { type NetworkService, refuseAsConnman, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { monitorBus } from "../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import {
  fromJson,
  MessageLog,
  type Outputs,
  type RecordedCall,
  type Recording,
  type ServiceChange,
  withNames,
} from "./recording.ts";

/** Client whose calls show that the service has processed everything before. */
const OBSERVER = "Z";

const PING = { destination: "net.connman", path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" };

/**
 * Repeats a recording with our session service, in the dialect of ConnMan 1.41. Returns the messages that the service
 * sends. The network is simulated, because the sessions are compared and not the networks: on real links, DHCP, timers
 * and the online check would decide when and in which order services change, and no two runs would be equal.
 */
export async function replay({ services, inputs }: Recording): Promise<Outputs> {
  await using daemon = await startPrivateBus();
  const network = new SimulatedNetwork(
    services.map(({ interface: name, bearer, ...values }) => ({
      ...{ id: name, interface: name, bearer },
      ...changeOf(values),
    })),
    { followsRequests: false },
  );
  await using service = await connect({ bus: daemon.address, refuse: refuseAsConnman });
  const server = await serveSessions(service, { network, dialect: "connman-1.41" });
  await using monitor = await monitorBus(daemon.address);
  await using clients = new Clients(daemon.address);
  const observer = await clients.get(OBSERVER);
  for (const input of inputs) {
    if ("call" in input) await clients.call(input.call);
    else if ("leave" in input) await clients.leave(input.leave);
    else if ("change" in input) network.change(input.service, changeOf(input.change));
    else if ("silent" in input) changeSilently(network, input.service, changeOf(input.silent));
    else if ("order" in input) network.prefer(...input.order);
    else await server.close();
    if ("end" in input) continue;
    // The service performs effects at the end of the turn, and notices that a client has left from the bus.
    await nextTurn();
    await observer.call(PING);
  }
  await nextTurn();
  await service.drained;
  await observer.call({
    destination: "org.freedesktop.DBus",
    path: "/",
    interface: "org.freedesktop.DBus",
    member: "GetId",
  });
  return outputsOf(monitor.messages, clients.names);
}

function outputsOf(messages: Parameters<typeof readOutputs>[0], names: ReadonlyMap<string, string>): Outputs {
  return readOutputs(messages, new MessageLog(messages, names));
}

function readOutputs(messages: ConstructorParameters<typeof MessageLog>[0], log: MessageLog): Outputs {
  const outputs: Record<string, string[]> = {};
  for (const message of messages) {
    if (log.clientOf(message.destination) === OBSERVER || message.sender === "org.freedesktop.DBus") continue;
    const output = log.output(message);
    if (output === undefined) continue;
    outputs[output.session] ??= [];
    outputs[output.session]?.push(output.text);
  }
  return outputs;
}

/** The clients of a recording, connected to another bus. */
class Clients implements AsyncDisposable {
  readonly names = new Map<string, string>();
  readonly #address: string;
  readonly #buses = new Map<string, Bus>();

  constructor(address: string) {
    this.#address = address;
  }

  async get(client: string): Promise<Bus> {
    const existing = this.#buses.get(client);
    if (existing !== undefined) return existing;
    const bus = await connect({ bus: this.#address });
    this.#buses.set(client, bus);
    this.names.set(client, bus.uniqueName);
    return bus;
  }

  async call({ client, path, member, signature, body, ...call }: RecordedCall): Promise<void> {
    const bus = await this.get(client);
    const args = body.map((value) => fromJson(value, this.names));
    const where = { destination: "net.connman", path: withNames(path, this.names), member, signature, args };
    await bus.call({ ...where, ...call }).catch(() => undefined);
  }

  async leave(client: string): Promise<void> {
    await this.#buses.get(client)?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#buses.values()].map((bus) => bus.close()));
  }
}

/**
 * Changes the addresses of a service without an event. The service's address objects are changed in place, so that
 * later assignments read the new addresses.
 */
function changeSilently(network: SimulatedNetwork, id: string, { ipv4, ipv6 }: Partial<NetworkService>): void {
  const service = network.services.find((other) => other.id === id);
  for (const [present, next] of [
    [service?.ipv4, ipv4],
    [service?.ipv6, ipv6],
  ]) {
    if (present === undefined || next === undefined) continue;
    for (const key of Object.keys(present)) Reflect.deleteProperty(present, key);
    Object.assign(present, next);
  }
}

function changeOf({ state, name, ipv4, ipv6 }: ServiceChange): Partial<NetworkService> {
  return {
    ...(state !== undefined && { state }),
    ...(name !== undefined && { name }),
    ...(ipv4 !== undefined && { ipv4: addressOf(ipv4) }),
    ...(ipv6 !== undefined && { ipv6: addressOf(ipv6) }),
  };
}

/** Converts the setting IPv4 or IPv6 of a session to the form of the simulated network. */
function addressOf(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), Object(value).data]),
  );
}
