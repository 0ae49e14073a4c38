import {
  type Dialect,
  refuseAsConnman,
  SimulatedNetwork,
  type SimulatedService,
  serveSessions,
} from "@dbus-codegen-ts/connman";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { SessionClient } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterAll, beforeAll, expect } from "vitest";
import { monitorBus } from "../../../setup/bus-monitor.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { type BusField, type Decision, testDecisions } from "./decisions.ts";

const CABLE: SimulatedService = { id: "cable", bearer: "ethernet", interface: "eth0", state: "online" };

const DECISIONS: Readonly<Record<BusField, Decision>> = {
  callers: {
    when: "another client disconnects the session",
    observe: async (dialect) =>
      onTheBus(dialect, async ({ stranger, path }) => {
        await new SessionClient(stranger, { destination: "net.connman", path }).disconnect();
        return "done";
      }),
    results: ["net.connman.Error.PermissionDenied", "net.connman.Error.PermissionDenied", "done"],
  },
  lastUpdate: {
    when: "the service ends and releases the session",
    observe: async (dialect) =>
      onTheBus(dialect, async ({ close, address }) => {
        await using monitor = await monitorBus(address);
        await close();
        const methods = (): (string | undefined)[] =>
          monitor.messages.filter(({ path }) => path === "/n").map(({ member }) => member);
        await expect.poll(methods).toContain("Release");
        await expect.poll(() => monitor.messages.some(({ member }) => member === "NameOwnerChanged")).toBe(true);
        return methods();
      }),
    results: [["Release"], ["Release"], ["Release", "Update"]],
  },
  refusals: {
    when: "an unknown method is called",
    observe: async (dialect) =>
      onTheBus(dialect, async ({ stranger }) => {
        await stranger.call({ destination: "net.connman", path: "/", interface: "net.connman.Nope", member: "Nope" });
      }),
    results: [
      "org.freedesktop.DBus.Error.UnknownInterface",
      "org.freedesktop.DBus.Error.UnknownInterface",
      "org.freedesktop.DBus.Error.UnknownMethod",
    ],
  },
};

testDecisions(DECISIONS);

let daemon: PrivateBus;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());

interface Peers {
  readonly address: string;
  /** Connection of a client that has no session. */
  readonly stranger: Bus;
  /** Path of a session that another client has created with the notifier `/n`. */
  readonly path: string;
  /** Closes the service. */
  close(): Promise<void>;
}

/** Runs a function on a bus with a service, a client that has a session, and another client. */
async function onTheBus(dialect: Dialect, run: (peers: Peers) => Promise<unknown>): Promise<unknown> {
  const { address } = daemon;
  await using service = await connect(
    dialect.refusals === "connman" ? { bus: address, refuse: refuseAsConnman } : { bus: address },
  );
  await using network = new SimulatedNetwork([CABLE]);
  await using server = await serveSessions(service, { network, dialect: dialect.name });
  await using client = await connect({ bus: address });
  await using stranger = await connect({ bus: address });
  await client.serve("/n", new Listener());
  const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
  const path = await manager.createSession({}, "/n");
  return await run({ address, stranger, path, close: () => server.close() });
}

class Listener extends NotificationService {
  update(): void {}
  release(): void {}
}
