import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Authorizer,
  allowUids,
  type Group,
  PolicyDirectory,
  type User,
  type UserDatabase,
} from "@dbus-codegen-ts/connman";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
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
  transcript,
  WIFI,
} from "../support.ts";

/** A user database in which the user who runs the tests has a configurable name. */
class Users implements UserDatabase {
  name: string | undefined = "alice";
  error: Error | undefined;

  async user(uid: number): Promise<User | undefined> {
    if (this.error !== undefined) throw this.error;
    return this.name === undefined ? undefined : { uid, name: this.name, gid: 100 };
  }

  async groups(): Promise<readonly Group[]> {
    return [
      { gid: 100, name: "users" },
      { gid: 27, name: "staff" },
    ];
  }
}

const UID = process.getuid?.() ?? -1;
let folder: string;
let users: Users;
let policies: PolicyDirectory;
/** Numbers of changes of the policies and of reported problems. */
let changes: number;
let problems: string[];

beforeEach(async () => {
  const created = await mkdtemp(join(tmpdir(), "session-policies-"));
  onTestFinished(() => rm(created, { recursive: true, force: true }));
  folder = created;
  users = new Users();
  changes = 0;
  problems = [];
});

/** Opens a stage whose sessions have the policy of a file. */
async function stageUnder(policy: string | undefined, options: StageOptions = {}): Promise<Stage> {
  if (policy !== undefined) await writeFile(join(folder, "a.policy"), policy);
  policies = await PolicyDirectory.open(folder, {
    onProblems: (_path, list) => problems.push(list.map(({ message }) => message).join("; ") || "none"),
  });
  const stage = await Stage.open({ services: [CABLE, WIFI], ...options, policies: { source: policies, users } });
  // This listener subscribes after the service, so the service is notified first.
  policies.subscribe(() => changes++);
  keep(policies);
  return keep(stage);
}

/** Replaces the policy file by renaming another, as editors do. Resolves after the service was notified. */
async function replacePolicy(stage: Stage, policy: string): Promise<void> {
  const before = changes;
  await writeFile(join(folder, "new"), policy);
  await rename(join(folder, "new"), join(folder, "a.policy"));
  await until("the policies have changed", () => changes > before);
  await stage.settled();
}

const ALICE = "[alice]\nuid = alice\n";

