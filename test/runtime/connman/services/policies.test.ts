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
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { CABLE, DIALECT_NAMES, lines, MODEM, refusal, Stage, type StageOptions, transcript, WIFI } from "../support.ts";

// Policies of the administrator, from files to what clients see.

/** Whoever runs the tests goes by the name that is set here. */
class Users implements UserDatabase {
  name: string | undefined = "alice";
  fault: Error | undefined;

  async user(uid: number): Promise<User | undefined> {
    if (this.fault !== undefined) throw this.fault;
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
const open: AsyncDisposable[] = [];
let folder: string;
let users: Users;
let policies: PolicyDirectory;
/** How often the policies have changed, and what was wrong with files. */
let changes: number;
let problems: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "session-policies-"));
  users = new Users();
  changes = 0;
  problems = [];
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A service under a policy file, if any. */
async function stageUnder(policy: string | undefined, options: StageOptions = {}): Promise<Stage> {
  if (policy !== undefined) await writeFile(join(folder, "a.policy"), policy);
  policies = await PolicyDirectory.open(folder, {
    onProblems: (_path, found) => problems.push(found.map(({ message }) => message).join("; ") || "well"),
  });
  const stage = await Stage.open({ services: [CABLE, WIFI], ...options, policies: { source: policies, users } });
  // After the service, so that it has heard when this has.
  policies.subscribe(() => changes++);
  open.push(policies, stage);
  return stage;
}

/** Replaces the policy file at once, as editors do; resolves when the service knows. */
async function replacePolicy(stage: Stage, policy: string): Promise<void> {
  const before = changes;
  await writeFile(join(folder, "new"), policy);
  await rename(join(folder, "new"), join(folder, "a.policy"));
  await until("the policies have changed", () => changes > before);
  await stage.settled();
}

const ALICE = "[alice]\nuid = alice\n";

