import {
  type Authorizer,
  type NetworkService,
  type Routing,
  type SessionRoute,
  SimulatedNetwork,
} from "@dbus-codegen-ts/connman";
import { Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import {
  type App,
  CABLE,
  DIALECT_NAMES,
  lines,
  MODEM,
  refusal,
  type Session,
  Stage,
  type StageOptions,
  TestClock,
  transcript,
  WIFI,
  type WireSettings,
} from "../support.ts";

// What clients of the service see, call by call and event by event.

const MINUTE = 60_000;
const idle = (service: typeof CABLE) => ({ ...service, state: "idle" }) as const;
const ready = (service: typeof CABLE) => ({ ...service, state: "ready" }) as const;

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function stageOf(options: StageOptions): Promise<Stage> {
  const stage = await Stage.open(options);
  open.push(stage);
  return stage;
}

/** A session that was told everything. */
async function opened(stage: Stage, settings: WireSettings = {}, app?: App): Promise<Session> {
  const session = await (app ?? (await stage.app())).create(settings);
  await stage.settled();
  session.news();
  return session;
}

/** What a session is told while something happens to services. */
async function toldWhile(stage: Stage, session: Session, ...changes: readonly Changes[]): Promise<readonly string[]> {
  for (const change of changes) {
    stage.network.changeAll(change);
    await stage.settled();
  }
  return lines(session.news());
}

type Changes = Readonly<Record<string, Partial<Omit<NetworkService, "id">>>>;

describe("a session rides along with whatever comes up", () => {
  const ADDRESS = { ipv4: { method: "dhcp" } };
  const EVENTS = [
    { cable: { state: "association" } },
    { cable: { state: "configuration" } },
    { cable: { state: "ready", ...ADDRESS } },
    { cable: { state: "online" } },
    { cable: { state: "disconnect" } },
    { cable: { state: "idle", ipv4: {} } },
  ] as const satisfies readonly Changes[];
  const TOLD = {
    "session-2013": [
      "State=connected Name=cable IPv4=dhcp Interface=eth0 Bearer=ethernet",
      "State=online",
      "State=disconnected Name= IPv4= Interface= Bearer=",
    ],
    // Addresses are valid only when online is true.
    "session-2011": [
      "Name=cable Interface=eth0 Bearer=ethernet",
      "IPv4=dhcp Online=true",
      "Name= IPv4= Interface= Bearer= Online=false",
    ],
    // The State stays what it was when the service was assigned.
    "connman-1.41": [
      "State=connected Name=cable IPv4=dhcp IPv6= Interface=eth0 Bearer=ethernet",
      "State=disconnected Name= IPv4= IPv6= Interface= Bearer=",
    ],
  } as const;
  test.each(DIALECT_NAMES)("%s: up and down, without a call", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const session = await opened(stage);
    expect(await toldWhile(stage, session, ...EVENTS)).toEqual(TOLD[dialect]);
  });

  test.each(DIALECT_NAMES)("%s: a service that appears, and one that is taken out", async (dialect) => {
    const stage = await stageOf({ dialect, services: [] });
    const session = await opened(stage);
    stage.network.add(WIFI);
    await stage.settled();
    expect(session.status).toBe("wifi online");
    stage.network.remove("wifi");
    await stage.settled();
    expect(session.settings["Bearer"]).toBe("");
  });
});

