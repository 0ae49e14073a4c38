import { isDeepStrictEqual } from "node:util";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { describeInterface, readSpec } from "../../../e2e/introspection.ts";
import { until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { ForeignApplications, hasForeignApplications, outcome } from "../foreign-applications.ts";
import { CABLE, Stage, WIFI } from "../support.ts";

// Clients of other projects: dbus-python with libdbus, and gdbus.

const SESSION = "net.connman.Session";
const INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";
const NOTIFIER = "/app/notify";

async function start(dialect: DialectName = "session-2017") {
  const stage = keep(await Stage.open({ dialect, services: [{ ...CABLE, state: "idle" }, WIFI] }));
  const applications = keep(new ForeignApplications());
  const application = await applications.open(stage.address);
  const path = `/sessions/${application.uniqueName.replaceAll(/[:.]/g, "_")}${NOTIFIER}`;
  return { stage, applications, application, path };
}

/** For each dialect: requested settings, expected Updates, and changes. */
const DIALECTS = {
  "session-2017": {
    settings: { AllowedBearers: ["ethernet"], ConnectionType: "internet" },
    first: {
      ...{ State: "disconnected", Name: "", IPv4: {}, IPv6: {}, Interface: "", Bearer: "", ConnectionType: "internet" },
      ...{ AllowedBearers: ["ethernet"], AllowedInterface: "*", ContextIdentifier: "", SourceIPRule: false },
    },
    online: { State: "online", Name: "cable", Interface: "eth0", Bearer: "ethernet" },
    change: ["ContextIdentifier", "tab"],
    changed: { ContextIdentifier: "tab" },
    refused: ["State", "online"],
  },
  "session-2013": {
    settings: { AllowedBearers: ["ethernet"], ConnectionType: "internet" },
    first: {
      ...{ State: "disconnected", Name: "", IPv4: {}, IPv6: {}, Interface: "", Bearer: "", ConnectionType: "internet" },
      AllowedBearers: ["ethernet"],
    },
    online: { State: "online", Name: "cable", Interface: "eth0", Bearer: "ethernet" },
    change: ["ConnectionType", "any"],
    changed: { ConnectionType: "any" },
    refused: ["AllowedInterface", "eth0"],
  },
  "session-2011": {
    settings: { AllowedBearers: ["ethernet"], IdleTimeout: { uint32: 600 } },
    first: {
      ...{ Bearer: "", Online: false, Name: "", IPv4: {}, IPv6: {}, Interface: "", Priority: false },
      ...{
        AllowedBearers: ["ethernet"],
        AvoidHandover: false,
        StayConnected: false,
        PeriodicConnect: 0,
        IdleTimeout: 600,
      },
      ...{ EmergencyCall: false, RoamingPolicy: "forbidden", SessionMarker: 256 },
    },
    online: { Online: true },
    change: ["Priority", true],
    changed: { Priority: true },
    refused: ["RoamingPolicy", "nonsense"],
  },
  "connman-1.41": {
    settings: { AllowedBearers: ["ethernet"] },
    first: {
      ...{ State: "disconnected", Name: "", IPv4: {}, IPv6: {}, Interface: "", Bearer: "", ConnectionType: "any" },
      ...{ AllowedBearers: ["ethernet"], AllowedInterface: "*", ContextIdentifier: "", SourceIPRule: false },
    },
    online: { State: "connected", Name: "cable", IPv4: {}, IPv6: {}, Interface: "eth0", Bearer: "ethernet" },
    change: ["SourceIPRule", true],
    // Updates the State, which had its value from the assignment.
    changed: { State: "online", SourceIPRule: true },
    refused: ["AllowedBearers", ["wlan"]],
  },
} as const;

describe.skipIf(!hasForeignApplications)("an application by dbus-python", () => {
  test.each(["session-2017", "session-2013", "session-2011", "connman-1.41"] as const)(
    "%s: creates, connects, changes and destroys a session, and receives Updates",
    async (dialect) => {
      const { settings, first, online, change, changed, refused } = DIALECTS[dialect];
      const { stage, application, path } = await start(dialect);
      const session = await application.create(settings, NOTIFIER);
      expect(session.path).toBe(path);
      expect(session.take()).toEqual([first]);
      await session.connect();
      await until("the service is reported", () =>
        session.received.some((update) => isDeepStrictEqual(update, online)),
      );
      await until("the cable is online", () => stage.network.services[0]?.state === "online");
      await application.settled();
      session.take();
      await session.change(change[0], change[1]);
      expect(session.take()).toEqual([changed]);
      expect(await outcome(session.change(refused[0], refused[1]))).toBe("InvalidArguments");
      await session.destroy();
      expect(stage.server.sessions).toBe(0);
    },
  );

  test("receives the errors of the specification, and Release at the end", async () => {
    const { stage, application } = await start();
    const session = await application.create({}, NOTIFIER);
    expect(await outcome(application.create({}, NOTIFIER))).toBe("AlreadyExists");
    const other = await (await stage.app()).create();
    expect(await outcome(application.call(other.path, SESSION, "Connect"))).toBe("PermissionDenied");
    session.take();
    await stage.server.close();
    await until("it is released", () => session.received.length > 0);
    expect(session.take()).toEqual(["Release"]);
  });

  test("is killed, and its sessions end", async () => {
    const { stage, applications, application } = await start();
    await application.create();
    expect(stage.server.sessions).toBe(1);
    applications.kill();
    await until("its session is gone", () => stage.server.sessions === 0);
  });

  test.each([
    ["/", "net.connman.Manager", ["net", "sessions"]],
    ["session", SESSION, []],
  ])("reads the introspection of %s, which equals the specification", async (path, name, children) => {
    const { application, path: session } = await start();
    await application.create({}, NOTIFIER);
    const [xml] = await application.call(path === "session" ? session : path, INTROSPECTABLE, "Introspect");
    const spec = readSpec(`specs/connman/${name}.xml`);
    expect(describeInterface(String(xml), name)).toEqual(describeInterface(spec, name));
    expect(childrenIn(String(xml))).toEqual(children);
  });
});

describe("gdbus", () => {
  test("finds the sessions, and their introspection equals the specification", async () => {
    const stage = keep(await Stage.open());
    const app = await stage.app();
    const { path } = await app.create({}, "/app/notify");
    const introspect = (at: string) => gdbusIntrospect(stage.address, "net.connman", at);
    const paths: string[] = [];
    for (let at = "/sessions"; at !== path; at += `/${childrenIn(await introspect(at))[0]}`) paths.push(at);
    const owner = app.bus.uniqueName.replaceAll(/[:.]/g, "_");
    expect(paths).toEqual(["/sessions", `/sessions/${owner}`, `/sessions/${owner}/app`]);
    const spec = readSpec(`specs/connman/${SESSION}.xml`);
    expect(describeInterface(await introspect(path), SESSION)).toEqual(describeInterface(spec, SESSION));
    await app.destroy(path);
    expect(childrenIn(await introspect("/sessions"))).toEqual([]);
  });

  test("creates a session, which ends with gdbus, and reads the properties", async () => {
    const stage = keep(await Stage.open());
    const call = (method: string, ...args: readonly string[]) =>
      gdbusCall(stage.address, "net.connman", "/", `net.connman.Manager.${method}`, ...args);
    expect(await call("GetProperties")).toBe(
      "({'State': <'online'>, 'OfflineMode': <false>, 'SessionMode': <false>},)",
    );
    expect(await call("CreateSession", "{'AllowedBearers': <['wifi', '*']>}", "/n")).toMatch(
      /^\(objectpath '\/sessions\/_1_\d+\/n',\)$/,
    );
    await until("its session is gone", () => stage.server.sessions === 0);
    await expect(call("CreateSession", "{'Nonsense': <1>}", "/n")).rejects.toThrow(
      "net.connman.Error.InvalidArguments",
    );
  });
});

/** Returns the names of the child nodes in an introspection document. */
function childrenIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<node name="([^"]*)"/g)].map(([, name]) => name ?? "");
}
