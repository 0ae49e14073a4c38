import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Group, PolicyDirectory, type SimulatedService, type UserDatabase } from "@dbus-codegen-ts/connman";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { ForeignApplications, hasForeignApplications } from "../foreign-applications.ts";
import { idle, stageOf } from "../session-helpers.ts";
import { CABLE, type StageOptions, WIFI } from "../support.ts";

// Statements of ConnMan's overview of sessions that do not need a real network, with applications by dbus-python. The table
// of all statements is runtime/connman/docs/statements.md.

const ALL = ["session-2011", "session-2013", "session-2017"] as const;

/** A user database in which the user who runs the tests is `alice` of the group `staff`. */
const USERS: UserDatabase = {
  user: async (uid: number) => ({ uid, name: "alice", gid: 27 }),
  groups: async (): Promise<readonly Group[]> => [{ gid: 27, name: "staff" }],
};

describe.skipIf(!hasForeignApplications)("an application by dbus-python", () => {
  let python: ForeignApplications;
  beforeAll(() => {
    python = new ForeignApplications();
  });
  afterAll(() => python[Symbol.asyncDispose]());

  async function open(services: readonly SimulatedService[], options: StageOptions = {}) {
    const stage = await stageOf({ ...options, services });
    return { stage, app: await python.open(stage.address) };
  }

  /** Opens a service with policy files. */
  async function openWith(files: Readonly<Record<string, string>>) {
    const folder = await mkdtemp(join(tmpdir(), "policies-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const problems: string[] = [];
    const source = keep(
      await PolicyDirectory.open(folder, {
        onProblems: (_path, list) => problems.push(...list.map(({ message }) => message)),
      }),
    );
    return { ...(await open([CABLE, idle(WIFI)], { policies: { source, users: USERS } })), folder, problems };
  }

  test.each(ALL)("%s: uses the session API and the service API at the same time", async (dialect) => {
    const { stage, app } = await open([idle(CABLE), WIFI], { dialect });
    const session = await app.create({ AllowedBearers: ["ethernet", "wifi"] });
    expect(session.status).toBe("wifi online");
    const [services] = await app.call("/", "net.connman.Manager", "GetServices");
    const paths = Object(services).map(([path]: readonly [string]) => path);
    expect(paths).toEqual(["/net/connman/service/wifi", "/net/connman/service/cable"]);
    await app.call("/net/connman/service/cable", "net.connman.Service", "Connect");
    await until("the session follows", () => session.status === "ethernet online");
    await app.call("/net/connman/service/cable", "net.connman.Service", "Disconnect");
    await until("the session follows", () => session.status === "wifi online");
    expect(stage.server.sessions).toBe(1);
  });

  test("is identified by its user, then by its groups; SELinux is skipped if the bus does not report it", async () => {
    const selinux = "[first]\nselinux = some_t\nConnectionType = local\n";
    const user = "[second]\nuid = alice\nConnectionType = internet\n";
    const group = "[third]\ngid = staff\nAllowedBearers = wifi\n";
    const both = await openWith({ "a.policy": selinux, "b.policy": group, "c.policy": user });
    expect((await both.app.create()).settings).toMatchObject({ ConnectionType: "internet", State: "online" });
    const groupOnly = await openWith({ "a.policy": selinux, "b.policy": group });
    expect((await groupOnly.app.create()).settings).toMatchObject({ ConnectionType: "any", AllowedBearers: ["wifi"] });
  });

  test("has a policy of the administrator, which is read after each change", async () => {
    const { app, folder } = await openWith({ "a.policy": "[one]\nuid = alice\nAllowedBearers = wifi\n" });
    const session = await app.create({ AllowedBearers: ["ethernet", "wifi"] });
    expect(session.settings).toMatchObject({ AllowedBearers: ["wifi"], State: "disconnected" });
    await writeFile(join(folder, "a.policy"), "[one]\nuid = alice\nAllowedBearers = ethernet\n");
    await until("the session has a service", () => session.status === "ethernet online");
  });

  test("is not affected by a policy without identification of an application, which is reported", async () => {
    const { app, problems } = await openWith({ "a.policy": "[one]\nAllowedBearers = wifi\n" });
    expect(problems).toHaveLength(1);
    expect((await app.create()).status).toBe("ethernet online");
  });

  test("without a policy has the default settings and notifications, and its traffic is not routed", async () => {
    const routes: number[] = [];
    const routing = {
      apply: async (all: readonly unknown[]) => void routes.push(all.length),
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const { stage, app } = await open([CABLE], { routing });
    const session = await app.create();
    expect(session.settings).toMatchObject({ State: "online", ConnectionType: "any", SourceIPRule: false });
    stage.network.change("cable", { state: "idle" });
    await until("the loss is notified", () => session.status === "disconnected");
    expect(new Set(routes)).toEqual(new Set([0]));
  });
});