describe("the policy of an application", () => {
  test.each([
    ["matches a user by name", "uid = alice", "local"],
    ["matches a user by number", `uid = ${UID}`, "local"],
    ["matches a group by name", "gid = staff", "local"],
    ["matches a group by number", "gid = 27", "local"],
    ["does not match another user", "uid = bob", "any"],
    ["does not match another group", "gid = wheel", "any"],
    ["does not match an SELinux type", "selinux = httpd_t", "any"],
  ])("%s", async (_, match, type) => {
    const stage = await stageUnder(`[one]\n${match}\nConnectionType = local\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    expect(session.settings["ConnectionType"]).toBe(type);
  });

  test("matches an unlisted user by number", async () => {
    users.name = undefined;
    const stage = await stageUnder(`[one]\nuid = ${UID}\nConnectionType = local\n[two]\ngid = users\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    expect(session.settings["ConnectionType"]).toBe("local");
  });

  test("is required: an application that cannot be identified gets no session", async () => {
    const stage = await stageUnder(undefined);
    users.error = new Error("the directory server is away");
    const app = await stage.app();
    expect(await refusal(app.create())).toBe("Failed");
    expect([stage.server.sessions, stage.errors]).toEqual([0, [users.error]]);
    users.error = undefined;
    expect(await refusal(app.create())).toBe("done");
  });
});

describe("the effect of a policy", () => {
  const TYPES = [
    ["local", "internet", "local", "connected"],
    ["internet", "local", "internet", "online"],
    ["any", "local", "local", "connected"],
  ] as const;
  test.each(TYPES)("ConnectionType %s, requested %s: reports %s, %s", async (policy, requested, shown, state) => {
    const stage = await stageUnder(`${ALICE}ConnectionType = ${policy}\n`);
    const session = await (await stage.app()).create({ ConnectionType: requested });
    await stage.settled();
    expect(session.settings).toMatchObject({ ConnectionType: shown, State: state });
    session.takeUpdates();
    for (const type of ["internet", "any", requested]) await session.change("ConnectionType", type);
    await stage.settled();
    expect(policy === "any" || session.takeUpdates().length === 0).toBe(true);
    expect(session.settings).toMatchObject({ ConnectionType: shown, State: state });
  });

  const ORDERS: readonly (readonly [policy: string, requested: readonly string[], shown: string, status: string])[] = [
    ["wifi ethernet", ["ethernet", "wifi"], "wifi,ethernet", "wifi online"],
    ["wifi ethernet", ["*"], "wifi,ethernet", "wifi online"],
    ["wifi *", ["*"], "wifi,ethernet,bluetooth,cellular,gadget", "wifi online"],
    ["ethernet", ["wifi"], "", "disconnected"],
    ["*", ["wifi", "ethernet"], "ethernet,wifi", "ethernet online"],
    ["", ["*"], "", "disconnected"],
  ];
  test.each(ORDERS)("AllowedBearers %j, requested %j: reports %s", async (policy, requested, shown, status) => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = ${policy}\n`);
    const session = await (await stage.app()).create({ AllowedBearers: requested });
    await stage.settled();
    expect([String(session.settings["AllowedBearers"]), session.status]).toEqual([shown, status]);
  });

  test.each(["session-2017", "session-2013", "session-2011"] as const)(
    "%s: Updates go first to sessions with Priority, then to those that called Connect, then to the oldest",
    async (dialect) => {
      const stage = await stageUnder(`${ALICE}Priority = true\n`, { dialect });
      const app = await stage.app();
      const sessions = new Map<string, Session>();
      for (const notifier of ["/bob/1", "/bob/2", "/alice/1", "/bob/3", "/alice/2"]) {
        users.name = notifier.startsWith("/alice") ? "alice" : "bob";
        sessions.set(notifier, await app.create({}, notifier));
      }
      for (const notifier of ["/alice/2", "/bob/3"]) await sessions.get(notifier)?.connect();
      await stage.settled();
      const monitor = await stage.watch();
      stage.network.change("cable", { name: "other" });
      await stage.settled();
      const order = ["/alice/2", "/alice/1", "/bob/3", "/bob/1", "/bob/2"];
      expect(transcript(monitor.messages, stage.bus)).toEqual(order.map((notifier) => `${notifier} Update Name`));
    },
  );
});

describe("changes of policy files while sessions exist", () => {
  const LOSS = { "session-2017": "State=disconnected ", "session-2011": "", "connman-1.41": "State=disconnected " };
  test.each(DIALECT_NAMES)("%s: a replaced file leads to one Update; in connman-1.41 to two", async (dialect) => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = ethernet\n`, { dialect });
    const app = await stage.app();
    const sessions = [await app.create(), await app.create(), await app.create({ AllowedBearers: ["wifi"] })];
    await stage.settled();
    const before = sessions.map((session) => session.takeUpdates().length);
    await replacePolicy(stage, `${ALICE}AllowedBearers = wifi\nPriority = true\n`);
    const count = dialect === "connman-1.41" ? 2 : 1;
    expect([before, sessions.map(({ received }) => received.length)]).toEqual([
      [1, 1, 1],
      [count, count, count],
    ]);
    expect(sessions.map(({ status }) => status)).toEqual(["wifi online", "wifi online", "wifi online"]);
    await replacePolicy(stage, `${ALICE}AllowedBearers = cellular\n`);
    expect(lines(sessions[0]?.takeUpdates() ?? []).at(-1)).toContain(`${LOSS[dialect]}Name=`);
    expect(sessions.slice(1).map((session) => session.takeUpdates().length)).toEqual([2 * count, 2 * count]);
  });

  test("a file with equal policies in another form leads to no Update", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\nConnectionType = local\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    session.takeUpdates();
    await replacePolicy(
      stage,
      `# A second policy.\n[b]\nuid=bob\n[a]\nConnectionType=local\nAllowedBearers=wifi\nuid=alice\n`,
    );
    expect(session.takeUpdates()).toEqual([]);
  });

  test("the last valid content of an invalid file stays in force until it is corrected", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\n`);
    const app = await stage.app();
    const session = await app.create();
    await stage.settled();
    session.takeUpdates();
    await writeFile(join(folder, "a.policy"), `${ALICE}AllowedBearers = ethernet wlan\n`);
    await until("it is reported", () => problems.length > 0);
    const other = await app.create();
    await stage.settled();
    expect([session.takeUpdates(), other.status]).toEqual([[], "wifi online"]);
    await replacePolicy(stage, `${ALICE}AllowedBearers = ethernet\n`);
    expect(lines(session.takeUpdates())).toEqual(["Name=cable Interface=eth0 Bearer=ethernet AllowedBearers=ethernet"]);
    expect(problems).toEqual([expect.stringContaining('unknown bearer "wlan"'), "none"]);
  });

  test("connman-1.41: bearers and connection type of a policy are reported one after the other; the type stays", async () => {
    const stage = await stageUnder(undefined, { dialect: "connman-1.41" });
    const app = await stage.app();
    const sessions = [
      await app.create(),
      await app.create({ ConnectionType: "nonsense", AllowedInterface: "*" }),
      await app.create({ ConnectionType: "local", AllowedBearers: ["wifi"] }),
    ];
    await stage.settled();
    const updates = () => sessions.map((session) => lines(session.takeUpdates()).join("; "));
    updates();
    await replacePolicy(stage, `${ALICE}AllowedBearers = ethernet\nConnectionType = internet\n`);
    expect(updates()).toEqual([
      "AllowedBearers=ethernet; ConnectionType=internet",
      "AllowedBearers=ethernet AllowedInterface=*",
      "State=disconnected Name= IPv4= IPv6= Interface= Bearer= AllowedBearers=; ConnectionType=internet",
    ]);
    await replacePolicy(stage, "");
    expect(updates()).toEqual([
      "AllowedBearers=ethernet,wifi,bluetooth,cellular,gadget",
      "AllowedBearers=ethernet,wifi,bluetooth,cellular,gadget AllowedInterface=*",
      "State=online Name=wifi IPv4= IPv6= Interface=wlan0 Bearer=wifi AllowedBearers=wifi",
    ]);
  });

  test("connman-1.41: an unknown ConnectionType is empty, also under a policy that forces one", async () => {
    const stage = await stageUnder(`${ALICE}ConnectionType = internet\n`, { dialect: "connman-1.41" });
    const app = await stage.app();
    const sessions = [await app.create({ ConnectionType: "nonsense" }), await app.create()];
    await sessions[1]?.change("ConnectionType", "nonsense");
    await sessions[1]?.change("ConnectionType", "local");
    await stage.settled();
    expect(sessions.map((session) => lines(session.takeUpdates()).slice(1))).toEqual([
      [],
      ["ConnectionType=", "ConnectionType=internet"],
    ]);
    expect(sessions[0]?.settings["ConnectionType"]).toBe("");
  });

  test("a removed file leaves the settings that the client requested", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\nConnectionType = local\n`);
    const session = await (await stage.app()).create({ AllowedBearers: ["ethernet"], ConnectionType: "internet" });
    await stage.settled();
    session.takeUpdates();
    await rm(join(folder, "a.policy"));
    await until("the policies have changed", () => changes === 1);
    await stage.settled();
    expect(lines(session.takeUpdates())).toEqual([
      "State=online Name=cable Interface=eth0 Bearer=ethernet ConnectionType=internet AllowedBearers=ethernet",
    ]);
  });
});

