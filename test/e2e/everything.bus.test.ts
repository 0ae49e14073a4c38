import { readdirSync } from "node:fs";
import {
  type Bus,
  Client,
  connect,
  DBusError,
  type Incoming,
  type InterfaceContract,
  InvalidValueError,
  PropertyReadOnlyError,
  type Target,
  Variant,
} from "@dbus-codegen-ts/runtime";
import { generate } from "dbus-codegen-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PrivateBus, startPrivateBus } from "../setup/private-bus.ts";
import { gdbusCall, gdbusIntrospect } from "./foreign.ts";
import { TooMuchError } from "./generated/org.example.Everything1.Error.ts";
import {
  Colour,
  Everything1Client,
  type Everything1Properties,
  Everything1Service,
  Mood,
  Rights,
} from "./generated/org.example.Everything1.ts";
import { describeInterface, readSpec } from "./introspection.ts";

const NAME = "org.example.Everything1";
const PATH = "/org/example/Everything";
const SPEC = "test/e2e/specs/org.example.Everything1.xml";

type Handler<K extends keyof Everything1Service> = Everything1Service[K] extends (...args: infer A) => unknown
  ? A
  : never;

/** A service that replies with the arguments of each call and records the last caller. */
class Everything extends Everything1Service {
  calls: string[] = [];
  lastSender = "";

  echoBasics(...args: Handler<"echoBasics">) {
    const [y, b, n, q, i, u, x, t, d, s, o, g, incoming] = args;
    this.lastSender = incoming.sender;
    return [y, b, n, q, i, u, x, t, d, s, o, g] as Awaited<ReturnType<Everything1Service["echoBasics"]>>;
  }
  echoContainers(...args: Handler<"echoContainers">) {
    return args.slice(0, -1) as Awaited<ReturnType<Everything1Service["echoContainers"]>>;
  }
  echoNamed(...args: Handler<"echoNamed">) {
    return args.slice(0, -1) as Awaited<ReturnType<Everything1Service["echoNamed"]>>;
  }
  takeFd() {}
  async sum(a: number, b: number) {
    return a + b;
  }
  refuse(what: string) {
    if (what === "bug") throw new Error(`a bug at ${import.meta.url}`);
    throw new TooMuchError(`no ${what}`);
  }
  forget(what: string) {
    this.calls.push(`forget ${what}`);
  }
  oldWay() {
    return "old";
  }
  emitPing(count: number) {
    for (let index = 1; index <= count; index++) this.signals.ping(index, { mood: Mood.Good });
    this.signals.error("an error that is only a signal");
    this.signals.nothing();
  }
  setQuietly(value: string) {
    Object.assign(this.properties, { announced: value, invalidated: value, silent: value });
  }
  then$() {
    this.calls.push("then");
  }
  constructor$() {
    this.calls.push("constructor");
  }
  properties$() {
    this.calls.push("Properties");
  }
  delete({ member }: Incoming) {
    this.calls.push(member);
  }
  protected override $beforeSet(
    key: keyof Everything1Properties,
    value: Everything1Properties[keyof Everything1Properties],
  ) {
    if (key === "announced" && value === "forbidden") throw new TooMuchError("not this value");
  }
}

const Properties = {
  version: 2,
  name: "org.freedesktop.DBus.Properties",
  methods: {},
  signals: {
    propertiesChanged: { name: "PropertiesChanged", args: [{ type: "s" }, { type: "a{sv}" }, { type: "as" }] },
  },
  properties: {},
} as const satisfies InterfaceContract;

interface PropertiesSignals {
  propertiesChanged: [name: string, changed: Readonly<Record<string, Variant>>, invalidated: readonly string[]];
}

/** A client of org.freedesktop.DBus.Properties without typed properties. */
class PropertiesClient extends Client<typeof Properties, object, PropertiesSignals> {
  constructor(bus: Bus, target: Target) {
    super(Properties, bus, target);
  }
}

/** Returns an object without a prototype, which equals a decoded dictionary. */
const record = (entries: object): object => Object.assign(Object.create(null), entries);

let daemon: PrivateBus;
let serviceBus: Bus;
let clientBus: Bus;
let service: Everything;
let client: Everything1Client;
const bugs: unknown[] = [];

