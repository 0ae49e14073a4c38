import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, type Incoming } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient, type SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { expect, test } from "vitest";
import { startPrivateBus } from "../setup/private-bus.ts";

/** More than a client may have Updates on their way. */
const COUNT = 1200;

class Listener extends NotificationService {
  readonly states = new Map<string, string>();

  update({ state }: SessionSettings, { path }: Incoming): void {
    this.states.set(path, state ?? "unchanged");
  }

  release(): void {}

  /** How many sessions were last told each state. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const state of this.states.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }
}

test(`an application that ends ${COUNT} sessions at once hears the end of each`, async () => {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address, limits: { callsPerSender: 2 * COUNT } });
  await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
  await using _ = await serveSessions(service, { network });
  await using client = await connect({ bus: daemon.address, limits: { callsPerSender: 2 * COUNT } });
  const listener = new Listener();
  for (let index = 0; index < COUNT; index++) await client.serve(`/n/${index}`, listener);
  const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
  const paths = await Promise.all(
    Array.from({ length: COUNT }, (_, index) => manager.createSession({}, `/n/${index}`)),
  );
  await Promise.all(paths.map((path) => new SessionClient(client, { destination: "net.connman", path }).destroy()));
  await expect.poll(() => listener.counts).toEqual({ disconnected: COUNT });
});
