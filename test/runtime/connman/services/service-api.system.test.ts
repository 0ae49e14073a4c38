import { execFile, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { promisify } from "node:util";
import { SimulatedNetwork, type SimulatedService, serveSessions } from "@dbus-codegen-ts/connman";
import { connect } from "@dbus-codegen-ts/runtime";
import { describe, expect, test } from "vitest";
import { gdbusCall, gdbusIntrospect } from "../../../e2e/foreign.ts";
import { describeInterface, readSpec } from "../../../e2e/introspection.ts";
import { endsWithUs, until } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { keep } from "../disposables.ts";
import { CABLE, Stage, WIFI } from "../support.ts";

// Clients of other projects: connmanctl and connmand-wait-online of ConnMan, gdbus.

const CONNMANCTL = "/usr/bin/connmanctl";
const WAIT_ONLINE = "/usr/sbin/connmand-wait-online";
const run = promisify(execFile);

function isMissing(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return false;
  } catch {
    return true;
  }
}

const missing = [CONNMANCTL, WAIT_ONLINE].filter(isMissing);
const skipped = missing.length === 0 ? "" : ` (skipped: ${missing.join(" and ")} of the package connman missing)`;
if (skipped !== "") process.stderr.write(`ConnMan's own clients${skipped}\n`);

const LEASE = { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" };
const WIRED: SimulatedService = { ...CABLE, name: "Wired", ipv4: LEASE };
const HOME: SimulatedService = { ...WIFI, name: "Home", state: "idle" };

async function stageWith(...services: readonly SimulatedService[]): Promise<Stage> {
  return keep(await Stage.open({ services }));
}

/** Runs connmanctl with a command. Returns its trimmed output: first standard output, then standard error. */
async function connmanctl({ address }: Stage, command: string): Promise<string> {
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
  const { stdout, stderr } = await run(CONNMANCTL, command.split(" "), { env, timeout: 60_000 });
  return [stdout, stderr].map((output) => output.trim()).join("");
}

describe.skipIf(skipped !== "")(`connmanctl${skipped}`, () => {
  test("prints services, technologies, peers and state", async () => {
    const stage = await stageWith(HOME, WIRED);
    expect(await connmanctl(stage, "services")).toBe("*AO Wired                cable\n*A  Home                 wifi");
    expect(await connmanctl(stage, "technologies")).toMatch(
      /^\/net\/connman\/technology\/wifi\n {2}Name = WiFi\n[^/]*\/net\/connman\/technology\/ethernet\n {2}Name = Wired\n/,
    );
    expect(await connmanctl(stage, "state")).toBe("State = online\n  OfflineMode = False\n  SessionMode = False");
    expect(await connmanctl(stage, "peers")).toBe("");
    expect(await connmanctl(stage, "services cable")).toMatch(
      /State = online\n.* {2}IPv4 = \[ Method=dhcp, Address=192.0.2.7, Netmask=255.255.255.0, Gateway=192.0.2.1 \]\n.*Provider = \[ {2}\]$/s,
    );
  });

  const COMMANDS: readonly [command: string, output: string, seen: string, result: RegExp][] = [
    ["connect wifi", "Connected wifi", "services", /^\*A[OR] Home/m],
    ["connect cable", "Error /net/connman/service/cable: Already connected", "state", /online/],
    [
      "connect none",
      "Error /net/connman/service/none: there is no object at /net/connman/service/none",
      "state",
      /online/,
    ],
    ["disconnect cable", "Disconnected cable", "services", /^\*A {2}Wired/m],
    ["config cable --autoconnect off", "", "services", /^\* O Wired/m],
    [
      "config cable --ipv4 manual 10.0.0.2 255.0.0.0 10.0.0.1",
      "",
      "services cable",
      / IPv4 = \[ Method=manual, Address=10.0.0.2/,
    ],
    ["config cable --ipv4 off", "", "services cable", /IPv4.Configuration = \[ Method=off \]/],
    ["config cable --remove", "Error cable: Not supported", "services", /Wired/],
    ["config wifi --remove", "", "services wifi", /Favorite = False/],
    ["move-before wifi cable", "Moved wifi before cable", "state", /online/],
    ["disable ethernet", "Disable ethernet", "technologies", /Wired\n.*Powered = False/s],
    ["enable ethernet", "ethernet is already enabled", "services", /Wired/],
    ["enable offline", "Enabled offline", "state", /^State = offline\n {2}OfflineMode = True/],
    ["scan wifi", "Scan completed for wifi", "services", /Home/],
    ["scan ethernet", "Error /net/connman/technology/ethernet: Not supported", "state", /online/],
    ["tether wifi on", "Error enabling wifi tethering: Not supported", "state", /online/],
  ];
  test.each(COMMANDS)("%s: %s", async (command, output, seen, result) => {
    const stage = await stageWith(WIRED, HOME);
    expect(await connmanctl(stage, command)).toBe(output);
    expect(await connmanctl(stage, seen)).toMatch(result);
  });

  test("monitor prints changes of services, technologies and state", async () => {
    const stage = await stageWith(WIRED, HOME);
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: stage.address };
    const prompt = endsWithUs(spawn(CONNMANCTL, { env }));
    const output: string[] = [];
    for (const stream of [prompt.stdout, prompt.stderr]) stream.on("data", (chunk) => void output.push(String(chunk)));
    const printed = (text: string) => until(`it prints ${text}`, () => output.join("").includes(text));
    await printed("connmanctl> ");
    prompt.stdin.write("monitor on\nconnect wifi\n");
    await printed("Connected wifi");
    await printed("Service      wifi                 State = ready");
    prompt.stdin.write("disable ethernet\n");
    await printed("Disable ethernet");
    await printed("Technology   ethernet             Powered = False");
    await printed("removed                  /net/connman/service/cable");
    stage.network.change("wifi", { state: "idle" });
    await printed("Manager                           State = idle");
    prompt.stdin.write("quit\n");
    await until("it ends", () => prompt.exitCode === 0);
  });
});

describe.skipIf(skipped !== "")(`connmand-wait-online${skipped}`, () => {
  test("returns when a service is ready", async () => {
    const stage = await stageWith({ ...WIRED, state: "idle" });
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: stage.address };
    const monitor = await stage.watch();
    const waiting = endsWithUs(spawn(WAIT_ONLINE, { env, stdio: "inherit" }));
    await until("it reads the state", () => monitor.messages.some(({ member }) => member === "GetProperties"));
    await stage.settled();
    expect(waiting.exitCode).toBeNull();
    stage.network.change("cable", { state: "online" });
    await until("it ends", () => waiting.exitCode === 0);
  });
});