beforeAll(async () => {
  daemon = await startPrivateBus();
  serviceBus = await connect({ bus: daemon.address, onError: (error) => bugs.push(error) });
  service = new Everything({
    announced: "a",
    invalidated: "i",
    constant: "c",
    silent: "s",
    secret: "?",
    place: { x: 1, y: 2, colour: Colour.Red },
  });
  await serviceBus.serve(PATH, service);
  await serviceBus.requestName(NAME);
  clientBus = await connect({ bus: daemon.address });
  client = new Everything1Client(clientBus, { destination: NAME, path: PATH });
});
afterAll(async () => {
  await clientBus?.close();
  await serviceBus?.close();
  await daemon?.stop();
});

test("every basic type makes a round trip", async () => {
  const small = [0, false, -0x8000, 0, -0x80000000, 0, -(2n ** 63n), 0n, -0, "", "/", ""] as const;
  const large = [
    255,
    true,
    0x7fff,
    0xffff,
    0x7fffffff,
    0xffffffff,
    2n ** 63n - 1n,
    2n ** 64n - 1n,
    1e308,
    "é€😀",
    "/a/b_1",
    "a{sv}",
  ] as const;
  expect(await client.echoBasics(...small)).toEqual([...small]);
  expect(await client.echoBasics(...large)).toEqual([...large]);
  const [, , , , , , , , nan] = await client.echoBasics(0, true, 0, 0, 0, 0, 0n, 0n, Number.NaN, "", "/", "");
  expect(nan).toBeNaN();
  expect(service.lastSender).toBe(clientBus.uniqueName);
});

test("every container makes a round trip", async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index % 256);
  const args = [
    new Variant("a{sv}", { deep: new Variant("v", new Variant("(ib)", [7, true])) }),
    bytes,
    ["", "two"],
    [[["a"], []], []],
    [9, "text", [true, 0.5], [new Variant("y", 1), new Variant("as", [])]],
    { one: 1n, ["__proto__"]: 2n, constructor: 3n },
    new Map([
      [7, new Map([[1, true]])],
      [4294967295, new Map()],
    ]),
    new Map([["/org/example", { "org.example.A": { P: new Variant("s", "value") } }]]),
  ] as const;
  const echoed = await client.echoContainers(...args);
  expect(echoed).toEqual([...args]);
  expect(Object.keys(echoed[5])).toEqual(["one", "__proto__", "constructor"]);
  expect(Object.getPrototypeOf(echoed[5])).toBe(null);
});

test("named types have the names of the spec", async () => {
  const origin = { x: -1, y: 1, colour: Colour.Green };
  const options = { mood: Mood.Bad, maxCount: 2n ** 40n, origin, inner: { mood: Mood.Good, inner: {} } };
  const args = [
    Colour.Green,
    Rights.Read | Rights.Write,
    [1, 2],
    [origin],
    new Map([[3, [origin, origin]]]),
    options,
  ] as const;
  expect(await client.echoNamed(...args)).toEqual([...args]);
});

test("undeclared keys, and declared keys with another type, are kept in extra", async () => {
  const extra = { Unreceived: new Variant("u", 5), Mood: new Variant("u", 1) };
  const [, , , , , options] = await client.echoNamed(Colour.Red, 0, [], [], new Map(), { maxCount: 1n, extra });
  expect(options).toEqual({ maxCount: 1n, extra: record(extra) });
});

test.each<[string, () => Promise<unknown>, string]>([
  ["a number out of range", () => client.sum(2 ** 31, 1), "arg"],
  ["a wrong path", () => client.echoBasics(0, true, 0, 0, 0, 0, 0n, 0n, 0, "", "no/slash", ""), "o"],
  ["a NUL in a string", () => client.forget("\0"), "what"],
  ["a lone surrogate", () => client.forget("\ud800"), "what"],
  ["a file descriptor, which this connection cannot pass", () => client.takeFd(0), "fd"],
])("%s is a local error that names the argument", async (_, call, argument) => {
  await expect(call()).rejects.toSatisfy((error) => error instanceof Error && error.message.includes(argument));
  expect(await client.sum(1, 2)).toBe(3);
});

test("errors are instances of the classes of the spec; bugs are Failed without details", async () => {
  await expect(client.refuse("thing")).rejects.toBeInstanceOf(TooMuchError);
  await expect(client.refuse("thing")).rejects.toMatchObject({
    errorName: TooMuchError.errorName,
    message: "no thing",
  });
  const failure = await client.refuse("bug").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DBusError);
  expect(failure).toMatchObject({ errorName: "org.freedesktop.DBus.Error.Failed" });
  expect(String(failure)).not.toContain("bug at");
  expect(bugs.map(String).some((bug) => bug.includes("bug at"))).toBe(true);
});

