import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ConnmanNetwork, type SessionServer, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../../../setup/private-bus.ts";
import { CABLES, COMPLETE, ConnmanDaemon, whyNoConnman } from "../../../connman-daemon.ts";
import { App, type Session } from "../../../support.ts";

const run = promisify(execFile);
const reason = whyNoConnman();
if (reason !== undefined) process.stderr.write(`skipped: sessions in front of ConnMan (${reason})\n`);

describe.skipIf(reason !== undefined)(`in front of a real ConnMan${reason ? ` (skipped: ${reason})` : ""}`, () => {
  let daemon: ConnmanDaemon;
  let front: PrivateBus;
  let behindBus: Bus;
  let network: ConnmanNetwork;
  let server: SessionServer;
  let app: App;
  const errors: unknown[] = [];
  const closers: AsyncDisposable[] = [];
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    closers.push(resource);
    return resource;
  };

  beforeAll(async () => {
    daemon = keep(await ConnmanDaemon.start());
    front = keep(await startPrivateBus());
    const onError = (error: unknown): void => void errors.push(error);
    behindBus = keep(await connect({ bus: daemon.bus.address }));
    network = keep(await ConnmanNetwork.open(behindBus, { onError }));
    server = keep(await serveSessions(keep(await connect({ bus: front.address })), { network, onError }));
    app = new App(keep(await connect({ bus: front.address })));
    await until("both cables are ready", () => states() === "a ready, b ready");
  });

  afterAll(async () => {
    for (const resource of closers.reverse()) await resource[Symbol.asyncDispose]();
  });

  /** Returns the states of the cables, such as `a ready`. */
  const states = (): string =>
    network.services
      .map(({ interface: name, state }) => `${name.slice(-1)} ${state}`)
      .sort()
      .join(", ");

  const inForce = (session: Session, expected: string): Promise<void> =>
    until(
      `the session is ${expected}`,
      () => `${session.settings["Interface"]} ${session.settings["State"]}` === expected,
    );

  /** Runs connmanctl on ConnMan's bus, or on the bus of the sessions. */
  async function connmanctl(bus: PrivateBus, ...command: readonly string[]): Promise<string> {
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: bus.address };
    const { stdout, stderr } = await run("connmanctl", command, { env, timeout: 60_000 });
    return (stdout + stderr).trim();
  }

  test("services and technologies have ConnMan's keys, order, types and values", async () => {
    const call = (bus: Bus, member: string) =>
      bus.call({ destination: "net.connman", path: "/", interface: "net.connman.Manager", member });
    for (const member of ["GetServices", "GetTechnologies"]) {
      const [real, ours] = await Promise.all([call(behindBus, member), call(app.bus, member)]);
      expect(ordered(ours), member).toEqual(ordered(real));
    }
  });

  test("a session has the addresses of its service, and data is sent and received over it", async () => {
    for (const cable of ["a", "b"] as const) {
      const session = await app.create({ AllowedInterface: CABLES[cable].interface });
      await inForce(session, `${CABLES[cable].interface} connected`);
      expect(session.settings["IPv4"]).toMatchObject({ method: "fixed", address: CABLES[cable].address });
    }
    const [first] = network.services;
    const cable = first?.interface === CABLES.a.interface ? "a" : "b";
    expect(await daemon.transfer(cable)).toBe(COMPLETE[cable]);
  });

  test("a cable is unplugged and plugged in: 1,000 sessions move to the other, and data is sent and received", async () => {
    const sessions: Session[] = [];
    for (let index = 0; index < 1000; index++) sessions.push(await app.create({ AllowedBearers: ["ethernet"] }));
    const [session] = sessions;
    await until("all have a service", () => sessions.every(({ settings }) => settings["State"] === "connected"));
    const name = String(session?.settings["Interface"]);
    const [cable, other] = name === CABLES.a.interface ? (["a", "b"] as const) : (["b", "a"] as const);
    await daemon.plug(cable, false);
    const isOnOther = ({ settings }: Session): boolean => settings["Interface"] === CABLES[other].interface;
    await until("all have moved", () => sessions.every(isOnOther));
    expect(await daemon.transfer(other)).toBe(COMPLETE[other]);
    await daemon.plug(cable, true);
    await until("it is back", () => states() === "a ready, b ready");
    await Promise.all(sessions.map((created) => created.destroy()));
  });

  test("a session's Connect brings a service up, its Disconnect takes it down", async () => {
    network.disconnect(CABLES.b.id);
    await until("it is down", () => states() === "a ready, b idle");
    const session = await app.create({ AllowedInterface: CABLES.b.interface });
    expect(session.settings["State"] ?? "disconnected").toBe("disconnected");
    await session.connect();
    await inForce(session, `${CABLES.b.interface} connected`);
    await session.disconnect();
    await until("it is down", () => states() === "a ready, b idle");
    await session.connect();
    await inForce(session, `${CABLES.b.interface} connected`);
    await session.destroy();
    await until("it is down", () => states() === "a ready, b idle");
    await connmanctl(front, "connect", CABLES.b.id);
    expect(states()).toBe("a ready, b ready");
  });

  test("a service that a user disconnects is not brought up by sessions before a user connects it", async () => {
    const session = await app.create({ AllowedInterface: CABLES.b.interface });
    await session.connect();
    for (const bus of [daemon.bus, front]) {
      await inForce(session, `${CABLES.b.interface} connected`);
      await connmanctl(bus, "disconnect", CABLES.b.id);
      await until("it is down", () => states() === "a ready, b idle");
      await session.connect();
      await until("it has no service", () => session.settings["State"] === "disconnected");
      expect(states()).toBe("a ready, b idle");
      await connmanctl(bus, "connect", CABLES.b.id);
    }
    await inForce(session, `${CABLES.b.interface} connected`);
  });

  test("connmanctl changes ConnMan through our service", async () => {
    expect(await connmanctl(front, "services")).toBe(await connmanctl(daemon.bus, "services"));
    await connmanctl(front, "config", CABLES.b.id, "--autoconnect", "off");
    expect(await connmanctl(daemon.bus, "services", CABLES.b.id)).toContain("AutoConnect = False");
    await connmanctl(front, "config", CABLES.b.id, "--autoconnect", "on");
    const [first, second] = network.services.map(({ id }) => id);
    await connmanctl(front, "move-before", String(second), String(first));
    await until("they have changed places", () => network.services[0]?.id === second);
    expect(await connmanctl(front, "config", CABLES.a.id, "--ipv4", "dhcp")).toContain("Not supported");
    expect(await connmanctl(front, "disable", "ethernet")).toBe("Disable ethernet");
    await until("there are no services", () => network.services.length === 0);
    expect(await connmanctl(front, "enable", "ethernet")).toBe("Enabled ethernet");
    await until("both are back", () => states() === "a ready, b ready");
    await connmanctl(front, "enable", "offline");
    await until("it is offline", () => network.isOffline && network.services.length === 0);
    expect(await app.properties()).toMatchObject({ State: "offline", OfflineMode: true });
    await connmanctl(front, "disable", "offline");
    await until("both are back", () => !network.isOffline && states() === "a ready, b ready");
  });

  test("ConnMan is killed and started: sessions lose their service, and get it back", async () => {
    const session = await app.create({});
    await until("it has a service", () => session.settings["State"] === "connected");
    await daemon.crash();
    await until("it has none", () => session.settings["State"] === "disconnected");
    expect(network.services).toEqual([]);
    await daemon.launch();
    await until("it has a service", () => session.settings["State"] === "connected");
    await until("both are ready", () => states() === "a ready, b ready");
    expect(server.sessions).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });
});

/**
 * Converts a value to a comparable one: variants become `signature value`, and dictionaries become lists of entries in
 * their order.
 */
function ordered(value: unknown): unknown {
  if (value instanceof Variant) return [value.signature, ordered(value.value)];
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, entry]) => [key, ordered(entry)]);
}
