import { type DialectName, SimulatedNetwork, type SimulatedService } from "@dbus-codegen-ts/connman";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import {
  type ForeignApplication,
  ForeignApplications,
  type ForeignSession,
  type ForeignSettings,
  hasForeignApplications,
  outcome,
} from "../foreign-applications.ts";
import { idle, ready, stageOf } from "../session-helpers.ts";
import { CABLE, MODEM, type StageOptions, WIFI } from "../support.ts";

// Statements of the documents of the session API, with applications by dbus-python. The table of all statements is
// runtime/connman/docs/statements.md.

const ALL = ["session-2011", "session-2013", "session-2017"] as const satisfies readonly DialectName[];
const WITH_STATE = ["session-2013", "session-2017"] as const satisfies readonly DialectName[];

const ADDRESSES = {
  ipv4: { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" },
  ipv6: { method: "auto", address: "2001:db8::7", prefixLength: 64, gateway: "2001:db8::1" },
} as const;
const WIRE_ADDRESSES = {
  IPv4: { Method: "dhcp", Address: "192.0.2.7", Netmask: "255.255.255.0", Gateway: "192.0.2.1" },
  IPv6: { Method: "auto", Address: "2001:db8::7", PrefixLength: 64, Gateway: "2001:db8::1" },
};

/** Settings in the first Update of a session that has no service. */
const FIRST = {
  "session-2011": {
    ...{ Bearer: "", Online: false, Name: "", Priority: false, AllowedBearers: [], IPv4: {}, IPv6: {} },
    ...{ AvoidHandover: false, StayConnected: false, PeriodicConnect: 0, IdleTimeout: 0, EmergencyCall: false },
    ...{ RoamingPolicy: "forbidden", Interface: "", SessionMarker: 256 },
  },
  "session-2013": {
    ...{ State: "disconnected", Name: "", Bearer: "", Interface: "", IPv4: {}, IPv6: {}, ConnectionType: "any" },
    AllowedBearers: ["ethernet", "wifi", "bluetooth", "cellular", "gadget"],
  },
  "session-2017": {
    ...{ State: "disconnected", Name: "", Bearer: "", Interface: "", IPv4: {}, IPv6: {}, ConnectionType: "any" },
    AllowedBearers: ["ethernet", "wifi", "bluetooth", "cellular", "gadget"],
    ...{ AllowedInterface: "*", ContextIdentifier: "", SourceIPRule: false },
  },
} as const;

const online = (dialect: DialectName): ForeignSettings =>
  dialect === "session-2011" ? { Online: true } : { State: "online" };
const offline = (dialect: DialectName): ForeignSettings =>
  dialect === "session-2011" ? { Online: false } : { State: "disconnected" };

/** A simulated network that records the services to bring up. Their states change only if a test changes them. */
class SlowNetwork extends SimulatedNetwork {
  readonly requested: string[] = [];

  override connect(id: string): void {
    this.requested.push(id);
  }
}

describe.skipIf(!hasForeignApplications)("an application by dbus-python", () => {
  let python: ForeignApplications;
  beforeAll(() => {
    python = new ForeignApplications();
  });
  afterAll(() => python[Symbol.asyncDispose]());

  /** Opens a service with a simulated network, and an application. */
  async function open(dialect: DialectName, services: readonly SimulatedService[], options: StageOptions = {}) {
    const stage = await stageOf({ ...options, dialect, services });
    const app = await python.open(stage.address);
    const settled = async (...apps: readonly ForeignApplication[]): Promise<void> => {
      await stage.settled();
      for (const each of [app, ...apps]) await each.settled();
    };
    /** Changes a service. Returns the resulting Updates of a session. */
    const change = async (session: ForeignSession, id: string, service: Partial<SimulatedService>) => {
      await settled();
      session.take();
      stage.network.change(id, service);
      await settled();
      return session.take();
    };
    return { stage, app, settled, change };
  }

  describe.each(ALL)("in dialect %s", (dialect) => {
    test("serves a notifier at any path, and receives one Update with all settings, then the changed ones", async () => {
      const { app, change } = await open(dialect, [idle(CABLE)]);
      const session = await app.create({}, "/any/path/of_the/application");
      expect(session.take()).toEqual([FIRST[dialect]]);
      expect(await change(session, "cable", { state: "online" })).toEqual([
        { ...online(dialect), Name: "cable", Interface: "eth0", Bearer: "ethernet" },
      ]);
      expect(await change(session, "cable", { ipv4: { method: "fixed", address: "192.0.2.9" } })).toEqual([
        { IPv4: { Method: "fixed", Address: "192.0.2.9" } },
      ]);
    });

    test("receives Release when the service ends, and the session exists no longer", async () => {
      const { stage, app } = await open(dialect, [CABLE]);
      const session = await app.create();
      session.take();
      await stage.server.close();
      await until("it is released", () => session.received.length > 0);
      expect(session.take()).toEqual(["Release"]);
      expect(stage.server.sessions).toBe(0);
      expect(await outcome(session.destroy())).toMatch(/^(ServiceUnknown|NameHasNoOwner)$/);
    });

    test("ends its session with Destroy, and with DestroySession of the manager", async () => {
      const { stage, app } = await open(dialect, [CABLE]);
      const [first, second] = [await app.create(), await app.create()];
      expect([first.path, second.path].every((path) => path.startsWith("/sessions/"))).toBe(true);
      await first.destroy();
      expect(stage.server.sessions).toBe(1);
      await app.destroySession(second.path);
      expect(stage.server.sessions).toBe(0);
      for (const session of [first, second]) expect(await outcome(session.connect())).toBe("UnknownObject");
    });

    test("calls Connect: the reply comes at once, and an Update when a service of an allowed bearer has been brought up", async () => {
      const network = new SlowNetwork([idle(CABLE), idle(WIFI)]);
      const { app, change } = await open(dialect, [], { network });
      const session = await app.create({ AllowedBearers: ["wifi"] });
      session.take();
      for (let times = 0; times < 3; times++) await session.connect();
      expect([session.take(), network.requested]).toEqual([[], ["wifi"]]);
      expect(await change(session, "wifi", { state: "online" })).toEqual([
        { ...online(dialect), Name: "wifi", Interface: "wlan0", Bearer: "wifi" },
      ]);
      await session.connect();
      await app.settled();
      expect([session.take(), network.requested]).toEqual([[], ["wifi"]]);
    });

    test("calls Connect: the present service is used if it is suitable", async () => {
      const { stage, app, settled } = await open(dialect, [idle(CABLE), WIFI]);
      const session = await app.create({ AllowedBearers: ["ethernet", "wifi"] });
      await session.connect();
      await settled();
      expect(session.status).toBe("wifi online");
      expect(stage.network.services.map(({ state }) => state)).toEqual(["idle", "online"]);
    });

    test("does not call Connect: the session follows services that others bring up, and can lose them at any time", async () => {
      const { app, settled, change } = await open(dialect, [idle(CABLE)]);
      const [rider, active] = [await app.create(), await app.create()];
      await active.connect();
      await until("both have the service", () => [rider, active].every(({ status }) => status === "ethernet online"));
      await settled();
      rider.take();
      await active.destroy();
      await settled();
      expect(rider.take()).toEqual([{ ...offline(dialect), Name: "", Interface: "", Bearer: "" }]);
      expect(await change(rider, "cable", { state: "online" })).toHaveLength(1);
      expect(rider.status).toBe("ethernet online");
    });

    test("calls Disconnect: the session has no service, and what it brought up is taken down", async () => {
      const { stage, app, settled } = await open(dialect, [idle(CABLE)]);
      const session = await app.create();
      await session.connect();
      await until("the service is reported", () => session.status === "ethernet online");
      await session.disconnect();
      await session.disconnect();
      await settled();
      expect(session.settings).toMatchObject({ ...offline(dialect), Bearer: "", Name: "", Interface: "" });
      expect(stage.network.services[0]?.state).toBe("idle");
      await session.connect();
      await until("it is connected a second time", () => session.status === "ethernet online");
    });

    test("calls Change: read-only settings, unknown names and wrong types are refused", async () => {
      const { app } = await open(dialect, [CABLE]);
      const session = await app.create();
      session.take();
      const readOnly = ["Bearer", "Name", "Interface", dialect === "session-2011" ? "SessionMarker" : "State"];
      for (const [name, value] of [
        ...readOnly.map((name) => [name, "x"]),
        ["Nonsense", "x"],
        ["AllowedBearers", "wifi"],
      ]) {
        expect(await outcome(session.change(String(name), value)), String(name)).toBe("InvalidArguments");
      }
      expect(session.take()).toEqual([]);
    });

    test("calls Change: an Update with the change follows, and the session may lose its service", async () => {
      const { app } = await open(dialect, [CABLE, idle(WIFI)]);
      const session = await app.create();
      session.take();
      await session.change("AllowedBearers", ["wifi"]);
      expect(session.take()).toEqual([
        { ...offline(dialect), Name: "", Interface: "", Bearer: "", AllowedBearers: ["wifi"] },
      ]);
    });

    test("reads Bearer, Name and Interface of its service, which are empty without a service", async () => {
      const { app, change } = await open(dialect, [{ ...idle(CABLE), name: "Wired" }]);
      const session = await app.create();
      expect(session.settings).toMatchObject({ Bearer: "", Name: "", Interface: "" });
      await change(session, "cable", { state: "online" });
      expect(session.settings).toMatchObject({ Bearer: "ethernet", Name: "Wired", Interface: "eth0" });
    });

    test("is offline while only a service of another bearer is online", async () => {
      const { app, change } = await open(dialect, [CABLE, idle(WIFI)]);
      const session = await app.create({ AllowedBearers: ["wifi"] });
      expect(session.settings).toMatchObject({ ...offline(dialect), Bearer: "" });
      await change(session, "wifi", { state: "online" });
      expect(session.settings).toMatchObject({ ...online(dialect), Bearer: "wifi" });
    });

    test("prefers services in the order of AllowedBearers, with * for all others", async () => {
      const { app, change } = await open(dialect, [CABLE, idle(WIFI)]);
      const [ordered, fallback] = [
        await app.create({ AllowedBearers: ["wifi", "ethernet"] }),
        await app.create({ AllowedBearers: ["wifi", "*"] }),
      ];
      expect([ordered.status, fallback.status]).toEqual(["ethernet online", "ethernet online"]);
      await change(ordered, "wifi", { state: "online" });
      expect([ordered.status, fallback.status]).toEqual(["wifi online", "wifi online"]);
    });

    test("receives changes of a slow bearer at once, like those of a fast one", async () => {
      const { app, change } = await open(dialect, [idle(MODEM), idle(WIFI)]);
      const session = await app.create(dialect === "session-2011" ? { AllowedBearers: ["3g"] } : {});
      expect(await change(session, "modem", { state: "online" })).toHaveLength(1);
      expect(session.settings).toMatchObject(online(dialect));
    });

    test("stays with a service that was up before, although Connect brings up only services with AutoConnect", async () => {
      const manual = { autoConnect: false };
      const { stage, app, settled } = await open(dialect, [
        { ...idle(CABLE), ...manual },
        { ...WIFI, ...manual },
      ]);
      const [any, wired] = [await app.create(), await app.create({ AllowedBearers: ["ethernet"] })];
      expect(any.status).toBe("wifi online");
      await wired.connect();
      await settled();
      expect([wired.status.trim(), stage.network.services[0]?.state]).toEqual([
        dialect === "session-2011" ? "" : "disconnected",
        "idle",
      ]);
    });
  });

  describe.each(WITH_STATE)("in dialect %s", (dialect) => {
    test("reads State: disconnected, connected or online", async () => {
      const { app, change } = await open(dialect, [idle(CABLE)]);
      const session = await app.create();
      const states = [session.settings["State"]];
      for (const state of ["association", "configuration", "ready", "online", "ready", "failure"] as const) {
        await change(session, "cable", { state });
        states.push(session.settings["State"]);
      }
      expect(states).toEqual([
        ...["disconnected", "disconnected", "disconnected", "connected", "online", "connected", "disconnected"],
      ]);
    });

    test.each([
      ["local", ["connected", "connected"]],
      ["internet", ["disconnected", "online"]],
      ["any", ["connected", "online"]],
    ])("ConnectionType %s: the State with a ready and with an online service", async (type, states) => {
      const { app, change } = await open(dialect, [ready(CABLE)]);
      const session = await app.create({ ConnectionType: type });
      const before = session.settings["State"];
      await change(session, "cable", { state: "online" });
      expect([before, session.settings["State"]]).toEqual(states);
    });

    test.each(["online", "", "nonsense"])("ConnectionType %j is invalid, and ignored", async (type) => {
      const { app } = await open(dialect, [CABLE]);
      const session = await app.create({ ConnectionType: type });
      expect(session.take()).toMatchObject([{ ConnectionType: "any", State: "online" }]);
      await session.change("ConnectionType", "internet");
      expect(session.take()).toEqual([{ ConnectionType: "internet" }]);
      await session.change("ConnectionType", type);
      expect(session.take()).toEqual([]);
    });

    test("is created with all bearers and connection type any, if the settings are absent", async () => {
      const { app } = await open(dialect, [idle(CABLE)]);
      const session = await app.create();
      expect(session.settings).toMatchObject({
        AllowedBearers: ["ethernet", "wifi", "bluetooth", "cellular", "gadget"],
        ConnectionType: "any",
      });
    });

    test("invalid names are removed from AllowedBearers", async () => {
      const { app } = await open(dialect, [CABLE]);
      const session = await app.create({ AllowedBearers: ["nonsense", "wifi", "Ethernet"] });
      expect(session.settings).toMatchObject({ AllowedBearers: ["wifi"], State: "disconnected" });
    });

    test("with an empty list of bearers, the session never has a service, also after Connect", async () => {
      const { stage, app, settled } = await open(dialect, [CABLE, idle(WIFI)]);
      const session = await app.create({ AllowedBearers: [] });
      await session.connect();
      await settled();
      expect(session.settings).toMatchObject({ AllowedBearers: [], State: "disconnected" });
      expect(stage.network.services[1]?.state).toBe("idle");
    });

    test("reads the addresses of its service", async () => {
      const { app } = await open(dialect, [{ ...ready(CABLE), ...ADDRESSES }]);
      expect((await app.create()).settings).toMatchObject({ State: "connected", ...WIRE_ADDRESSES });
    });
  });
});
