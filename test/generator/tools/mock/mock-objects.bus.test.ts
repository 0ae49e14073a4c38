import {
  type Bus,
  Client,
  DBusError,
  type InterfaceContract,
  ObjectManagerClient,
  type Target,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { introspect } from "dbus-codegen-ts/introspect";
import { mock, testBus } from "dbus-codegen-ts/testing";
import { expect, test } from "vitest";
import { analyze } from "../../../../generator/compiler/analyze.ts";
import { Diagnostics } from "../../../../generator/compiler/diagnostics/diagnostic.ts";
import { contractOf } from "../../../../generator/tools/mock/contract.ts";
import { Mock1Client } from "../../../../generator/tools/mock/control/generated/io.github.dbus_codegen_ts.Mock1.ts";
import { CONTROL_PATH, MockControl } from "../../../../generator/tools/mock/control/mock-control.ts";
import { action, addition } from "../../../../generator/tools/mock/template.ts";
import { Everything1, Everything1Client } from "../../../e2e/generated/org.example.Everything1.ts";
import { spec } from "../../support.ts";

const OTHER = { ...Everything1, name: "org.example.Other1" } as const;

test("objects are announced by object managers when they are added and removed", async () => {
  await using bus = await testBus();
  await bus.objects.addManager("/org");
  await bus.objects.addManager("/org");
  const manager = new ObjectManagerClient(
    bus.clients,
    { destination: bus.services.uniqueName, path: "/org" },
    { everything: Everything1Client },
  );
  const changes: string[] = [];
  await manager.subscribe(({ kind, object }) => void changes.push(`${kind} ${object.path}`));
  const first = await bus.mock("/org/a", Everything1, {}, { announced: "present" });
  await bus.mock("/org/a/b", Everything1);
  await expect.poll(() => changes).toEqual(["added /org/a", "added /org/a/b"]);
  expect(manager.get("/org/a")?.interfaces.everything?.properties.announced.value).toBe("present");
  first.properties.announced = "changed";
  await expect.poll(() => manager.get("/org/a")?.interfaces.everything?.properties.announced.value).toBe("changed");
  await bus.objects.remove("/org/a");
  await expect.poll(() => changes.slice(2).toSorted()).toEqual(["removed /org/a", "removed /org/a/b"]);
  expect([bus.objects.paths, await bus.objects.remove("/org/a")]).toEqual([["/org"], false]);
});

test("interfaces that are added together are removed together, and others of the object remain", async () => {
  await using bus = await testBus();
  const first = await bus.objects.add("/a", mock(Everything1));
  const second = await bus.objects.add("/a", mock(OTHER));
  expect(bus.objects.interfacesAt("/a")).toEqual([Everything1.name, OTHER.name]);
  await expect(bus.objects.add("/a", mock(OTHER))).rejects.toThrow(OTHER.name);
  await second.remove();
  await second.remove();
  expect(await bus.client(Everything1Client, "/a").sum(1, 2)).toBe(0);
  await first.remove();
  await expect(bus.client(Everything1Client, "/a").sum(1, 2)).rejects.toThrow("there is no object");
});

test("calls of all objects are recorded in the order of their replies, with values of the wire", async () => {
  await using bus = await testBus();
  await bus.mock("/a", Everything1, { sum: (a, b) => a + b });
  await bus.mock("/b", Everything1, {
    oldWay: async () => {
      throw new DBusError("org.example.No", "no");
    },
  });
  await bus.client(Everything1Client, "/a").sum(1, 2);
  await expect(bus.client(Everything1Client, "/b").oldWay()).rejects.toThrow("no");
  await bus.client(Everything1Client, "/b").properties.place.set({ x: 1, y: 2, colour: 0 });
  const call = { sender: bus.clients.uniqueName, interface: Everything1.name };
  expect(bus.objects.calls).toEqual([
    { ...call, path: "/a", method: "Sum", args: [1, 2], reply: 3 },
    { ...call, path: "/b", method: "OldWay", args: [], error: "org.example.No" },
    { ...call, path: "/b", property: "Place", args: [[1, 2, 0]] },
  ]);
  bus.objects.forget();
  expect(bus.objects.calls).toEqual([]);
});

test("a function called before a write can refuse it", async () => {
  await using bus = await testBus();
  const { properties, writes, beforeWrite } = await bus.mock("/a", Everything1, {}, { announced: "first" });
  beforeWrite(({ property, value }) => {
    if (property === "announced" && value === "bad") throw new DBusError("org.example.Bad", "bad value");
  });
  const { announced } = bus.client(Everything1Client, "/a").properties;
  await expect(announced.set("bad")).rejects.toThrow("bad value");
  await announced.set("good");
  expect([properties.announced, writes.length]).toEqual(["good", 1]);
});

const LAMP = spec(
  `<tp:enum name="Mode" type="u"><tp:enumvalue suffix="Off" value="3"/><tp:enumvalue suffix="On" value="4"/></tp:enum>
   <dct:dictionary name="Tags"><dct:key name="Year" type="q"/></dct:dictionary>
   <method name="Play"><arg name="track" type="s" direction="in"/><arg name="position" type="u" direction="out"/></method>
   <method name="Stop"/>
   <signal name="Changed"><arg name="track" type="s"/></signal>
   <property name="Volume" type="d" access="read"/>
   <property name="Mode" type="u" access="read" tp:type="Mode"/>
   <property name="Tags" type="a{sv}" access="read" tp:type="Tags"/>`,
);
const LAMP_NAME = "a.b.C";
const text = (value: string): Variant => new Variant("s", value);
const double = (value: number): Variant => new Variant("d", value);

const { interfaces: INTERFACES } = analyze([{ path: "a.xml", content: LAMP }], new Diagnostics()).ir;

class LampClient extends Client<InterfaceContract, object, { "Changed(s)": [track: string] }> {
  constructor(bus: Bus, target: Target) {
    const [lamp] = INTERFACES.map(contractOf);
    super(lamp ?? { version: 2, name: LAMP_NAME }, bus, target);
  }
}

/** Starts a bus with a mock that a client controls, and a client of its objects. */
async function controlled() {
  const bus = await testBus();
  const ran: unknown[] = [];
  const commands = {
    addLamp: addition(["name"], { ...Everything1, properties: {} }, async ([name], properties) => {
      ran.push([name, properties]);
      return { path: `/${name}` };
    }),
    fail: action([], async () => {
      throw new Error("there is no lamp");
    }),
  };
  const served = await new MockControl(bus.objects, INTERFACES, commands).serve(bus.services);
  const target: Target = { destination: bus.services.uniqueName, path: CONTROL_PATH };
  const call = (member: string, path = "/a", interfaceName = LAMP_NAME, ...args: readonly [string, unknown[]] | []) => {
    const [signature = "", values = []] = args;
    return bus.clients.call({
      destination: target.destination,
      path,
      interface: interfaceName,
      member,
      signature,
      args: values,
    });
  };
  const properties = async (): Promise<unknown> => {
    const [values] = await call("GetAll", "/a", "org.freedesktop.DBus.Properties", "s", [LAMP_NAME]);
    return values;
  };
  const stop = async (): Promise<void> => {
    await served.close();
    await bus.stop();
  };
  return { bus, control: new Mock1Client(bus.clients, target), call, properties, ran, [Symbol.asyncDispose]: stop };
}

test("the control adds and removes objects, sets properties and emits signals", async () => {
  await using mocked = await controlled();
  const { control, properties, call, bus } = mocked;
  await control.addObject("/", { "org.freedesktop.DBus.ObjectManager": {} });
  await control.addObject("/a", { [LAMP_NAME]: { Volume: double(1) } });
  expect(await properties()).toEqual({ Volume: double(1), Mode: new Variant("u", 3), Tags: new Variant("a{sv}", {}) });
  await control.setProperties("/a", LAMP_NAME, { Volume: double(0.5), Mode: new Variant("u", 4) });
  expect(await properties()).toMatchObject({ Volume: double(0.5), Mode: new Variant("u", 4) });
  const signals: unknown[] = [];
  const lamp = new LampClient(bus.clients, { destination: bus.services.uniqueName, path: "/a" });
  await lamp.signals["Changed(s)"].subscribe((track) => void signals.push(track));
  await control.emitSignal("/a", LAMP_NAME, "Changed", [text("b.ogg")]);
  await expect.poll(() => signals).toEqual(["b.ogg"]);
  const [objects] = await call("GetManagedObjects", "/", "org.freedesktop.DBus.ObjectManager");
  expect([...Object(objects).keys()]).toEqual(["/a"]);
  await control.removeObject("/a");
  await expect(call("Stop")).rejects.toThrow("there is no object at /a");
});

test("the control sets replies and errors, and returns the calls", async () => {
  await using mocked = await controlled();
  const { control, call, bus } = mocked;
  await control.addObject("/a", { [LAMP_NAME]: {} });
  await control.setReply("/a", LAMP_NAME, "Play", [new Variant("u", 7)]);
  expect(await call("Play", "/a", LAMP_NAME, "s", ["x"])).toEqual([7]);
  await control.setError("/a", LAMP_NAME, "Play", "org.example.Busy", "busy");
  await expect(call("Play", "/a", LAMP_NAME, "s", ["x"])).rejects.toThrow("busy");
  await control.setError("/a", LAMP_NAME, "Play", "", "");
  expect(await call("Play", "/a", LAMP_NAME, "s", ["x"])).toEqual([0]);
  const recorded = {
    sender: bus.clients.uniqueName,
    path: "/a",
    interface: LAMP_NAME,
    method: "Play",
    args: [text("x")],
  };
  expect(await control.getCalls()).toEqual([
    { ...recorded, reply: [new Variant("u", 7)] },
    { ...recorded, error: "org.example.Busy" },
    { ...recorded, reply: [new Variant("u", 0)] },
  ]);
  await control.forgetCalls();
  expect(await control.getCalls()).toEqual([]);
});

test("the control runs commands of the template", async () => {
  await using mocked = await controlled();
  const { control, ran } = mocked;
  expect(await control.run("addLamp", ["x"], {})).toBe("/x");
  expect(ran).toEqual([["x", {}]]);
  expect(await control.properties.commands.get()).toEqual({
    addLamp: `name {properties of ${Everything1.name}}`,
    fail: "",
  });
});

test("the control refuses what contradicts the specs, and changes nothing", async () => {
  await using mocked = await controlled();
  const { control, properties } = mocked;
  await control.addObject("/a", { [LAMP_NAME]: {} });
  const before = await properties();
  const set = (values: Record<string, Variant>) => control.setProperties("/a", LAMP_NAME, values);
  const cases: readonly (readonly [call: () => Promise<unknown>, message: string])[] = [
    [() => control.addObject("/b", { "a.b.D": {} }), 'no spec declares the interface "a.b.D"'],
    [() => control.addObject("/a", { [LAMP_NAME]: {} }), `/a already has the interface "${LAMP_NAME}"`],
    [() => control.addObject("/b", { [LAMP_NAME]: { Size: double(1) } }), `${LAMP_NAME} has no property "Size"`],
    [() => control.removeObject("/b"), "there is no object at /b"],
    [() => set({ Volume: double(1), Mode: double(4) }), 'Mode has the type "u", got "d"'],
    [() => set({ Volume: double(1), Mode: new Variant("u", 5) }), 'Mode: "5" is not a value of Mode'],
    [
      () => set({ Tags: new Variant("a{sv}", { Year: text("1969") }) }),
      'Tags: the key Year of Tags has the type "s", not "q"',
    ],
    [() => control.setProperties("/b", LAMP_NAME, {}), "there is no object at /b"],
    [() => control.setProperties("/a", "a.b.D", {}), '/a has no interface "a.b.D"'],
    [() => control.emitSignal("/a", LAMP_NAME, "Gone", []), `${LAMP_NAME} has no signal "Gone"`],
    [() => control.emitSignal("/a", LAMP_NAME, "Changed", []), '"Changed" has 1 arguments, got 0'],
    [() => control.emitSignal("/a", LAMP_NAME, "Changed", [double(1)]), 'track has the type "s", got "d"'],
    [() => control.setReply("/a", LAMP_NAME, "Gone", []), `${LAMP_NAME} has no method "Gone"`],
    [() => control.setReply("/a", LAMP_NAME, "Play", [text("x")]), 'position has the type "u", got "s"'],
    [() => control.setError("/a", LAMP_NAME, "Play", "busy", ""), '"busy" is not an error name'],
    [() => control.run("addLam", [], {}), 'there is no command "addLam"; the commands are addLamp, fail'],
    [() => control.run("addLamp", [], {}), `the command is addLamp name {properties of ${Everything1.name}}`],
    [() => control.run("addLamp", ["x"], { Size: double(1) }), `${Everything1.name} has no property "Size"`],
    [() => control.run("fail", [], { Size: double(1) }), "the command is fail"],
    [() => control.run("fail", [], {}), "there is no lamp"],
  ];
  for (const [call, message] of cases) await expect(call(), message).rejects.toThrow(message);
  expect(await properties()).toEqual(before);
});

test("introspection does not list the control", async () => {
  await using mocked = await controlled();
  const { bus, control } = mocked;
  await control.addObject("/a", { [LAMP_NAME]: {} });
  const { specs } = await introspect(bus.clients, bus.services.uniqueName);
  expect(specs.map(({ path }) => path)).toEqual([`${LAMP_NAME}.xml`]);
});
