import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { describe, expect, test } from "vitest";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { describeInterface, readSpec } from "../../../e2e/introspection.ts";
import { endsWithUs, until } from "../../../reliability/support.ts";
import { keep } from "../disposables.ts";
import { CABLE, Stage, WIFI } from "../support.ts";

// Clients of other projects: dbus-python with libdbus, and gdbus.

// Debian installs python3-dbus and python3-gi for its own Python.
const PYTHON = "/usr/bin/python3";
const isInstalled = spawnSync(PYTHON, ["-c", "import dbus, gi"]).status === 0;
if (!isInstalled) process.stderr.write("skipped: foreign applications need python3-dbus and python3-gi\n");

const MANAGER = ["/", "net.connman.Manager"] as const;
const SESSION = "net.connman.Session";
const INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";

/** An application in Python with its output. */
class ForeignApplication implements AsyncDisposable {
  readonly output: unknown[] = [];
  readonly #process: ChildProcessWithoutNullStreams;

  constructor(address: string) {
    const program = fileURLToPath(new URL("../programs/application.py", import.meta.url));
    this.#process = endsWithUs(spawn(PYTHON, [program, address]));
    this.#process.stderr.pipe(process.stderr);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.output.push(JSON.parse(line)));
  }

  /** Sends a command. Returns the output up to its result. */
  async command(...command: readonly unknown[]): Promise<readonly unknown[]> {
    this.output.splice(0);
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    await until(`a result of ${command}`, () => this.output.some(isResult));
    return this.output;
  }

  call(path: string, name: string, method: string, ...args: readonly unknown[]): Promise<readonly unknown[]> {
    return this.command("call", path, name, method, ...args);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }
}

function isResult(output: unknown): boolean {
  return typeof output === "object" && output !== null && ("reply" in output || "error" in output || "ready" in output);
}

async function start(dialect: DialectName = "session-2017") {
  const stage = keep(await Stage.open({ dialect, services: [{ ...CABLE, state: "idle" }, WIFI] }));
  const application = keep(new ForeignApplication(stage.address));
  const [ready] = await application.command("notifier", "/app/notify");
  const name = String(Reflect.get(Object(ready), "ready"));
  return { stage, application, session: `/sessions/${name.replaceAll(/[:.]/g, "_")}/app/notify` };
}

/** Requested settings, expected Updates and changes by dialect. */
const DIALECTS = {
  "session-2017": {
    settings: { AllowedBearers: ["ethernet"], ConnectionType: "internet" },
    first: {
      ...{ State: "disconnected", Name: "", IPv4: {}, IPv6: {}, Interface: "", Bearer: "", ConnectionType: "internet" },
      ...{ AllowedBearers: ["ethernet"], AllowedInterface: "*", ContextIdentifier: "", SourceIPRule: 0 },
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
      ...{ Bearer: "", Online: 0, Name: "", IPv4: {}, IPv6: {}, Interface: "", Priority: 0 },
      ...{ AllowedBearers: ["ethernet"], AvoidHandover: 0, StayConnected: 0, PeriodicConnect: 0, IdleTimeout: 600 },
      ...{ EmergencyCall: 0, RoamingPolicy: "forbidden", SessionMarker: 256 },
    },
    online: { Online: 1 },
    change: ["Priority", true],
    changed: { Priority: 1 },
    refused: ["RoamingPolicy", "nonsense"],
  },
  "connman-1.41": {
    settings: { AllowedBearers: ["ethernet"] },
    first: {
      ...{ State: "disconnected", Name: "", IPv4: {}, IPv6: {}, Interface: "", Bearer: "", ConnectionType: "any" },
      ...{ AllowedBearers: ["ethernet"], AllowedInterface: "*", ContextIdentifier: "", SourceIPRule: 0 },
    },
    online: { State: "connected", Name: "cable", IPv4: {}, IPv6: {}, Interface: "eth0", Bearer: "ethernet" },
    change: ["SourceIPRule", true],
    // Updates the State, which had its value from the assignment.
    changed: { State: "online", SourceIPRule: 1 },
    refused: ["AllowedBearers", ["wlan"]],
  },
} as const;

describe.skipIf(!isInstalled)("an application by dbus-python", () => {
  test.each(["session-2017", "session-2013", "session-2011", "connman-1.41"] as const)(
    "%s: creates, connects, changes and destroys a session, and receives Updates",
    async (dialect) => {
      const { settings, first, online, change, changed, refused } = DIALECTS[dialect];
      const { stage, application, session } = await start(dialect);
      const updates = () => application.output.filter((output) => !isResult(output));
      const [created] = await application.call(...MANAGER, "CreateSession", settings, "/app/notify");
      expect(created).toEqual({ reply: [session] });
      await until("the first Update is there", () => updates().length === 1);
      expect(updates()).toEqual([{ update: ["/app/notify", first] }]);
      expect((await application.call(session, SESSION, "Connect"))[0]).toEqual({ reply: [] });
      await until("the service is reported", () =>
        updates().some((update) => isDeepStrictEqual(update, { update: ["/app/notify", online] })),
      );
      await until("the cable is online", () => stage.network.services[0]?.state === "online");
      expect(await application.call(session, SESSION, "Change", ...change)).toEqual([
        { update: ["/app/notify", changed] },
        { reply: [] },
      ]);
      expect(await application.call(session, SESSION, "Change", ...refused)).toEqual([
        { error: "net.connman.Error.InvalidArguments" },
      ]);
      expect((await application.call(session, SESSION, "Destroy")).at(-1)).toEqual({ reply: [] });
      expect(stage.server.sessions).toBe(0);
    },
  );

  test("receives the errors of the specification, and Release at the end", async () => {
    const { stage, application, session } = await start();
    const create = () => application.call(...MANAGER, "CreateSession", {}, "/app/notify");
    expect((await create())[0]).toEqual({ reply: [session] });
    expect(await create()).toContainEqual({ error: "net.connman.Error.AlreadyExists" });
    const other = await (await stage.app()).create();
    expect(await application.call(other.path, SESSION, "Connect")).toEqual([
      { error: "net.connman.Error.PermissionDenied" },
    ]);
    application.output.splice(0);
    await stage.server.close();
    await until("it is released", () => application.output.length > 0);
    expect(application.output).toEqual([{ release: "/app/notify" }]);
  });

  test("is killed, and its sessions end", async () => {
    const { stage, application } = await start();
    await application.call(...MANAGER, "CreateSession", {}, "/app/notify");
    expect(stage.server.sessions).toBe(1);
    application.kill();
    await until("its session is gone", () => stage.server.sessions === 0);
  });

  test.each([
    ["/", "net.connman.Manager", ["net", "sessions"]],
    ["session", SESSION, []],
  ])("reads the introspection of %s, which equals the specification", async (path, name, children) => {
    const { application, session } = await start();
    await application.call(...MANAGER, "CreateSession", {}, "/app/notify");
    const [answer] = await application.call(path === "session" ? session : path, INTROSPECTABLE, "Introspect");
    const xml = Reflect.get(Object(answer), "reply");
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

/** Returns the names of the child nodes. */
function childrenIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<node name="([^"]*)"/g)].map(([, name]) => name ?? "");
}