describe("whose policy it is", () => {
  test.each([
    ["a user by name", "uid = alice", "local"],
    ["a user by number", `uid = ${UID}`, "local"],
    ["a group by name", "gid = staff", "local"],
    ["a group by number", "gid = 27", "local"],
    ["another user", "uid = bob", "any"],
    ["another group", "gid = wheel", "any"],
    ["an SELinux type", "selinux = httpd_t", "any"],
  ])("%s", async (_, whom, type) => {
    const stage = await stageUnder(`[one]\n${whom}\nConnectionType = local\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    expect(session.settings["ConnectionType"]).toBe(type);
  });

  test("a user that the system does not list has policies by number", async () => {
    users.name = undefined;
    const stage = await stageUnder(`[one]\nuid = ${UID}\nConnectionType = local\n[two]\ngid = users\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    expect(session.settings["ConnectionType"]).toBe("local");
  });

  test("who cannot be identified gets no session", async () => {
    const stage = await stageUnder(undefined);
    users.fault = new Error("the directory server is away");
    const app = await stage.app();
    expect(await refusal(app.create())).toBe("Failed");
    expect([stage.server.sessions, stage.errors]).toEqual([0, [users.fault]]);
    users.fault = undefined;
    expect(await refusal(app.create())).toBe("done");
  });
});

describe("what a policy does", () => {
  const TYPES = [
    ["local", "internet", "local", "connected"],
    ["internet", "local", "internet", "online"],
    ["any", "local", "local", "connected"],
  ] as const;
  test.each(TYPES)("ConnectionType %s, and the client wants %s: %s, %s", async (policy, wanted, shown, state) => {
    const stage = await stageUnder(`${ALICE}ConnectionType = ${policy}\n`);
    const session = await (await stage.app()).create({ ConnectionType: wanted });
    await stage.settled();
    expect(session.settings).toMatchObject({ ConnectionType: shown, State: state });
    session.news();
    for (const type of ["internet", "any", wanted]) await session.change("ConnectionType", type);
    await stage.settled();
    expect(policy === "any" || session.news().length === 0).toBe(true);
    expect(session.settings).toMatchObject({ ConnectionType: shown, State: state });
  });

  const ORDERS: readonly (readonly [policy: string, wanted: readonly string[], shown: string, status: string])[] = [
    ["wifi ethernet", ["ethernet", "wifi"], "wifi,ethernet", "wifi online"],
    ["wifi ethernet", ["*"], "wifi,ethernet", "wifi online"],
    ["wifi *", ["*"], "wifi,ethernet,bluetooth,cellular,gadget", "wifi online"],
    ["ethernet", ["wifi"], "", "disconnected"],
    ["*", ["wifi", "ethernet"], "ethernet,wifi", "ethernet online"],
    ["", ["*"], "", "disconnected"],
  ];
  test.each(ORDERS)("AllowedBearers %j, and the client wants %j: %s", async (policy, wanted, shown, status) => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = ${policy}\n`);
    const session = await (await stage.app()).create({ AllowedBearers: wanted });
    await stage.settled();
    expect([String(session.settings["AllowedBearers"]), session.status]).toEqual([shown, status]);
  });

  test("session-2011: Priority makes its sessions hear first", async () => {
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

describe("files change while there are sessions", () => {
  const LOSS = { "session-2013": "State=disconnected ", "session-2011": "", "connman-1.41": "State=disconnected " };
  test.each(DIALECT_NAMES)("%s: a file that is replaced is one Update", async (dialect) => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = ethernet\n`, { dialect });
    const app = await stage.app();
    const sessions = [await app.create(), await app.create(), await app.create({ AllowedBearers: ["wifi"] })];
    await stage.settled();
    const before = sessions.map((session) => session.news().length);
    await replacePolicy(stage, `${ALICE}AllowedBearers = wifi\nPriority = true\n`);
    expect([before, sessions.map(({ told }) => told.length)]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
    expect(sessions.map(({ status }) => status)).toEqual(["wifi online", "wifi online", "wifi online"]);
    await replacePolicy(stage, `${ALICE}AllowedBearers = cellular\n`);
    expect(lines(sessions[0]?.news() ?? [])[1]).toContain(`${LOSS[dialect]}Name=`);
    expect(sessions.slice(1).map((session) => session.news().length)).toEqual([2, 2]);
  });

  test("a file that says the same in other words is no Update", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\nConnectionType = local\n`);
    const session = await (await stage.app()).create();
    await stage.settled();
    session.news();
    await replacePolicy(
      stage,
      `# A second policy.\n[b]\nuid=bob\n[a]\nConnectionType=local\nAllowedBearers=wifi\nuid=alice\n`,
    );
    expect(session.news()).toEqual([]);
  });

  test("a broken file keeps what was good last, until it is mended", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\n`);
    const app = await stage.app();
    const session = await app.create();
    await stage.settled();
    session.news();
    await writeFile(join(folder, "a.policy"), `${ALICE}AllowedBearers = ethernet wlan\n`);
    await until("it is reported", () => problems.length > 0);
    const other = await app.create();
    await stage.settled();
    expect([session.news(), other.status]).toEqual([[], "wifi online"]);
    await replacePolicy(stage, `${ALICE}AllowedBearers = ethernet\n`);
    expect(lines(session.news())).toEqual(["Name=cable Interface=eth0 Bearer=ethernet AllowedBearers=ethernet"]);
    expect(problems).toEqual([expect.stringContaining('"wlan": no such bearer'), "well"]);
  });

  test("a file that goes leaves what the client asked for", async () => {
    const stage = await stageUnder(`${ALICE}AllowedBearers = wifi\nConnectionType = local\n`);
    const session = await (await stage.app()).create({ AllowedBearers: ["ethernet"], ConnectionType: "internet" });
    await stage.settled();
    session.news();
    await rm(join(folder, "a.policy"));
    await until("the policies have changed", () => changes === 1);
    await stage.settled();
    expect(lines(session.news())).toEqual([
      "State=online Name=cable Interface=eth0 Bearer=ethernet ConnectionType=internet AllowedBearers=ethernet",
    ]);
  });
});

describe("session-2011: what not everybody may ask for", () => {
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
    session.news();
    expect(await refusal(session.change(name, value))).toBe(outcome);
    await stage.settled();
    const isTold = outcome === "done" && value !== false && value !== "forbidden";
    expect(session.news()).toEqual(isTold ? [{ [name]: value }] : []);
    await session.destroy();
    expect(await refusal(app.create({ [name]: value }))).toBe(outcome);
    expect(stage.server.sessions).toBe(outcome === "done" ? 1 : 0);
  });

  test("a policy may let its sessions roam", async () => {
    const services = [{ ...MODEM, roaming: "international" }] as const;
    const stage = await stageUnder(`${ALICE}RoamingPolicy = always\n`, { dialect: "session-2011", services });
    const session = await (await stage.app()).create({ RoamingPolicy: "always" });
    await stage.settled();
    expect(session.status).toBe("3g online");
  });
});

describe.each(["session-2013", "connman-1.41"] as const)("%s: EmergencyCall of a policy", (dialect: DialectName) => {
  const AMBULANCE = "[ambulance]\nuid = ambulance\nEmergencyCall = true\n";
  /** A session of an application by its user's name. */
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

  test("while its session is active, the others are busy, and keep their service", async () => {
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

  test("one of two ends: the other's call goes on", async () => {
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

  test("a policy that comes or goes counts for sessions there are", async () => {
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
