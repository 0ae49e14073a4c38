import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { type Bus, type Target, Variant } from "@dbus-codegen-ts/runtime";
import { ConnectionClient, HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { RequestsClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Requests";
import { ConnectionManagerClient } from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import { loopback, serveConnectionManager } from "@dbus-codegen-ts/telepathy";
import { type ConformOptions, conform, conformTo, renderReport } from "dbus-codegen-ts/conform";
import { introspect } from "dbus-codegen-ts/introspect";
import { privateBus, testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { readSpecs } from "../../../../generator/cli/config/specs.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { read } from "../../../../generator/compiler/read/read.ts";
import { resolve } from "../../../../generator/compiler/resolve/resolve.ts";
import { Everything1 } from "../../../e2e/generated/org.example.Everything1.ts";
import { cli, ROOT } from "../../support.ts";

const SHELL = { cwd: ROOT, stdin: async function* () {} };

/** Checks an object against interfaces of a folder of specs. Returns the failed checks as text. */
async function failuresOf(
  bus: Bus,
  target: Target,
  folder: string,
  names: readonly string[],
  options: ConformOptions = {},
) {
  const diagnostics = new Diagnostics();
  const { interfaces } = resolve(read(await readSpecs({ specs: [folder] }, SHELL), diagnostics), diagnostics);
  const specs = interfaces.filter(({ name }) => names.includes(name));
  expect(specs).toHaveLength(names.length);
  const report = await conformTo(bus, target, specs, options);
  expect(report.checks.length).toBeGreaterThan(5);
  return renderReport({ ...report, checks: report.checks.filter(({ status }) => status === "failed") }, "text");
}

/** The notification object of a session's application, which ignores all calls. */
class IgnoringNotification extends NotificationService {
  release() {}
  update() {}
}

describe("services of this repository conform to their specs", () => {
  test("net.connman.Manager and a session", async () => {
    await using bus = await testBus();
    const network = new SimulatedNetwork([{ id: "cable", bearer: "ethernet", interface: "eth0", state: "online" }]);
    await using _ = await serveSessions(bus.services, { network });
    const target = { destination: "net.connman", path: "/" };
    const calls = [{ interface: "net.connman.Manager", method: "GetProperties" }];
    expect(await failuresOf(bus.clients, target, "specs/connman", ["net.connman.Manager"], { calls })).toBe("");
    await bus.clients.serve("/notify", new IgnoringNotification());
    const session = await new ManagerClient(bus.clients, target).createSession({}, "/notify");
    const at = { destination: "net.connman", path: session };
    expect(await failuresOf(bus.clients, at, "specs/connman", ["net.connman.Session"])).toBe("");
  });

  test("a Telepathy connection manager, its protocol and a connection", async () => {
    await using bus = await testBus();
    await using manager = await serveConnectionManager(bus.services, { name: "test", protocols: [loopback] });
    const { destination, path } = manager.target;
    const check = (at: string, ...names: readonly string[]) =>
      failuresOf(bus.clients, { destination, path: at }, "specs/telepathy", names, { exercise: "change", settle: 50 });
    // Two methods of an older version of the spec, which it serves deliberately.
    const older = (await check(path, "im.telepathy1.ConnectionManager")).match(/failed {2}.*/g);
    expect(older).toEqual(
      ["GetParameters", "ListProtocols"].map((name) => expect.stringContaining(`method-extra: ${name}`)),
    );
    expect(await check(`${path}/loopback`, "im.telepathy1.Protocol")).toBe("");
    const remote = new ConnectionManagerClient(bus.clients, manager.target);
    const [name, connection] = await remote.requestConnection("loopback", { account: "me" });
    const optional = ["Aliasing1", "Contacts", "Presence1", "Requests"].map(
      (interfaceName) => `im.telepathy1.Connection.Interface.${interfaceName}`,
    );
    const names = ["im.telepathy1.Connection", ...optional];
    expect(await failuresOf(bus.clients, { destination: name, path: connection }, "specs/telepathy", names)).toBe("");
  });

  test.each([
    [HandleType.Contact, "you", ["Destroyable1"]],
    [HandleType.Room, "#tea", ["Destroyable1", "Group1", "Password1", "Room1", "RoomConfig1", "Subject1"]],
  ])("a Telepathy text channel of handle type %i, with %s", async (handleType, identifier, optional) => {
    await using bus = await testBus();
    await using manager = await serveConnectionManager(bus.services, { name: "test", protocols: [loopback] });
    const remote = new ConnectionManagerClient(bus.clients, manager.target);
    const [destination, connection] = await remote.requestConnection("loopback", { account: "me" });
    await new ConnectionClient(bus.clients, { destination, path: connection }).connect();
    const channel = "im.telepathy1.Channel";
    const requests = new RequestsClient(bus.clients, { destination, path: connection });
    const [path] = await requests.createChannel({
      [`${channel}.ChannelType`]: new Variant("s", `${channel}.Type.Text`),
      [`${channel}.TargetHandleType`]: new Variant("u", handleType),
      [`${channel}.TargetID`]: new Variant("s", identifier),
    });
    const names = [channel, `${channel}.Type.Text`, ...optional.map((name) => `${channel}.Interface.${name}`)];
    expect(await failuresOf(bus.clients, { destination, path }, "specs/telepathy", names)).toBe("");
  });

  test("a mock of everything", async () => {
    await using bus = await testBus();
    await bus.mock("/a", Everything1);
    const target = { destination: bus.services.uniqueName, path: "/a" };
    const options = { exercise: "change", settle: 50 } as const;
    expect(await failuresOf(bus.clients, target, "test/e2e/specs", [Everything1.name], options)).toBe("");
  });
});

test("the bus conforms to its introspection data", async () => {
  await using bus = await testBus();
  const name = "org.freedesktop.DBus";
  const target = { destination: name, path: "/org/freedesktop/DBus" };
  const { specs } = await introspect(bus.clients, name, target.path);
  const { report } = await conform(bus.clients, target, specs);
  expect(report?.checks.filter(({ status }) => status === "failed")).toEqual([]);
  expect(report?.checks.length).toBeGreaterThan(40);
});

describe("programs of this repository conform to their specs", () => {
  const manager = "im.telepathy1.ConnectionManager";
  const path = "/im/telepathy1/ConnectionManager/dbus_codegen";
  test.each([
    [["dbus-codegen-sessiond"], ["net.connman", "/", "-s", "specs/connman", "--interface", "net.connman.Manager"]],
    [
      ["dbus-codegen-connection-manager", "--protocol", "loopback"],
      [`${manager}.dbus_codegen`, path, "-s", "specs/telepathy", "--interface", manager, "--allow-extra"],
    ],
  ])("%j", async ([program = "", ...argv], asked) => {
    await using bus = await privateBus();
    const flags = [...argv, "--bus", bus.address];
    const child = spawn(process.execPath, [join(ROOT, "node_modules/.bin", program), ...flags]);
    try {
      await once(child.stdout, "data");
      const { code, out, err } = await cli(ROOT, "conform", ...asked, "--bus", bus.address);
      expect([code, out, err]).toEqual([0, "", expect.stringMatching(/: \d{2,} passed, 0 failed\n$/)]);
    } finally {
      child.kill();
      await once(child, "exit");
    }
  });
});