describe("hand-over", () => {
  const TOLD = {
    "session-2013": ["Name=cable Interface=eth0 Bearer=ethernet", "Name=wifi Interface=wlan0 Bearer=wifi"],
    "session-2011": ["Name=cable Interface=eth0 Bearer=ethernet", "Name=wifi Interface=wlan0 Bearer=wifi"],
    "connman-1.41": [
      "Name=cable IPv4= IPv6= Interface=eth0 Bearer=ethernet",
      "State=disconnected Name= IPv4= IPv6= Interface= Bearer=",
      "State=online Name=wifi IPv4= IPv6= Interface=wlan0 Bearer=wifi",
    ],
  } as const;
  test.each(DIALECT_NAMES)("%s: to a better bearer when it comes, and back when it goes", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE), WIFI] });
    const session = await opened(stage, { AllowedBearers: ["ethernet", "wifi"] });
    expect(await toldWhile(stage, session, { cable: { state: "online" } }, { cable: { state: "idle" } })).toEqual(
      TOLD[dialect],
    );
  });

  test.each(DIALECT_NAMES)("%s: not to another service of the same bearer, or of a worse one", async (dialect) => {
    const other = { ...idle(WIFI), id: "cafe" };
    const stage = await stageOf({ dialect, services: [other, WIFI, idle(MODEM)] });
    const session = await opened(stage);
    expect(await toldWhile(stage, session, { cafe: { state: "online" } }, { modem: { state: "online" } })).toEqual([]);
  });
});

describe("Connect and Disconnect", () => {
  const states = ({ network }: Stage) => network.services.map(({ id, state }) => `${id} ${state}`);
  test.each(DIALECT_NAMES)("%s: bring a service up, and down again with the last who asked", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const [first, second, rider] = [await opened(stage), await opened(stage), await opened(stage)];
    await first.connect();
    await second.connect();
    await until("the cable is online", () => states(stage)[0] === "cable online");
    await stage.settled();
    for (const session of [first, second, rider]) expect(session.settings["Bearer"]).toBe("ethernet");
    await first.disconnect();
    expect([first.settings["Bearer"], states(stage)]).toEqual(["", ["cable online"]]);
    await second.disconnect();
    await stage.settled();
    expect([rider.settings["Bearer"], states(stage)]).toEqual(["", ["cable idle"]]);
  });

  test.each(DIALECT_NAMES)("%s: a service that was up by itself stays", async (dialect) => {
    const stage = await stageOf({ dialect });
    const [session, rider] = [await opened(stage), await opened(stage)];
    await session.connect();
    await session.disconnect();
    await stage.settled();
    expect([session.settings["Bearer"], rider.news(), states(stage)]).toEqual(["", [], ["cable online"]]);
  });

  test.each(DIALECT_NAMES)(
    "%s: who disconnected rides along again from the next time one comes up",
    async (dialect) => {
      const stage = await stageOf({ dialect, services: [CABLE, idle(WIFI)] });
      const session = await opened(stage);
      await session.disconnect();
      expect(session.news()).toHaveLength(1);
      expect(await toldWhile(stage, session, { cable: { name: "other" } }, { wifi: { name: "other" } })).toEqual([]);
      await toldWhile(stage, session, { wifi: { state: "ready" } });
      expect(session.settings["Bearer"]).not.toBe("");
    },
  );

  const raised: readonly (readonly [
    what: string,
    bearers: readonly string[],
    before: StageOptions["services"],
    up: readonly string[],
  ])[] = [
    ["the bearer liked best", ["wifi", "ethernet"], [idle(CABLE), idle(WIFI)], ["cable idle", "wifi online"]],
    ["the first of several", ["*"], [idle({ ...CABLE, id: "a" }), idle({ ...CABLE, id: "b" })], ["a online", "b idle"]],
    ["none that may not", ["*"], [{ ...idle(CABLE), autoConnect: false }], ["cable idle"]],
    ["none that failed", ["*"], [{ ...CABLE, state: "failure" }, idle(WIFI)], ["cable failure", "wifi online"]],
    [
      "none beside one on its way",
      ["*"],
      [idle(CABLE), { ...WIFI, state: "association" }],
      ["cable idle", "wifi association"],
    ],
    ["none of another bearer", ["cellular"], [idle(CABLE)], ["cable idle"]],
    ["none for an empty list", [], [idle(CABLE)], ["cable idle"]],
  ];
  test.each(raised)("session-2013: Connect brings up %s", async (_, bearers, services = [], up) => {
    const stage = await stageOf({ services });
    const session = await opened(stage, { AllowedBearers: bearers });
    await session.connect();
    // Coming up takes three timers, one after the other.
    for (let step = 0; step < 5; step++) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(states(stage)).toEqual(up);
  });

  test.each(DIALECT_NAMES)("%s: other bearers end what Connect asked for", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE)] });
    const session = await opened(stage);
    await session.connect();
    await until("the cable is online", () => states(stage)[0] === "cable online");
    await session.change("AllowedBearers", ["wifi"]);
    expect(states(stage)).toEqual(["cable idle"]);
  });
});

