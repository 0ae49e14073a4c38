import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { type DynamicInterface, InvalidIntrospectionError, remoteObject } from "../../../../runtime/core/dynamic.ts";
import {
  type Bus,
  connect,
  DBusError,
  type InterfaceContract,
  InvalidReplySignatureError,
  InvalidValueError,
  type ObjectPath,
  ServiceUnknownError,
  UnknownMethodError,
  Variant,
} from "../../../../runtime/core/index.ts";
import { rawService } from "../../../generator/tools/raw-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { Jukebox1, NoTrackError, type PlayOptions, type TrackInfo } from "../fixtures/jukebox.ts";
import { Everything, Jukebox } from "../fixtures/services.ts";

const NAME = "org.example.Dynamic";
const PATH = "/dynamic";
let daemon: PrivateBus;
let service: Bus;
let bus: Bus;
let jukebox: Jukebox;

beforeAll(async () => {
  daemon = await startPrivateBus();
  service = await connect({ bus: daemon.address });
  jukebox = new Jukebox();
  await service.serve(PATH, jukebox, new Everything());
  await service.serve(`${PATH}/below`, new Jukebox());
  await service.requestName(NAME);
  bus = await connect({ bus: daemon.address });
});
afterAll(async () => {
  await bus.close();
  await service.close();
  await daemon.stop();
});

/** Returns an interface of the object without using a contract. */
const untyped = async (name: string): Promise<DynamicInterface> =>
  (await remoteObject(bus, NAME, PATH)).interface(name);

test("an object has the interfaces and children of its introspection document", async () => {
  const object = await remoteObject(bus, NAME, PATH);
  expect([object.destination, object.path, object.children, object.problems]).toEqual([
    NAME,
    PATH,
    ["/dynamic/below"],
    [],
  ]);
  expect(object.interfaces).toContain("org.example.Jukebox1");
  expect([...object.interface("org.example.Jukebox1").introspected.methods.keys()]).toEqual(["Play", "Stop"]);
  expect((await remoteObject(bus, NAME, "/")).children).toEqual([PATH]);
});

describe("without a contract", () => {
  test("methods are called with values of the introspected types", async () => {
    const lamp = await untyped("org.example.Jukebox1");
    expect(await lamp.call("Play", ["a", { Volume: new Variant("d", 1) }])).toEqual([
      "/org/example/track/1",
      ["a", 42n],
    ]);
    expect(jukebox.played.at(-1)?.options).toEqual({ volume: 1 });
    expect(await lamp.call("Stop")).toBeUndefined();
    const everything = await untyped("org.example.Sampler1");
    expect(await everything.call("Describe", [1])).toBe("number 1");
    expect(await everything.call("Describe", ["one"])).toBe("text one");
  });

  test("properties are read, written and followed", async () => {
    const lamp = await untyped("org.example.Jukebox1");
    await lamp.set("Volume", 0.25);
    expect([await lamp.get("Volume"), await lamp.getAll()]).toEqual([0.25, { Volume: 0.25, Repeat: 0 }]);
    const volume = lamp.property("Volume");
    const heard: unknown[] = [];
    await using _ = await volume.subscribe((value) => void heard.push(value));
    await volume.set(0.5);
    await expect.poll(() => heard).toEqual([0.25, 0.5]);
    expect(volume.value).toBe(0.5);
  });

  test("signals are listened to and iterated over", async () => {
    const lamp = await untyped("org.example.Jukebox1");
    const signal = lamp.signal("TrackChanged");
    const stream = signal.stream();
    const first = stream.next();
    const heard: unknown[] = [];
    await using _ = await signal.subscribe((...args) => void heard.push(args));
    await lamp.call("Play", ["b", {}]);
    expect(await first).toEqual({ done: false, value: ["b", 42n] });
    expect(heard).toEqual([["b", 42n]]);
    await stream.return?.();
  });

  const AT = `org.example.Jukebox1 at ${PATH} of ${NAME}`;
  const MISTAKES: readonly (readonly [string, (lamp: DynamicInterface) => unknown])[] = [
    [`${AT} has no method "Plai"; did you mean "Play"?`, (lamp) => lamp.call("Plai")],
    [`${AT} has no method "Volume"; it is a property`, (lamp) => lamp.call("Volume")],
    [`${AT} has no method "Eject"; the names are case-sensitive`, (lamp) => lamp.call("Eject")],
    [`${AT} has no property "volume"; did you mean "Volume"?`, (lamp) => lamp.get("volume")],
    [`${AT} has no signal "TrackChange"; did you mean "TrackChanged"?`, (lamp) => lamp.signal("TrackChange")],
    ["org.example.Jukebox1.Play takes (track: s, options: a{sv}), got 1 arguments", (lamp) => lamp.call("Play", ["a"])],
    [
      'org.example.Jukebox1.Play(track: s, options: a{sv}): argument "track": expected a string, got 5',
      (lamp) => lamp.call("Play", [5, {}]),
    ],
    [
      'org.example.Jukebox1.Play(track: s, options: a{sv}): argument "options"["Volume"]: expected a Variant, got 1',
      (lamp) => lamp.call("Play", ["a", { Volume: 1 }]),
    ],
    [
      'org.example.Jukebox1.Volume (d): property "Volume": expected a number, got "loud"',
      (lamp) => lamp.set("Volume", "loud"),
    ],
    ["org.example.Jukebox1.Repeat: the property is read-only", (lamp) => lamp.set("Repeat", 1)],
  ];
  test.each(MISTAKES)("nothing is sent: %s", async (message, use) => {
    const lamp = await untyped("org.example.Jukebox1");
    const sent = bus.counters.messagesOut;
    const used = new Promise((resolve) => resolve(use(lamp)));
    await expect(used).rejects.toMatchObject({ name: InvalidValueError.name, message });
    expect(bus.counters.messagesOut).toBe(sent);
  });

  test("other mistakes are reported, too", async () => {
    const everything = await untyped("org.example.Sampler1");
    await expect(everything.get("Secret")).rejects.toThrow("Secret: the property is write-only");
    await expect(everything.call("Describe", [true])).rejects.toThrow("expected an integer");
    await expect(everything.call("Describe")).rejects.toThrow("takes (number: u) or (text: s), got 0 arguments");
    const object = await remoteObject(bus, NAME, PATH);
    expect(() => object.interface("org.example.Jukebox")).toThrow(
      `the object ${PATH} of ${NAME} has no interface "org.example.Jukebox"; did you mean "org.example.Jukebox1"?`,
    );
    const root = await remoteObject(bus, NAME, "/");
    expect(() => root.interface("org.example.Jukebox1")).toThrow(/has no interface "org.example.Jukebox1"/);
    await expect(remoteObject(bus, "org.example.Absent", "/")).rejects.toBeInstanceOf(ServiceUnknownError);
  });
});

