import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { decodeBodyWithDescriptors, type Message } from "../../../../runtime/core/wire/message.ts";
import { rawBus } from "../../../reliability/support.ts";
import { block } from "../../../setup/block.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";

/**
 * Number of sessions. It is larger than the quota of calls of a client (1,024) and than the number of Updates that are
 * sent to a client that does not reply to pings.
 */
const COUNT = 1200;

test(`an application that replies to no ping and ends ${COUNT} sessions receives the last Update of each`, async () => {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address, quotas: { callsPerSender: 2 * COUNT } });
  await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
  await using _ = await serveSessions(service, { network });
  const states = new Map<string, unknown>();
  await using client = await rawBus(daemon.address, { onCall: (call) => recordState(states, call) });
  const to = { destination: "net.connman", path: "/", interface: "net.connman.Manager" };
  const notifiers = Array.from({ length: COUNT }, (_, index) => `/n/${index}`);
  const create = async (notifier: string): Promise<string> => {
    const [session] = await client.call({
      ...to,
      member: "CreateSession",
      signature: "a{sv}o",
      args: [{}, notifier],
    });
    return String(session);
  };
  const created = await Promise.all(notifiers.map(create));
  await Promise.all(
    created.map((session) => client.call({ ...to, member: "DestroySession", signature: "o", args: [session] })),
  );
  await expect.poll(() => states.size).toBe(COUNT);
  expect(new Set(states.values())).toEqual(new Set(["disconnected"]));
});

test("introspection lists at most 1,000 sessions, and removed ones no longer", async () => {
  await using daemon = await startPrivateBus();
  await using service = await connect({ bus: daemon.address, quotas: { callsPerSender: 2 * COUNT } });
  await using network = new SimulatedNetwork([]);
  await using _ = await serveSessions(service, { network });
  await using client = await rawBus(daemon.address);
  const to = { destination: "net.connman", path: "/", interface: "net.connman.Manager" };
  const created: string[] = [];
  const create = { ...to, member: "CreateSession", signature: "a{sv}o" } as const;
  for (const index of Array(COUNT).keys())
    created.push(String((await client.call({ ...create, args: [{}, `/n/${index}`] }))[0]));
  const nodesOf = async (path: string): Promise<readonly string[]> => {
    const introspect = { ...to, path, interface: "org.freedesktop.DBus.Introspectable", member: "Introspect" };
    const [document] = await client.call(introspect);
    return [...String(document).matchAll(/<node name="([^"]*)"/g)].map(([, name = ""]) => name);
  };
  const node = client.uniqueName.replaceAll(/[:.]/g, "_");
  expect(await nodesOf("/sessions")).toEqual([node]);
  expect(await nodesOf(`/sessions/${node}`)).toEqual(["n"]);
  expect(await nodesOf(`/sessions/${node}/n`)).toHaveLength(1000);
  await Promise.all(
    created
      .slice(1)
      .map((session) => client.call({ ...to, member: "DestroySession", signature: "o", args: [session] })),
  );
  expect(await nodesOf(`/sessions/${node}/n`)).toEqual(["0"]);
  await client.call({ ...to, member: "DestroySession", signature: "o", args: [created[0] ?? ""] });
  expect(await nodesOf("/sessions")).toEqual([]);
});

test("a service that ends releases all sessions of a client that is slow, more than its quota of calls", async () => {
  await using daemon = await startPrivateBus();
  await using bus = await connect({ bus: daemon.address });
  await using network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
  const service = await serveSessions(bus, { network });
  await using client = await connect({ bus: daemon.address });
  const released = new Set<string>();
  await using _ = await client.serveSubtree("/n", (below) => [
    new Notifier(() => {
      // Longer than the share of one sender, so that further calls of the service wait.
      block(0.3);
      released.add(below);
    }),
  ]);
  const manager = new ManagerClient(client, { destination: "net.connman", path: "/" });
  const names = Array.from({ length: COUNT }, (_, index) => `${index}`);
  for (const name of names) await manager.createSession({}, `/n/${name}`);
  await service.close();
  await expect.poll(() => released.size).toBe(names.length);
});

class Notifier extends NotificationService {
  readonly #onRelease: () => void;

  constructor(onRelease: () => void) {
    super();
    this.#onRelease = onRelease;
  }

  release(): void {
    this.#onRelease();
  }

  update(): void {}
}

/** Records the state that an Update reports for a session, if it contains one. */
function recordState(states: Map<string, unknown>, call: Message): void {
  if (call.member !== "Update" || call.path === undefined) return;
  const [settings] = decodeBodyWithDescriptors(call, bodyCodec("a{sv}"));
  const state: unknown = typeof settings === "object" && settings !== null ? Reflect.get(settings, "State") : undefined;
  if (state instanceof Variant) states.set(call.path, state.value);
}