describe("session-2011: settings that require an authorization", () => {
  const allowAll: Authorizer = { authorize: async () => true };
  const emergencyOnly: Authorizer = { authorize: async (action) => action === "net.connman.session.emergency-call" };
  const cases: readonly (readonly [
    policy: string | undefined,
    authorizer: Authorizer | undefined,
    setting: readonly [string, unknown],
    outcome: string,
  ])[] = [
    [undefined, undefined, ["EmergencyCall", true], "PermissionDenied"],
    [undefined, undefined, ["EmergencyCall", false], "done"],
    [undefined, undefined, ["RoamingPolicy", "default"], "PermissionDenied"],
    [undefined, undefined, ["RoamingPolicy", "forbidden"], "done"],
    [undefined, allowAll, ["EmergencyCall", true], "done"],
    [undefined, emergencyOnly, ["EmergencyCall", true], "done"],
    [undefined, emergencyOnly, ["RoamingPolicy", "always"], "PermissionDenied"],
    [undefined, allowUids([UID]), ["RoamingPolicy", "always"], "done"],
    [undefined, allowUids([UID + 1]), ["RoamingPolicy", "always"], "PermissionDenied"],
    ["EmergencyCall = true", undefined, ["EmergencyCall", true], "done"],
    ["EmergencyCall = true", undefined, ["RoamingPolicy", "always"], "PermissionDenied"],
    ["RoamingPolicy = national", undefined, ["RoamingPolicy", "national"], "done"],
    ["RoamingPolicy = national", undefined, ["RoamingPolicy", "international"], "PermissionDenied"],
    ["RoamingPolicy = always", undefined, ["RoamingPolicy", "international"], "done"],
    ["RoamingPolicy = forbidden", allowAll, ["RoamingPolicy", "always"], "done"],
  ];
  test.each(cases)("policy %j, authorizer %j: %j", async (policy, authorizer, [name, value], outcome) => {
    const options = { dialect: "session-2011", ...(authorizer && { authorizer }) } as const;
    const stage = await stageUnder(policy && `${ALICE}${policy}\n`, options);
    const app = await stage.app();
    const session = await app.create();
    await stage.settled();
    session.takeUpdates();
    expect(await refusal(session.change(name, value))).toBe(outcome);
    await stage.settled();
    const isPresentValue = value === false || value === "forbidden" || policy === `RoamingPolicy = ${value}`;
    const isReported = outcome === "done" && !isPresentValue;
    expect(session.takeUpdates()).toEqual(isReported ? [{ [name]: value }] : []);
    await session.destroy();
    expect(await refusal(app.create({ [name]: value }))).toBe(outcome);
    expect(stage.server.sessions).toBe(outcome === "done" ? 1 : 0);
  });

  test("a policy can allow roaming, also without a request by the application", async () => {
    const services = [{ ...MODEM, roaming: "international" }] as const;
    const stage = await stageUnder(`${ALICE}RoamingPolicy = always\n`, { dialect: "session-2011", services });
    const app = await stage.app();
    const [withRequest, withoutRequest] = [await app.create({ RoamingPolicy: "always" }), await app.create()];
    await stage.settled();
    expect([withRequest.status, withoutRequest.status]).toEqual(["3g online", "3g online"]);
    expect(withoutRequest.settings["RoamingPolicy"]).toBe("always");
  });
});