describe("with a contract", () => {
  test("members have the types of the contract", async () => {
    const lamp = (await remoteObject(bus, NAME, PATH)).interface(Jukebox1);
    const played = await lamp.call("Play", ["a", { volume: 1, history: [{ uri: "b", length: 1n }] }]);
    expectTypeOf(played).toEqualTypeOf<readonly [ObjectPath, { readonly uri: string; readonly length: bigint }]>();
    expectTypeOf(played[1]).toEqualTypeOf<TrackInfo>();
    expect(played).toEqual(["/org/example/track/1", { uri: "a", length: 42n }]);
    expectTypeOf(lamp.call<"Play">)
      .parameter(1)
      .branded.toEqualTypeOf<readonly [string, PlayOptions]>();
    expectTypeOf(await lamp.call("Stop")).toBeUndefined();
    expectTypeOf(await lamp.get("Volume")).toBeNumber();
    expectTypeOf(await lamp.getAll()).toEqualTypeOf<{ readonly Volume?: number; readonly Repeat?: number }>();
    const tracks = lamp.signal("TrackChanged").stream();
    const next = tracks.next();
    await using _ = await lamp.signal("TrackChanged").subscribe(() => undefined);
    await lamp.call("Play", ["c", {}]);
    expectTypeOf(tracks).toEqualTypeOf<AsyncIterableIterator<readonly [track: string, length: bigint], undefined>>();
    expect((await next).value).toEqual(["c", 42n]);
    await tracks.return?.();
  });

  test("mistakes do not compile", () => {
    const compiled = (_: (lamp: DynamicInterface<typeof Jukebox1>) => unknown): void => {};
    // @ts-expect-error
    compiled((lamp) => lamp.call("Plai", ["a", {}]));
    // @ts-expect-error
    compiled((lamp) => lamp.call("Play"));
    // @ts-expect-error
    compiled((lamp) => lamp.call("Play", ["a"]));
    // @ts-expect-error
    compiled((lamp) => lamp.call("Play", ["a", { volume: "loud" }]));
    // @ts-expect-error
    compiled((lamp) => lamp.call("Stop", [1]));
    // @ts-expect-error
    compiled((lamp) => lamp.set("Repeat", 1));
    // @ts-expect-error
    compiled((lamp) => lamp.set("Volume", "loud"));
    // @ts-expect-error
    compiled((lamp) => lamp.signal("Volume"));
  });

  test("an error of the contract is of its class", async () => {
    const lamp = (await remoteObject(bus, NAME, PATH)).interface(Jukebox1);
    const error: unknown = await lamp.call("Play", ["", {}]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NoTrackError);
    expect((error as Error).stack).toContain("remote-object.bus.test.ts");
  });

  test("a member that the service declares differently is refused when it is used", async () => {
    const Newer = {
      version: 2,
      name: "org.example.Jukebox1",
      methods: {
        play: { name: "Play", in: [{ name: "track", type: "u" }], out: [] },
        eject: { name: "Eject", in: [], out: [] },
        stop: { name: "Stop", in: [], out: [] },
      },
      signals: { trackChanged: { name: "TrackChanged", args: [{ type: "s" }] } },
      properties: { volume: { name: "Volume", type: "u", access: "readwrite", emits: "true" } },
    } as const satisfies InterfaceContract;
    const lamp = (await remoteObject(bus, NAME, PATH)).interface(Newer);
    await expect(lamp.call("Play", [1])).rejects.toThrow(
      "Play: the contract declares (u) → (), the service (sa{sv}) → (o(st))",
    );
    await expect(lamp.call("Eject")).rejects.toThrow('has no method "Eject"');
    await expect(lamp.get("Volume")).rejects.toThrow("Volume: the contract declares u, the service d");
    expect(() => lamp.signal("TrackChanged")).toThrow("TrackChanged: the contract declares (s), the service (st)");
    await lamp.call("Stop");
  });
});

