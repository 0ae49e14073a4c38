import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { afterEach, describe, expect, test } from "vitest";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { describeInterface, readSpec } from "../../../e2e/introspection.ts";
import { endsWithUs, until } from "../../../reliability/support.ts";
import { CABLE, Stage, WIFI } from "../support.ts";

// Applications that were not written here: by dbus-python over libdbus, and by gdbus.

// Debian installs python3-dbus and python3-gi for its own Python.
const PYTHON = "/usr/bin/python3";
const isInstalled = spawnSync(PYTHON, ["-c", "import dbus, gi"]).status === 0;
if (!isInstalled) process.stderr.write("skipped: foreign applications need python3-dbus and python3-gi\n");

const MANAGER = ["/", "net.connman.Manager"] as const;
const SESSION = "net.connman.Session";
const INTROSPECTABLE = "org.freedesktop.DBus.Introspectable";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** The program in Python, and what it has said. */
class ForeignApplication implements AsyncDisposable {
  readonly said: unknown[] = [];
  readonly #process: ChildProcessWithoutNullStreams;

  constructor(address: string) {
    const program = fileURLToPath(new URL("../programs/application.py", import.meta.url));
    this.#process = endsWithUs(spawn(PYTHON, [program, address]));
    this.#process.stderr.pipe(process.stderr);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.said.push(JSON.parse(line)));
  }

  /** Has it do something, and gives what it says until the answer is there. */
  async command(...command: readonly unknown[]): Promise<readonly unknown[]> {
    this.said.splice(0);
    this.#process.stdin.write(`${JSON.stringify(command)}\n`);
    await until(`an answer to ${command}`, () => this.said.some(isAnswer));
    return this.said;
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

function isAnswer(said: unknown): boolean {
  return typeof said === "object" && said !== null && ("reply" in said || "error" in said || "ready" in said);
}

async function start(dialect: DialectName = "session-2013") {
  const stage = await Stage.open({ dialect, services: [{ ...CABLE, state: "idle" }, WIFI] });
  const application = new ForeignApplication(stage.address);
  open.push(stage, application);
  const [ready] = await application.command("notifier", "/app/notify");
  const name = String(Reflect.get(Object(ready), "ready"));
  return { stage, application, session: `/sessions/${name.replaceAll(/[:.]/g, "_")}/app/notify` };
}

/** What an application asks for, what its first Update is, and what it changes. */
const DIALECTS = {
  "session-2013": {
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
    // Brings the State up to date, which was that of the moment of assignment.
    changed: { State: "online", SourceIPRule: 1 },
    refused: ["AllowedBearers", ["wlan"]],
  },
} as const;

describe.skipIf(!isInstalled)("an application by dbus-python", () => {
  test.each(["session-2013", "session-2011", "connman-1.41"] as const)(
    "%s: creates, connects, changes and destroys a session, and hears of it",
    async (dialect) => {
      const { settings, first, online, change, changed, refused } = DIALECTS[dialect];
      const { stage, application, session } = await start(dialect);
      const heard = () => application.said.filter((said) => !isAnswer(said));
      const [created] = await application.call(...MANAGER, "CreateSession", settings, "/app/notify");
      expect(created).toEqual({ reply: [session] });
      await until("the first Update is there", () => heard().length === 1);
      expect(heard()).toEqual([{ update: ["/app/notify", first] }]);
      expect((await application.call(session, SESSION, "Connect"))[0]).toEqual({ reply: [] });
      await until("it hears that", () =>
        heard().some((said) => isDeepStrictEqual(said, { update: ["/app/notify", online] })),
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

  test("is refused in the words of the specification, and told of the end", async () => {
    const { stage, application, session } = await start();
    const create = () => application.call(...MANAGER, "CreateSession", {}, "/app/notify");
    expect((await create())[0]).toEqual({ reply: [session] });
    expect(await create()).toContainEqual({ error: "net.connman.Error.AlreadyExists" });
    const other = await (await stage.app()).create();
    expect(await application.call(other.path, SESSION, "Connect")).toEqual([
      { error: "net.connman.Error.PermissionDenied" },
    ]);
    application.said.splice(0);
    await stage.server.close();
    await until("it is told", () => application.said.length > 0);
    expect(application.said).toEqual([{ release: "/app/notify" }]);
  });

  test("is killed, and its sessions with it", async () => {
    const { stage, application } = await start();
    await application.call(...MANAGER, "CreateSession", {}, "/app/notify");
    expect(stage.server.sessions).toBe(1);
    application.kill();
    await until("its session is gone", () => stage.server.sessions === 0);
  });

  test.each([
    ["/", "net.connman.Manager", ["sessions"]],
    ["session", SESSION, []],
  ])("reads the introspection of %s, which is the specification", async (path, name, children) => {
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
  test("finds its way to the sessions, and reads what the specification says", async () => {
    const stage = await Stage.open();
    open.push(stage);
    const app = await stage.app();
    const { path } = await app.create({}, "/app/notify");
    const introspect = (at: string) => gdbusIntrospect(stage.address, "net.connman", at);
    const seen: string[] = [];
    for (let at = ""; at !== path; at += `/${childrenIn(await introspect(at || "/"))[0]}`) seen.push(at);
    const owner = app.bus.uniqueName.replaceAll(/[:.]/g, "_");
    expect(seen).toEqual(["", "/sessions", `/sessions/${owner}`, `/sessions/${owner}/app`]);
    const spec = readSpec(`specs/connman/${SESSION}.xml`);
    expect(describeInterface(await introspect(path), SESSION)).toEqual(describeInterface(spec, SESSION));
    await app.destroy(path);
    expect(childrenIn(await introspect("/sessions"))).toEqual([]);
  });

  test("creates a session, which ends as gdbus does, and reads the properties", async () => {
    const stage = await Stage.open();
    open.push(stage);
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

/** The names of the nodes right below. */
function childrenIn(xml: string): readonly string[] {
  return [...xml.matchAll(/<node name="([^"]*)"/g)].map(([, name]) => name ?? "");
}