test("members with colliding names use their wire names, and awaiting a client calls nothing", async () => {
  service.calls = [];
  const same = await Promise.resolve(client);
  await same.then$();
  await client.constructor$();
  await client.properties$();
  await client.delete();
  await client.forget("me");
  await client.sum(0, 0);
  expect(service.calls).toEqual(["then", "constructor", "Properties", "delete", "forget me"]);
});

test("listeners and iterations receive signals in order", async () => {
  const received: unknown[] = [];
  await using _ping = await client.signals.ping.subscribe((count, { mood }) => received.push([count, mood]));
  await using _error = await client.signals.error.subscribe((text) => received.push(text));
  const nothing = client.signals.nothing[Symbol.asyncIterator]();
  const first = nothing.next();
  await client.sum(0, 0);
  await client.emitPing(3);
  expect((await first).value).toEqual([]);
  expect(received).toEqual([[1, Mood.Good], [2, Mood.Good], [3, Mood.Good], "an error that is only a signal"]);
  await nothing.return?.();
});

test("properties are read and written according to their access", async () => {
  const { announced, constant, place, secret } = client.properties;
  await announced.set("new");
  expect([await announced.get(), service.properties.announced]).toEqual(["new", "new"]);
  await place.set({ x: 5, y: 6, colour: Colour.Green });
  expect(await place.get()).toEqual({ x: 5, y: 6, colour: Colour.Green });
  await secret.set("hush");
  expect(service.properties.secret).toBe("hush");
  expect(await constant.get()).toBe("c");
  await expect(announced.set("forbidden")).rejects.toBeInstanceOf(TooMuchError);
  expect(service.properties.announced).toBe("new");
});

test("a property cannot be written against its access by any peer", async () => {
  const set = clientBus.call({
    destination: NAME,
    path: PATH,
    interface: "org.freedesktop.DBus.Properties",
    member: "Set",
    signature: "ssv",
    args: [NAME, "Constant", new Variant("s", "hacked")],
  });
  await expect(set).rejects.toBeInstanceOf(PropertyReadOnlyError);
  expect(service.properties.constant).toBe("c");
});

test("PropertiesChanged contains what each value of EmitsChangedSignal requires", async () => {
  const changes: unknown[] = [];
  const properties = new PropertiesClient(clientBus, { destination: NAME, path: PATH });
  await using _ = await properties.signals.propertiesChanged.subscribe((...args) => changes.push(args));
  await client.setQuietly("again");
  expect(changes).toHaveLength(1);
  await client.setQuietly("again");
  await client.sum(0, 0);
  expect(changes).toEqual([[NAME, record({ Announced: new Variant("s", "again") }), ["Invalidated"]]]);
});

test("gdbus introspect prints the interface of the spec", async () => {
  const served = describeInterface(await gdbusIntrospect(daemon.address, NAME, PATH), NAME);
  expect(served).toBeDefined();
  expect(served).toEqual(describeInterface(readSpec(SPEC), NAME));
});

test("a foreign client calls the service", async () => {
  expect(await gdbusCall(daemon.address, NAME, PATH, `${NAME}.Sum`, "20", "22")).toBe("(42,)");
  await expect(gdbusCall(daemon.address, NAME, PATH, `${NAME}.Refuse`, "'all'")).rejects.toThrow(
    TooMuchError.errorName,
  );
  const all = await gdbusCall(daemon.address, NAME, PATH, "org.freedesktop.DBus.Properties.GetAll", `'${NAME}'`);
  expect(all).toContain("'Constant': <'c'>");
  expect(all).not.toContain("Secret");
});

test("an invalid argument throws InvalidValueError", async () => {
  await expect(client.sum(0.5, 0)).rejects.toBeInstanceOf(InvalidValueError);
});

test("the committed module is up to date", async () => {
  const folder = "test/e2e/specs";
  const names = readdirSync(folder);
  const { files } = await generate(names.map((path) => ({ path, content: readSpec(`${folder}/${path}`) })));
  expect(files.map(({ path, text }) => [path, text])).toEqual(
    files.map(({ path }) => [path, readSpec(`test/e2e/generated/${path}`)]),
  );
});