describe("AllowedBearers", () => {
  const cases: readonly (readonly [list: readonly string[], ...statuses: readonly [string, string, string]])[] = [
    [["ethernet"], "ethernet online", "ethernet online", "ethernet online"],
    [["wifi", "ethernet"], "wifi online", "wifi online", "ethernet online"],
    [["cellular", "wifi"], "cellular online", "wifi online", "wifi online"],
    [["3g", "wifi"], "wifi online", "3g online", "refused"],
    [["wifi", "*"], "wifi online", "wifi online", "ethernet online"],
    [["*", "wifi"], "ethernet online", "ethernet online", "ethernet online"],
    [["*"], "ethernet online", "ethernet online", "ethernet online"],
    [[], "disconnected", "ethernet online", "disconnected"],
    [["nonsense"], "disconnected", "", "refused"],
    [["gadget"], "disconnected", "", "disconnected"],
  ];
  describe.each(DIALECT_NAMES.map((dialect, index) => ({ dialect, index })))("$dialect", ({ dialect, index }) => {
    test.each(cases)("%j", async (list, ...statuses) => {
      const stage = await stageOf({ dialect, services: [CABLE, WIFI, MODEM] });
      const app = await stage.app();
      const session = await opened(stage, { AllowedBearers: ["ethernet"] }, app);
      const refused = (await refusal(session.change("AllowedBearers", list))) !== "done";
      expect(refused ? "refused" : session.status).toBe(statuses[index]);
      const created = app.create({ AllowedBearers: list });
      if (refused) expect(await refusal(created)).toBe("InvalidArguments");
      else {
        await created;
        await stage.settled();
        expect((await created).status).toBe(statuses[index]);
      }
    });
  });
});

describe("ConnectionType", () => {
  const cases = [
    ["session-2013", "any", ["connected", "online"]],
    ["session-2013", "local", ["connected", "connected"]],
    ["session-2013", "internet", ["disconnected", "online"]],
    ["connman-1.41", "any", ["connected", "online"]],
    ["connman-1.41", "local", ["connected", "online"]],
    ["connman-1.41", "internet", ["disconnected", "online"]],
    ["connman-1.41", "nonsense", ["connected", "online"]],
  ] as const;
  test.each(cases)(
    "%s: %s, with a service that is ready, and with one that is online",
    async (dialect, type, shown) => {
      const stage = await stageOf({ dialect, services: [ready(CABLE)] });
      const app = await stage.app();
      const first = await opened(stage, { ConnectionType: type }, app);
      const whenReady = first.settings["State"];
      stage.network.change("cable", { state: "online" });
      const second = await opened(stage, { ConnectionType: type }, app);
      expect([whenReady, second.settings["State"]]).toEqual(shown);
    },
  );

  test("session-2013: a change is felt at once, and back", async () => {
    const stage = await stageOf({ services: [ready(CABLE)] });
    const session = await opened(stage);
    for (const type of ["internet", "local", "local", "nonsense", "any"]) await session.change("ConnectionType", type);
    expect(lines(session.news())).toEqual([
      "State=disconnected Name= Interface= Bearer= ConnectionType=internet",
      "State=connected Name=cable Interface=eth0 Bearer=ethernet ConnectionType=local",
      "ConnectionType=any",
    ]);
  });
});

