import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import {
  ForeignApplications,
  type ForeignSession,
  hasForeignApplications,
  outcome,
  PYTHON,
} from "../foreign-applications.ts";
import { kill, LINKS, type Networks, SERVER, startNetworks, whyNoNamespaces } from "../namespaces.ts";

// Statements of the documents of the session API about traffic, with applications by dbus-python on a host with two
// networks. The table of all statements is runtime/connman/docs/statements.md.

const missing = whyNoNamespaces() ?? (hasForeignApplications ? undefined : "not installed: python3-dbus, python3-gi");
const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;

describe.skipIf(missing !== undefined)(`an application by dbus-python on two networks${skipped}`, () => {
  let networks: Networks;
  let daemon: PrivateBus;
  let folder: string;
  let python: ForeignApplications;
  let nobody: ForeignApplications;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "policies-"));
    await writeFile(join(folder, "root.policy"), "[root]\nuid = root\nEmergencyCall = true\n");
    [networks, daemon] = await Promise.all([startNetworks(), startPrivateBus({ everyUser: true })]);
    const onHost = ["ip", "netns", "exec", networks.host.name];
    python = new ForeignApplications([...onHost, PYTHON]);
    // A user of every Debian system.
    nobody = new ForeignApplications([
      ...onHost,
      "setpriv",
      "--reuid=65534",
      "--regid=65534",
      "--clear-groups",
      PYTHON,
    ]);
  });
  afterAll(async () => {
    await python?.[Symbol.asyncDispose]();
    await nobody?.[Symbol.asyncDispose]();
    await daemon?.stop();
    await networks?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(dialect: DialectName, ...flags: readonly string[]) {
    const network = [
      "--network",
      "linux",
      "--bearer",
      "wan-a=ethernet",
      "--bearer",
      "wan-b=wifi",
      "--online",
      "assume",
    ];
    const common = ["--bus", daemon.address, "--dialect", dialect, ...network, "--routing"];
    const service = networks.host.start("sessiond.ts", ...common, ...flags);
    onTestFinished(() => kill(service));
    if (service.stdout !== null) await once(service.stdout, "data");
    const app = await python.open(daemon.address);
    return { app, reach: (options: object = {}) => app.reach(SERVER.ipv4, SERVER.port, options) };
  }

  test.each([
    ["SO_BINDTODEVICE with Interface", "device", "Interface", []],
    ["SO_BINDTODEVICE with Interface, where a policy routes the sessions,", "device", "Interface", ["--policy-dir"]],
    ["SO_MARK with SessionMarker, where a policy routes the sessions,", "mark", "SessionMarker", ["--policy-dir"]],
  ] as const)("%s selects the service of a session", async (_case, option, setting, flags) => {
    const { app, reach } = await open("session-2011", ...flags.flatMap((flag) => [flag, folder]));
    const sessions: ForeignSession[] = [];
    for (const bearer of ["ethernet", "wifi"]) sessions.push(await app.create({ AllowedBearers: [bearer] }));
    await until("both are online", () => sessions.every(({ status }) => status.endsWith("online")));
    const answers = await Promise.all(sessions.map(({ settings }) => reach({ [option]: settings[setting] })));
    expect(answers).toEqual([`A sees ${LINKS.a.ipv4}`, `B sees ${LINKS.b.ipv4}`]);
  });

  test("a session with a policy has a routing table with the default route of its service, and its marks are saved", async () => {
    const { app, reach } = await open("session-2013", "--policy-dir", folder);
    const session = await app.create({ AllowedBearers: ["wifi"] });
    await until("it is online", () => session.status === "wifi online");
    expect(await reach()).toBe(`B sees ${LINKS.b.ipv4}`);
    expect(await networks.host.ip("route", "show", "table", "256")).toContain("default via 10.0.2.1 dev wan-b");
    expect(await networks.host.ip("rule")).toMatch(/fwmark 0x100 lookup 256/);
    const firewall = await networks.host.run("nft", "list", "ruleset");
    expect(firewall).toMatch(/uid.*: 0x0*100|0 : 0x0*100/);
    for (const rule of [/meta mark set ct mark/, /ct mark set (meta )?mark/]) expect(firewall).toMatch(rule);
    await session.destroy();
    await expect.poll(() => networks.host.ip("rule")).not.toContain("fwmark");
    expect(await reach()).toBe(`A sees ${LINKS.a.ipv4}`);
  });

  test("during an emergency call, only the traffic of its application is sent, and afterwards all", async () => {
    const { app, reach } = await open("session-2011", "--policy-dir", folder);
    const [session, other] = [await app.create(), await nobody.open(daemon.address)];
    await until("it is online", () => session.status.endsWith("online"));
    const reachAsOther = () => outcome(other.reach(SERVER.ipv4, SERVER.port));
    expect(await reachAsOther()).toBe("done");
    await session.change("EmergencyCall", true);
    await expect.poll(reachAsOther).not.toBe("done");
    expect(await reach()).toMatch(/^[AB] sees /);
    await session.change("EmergencyCall", false);
    await expect.poll(reachAsOther).toBe("done");
  });

  test("one session for each interface, with SourceIPRule: bind() before connect() selects the service of a socket", async () => {
    const { app, reach } = await open("session-2017");
    const sessions: ForeignSession[] = [];
    for (const { interface: name } of Object.values(LINKS)) {
      const session = await app.create({ AllowedInterface: name });
      await session.change("SourceIPRule", true);
      await session.connect();
      sessions.push(session);
    }
    await until("all are online", () => sessions.every(({ status }) => status.endsWith("online")));
    const addresses = sessions.map(({ settings }) => Reflect.get(Object(settings["IPv4"]), "Address"));
    expect(addresses).toEqual([LINKS.a.ipv4, LINKS.b.ipv4]);
    expect(await Promise.all(addresses.map((address) => reach({ address })))).toEqual([
      `A sees ${LINKS.a.ipv4}`,
      `B sees ${LINKS.b.ipv4}`,
    ]);
  });
});