describe("gdbus", () => {
  const manager = (stage: Stage, method: string, ...args: readonly string[]) =>
    gdbusCall(stage.address, "net.connman", "/", `net.connman.Manager.${method}`, ...args);

  test("reads services and technologies, and changes them", async () => {
    const stage = await stageWith(WIRED);
    expect(await manager(stage, "GetServices")).toMatch(
      /^\(\[\(objectpath '\/net\/connman\/service\/cable', \{'Type': <'ethernet'>, 'Security': <@as \[\]>, 'State': <'online'>, .*'Provider': <@a\{sv\} \{\}>\}\)\],\)$/,
    );
    expect(await manager(stage, "GetTechnologies")).toBe(
      "([(objectpath '/net/connman/technology/ethernet', {'Name': <'Wired'>, 'Type': <'ethernet'>, 'Powered': <true>, 'Connected': <true>, 'Tethering': <false>, 'TetheringFreq': <0>})],)",
    );
    const service = (method: string, ...args: readonly string[]) =>
      gdbusCall(stage.address, "net.connman", "/net/connman/service/cable", `net.connman.Service.${method}`, ...args);
    expect(await service("SetProperty", "AutoConnect", "<false>")).toBe("()");
    expect(await service("GetProperties")).toContain("'AutoConnect': <false>");
    await expect(service("Connect")).rejects.toThrow("net.connman.Error.AlreadyConnected: Already connected");
  });

  test.each([
    ["service/cable", "net.connman.Service"],
    ["technology/ethernet", "net.connman.Technology"],
  ])("finds %s from the root, and its introspection equals the specification", async (name, iface) => {
    const { address } = await stageWith(WIRED);
    const introspect = (at: string) => gdbusIntrospect(address, "net.connman", at);
    const path = `/net/connman/${name}`;
    const parents = ["/", "/net", "/net/connman", path.slice(0, path.lastIndexOf("/"))];
    const listed = await Promise.all(parents.map(introspect));
    expect(listed.map((xml, index) => xml.includes(`<node name="${path.split("/")[index + 1]}"`))).not.toContain(false);
    expect(describeInterface(await introspect(path), iface)).toEqual(
      describeInterface(readSpec(`specs/connman/${iface}.xml`), iface),
    );
  });
});

/** Uid of a user that every Debian system has. The bus looks up the groups of its clients, so the user must exist. */
const GAMES = 5;

describe.skipIf(process.getuid?.() !== 0)("other users (skipped without root)", () => {
  test("may read services and technologies, but not change them", async () => {
    await using daemon = await startPrivateBus({ everyUser: true });
    await using bus = await connect({ bus: daemon.address });
    await using network = new SimulatedNetwork([WIRED, HOME]);
    await using _server = await serveSessions(bus, { network });
    const setpriv = [`--reuid=${GAMES}`, `--regid=${GAMES}`, "--clear-groups", "gdbus", "call"];
    const call = (path: string, method: string, ...args: readonly string[]): Promise<string> =>
      run("setpriv", [
        ...setpriv,
        ...["--address", daemon.address, "--dest", "net.connman", "--object-path", path],
        ...["--method", `net.connman.${method}`, ...args],
      ]).then(
        () => "done",
        (error: Error) => /net\.connman\.Error\.\w+/.exec(error.message)?.[0] ?? error.message,
      );
    const [cable, wifi] = ["/net/connman/service/cable", "/net/connman/service/wifi"];
    const ethernet = "/net/connman/technology/ethernet";
    const results = await Promise.all([
      call("/", "Manager.GetServices"),
      call("/", "Manager.GetTechnologies"),
      call(cable, "Service.GetProperties"),
      call(cable, "Service.SetProperty", "AutoConnect", "<false>"),
      call(cable, "Service.SetProperty", "IPv4.Configuration", "<{'Method': <'off'>}>"),
      call(cable, "Service.Disconnect"),
      call(wifi, "Service.Connect"),
      call(wifi, "Service.Remove"),
      call(wifi, "Service.MoveBefore", cable),
      call(ethernet, "Technology.SetProperty", "Powered", "<false>"),
      call(ethernet, "Technology.Scan"),
      call("/", "Manager.SetProperty", "OfflineMode", "<true>"),
    ]);
    const denied = "net.connman.Error.PermissionDenied";
    expect(results).toEqual(["done", "done", "done", ...Array.from({ length: 9 }, () => denied)]);
    expect(network.services.map(({ state, autoConnect }) => [state, autoConnect])).toEqual([
      ["online", true],
      ["idle", true],
    ]);
  });
});