describe("AllowedInterface", () => {
  test.each(["session-2013", "connman-1.41"] as const)("%s: one interface, none, or any", async (dialect) => {
    const stage = await stageOf({ dialect, services: [CABLE, WIFI] });
    const session = await opened(stage);
    const seen: unknown[] = [];
    for (const name of ["wlan0", "eth9", "", "wlan0", "*"]) {
      await session.change("AllowedInterface", name);
      seen.push([session.settings["AllowedInterface"], session.status]);
    }
    expect(seen).toEqual([
      ["wlan0", "wifi online"],
      ["eth9", "disconnected"],
      ["*", "ethernet online"],
      ["wlan0", "wifi online"],
      ["*", "ethernet online"],
    ]);
  });
});

describe("session-2011", () => {
  const dialect = "session-2011";

  test("Online: only with a service that is online and of an allowed bearer", async () => {
    const stage = await stageOf({ dialect, services: [ready(WIFI), CABLE] });
    const session = await opened(stage, { AllowedBearers: ["wifi"] });
    expect(session.settings).toMatchObject({ Online: false, Bearer: "wifi" });
    expect(await toldWhile(stage, session, { wifi: { state: "online" } })).toEqual(["Online=true"]);
  });

  test("Priority: those who have it hear first, each in the order of their creation", async () => {
    const stage = await stageOf({ dialect });
    const app = await stage.app();
    for (const priority of [false, true, false, true]) await opened(stage, { Priority: priority }, app);
    const monitor = await stage.watch();
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    const updates = transcript(monitor.messages, stage.bus).filter((line) => line.includes("Update"));
    const heard = updates.map((line) => line.split(" ", 1)[0]);
    expect(heard).toEqual(["/n2", "/n4", "/n1", "/n3"]);
  });

  test("AvoidHandover: stays for two minutes, unless its service goes", async () => {
    const clock = new TestClock();
    const stage = await stageOf({ dialect, clock, services: [idle(CABLE), idle(WIFI), MODEM] });
    const session = await opened(stage, { AllowedBearers: ["ethernet", "wifi", "3g"], AvoidHandover: true });
    expect(await toldWhile(stage, session, { wifi: { state: "online" } })).toEqual([]);
    expect(await toldWhile(stage, session, { modem: { state: "idle" } })).toEqual([
      "Name=wifi Interface=wlan0 Bearer=wifi",
    ]);
    expect(await toldWhile(stage, session, { cable: { state: "online" } })).toEqual([]);
    await clock.advance(119_999);
    await stage.settled();
    expect(session.news()).toEqual([]);
    await clock.advance(1);
    await stage.settled();
    expect(lines(session.news())).toEqual(["Name=cable Interface=eth0 Bearer=ethernet AvoidHandover=false"]);
    expect(clock.timers).toBe(0);
  });

  test("PeriodicConnect: attempts fall together on multiples of the minutes, until one succeeds", async () => {
    const clock = new TestClock();
    const attempts: string[] = [];
    class Unreachable extends SimulatedNetwork {
      override connect(id: string): void {
        attempts.push(`${id} after ${clock.nowMs() / MINUTE} min`);
      }
    }
    const network = new Unreachable([idle(CABLE), idle(WIFI)]);
    const stage = await stageOf({ dialect, clock, network });
    await clock.advance(3 * MINUTE);
    await opened(stage, { PeriodicConnect: 10, AllowedBearers: ["ethernet"] });
    await clock.advance(3 * MINUTE);
    await opened(stage, { PeriodicConnect: 5, AllowedBearers: ["ethernet"] });
    const third = await opened(stage, { PeriodicConnect: 15, AllowedBearers: ["wifi"] });
    await clock.advance(9.5 * MINUTE);
    expect(attempts).toEqual(["cable after 10 min", "cable after 15 min", "wifi after 15 min"]);
    network.change("cable", { state: "online" });
    await third.change("PeriodicConnect", 0);
    await clock.advance(60 * MINUTE);
    expect(attempts).toHaveLength(3);
  });

  test("IdleTimeout: the longest of all counts, from the last packet; StayConnected stays", async () => {
    const clock = new TestClock();
    const stage = await stageOf({ dialect, clock });
    const app = await stage.app();
    const short = await opened(stage, { IdleTimeout: 60 }, app);
    const long = await opened(stage, { IdleTimeout: 120 }, app);
    await opened(stage, { IdleTimeout: 90 }, app);
    const stays = await opened(stage, { StayConnected: true }, app);
    const statuses = async () => {
      await stage.settled();
      return [short, long, stays].map(({ status }) => status);
    };
    await clock.advance(100_000);
    stage.network.addTraffic(1);
    await clock.advance(100_000);
    expect(await statuses()).toEqual(["ethernet online", "ethernet online", "ethernet online"]);
    await clock.advance(50_000);
    expect(await statuses()).toEqual(["", "", "ethernet online"]);
  });

  test("IdleTimeout: still works after the traffic could not be found out", async () => {
    const clock = new TestClock();
    class Flaky extends SimulatedNetwork {
      failures = 1;
      override async packetCount(): Promise<number> {
        if (this.failures-- > 0) throw new Error("there is no ip command");
        return super.packetCount();
      }
    }
    const stage = await stageOf({ dialect, clock, network: new Flaky([CABLE]) });
    const session = await opened(stage, { IdleTimeout: 20 });
    await clock.advance(60_000);
    await stage.settled();
    expect([session.status, stage.errors.map(String)]).toEqual(["", ["Error: there is no ip command"]]);
  });

  test("EmergencyCall: one writes it, all see it, and the others wait until it is over", async () => {
    const stage = await stageOf({ dialect, authorizer: { authorize: async () => true } });
    const app = await stage.app();
    const [caller, other] = [await opened(stage, {}, app), await opened(stage, {}, app)];
    await caller.change("EmergencyCall", true);
    expect(await refusal(other.change("EmergencyCall", true))).toBe("Failed");
    expect(await refusal(other.change("EmergencyCall", false))).toBe("done");
    expect(await refusal(app.create())).toBe("Failed");
    expect(await refusal(other.connect())).toBe("done");
    expect([caller.status, other.status]).toEqual(["ethernet online", ""]);
    await caller.change("EmergencyCall", false);
    await stage.settled();
    expect(lines(caller.news())).toEqual(["EmergencyCall=true", "EmergencyCall=false"]);
    expect(lines(other.news())).toEqual([
      "Name= Interface= Bearer= Online=false EmergencyCall=true",
      "Name=cable Interface=eth0 Bearer=ethernet Online=true EmergencyCall=false",
    ]);
  });

  test("EmergencyCall: who is authorized while another makes one is refused", async () => {
    const asked: (() => void)[] = [];
    const authorizer: Authorizer = { authorize: () => new Promise((allow) => asked.push(() => allow(true))) };
    const stage = await stageOf({ dialect: "session-2011", authorizer });
    const [one, other, third] = [await stage.app(), await stage.app(), await stage.app()];
    const session = await opened(stage, {}, third);
    const created = [one.create({ EmergencyCall: true }), other.create({ EmergencyCall: true })].map(refusal);
    await until("two are asked for", () => asked.length === 2);
    const changed = refusal(session.change("EmergencyCall", true));
    await until("all are asked for", () => asked.length === 3);
    for (const allow of asked) allow();
    expect((await Promise.all(created)).toSorted()).toEqual(["Failed", "done"]);
    expect(await changed).toBe("Failed");
    await stage.settled();
    expect(stage.server.sessions).toBe(2);
  });

  test("EmergencyCall: over when the caller leaves the bus, or its session is destroyed", async () => {
    const stage = await stageOf({ dialect, authorizer: { authorize: async () => true } });
    const other = await opened(stage);
    const leaving = await stage.app();
    await leaving.create({ EmergencyCall: true });
    await stage.settled();
    expect(other.status).toBe("");
    await leaving.leave();
    await until("the others go on", () => other.status === "ethernet online");
    const caller = await opened(stage, { EmergencyCall: true });
    await caller.destroy();
    await stage.settled();
    expect(lines(other.news()).slice(2)).toEqual([
      "Name= Interface= Bearer= Online=false EmergencyCall=true",
      "Name=cable Interface=eth0 Bearer=ethernet Online=true EmergencyCall=false",
    ]);
  });

  const roaming: readonly (readonly [policy: string, ...services: readonly [string, string, string]])[] = [
    ["forbidden", "3g online", "", ""],
    ["national", "3g online", "3g online", ""],
    ["international", "3g online", "3g online", "3g online"],
    ["always", "3g online", "3g online", "3g online"],
    ["default", "3g online", "", ""],
  ];
  test.each(roaming)("RoamingPolicy %s: at home, in the country, abroad", async (policy, ...served) => {
    const stage = await stageOf({ dialect, services: [MODEM], authorizer: { authorize: async () => true } });
    const session = await opened(stage);
    await session.change("RoamingPolicy", policy);
    const seen: string[] = [];
    for (const place of ["home", "national", "international"] as const) {
      await toldWhile(stage, session, { modem: { roaming: place } });
      seen.push(session.status === "" ? "" : "3g online");
    }
    expect(seen).toEqual(served);
  });

  test("RoamingPolicy default: abroad too, where the machine may roam", async () => {
    const authorizer = { authorize: async () => true };
    const abroad = { ...MODEM, roaming: "international" } as const;
    const stage = await stageOf({ dialect, services: [abroad], authorizer, roaming: true });
    const app = await stage.app();
    const [unsaid, left] = [await app.create(), await app.create({ RoamingPolicy: "default" })];
    await stage.settled();
    expect([unsaid.status, left.status]).toEqual(["", "3g online"]);
  });

  test("SessionMarker: another for each session, and never one that was used before", async () => {
    const stage = await stageOf({ dialect });
    const app = await stage.app();
    const marks: unknown[] = [];
    for (let number = 0; number < 5; number++) {
      const session = await app.create();
      await stage.settled();
      marks.push(session.settings["SessionMarker"]);
      await session.destroy();
    }
    expect(marks).toEqual([256, 257, 258, 259, 260]);
  });
});

