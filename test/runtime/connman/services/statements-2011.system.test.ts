import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  allowUids,
  PolicyDirectory,
  PolicyKitAuthorizer,
  SimulatedNetwork,
  type SimulatedService,
} from "@dbus-codegen-ts/connman";
import { Authority, AuthorityService } from "@dbus-codegen-ts/polkit/org.freedesktop.PolicyKit1.Authority";
import { connect } from "@dbus-codegen-ts/runtime";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { partial } from "../../core/fixtures/partial-service.ts";
import { keep } from "../disposables.ts";
import { ForeignApplications, type ForeignSession, hasForeignApplications, outcome } from "../foreign-applications.ts";
import { idle, stageOf } from "../session-helpers.ts";
import { CABLE, MODEM, type StageOptions, TestClock, WIFI } from "../support.ts";

// Statements of the session API of 2011 about settings that later documents do not have, with applications by
// dbus-python. The table of all statements is runtime/connman/docs/statements.md.

const MINUTE_MS = 60_000;
const UID = process.getuid?.() ?? -1;
const seconds = (uint32: number) => ({ uint32 });
const allowAll = allowUids([UID]);

/** A simulated PolicyKit that decides about actions like the real PolicyKit. */
class TestAuthority
  extends partial(AuthorityService, Authority)
  implements Pick<AuthorityService, "checkAuthorization">
{
  readonly actions: string[] = [];
  isAuthorized = false;

  checkAuthorization(_subject: unknown, action: string) {
    this.actions.push(action);
    return { isAuthorized: this.isAuthorized, isChallenge: false, details: {} };
  }
}