describe("a hostile service", () => {
  const DOCUMENTS: readonly (readonly [
    string,
    readonly [string, ...unknown[]] | DBusError,
    new (...args: never[]) => Error,
  ])[] = [
    ["not XML", ["s", "nonsense"], InvalidIntrospectionError],
    ["entities", ["s", '<!DOCTYPE node [<!ENTITY a "b">]><node name="&a;"/>'], InvalidIntrospectionError],
    ["very long", ["s", `<node>${" ".repeat(2 ** 20)}</node>`], InvalidIntrospectionError],
    ["very deep", ["s", "<node>".repeat(100_000)], InvalidIntrospectionError],
    [
      "many interfaces",
      ["s", `<node>${Array.from({ length: 1001 }, (_, index) => `<interface name="a.b${index}"/>`).join("")}</node>`],
      InvalidIntrospectionError,
    ],
    ["another type", ["u", 1], InvalidReplySignatureError],
    ["an error", new DBusError("org.freedesktop.DBus.Error.UnknownMethod", "no"), UnknownMethodError],
  ];
  test.each(DOCUMENTS)("replies to Introspect with %s", async (_, reply, type) => {
    await using hostile = await rawService(daemon.address, "org.example.Hostile", () => reply);
    await expect(remoteObject(bus, hostile.name, "/")).rejects.toBeInstanceOf(type);
  });

  test("declares members that are not valid, and sends other types than it declares", async () => {
    const xml = `<node><interface name="org.example.Lamp"><method name="Blink"><arg type="z"/></method>
      <property name="__proto__" type="s" access="read"/><property name="Level" type="y" access="read"/></interface></node>`;
    await using hostile = await rawService(daemon.address, "org.example.Hostile", ({ member }) => {
      if (member === "Introspect") return ["s", xml];
      if (member === "GetAll") return ["a{sv}", { ["__proto__"]: new Variant("s", "x"), Level: new Variant("s", "x") }];
      return ["v", new Variant("s", "x")];
    });
    const object = await remoteObject(bus, hostile.name, "/");
    expect(object.problems).toEqual(['method "Blink" of org.example.Lamp: "z" is not one complete type']);
    const lamp = object.interface("org.example.Lamp");
    await expect(lamp.call("Blink", [])).rejects.toThrow(
      'has no method "Blink"; its declaration is not valid: method "Blink" of org.example.Lamp: "z" is not one',
    );
    await expect(lamp.get("Level")).rejects.toBeInstanceOf(InvalidReplySignatureError);
    expect(await lamp.get("__proto__")).toBe("x");
    expect(Object.entries(await lamp.getAll())).toEqual([["__proto__", "x"]]);
  });
});