describe("Manager", () => {
  test.each(DIALECT_NAMES)("%s: State is that of the best service", async (dialect) => {
    const stage = await stageOf({ dialect, services: [idle(CABLE), idle(WIFI)] });
    const app = await stage.app();
    const heard: unknown[] = [];
    const manager = new ManagerClient(app.bus, { destination: "net.connman", path: "/" });
    await manager.signals.propertyChanged.subscribe((name, { value }) => heard.push(`${name} ${value}`));
    expect(await app.properties()).toEqual({ State: "idle", OfflineMode: false, SessionMode: false });
    stage.network.change("cable", { state: "ready" });
    stage.network.change("wifi", { state: "online" });
    stage.network.change("cable", { state: "online" });
    stage.network.changeAll({ cable: { state: "idle" }, wifi: { state: "idle" } });
    await stage.settled();
    expect(heard).toEqual(["State ready", "State online", "State idle"]);
  });

  test("OfflineMode: radios go down before the reply, and the machine is told to be offline", async () => {
    const stage = await stageOf({ services: [idle(CABLE), WIFI] });
    const app = await stage.app();
    await opened(stage, {}, app);
    const monitor = await stage.watch();
    await app.setProperty("OfflineMode", new Variant("b", true));
    expect(await app.properties()).toEqual({ State: "offline", OfflineMode: true, SessionMode: false });
    await app.setProperty("OfflineMode", new Variant("b", true));
    await app.setProperty("OfflineMode", new Variant("b", false));
    await stage.settled();
    expect(await app.properties()).toEqual({ State: "idle", OfflineMode: false, SessionMode: false });
    expect(transcript(monitor.messages, stage.bus).filter((line) => !line.includes("GetProperties"))).toEqual([
      "SetProperty",
      "signal PropertyChanged OfflineMode",
      "signal PropertyChanged State",
      "/n1 Update State Name Interface Bearer",
      "reply to SetProperty",
      ...["SetProperty", "reply to SetProperty"],
      "SetProperty",
      "signal PropertyChanged OfflineMode",
      "signal PropertyChanged State",
      "reply to SetProperty",
    ]);
  });

  test("SetProperty: what cannot be set, or not to this, and SessionMode, which does nothing", async () => {
    const stage = await stageOf({});
    const app = await stage.app();
    const wrong = [
      ["State", new Variant("s", "online")],
      ["State", new Variant("b", true)],
      ["OfflineMode", new Variant("s", "true")],
      ["OfflineMode", new Variant("u", 1)],
      ["Nonsense", new Variant("b", true)],
    ] as const;
    for (const [name, value] of wrong) expect(await refusal(app.setProperty(name, value))).toBe("InvalidArguments");
    await app.setProperty("SessionMode", new Variant("b", true));
    expect(await app.properties()).toEqual({ State: "online", OfflineMode: false, SessionMode: true });
  });
});

