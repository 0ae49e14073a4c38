import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bus, connect, Variant } from "../../../runtime/core/index.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { Everything, Jukebox } from "./fixtures/services.ts";

// Programs of other projects, gdbus of GLib and busctl of systemd, call a service of this runtime.

const NAME = "org.example.Foreign";
const PATH = "/org/example/jukebox";
const run = promisify(execFile);

let daemon: PrivateBus;
let bus: Bus;
const everything = new Everything();

beforeAll(async () => {
  daemon = await startPrivateBus();
  bus = await connect({ bus: daemon.address });
  await bus.serve(PATH, new Jukebox(), everything);
  await bus.requestName(NAME);
});

afterAll(async () => {
  await bus?.close();
  await daemon?.stop();
});

/** Returns the output of a command, even if the command fails. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(command, args, { timeout: 60_000 }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${stdout}${stderr}`.trim();
}

const gdbus = (command: string, path: string, ...args: readonly string[]): Promise<string> =>
  output("gdbus", [command, "--address", daemon.address, "--dest", NAME, "--object-path", path, ...args]);
const gdbusCall = (method: string, ...args: readonly string[]): Promise<string> =>
  gdbus("call", PATH, "--method", method, ...args);
const busctl = (...args: readonly string[]): Promise<string> =>
  output("busctl", [`--address=${daemon.address}`, ...args]);

describe("gdbus", () => {
  const CALLS: readonly (readonly [string, readonly string[], string])[] = [
    [
      "org.example.Jukebox1.Play",
      ["track", "{'Volume': <0.5>, 'History': <[('u', uint64 7)]>}"],
      "(objectpath '/org/example/track/1', ('track', uint64 42))",
    ],
    ["org.example.Sampler1.Describe", ["uint32 7"], "('number 7',)"],
    ["org.freedesktop.DBus.Peer.Ping", [], "()"],
    ["org.freedesktop.DBus.Properties.Get", ["org.example.Sampler1", "Announced"], "(<['one']>,)"],
    ["org.freedesktop.DBus.Properties.GetAll", ["org.example.Jukebox1"], "({'Volume': <0.5>, 'Repeat': <uint32 0>},)"],
    ["org.freedesktop.DBus.Properties.Set", ["org.example.Sampler1", "Silent", "<uint32 3>"], "()"],
  ];
  test.each(CALLS)("calls %s", async (method, args, reply) => {
    expect(await gdbusCall(method, ...args)).toBe(reply);
  });

  test("reads back the introspection", async () => {
    const xml = await gdbus("introspect", PATH, "--xml");
    for (const part of [
      '<interface name="org.example.Jukebox1">',
      '<arg name="options" type="a{sv}" direction="in"/>',
      '<annotation name="org.freedesktop.DBus.Method.NoReply" value="true"/>',
      '<annotation name="org.example.Quote" value="a &quot;b&quot; &lt;c&gt; &amp; d"/>',
      '<annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="invalidates"/>',
      '<property name="Secret" type="s" access="write"/>',
      '<interface name="org.freedesktop.DBus.Properties">',
    ]) {
      expect(xml).toContain(part);
    }
    const above = await gdbus("introspect", "/org", "--xml");
    expect(above).toContain('<node name="example"/>');
    expect(above).not.toContain("org.example.Jukebox1");
  });

  test("prints the same interface as the service rendered", async () => {
    const text = await gdbus("introspect", PATH);
    expect(text).toContain(
      "Play(in  s track,\n           in  a{sv} options,\n           out o handle,\n           out (st) info);",
    );
    expect(text).toContain("TrackChanged(s track,\n                   t length);");
    expect(text).toContain("readwrite d Volume = 0.5;");
  });
});

describe("busctl", () => {
  test("calls a method and reads a property", async () => {
    expect(await busctl("call", NAME, PATH, "org.example.Sampler1", "Describe", "s", "x")).toBe('s "text x"');
    expect(await busctl("get-property", NAME, PATH, "org.example.Jukebox1", "Volume")).toBe("d 0.5");
    expect(await busctl("set-property", NAME, PATH, "org.example.Sampler1", "Invalidated", "s", "busctl")).toBe("");
    expect(everything.properties.invalidated).toBe("busctl");
  });

  test("lists the objects of the tree", async () => {
    expect(await busctl("tree", NAME, "--list")).toBe("/\n/org\n/org/example\n/org/example/jukebox");
  });
});

describe("each invalid call has one standard error", () => {
  const PROPERTIES = "org.freedesktop.DBus.Properties";
  const FAULTS: readonly (readonly [what: string, args: readonly string[], error: string])[] = [
    ["unknown path", ["/nowhere", "org.example.Jukebox1", "Stop"], "UnknownObject"],
    ["unknown interface", [PATH, "org.example.Other", "Stop"], "UnknownInterface"],
    ["unknown method", [PATH, "org.example.Jukebox1", "Start"], "UnknownMethod"],
    ["method of Object.prototype", [PATH, "org.example.Jukebox1", "toString"], "UnknownMethod"],
    ["wrong types", [PATH, "org.example.Jukebox1", "Play", "u", "1"], "InvalidArgs"],
    ["no arguments", [PATH, "org.example.Jukebox1", "Play"], "InvalidArgs"],
    ["wrong types for both overloads", [PATH, "org.example.Sampler1", "Describe", "b", "true"], "InvalidArgs"],
    ["unknown property", [PATH, PROPERTIES, "Get", "ss", "org.example.Jukebox1", "Colour"], "UnknownProperty"],
    [
      "unknown property to set",
      [PATH, PROPERTIES, "Set", "ssv", "org.example.Jukebox1", "Colour", "s", "x"],
      "UnknownProperty",
    ],
    [
      "property of unknown interface",
      [PATH, PROPERTIES, "Get", "ss", "org.example.Other", "Volume"],
      "UnknownInterface",
    ],
    ["all of unknown interface", [PATH, PROPERTIES, "GetAll", "s", "org.example.Other"], "UnknownInterface"],
    [
      "read-only property",
      [PATH, PROPERTIES, "Set", "ssv", "org.example.Jukebox1", "Repeat", "u", "1"],
      "PropertyReadOnly",
    ],
    ["write-only property", [PATH, PROPERTIES, "Get", "ss", "org.example.Sampler1", "Secret"], "AccessDenied"],
    [
      "property of another type",
      [PATH, PROPERTIES, "Set", "ssv", "org.example.Jukebox1", "Volume", "s", "x"],
      "InvalidArgs",
    ],
    ["refused value", [PATH, PROPERTIES, "Set", "ssv", "org.example.Jukebox1", "Volume", "d", "2"], "AccessDenied"],
    ["introspection of nothing", ["/nowhere", "org.freedesktop.DBus.Introspectable", "Introspect"], "UnknownObject"],
    ["handler's bug", [PATH, "org.example.Sampler1", "Fail", "s", "error"], "Failed"],
  ];
  test.each(FAULTS)("%s", async (_, [path = "", interfaceName = "", member = "", signature = "", ...values], error) => {
    const args = values.length > 0 ? argumentsOf(signature, values) : [];
    const failure = bus.call({ destination: NAME, path, interface: interfaceName, member, signature, args });
    await expect(failure).rejects.toMatchObject({ errorName: `org.freedesktop.DBus.Error.${error}` });
    const foreign = await busctl(
      "call",
      NAME,
      path,
      interfaceName,
      member,
      ...(signature === "" ? [] : [signature]),
      ...values,
    );
    expect(foreign).toMatch(/^Call failed: /);
    expect(foreign).not.toMatch(/secret|\.ts|node_modules|home/);
  });

  test("InvalidArgs contains both signatures", async () => {
    expect(await busctl("call", NAME, PATH, "org.example.Sampler1", "Describe", "b", "true")).toContain(
      'takes "u" or "s", got "b"',
    );
    expect(await busctl("call", NAME, PATH, "org.example.Jukebox1", "Play", "s", "x")).toContain(
      'takes "sa{sv}", got "s"',
    );
  });

  test("a call without interface reaches the only method of its name", async () => {
    expect(await bus.call({ destination: NAME, path: PATH, member: "Describe", signature: "s", args: ["x"] })).toEqual([
      "text x",
    ]);
    expect(await bus.call({ destination: NAME, path: PATH, member: "Ping" })).toEqual([]);
    const unknown = bus.call({ destination: NAME, path: PATH, member: "Nothing" });
    await expect(unknown).rejects.toMatchObject({ errorName: "org.freedesktop.DBus.Error.UnknownMethod" });
  });

  function argumentsOf(signature: string, values: readonly string[]): unknown[] {
    if (signature === "u") return [Number(values[0])];
    if (signature === "b") return [values[0] === "true"];
    if (signature !== "ssv") return [...values];
    const [interfaceName, property, type = "", value] = values;
    return [interfaceName, property, new Variant(type, type === "s" ? value : Number(value))];
  }
});
