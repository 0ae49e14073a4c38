import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";

/** Messages from the benchmark to the service, and its replies. */
export type Order = "down" | "up" | "memory";
export type Answer = "ready" | { readonly heap: number; readonly cpu: number; readonly sessions: number };

const network = new SimulatedNetwork([
  {
    id: "cable",
    name: "Wired",
    bearer: "ethernet",
    interface: "eth0",
    state: "online",
    ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" },
  },
]);
const [address = ""] = process.argv.slice(2);
// The client creates all its sessions at the same time.
const bus = await connect({ bus: address, quotas: { callsPerSender: 100_000 } });
const server = await serveSessions(bus, { network, quotas: { sessionsPerClient: 100_000 } });

process.on("message", (order: Order) => {
  if (order === "memory") answer(memory());
  else network.change("cable", { state: order === "up" ? "online" : "idle" });
});
answer("ready");

function memory(): Answer {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { heap: process.memoryUsage().heapUsed, cpu: (user + system) / 1000, sessions: server.sessions };
}

function answer(message: Answer): void {
  process.send?.(message);
}
