import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Authorizer,
  allowUids,
  type DialectName,
  type Group,
  PolicyDirectory,
  type User,
  type UserDatabase,
} from "@dbus-codegen-ts/connman";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { CABLE, DIALECT_NAMES, lines, MODEM, refusal, Stage, type StageOptions, transcript, WIFI } from "../support.ts";

/** A database in which the user that runs the tests has a configurable name. */
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
/** Number of changes of the policies, and reported problems of files. */
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

/** Opens a stage with a policy file. */
async function stageUnder(policy: string | undefined, options: StageOptions = {}): Promise<Stage> {
  if (policy !== undefined) await writeFile(join(folder, "a.policy"), policy);
  policies = await PolicyDirectory.open(folder, {
    onProblems: (_path, list) => problems.push(list.map(({ message }) => message).join("; ") || "none"),
  });
  const stage = await Stage.open({ services: [CABLE, WIFI], ...options, policies: { source: policies, users } });
  // Subscribed after the service, which is therefore notified before.
  policies.subscribe(() => changes++);
  keep(policies);
  return keep(stage);
}

/** Replaces the policy file by renaming, as editors do. Resolves after the service was notified. */
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

  test("session-2011: Priority makes sessions receive Updates first", async () => {
    const stage = await stageUnder(`${ALICE}Priority = true\n`, { dialect: "session-2011" });
    const app = await stage.app();
    users.name = "bob";
    await app.create({}, "/of/bob");
    users.name = "alice";
    const session = await app.create({}, "/of/alice");
    await stage.settled();
    expect(session.settings["Priority"]).toBe(true);
    const monitor = await stage.watch();
    stage.network.change("cable", { name: "other" });
    await stage.settled();
    expect(transcript(monitor.messages, stage.bus)).toEqual(["/of/alice Update Name", "/of/bob Update Name"]);
  });
});

describe("changes of policy files while sessions exist", () => {
  const LOSS = { "session-2017": "State=disconnected ", "session-2011": "", "connman-1.41": "State=disconnected " };
  test.each(DIALECT_NAMES)("%s: a replaced file leads to one Update", async (dialect) => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = ethernet\n`, { dialect });
    const app = await stage.app();
    const sessions = [await app.create(), await app.create(), await app.create({ AllowedBearers: ["wifi"] })];
    await stage.settled();
    const before = sessions.map((session) => session.takeUpdates().length);
    await replacePolicy(stage, `${ALICE}AllowedBearers = wifi\nPriority = true\n`);
    expect([before, sessions.map(({ received }) => received.length)]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect(sessions.map(({ status }) => status)).toEqual(["wifi online", "wifi online", "wifi online"]);
    await replacePolicy(stage, `${ALICE}AllowedBearers = cellular\n`);
    expect(lines(sessions[0]?.takeUpdates() ?? [])[1]).toContain(`${LOSS[dialect]}Name=`);
    expect(sessions.slice(1).map((session) => session.takeUpdates().length)).toEqual([2, 2]);
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

describe.each(["session-2017", "connman-1.41"] as const)("%s: EmergencyCall of a policy", (dialect: DialectName) => {
  const AMBULANCE = "[ambulance]\nuid = ambulance\nEmergencyCall = true\n";
  /** Creates a session of an application of a user. */
  async function sessionOf(stage: Stage, user: string) {
    users.name = user;
    const app = await stage.app();
    return { app, session: await app.create() };
  }
  const ALL_BUSY = ["Failed", "Failed", "Failed", "Failed", "Failed"];
  async function attempts({ app, session }: Awaited<ReturnType<typeof sessionOf>>): Promise<readonly string[]> {
    return [
      await refusal(app.create()),
      await refusal(session.connect()),
      await refusal(session.disconnect()),
      await refusal(session.destroy()),
      await refusal(app.destroy(session.path)),
    ];
  }

  test("while its session is active, calls of others fail, and they keep their service", async () => {
    const stage = await stageUnder(AMBULANCE, { dialect });
    const other = await sessionOf(stage, "bob");
    const ambulance = await sessionOf(stage, "ambulance");
    expect(await refusal(other.session.connect())).toBe("done");
    await ambulance.session.connect();
    users.name = "bob";
    expect(await attempts(other)).toEqual(ALL_BUSY);
    await expect(other.session.connect()).rejects.toThrow("Device or resource busy");
    expect(other.session.status).toBe("ethernet online");
    await ambulance.session.disconnect();
    expect(await refusal(other.session.disconnect())).toBe("done");
    await ambulance.session.connect();
    await ambulance.app.leave();
    await until("its session is gone", () => stage.server.sessions === 1);
    expect(await refusal(other.session.destroy())).toBe("done");
  });

  test("the end of one of two callers does not end the call of the other", async () => {
    const stage = await stageUnder(`${AMBULANCE}[police]\nuid = police\nEmergencyCall = true\n`, { dialect });
    const ambulance = await sessionOf(stage, "ambulance");
    const police = await sessionOf(stage, "police");
    const other = await sessionOf(stage, "bob");
    await police.session.connect();
    expect(await attempts(other)).toEqual(ALL_BUSY);
    await police.session.disconnect();
    await ambulance.session.destroy();
    await police.session.connect();
    expect(await attempts(other)).toEqual(ALL_BUSY);
  });

  test("a policy that is added or removed applies to existing sessions", async () => {
    const stage = await stageUnder("", { dialect });
    const ambulance = await sessionOf(stage, "ambulance");
    const other = await sessionOf(stage, "bob");
    await ambulance.session.connect();
    expect(await refusal(other.session.connect())).toBe("done");
    await replacePolicy(stage, AMBULANCE);
    expect(await attempts(other)).toEqual(ALL_BUSY);
    await replacePolicy(stage, "[ambulance]\nuid = ambulance\n");
    expect(await refusal(other.session.destroy())).toBe("done");
  });
});