describe("EmergencyCall of a policy", () => {
  const AMBULANCE = "[ambulance]\nuid = ambulance\nEmergencyCall = true\n";
  interface Caller {
    readonly app: App;
    readonly session: Session;
  }
  /** Creates a session of an application of a user. */
  async function sessionOf(stage: Stage, user: string): Promise<Caller> {
    users.name = user;
    const app = await stage.app();
    return { app, session: await app.create() };
  }
  /**
   * Returns the results of CreateSession, Connect, Disconnect and Destroy; if Destroy fails, also the result of
   * DestroySession.
   */
  async function attempts({ app, session }: Caller): Promise<string> {
    const results = [
      await refusal(app.create()),
      await refusal(session.connect()),
      await refusal(session.disconnect()),
      await refusal(session.destroy()),
    ];
    if (results.at(-1) !== "done") results.push(await refusal(app.destroy(session.path)));
    return results.join(" ");
  }

  describe.each(["session-2017", "session-2013"] as const)("%s", (dialect) => {
    test("while its session is active, others lose their service and cannot connect, but can end", async () => {
      const stage = await stageUnder(AMBULANCE, { dialect });
      const other = await sessionOf(stage, "bob");
      const ambulance = await sessionOf(stage, "ambulance");
      const second = await sessionOf(stage, "ambulance");
      expect(await refusal(other.session.connect())).toBe("done");
      await stage.settled();
      other.session.takeUpdates();
      await ambulance.session.connect();
      await stage.settled();
      expect(lines(other.session.takeUpdates())).toEqual(["State=disconnected Name= Interface= Bearer="]);
      const third = await sessionOf(stage, "ambulance");
      await second.session.disconnect();
      await second.session.connect();
      await stage.settled();
      const statuses = [ambulance, second, third].map(({ session }) => session.status);
      expect(statuses).toEqual(["ethernet online", "ethernet online", "ethernet online"]);
      users.name = "bob";
      await expect(other.session.connect()).rejects.toThrow("Device or resource busy");
      stage.network.change("cable", { state: "idle" });
      stage.network.change("cable", { state: "online" });
      await stage.settled();
      expect(other.session.received).toEqual([]);
      expect(await attempts(other)).toBe("Failed Failed Failed done");
    });

    const ends: Readonly<Record<string, (caller: Caller) => Promise<void>>> = {
      disconnects: ({ session }) => session.disconnect(),
      "is destroyed": ({ session }) => session.destroy(),
      "changes AllowedBearers": ({ session }) => session.change("AllowedBearers", ["wifi"]),
      "loses its client": ({ app }) => app.leave(),
    };
    test.each(Object.entries(ends))("others have their service when its session %s", async (_, end) => {
      const stage = await stageUnder(AMBULANCE, { dialect });
      const other = await sessionOf(stage, "bob");
      const ambulance = await sessionOf(stage, "ambulance");
      await ambulance.session.connect();
      await stage.settled();
      expect(other.session.status).toBe("disconnected");
      await end(ambulance);
      await until("the other session has its service", () => other.session.status === "ethernet online");
      expect(await refusal(other.session.connect())).toBe("done");
    });

    test("the end of one of two callers does not end the call of the other", async () => {
      const stage = await stageUnder(`${AMBULANCE}[police]\nuid = police\nEmergencyCall = true\n`, { dialect });
      const ambulance = await sessionOf(stage, "ambulance");
      const police = await sessionOf(stage, "police");
      const other = await sessionOf(stage, "bob");
      await police.session.connect();
      await ambulance.session.connect();
      await ambulance.session.destroy();
      expect(await attempts(other)).toBe("Failed Failed Failed done");
    });

    test("a policy that is added or removed applies to existing sessions", async () => {
      const stage = await stageUnder("", { dialect });
      const ambulance = await sessionOf(stage, "ambulance");
      const other = await sessionOf(stage, "bob");
      await ambulance.session.connect();
      expect(await refusal(other.session.connect())).toBe("done");
      await replacePolicy(stage, AMBULANCE);
      expect([await refusal(other.session.connect()), other.session.status]).toEqual(["Failed", "disconnected"]);
      await replacePolicy(stage, "[ambulance]\nuid = ambulance\n");
      expect(await refusal(other.session.connect())).toBe("done");
      await stage.settled();
      expect(other.session.status).toBe("ethernet online");
    });
  });

  test("connman-1.41: only the latest session makes the call; others keep their service and cannot call Destroy", async () => {
    const stage = await stageUnder(AMBULANCE, { dialect: "connman-1.41" });
    const other = await sessionOf(stage, "bob");
    const second = await sessionOf(stage, "bob");
    const older = await sessionOf(stage, "ambulance");
    const { session } = await sessionOf(stage, "ambulance");
    await older.session.connect();
    expect(await refusal(other.session.connect())).toBe("done");
    await session.connect();
    expect(await attempts(other)).toBe("Failed Failed Failed Failed done");
    expect(await refusal(older.session.disconnect())).toBe("Failed");
    await session.change("AllowedBearers", ["ethernet"]);
    expect(await refusal(second.session.connect())).toBe("Failed");
    await stage.settled();
    expect(second.session.status).toBe("ethernet online");
    await session.disconnect();
    expect(await refusal(second.session.connect())).toBe("done");
    expect(await refusal(second.session.destroy())).toBe("Failed");
    await session.destroy();
  });
});