describe("traffic", () => {
  /** Keeps what it was told, and fails on demand. */
  class Routes implements Routing {
    readonly applied: string[] = [];
    fails = false;

    async apply(routes: readonly SessionRoute[]): Promise<void> {
      this.applied.push(routes.map(({ mark, service }) => `${mark} ${service?.id ?? "-"}`).join());
      if (this.fails) throw new Error("the system refuses");
    }

    async close(): Promise<void> {}
    async [Symbol.asyncDispose](): Promise<void> {}
  }

  test("of sessions that are to be told apart is led where their services are, from the first on to none", async () => {
    const routing = new Routes();
    const stage = await stageOf({ routing, services: [CABLE, WIFI] });
    const app = await stage.app();
    await opened(stage, {}, app);
    const session = await opened(stage, { SourceIPRule: true }, app);
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    await session.destroy();
    await stage.server.close();
    expect(routing.applied).toEqual(["", "257 cable", "257 wifi", "", ""]);
  });

  test("that the system could not lead is tried again when the network changes, and told of", async () => {
    const routing = new Routes();
    const stage = await stageOf({ routing });
    routing.fails = true;
    const session = await opened(stage, { SourceIPRule: true });
    expect(stage.errors).toEqual([new Error("the system refuses")]);
    routing.fails = false;
    stage.network.change("cable", { ipv4: { address: "192.0.2.1" } });
    await stage.settled();
    expect(routing.applied).toEqual(["", "256 cable", "256 cable"]);
    stage.network.change("cable", { state: "idle" });
    await stage.settled();
    expect([routing.applied.at(-1), session.status]).toEqual(["256 -", "disconnected"]);
  });
});