describe.skipIf(!hasForeignApplications)("an application by dbus-python, in dialect session-2011", () => {
  let python: ForeignApplications;
  beforeAll(() => {
    python = new ForeignApplications();
  });
  afterAll(() => python[Symbol.asyncDispose]());

  async function open(services: readonly SimulatedService[], options: StageOptions = {}) {
    const stage = await stageOf({ ...options, dialect: "session-2011", services });
    const app = await python.open(stage.address);
    const settled = async (): Promise<void> => {
      await stage.settled();
      await app.settled();
    };
    const change = async (id: string, service: Partial<SimulatedService>): Promise<void> => {
      stage.network.change(id, service);
      await settled();
    };
    return { stage, app, settled, change };
  }

  test("Priority: is false at first, and sessions that set it are notified first when a bearer becomes online", async () => {
    const { app, change } = await open([idle(CABLE)]);
    const sessions: ForeignSession[] = [];
    for (const Priority of [undefined, true, false, true]) {
      sessions.push(await app.create(Priority === undefined ? {} : { Priority }));
    }
    expect(sessions.map(({ settings }) => settings["Priority"])).toEqual([false, true, false, true]);
    app.order.splice(0);
    await change("cable", { state: "online" });
    expect(app.order).toEqual(["/n2", "/n4", "/n1", "/n3"]);
  });

  test("Priority: does not get another service, and AllowedBearers decide which sessions are notified at all", async () => {
    const { app, change } = await open([idle(CABLE), idle(WIFI)]);
    await app.create({ AllowedBearers: ["ethernet"], Priority: true });
    await app.create({ AllowedBearers: ["wifi"] });
    app.order.splice(0);
    await change("wifi", { state: "online" });
    expect(app.order).toEqual(["/n2"]);
  });

  test("Priority: sessions of a policy with Priority are notified first, without setting it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "policies-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "a.policy"), "[one]\nuid = important\nPriority = true\n");
    const source = keep(await PolicyDirectory.open(folder));
    let name = "other";
    const users = { user: async (uid: number) => ({ uid, name, gid: 100 }), groups: async () => [] };
    const { app, change } = await open([idle(CABLE)], { policies: { source, users } });
    await app.create();
    name = "important";
    await app.create();
    app.order.splice(0);
    await change("cable", { state: "online" });
    expect(app.order).toEqual(["/n2", "/n1"]);
  });

  test("Connect: sessions that called it are notified before others", async () => {
    const { app, change } = await open([], {
      network: new SimulatedNetwork([idle(CABLE)], { followsRequests: false }),
    });
    const sessions: ForeignSession[] = [];
    for (let number = 0; number < 3; number++) sessions.push(await app.create());
    await sessions[2]?.connect();
    app.order.splice(0);
    await change("cable", { state: "online" });
    expect(app.order).toEqual(["/n3", "/n1", "/n2"]);
  });

  test("AllowedBearers: an empty list is any bearer", async () => {
    const { app, change } = await open([WIFI, idle(CABLE)]);
    const session = await app.create({ AllowedBearers: [] });
    expect(session.settings).toMatchObject({ AllowedBearers: [], Bearer: "wifi", Online: true });
    await change("wifi", { state: "idle" });
    await change("cable", { state: "online" });
    expect(session.status).toBe("ethernet online");
  });

  test("IPv4 and IPv6: are empty unless the session is online", async () => {
    const addresses = {
      ipv4: { method: "dhcp", address: "192.0.2.7" },
      ipv6: { method: "auto", address: "2001:db8::7" },
    } as const;
    const { app, change } = await open([{ ...CABLE, ...addresses, state: "ready" }]);
    const session = await app.create();
    expect(session.settings).toMatchObject({ Online: false, Bearer: "ethernet", IPv4: {}, IPv6: {} });
    await change("cable", { state: "online" });
    expect(session.settings).toMatchObject({
      Online: true,
      IPv4: { Method: "dhcp", Address: "192.0.2.7" },
      IPv6: { Method: "auto", Address: "2001:db8::7" },
    });
    await change("cable", { state: "idle" });
    expect(session.settings).toMatchObject({ Online: false, IPv4: {}, IPv6: {} });
  });

  test("AvoidHandover: keeps the service, is false at first and after two minutes, and cannot prevent a handover", async () => {
    const clock = new TestClock();
    const { app, settled, change } = await open([idle(CABLE), idle(WIFI), MODEM], { clock });
    const bearers = { AllowedBearers: ["ethernet", "wifi", "3g"] };
    const [careful, careless] = [await app.create({ ...bearers, AvoidHandover: true }), await app.create(bearers)];
    expect(careless.settings["AvoidHandover"]).toBe(false);
    await change("wifi", { state: "online" });
    expect([careful.status, careless.status]).toEqual(["3g online", "wifi online"]);
    await change("modem", { state: "idle" });
    expect(careful.status).toBe("wifi online");
    await change("cable", { state: "online" });
    expect(careful.status).toBe("wifi online");
    await clock.advance(2 * MINUTE_MS);
    await settled();
    expect([careful.status, careful.settings["AvoidHandover"]]).toEqual(["ethernet online", false]);
  });

  test("StayConnected: disables the idle timeout of the session", async () => {
    const clock = new TestClock();
    const { app, settled } = await open([idle(CABLE)], { clock });
    const session = await app.create({ IdleTimeout: seconds(60), StayConnected: true });
    await session.connect();
    await until("the service is up", () => session.status === "ethernet online");
    await clock.advance(10 * MINUTE_MS);
    await settled();
    expect(session.status).toBe("ethernet online");
    await session.change("StayConnected", false);
    await clock.advance(2 * MINUTE_MS);
    await settled();
    expect(session.status).toBe("");
  });

  test("StayConnected: has no effect while the system is not online", async () => {
    const { stage, app, settled } = await open([idle(CABLE)]);
    const session = await app.create({ StayConnected: true });
    await settled();
    expect([session.status, stage.network.services[0]?.state]).toEqual(["", "idle"]);
  });

  test("PeriodicConnect: attempts every n minutes, at the same times for all sessions, until there is a service", async () => {
    const clock = new TestClock();
    const attempts: string[] = [];
    class Unreachable extends SimulatedNetwork {
      override connect(id: string): void {
        attempts.push(`${id} after ${clock.nowMs() / MINUTE_MS} min`);
      }
    }
    const network = new Unreachable([idle(CABLE), idle(WIFI)]);
    const { app, settled, change } = await open([], { clock, network });
    await app.create({ AllowedBearers: ["ethernet"] });
    await clock.advance(3 * MINUTE_MS);
    const wired = await app.create({ AllowedBearers: ["ethernet"], PeriodicConnect: seconds(10) });
    await app.create({ AllowedBearers: ["wifi"], PeriodicConnect: seconds(5) });
    await clock.advance(7.5 * MINUTE_MS);
    expect(attempts).toEqual(["wifi after 5 min", "cable after 10 min", "wifi after 10 min"]);
    await wired.change("PeriodicConnect", seconds(1));
    await clock.advance(MINUTE_MS);
    expect(attempts.slice(3)).toEqual(["cable after 11 min"]);
    await wired.change("PeriodicConnect", seconds(0));
    await change("wifi", { state: "online" });
    await clock.advance(60 * MINUTE_MS);
    await settled();
    expect(attempts).toHaveLength(4);
  });

  test("IdleTimeout: the system goes offline after the longest timeout of all sessions without traffic; 0 disables it", async () => {
    const clock = new TestClock();
    const { stage, app, settled } = await open([idle(CABLE)], { clock });
    const [short, long] = [
      await app.create({ IdleTimeout: seconds(60) }),
      await app.create({ IdleTimeout: seconds(120) }),
    ];
    await short.connect();
    await until("the service is up", () => long.status === "ethernet online");
    await clock.advance(100_000);
    stage.network.addTraffic(1);
    await clock.advance(100_000);
    await settled();
    expect(short.status).toBe("ethernet online");
    await clock.advance(MINUTE_MS);
    await settled();
    expect([short.status, long.status]).toEqual(["", ""]);
    for (const session of [short, long]) await session.change("IdleTimeout", seconds(0));
    await short.connect();
    await until("the service is up", () => long.status === "ethernet online");
    await clock.advance(60 * MINUTE_MS);
    await settled();
    expect([short.status, long.status]).toEqual(["ethernet online", "ethernet online"]);
  });

  test("EmergencyCall: is protected by PolicyKit", async () => {
    const daemon = keep(await startPrivateBus());
    const [bus, polkit] = [keep(await connect({ bus: daemon.address })), keep(await connect({ bus: daemon.address }))];
    const authority = new TestAuthority();
    await polkit.serve("/org/freedesktop/PolicyKit1/Authority", authority);
    await polkit.requestName("org.freedesktop.PolicyKit1");
    const { app } = await open([CABLE], { authorizer: new PolicyKitAuthorizer(bus) });
    const session = await app.create();
    expect(await outcome(session.change("EmergencyCall", true))).toBe("PermissionDenied");
    authority.isAuthorized = true;
    expect(await outcome(session.change("EmergencyCall", true))).toBe("done");
    expect(await outcome(session.change("RoamingPolicy", "always"))).toBe("done");
    expect([...new Set(authority.actions)]).toEqual([
      "net.connman.session.emergency-call",
      "net.connman.session.roaming-policy",
    ]);
  });

  test("EmergencyCall: one application sets it; all sessions report it, others are offline, and no other can be created", async () => {
    const { stage, app, settled } = await open([CABLE], { authorizer: allowAll });
    const other = await python.open(stage.address);
    const [caller, bystander] = [await app.create(), await other.create()];
    await caller.change("EmergencyCall", true);
    await other.settled();
    expect([caller, bystander].map(({ settings, status }) => [settings["EmergencyCall"], status])).toEqual([
      [true, "ethernet online"],
      [true, ""],
    ]);
    expect(await outcome(bystander.change("EmergencyCall", true))).toBe("Failed");
    expect(await outcome(other.create())).toBe("Failed");
    await caller.change("EmergencyCall", false);
    await settled();
    await other.settled();
    expect([caller, bystander].map(({ settings, status }) => [settings["EmergencyCall"], status])).toEqual([
      [false, "ethernet online"],
      [false, "ethernet online"],
    ]);
  });

  test.each([
    [undefined, "forbidden", ["home"]],
    ["forbidden", "forbidden", ["home"]],
    ["default", "default", ["home"]],
    ["national", "national", ["home", "national"]],
    ["international", "international", ["home", "national", "international"]],
    ["always", "always", ["home", "national", "international"]],
  ])("RoamingPolicy %s: allows roaming as documented", async (requested, reported, expected) => {
    const { app, change } = await open([MODEM], { authorizer: allowAll });
    const session = await app.create(requested === undefined ? {} : { RoamingPolicy: requested });
    expect(session.settings["RoamingPolicy"]).toBe(reported);
    const allowed: string[] = [];
    for (const roaming of ["home", "national", "international"] as const) {
      await change("modem", { roaming });
      if (session.settings["Online"] === true) allowed.push(roaming);
    }
    expect(allowed).toEqual(expected);
  });

  test("RoamingPolicy default: uses the global roaming setting", async () => {
    const { app } = await open([{ ...MODEM, roaming: "international" }], { authorizer: allowAll, roaming: true });
    expect((await app.create({ RoamingPolicy: "default" })).settings["Online"]).toBe(true);
  });

  test("RoamingPolicy: is protected by PolicyKit, and other values are refused", async () => {
    const { app } = await open([MODEM]);
    const session = await app.create();
    expect(await outcome(session.change("RoamingPolicy", "always"))).toBe("PermissionDenied");
    expect(await outcome(app.create({ RoamingPolicy: "international" }))).toBe("PermissionDenied");
    expect(await outcome(session.change("RoamingPolicy", "nonsense"))).toBe("InvalidArguments");
  });

  test("SessionMarker: is a number that no other session has", async () => {
    const { app } = await open([CABLE]);
    const marks: unknown[] = [];
    for (let number = 0; number < 3; number++) marks.push((await app.create()).settings["SessionMarker"]);
    expect(marks).toEqual([256, 257, 258]);
  });
});