describe("the end", () => {
  test.each(DIALECT_NAMES)("%s: Release, then nothing, when the service ends", async (dialect) => {
    const stage = await stageOf({ dialect, services: [CABLE, idle(WIFI)] });
    const app = await stage.app();
    const [served, unserved] = [await opened(stage, {}, app), await opened(stage, { AllowedBearers: ["wifi"] }, app)];
    await stage.server.close();
    stage.network.change("wifi", { state: "online" });
    await stage.settled();
    const more = dialect === "connman-1.41" ? ["State=disconnected Name= IPv4= IPv6= Interface= Bearer="] : [];
    expect(lines(served.news())).toEqual(["Release", ...more]);
    expect(lines(unserved.news())).toEqual(["Release"]);
    expect([stage.server.sessions, await refusal(app.create())]).toEqual([0, "ServiceUnknown"]);
    expect(stage.bus.usage).toMatchObject({ pendingCalls: 0 });
  });

  test.each(DIALECT_NAMES)(
    "%s: the sessions of a client that leaves end, and those of others go on",
    async (dialect) => {
      const stage = await stageOf({ dialect });
      const [leaving, staying] = [await stage.app(), await stage.app()];
      for (let number = 0; number < 10; number++) await opened(stage, {}, leaving);
      const session = await opened(stage, {}, staying);
      await leaving.leave();
      await until("its sessions are gone", () => stage.server.sessions === 1);
      expect(await toldWhile(stage, session, { cable: { state: "idle" } })).toHaveLength(1);
    },
  );
});
