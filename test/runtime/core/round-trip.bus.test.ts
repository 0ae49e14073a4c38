import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AccessDeniedError,
  type Bus,
  Client,
  connect,
  DBusError,
  FailedError,
  InvalidReplySignatureError,
  InvalidValueError,
  LimitsExceededError,
  MissingDescriptorError,
  NoReplyError,
  PropertyReadOnlyError,
  ServiceUnknownError,
  UnknownObjectError,
  Variant,
} from "../../../runtime/core/index.ts";
import { bodyCodec } from "../../../runtime/core/wire/arguments-codec.ts";
import { decodeBody } from "../../../runtime/core/wire/message.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { Jukebox1Client, NoTrackError, RepeatMode } from "./fixtures/jukebox.ts";
import { type All, ErrorLog, Everything, FAILURES, Jukebox } from "./fixtures/services.ts";
import { Sampler1Client } from "./generated/org.example.Sampler1.ts";

const NAME = "org.example.Jukebox";
const PATH = "/org/example/jukebox";
const ALL: All = [
  255,
  true,
  -32768,
  65535,
  -2147483648,
  4294967295,
  -(2n ** 63n),
  2n ** 64n - 1n,
  Number.NaN,
  "grüße \u{1f3b5}",
  "/a/b_1",
  "a{sv}(ii)",
  new Variant("(sv)", ["x", new Variant("au", [1, 2])]),
  new Uint8Array([0, 1, 255]),
  ["", "b"],
  ["s", [7, [-1n, 1n]]],
  Object.assign(Object.create(null), { ["__proto__"]: new Variant("s", "safe"), constructor: new Variant("b", false) }),
  new Map([
    [1, "/one"],
    [4294967295, "/"],
  ]),
  new Map([["/k", "v"]]),
  Object.assign(Object.create(null), { none: [], some: [[1], [-1]] }),
];

let daemon: PrivateBus;
let serviceBus: Bus;
let clientBus: Bus;
const jukebox = new Jukebox();
const everything = new Everything();
const log = new ErrorLog();
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

beforeAll(async () => {
  daemon = await startPrivateBus();
  serviceBus = await connect({ bus: daemon.address, onError: log.hook });
  clientBus = await connect({ bus: daemon.address });
  await serviceBus.serve(PATH, jukebox, everything);
  expect(await serviceBus.requestName(NAME)).toMatchObject({ state: "owner" });
});

afterAll(async () => {
  await clientBus?.close();
  await serviceBus?.close();
  await daemon?.stop();
});

const jukeboxClient = (): Jukebox1Client => new Jukebox1Client(clientBus, { destination: NAME, path: PATH });
const everythingClient = (): Sampler1Client => new Sampler1Client(clientBus, { destination: NAME, path: PATH });

describe("methods", () => {
  test("transfer every type in both directions, as signals do", async () => {
    const received: All[] = [];
    await using _ = await everythingClient().signals.everything.subscribe((...args) => received.push(args));
    expect(await everythingClient().echo(...ALL)).toEqual(ALL);
    expect(received).toEqual([ALL]);
  });

  test("pass the caller to the handler", async () => {
    const options = { volume: 1, history: [{ uri: "u", length: 1n }], extra: { New: new Variant("s", "key") } };
    const [handle, info] = await jukeboxClient().play("a.ogg", options);
    expect(handle).toBe("/org/example/track/1");
    expect(info).toEqual({ uri: "a.ogg", length: 42n });
    const extra = Object.assign(Object.create(null), options.extra);
    expect(jukebox.played.at(-1)).toEqual({
      track: "a.ogg",
      options: { ...options, extra },
      sender: clientBus.uniqueName,
    });
  });

  test("raise the error class of the contract", async () => {
    const call = jukeboxClient().play("", {});
    await expect(call).rejects.toBeInstanceOf(NoTrackError);
    await expect(call).rejects.toThrow("there is no such track");
  });

  test("with the same wire name are distinguished by their types", async () => {
    expect(await everythingClient().describe(7)).toBe("number 7");
    expect(await everythingClient().describe$("x")).toBe("text x");
  });

  test("without reply resolve immediately and reach the handler", async () => {
    await everythingClient().forget("me");
    await everythingClient().describe$("after");
    expect(everything.forgotten).toEqual(["me"]);
  });

  test("run concurrently in any number", async () => {
    const client = everythingClient();
    const numbers = Array.from({ length: 500 }, (_, index) => index);
    const texts = await Promise.all(numbers.map((number) => client.describe(number)));
    expect(texts).toEqual(numbers.map((number) => `number ${number}`));
    expect(clientBus.usage.pendingCalls).toBe(0);
  });

  test("transfer values that need many reads of the socket", async () => {
    const track = "ü".repeat(2 ** 22);
    const [, info] = await jukeboxClient().play(track, {});
    expect(info.uri === track).toBe(true);
  });

  test("can be called by unique name, by well-known name and on the same connection", async () => {
    const target = { destination: serviceBus.uniqueName, path: PATH };
    expect(await new Sampler1Client(clientBus, target).describe$("unique")).toBe("text unique");
    expect(await new Sampler1Client(serviceBus, target).describe$("self")).toBe("text self");
    const own = new Sampler1Client(serviceBus, { destination: NAME, path: PATH });
    expect(await own.describe$("own")).toBe("text own");
  });

  test("fail after their timeout or when aborted, and leave nothing behind", async () => {
    const client = everythingClient();
    await expect(client.later(300, { timeout: 20 })).rejects.toBeInstanceOf(NoReplyError);
    const controller = new AbortController();
    const aborted = client.later(300, { signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    await expect(client.later(1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(clientBus.usage.pendingCalls).toBe(0);
    expect(await client.later(1)).toBe(1);
  });

  test.each(Object.keys(FAILURES).filter((how) => how !== "good error" && how !== "too large"))(
    "that fail by %s answer Failed once",
    async (how) => {
      const reported = log.entries.length;
      const failure = await everythingClient()
        .fail(how)
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(FailedError);
      expect(failure).toMatchObject({ message: "Fail failed" });
      expect(log.entries.slice(reported)).toMatchObject([{ origin: { kind: "handler", member: "Fail" } }]);
      expect(await everythingClient().describe$("alive")).toBe("text alive");
    },
  );

  test("with too large a reply get one LimitsExceeded error", async () => {
    const reported = log.entries.length;
    await expect(everythingClient().fail("too large")).rejects.toBeInstanceOf(LimitsExceededError);
    expect(log.entries.slice(reported)).toMatchObject([{ origin: { kind: "handler", member: "Fail" } }]);
    expect(await everythingClient().describe$("alive")).toBe("text alive");
  });

  test("reply with the error that a handler throws, in a text that can be sent", async () => {
    const failure = await everythingClient()
      .fail("good error")
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DBusError);
    expect(failure).toMatchObject({ errorName: "org.example.Error.Good", message: "as\ufffdit\ufffdis" });
  });

  test("send nothing that is invalid", async () => {
    const client = jukeboxClient();
    await expect(client.play("a\0b", {})).rejects.toThrow('argument "track": a string must not contain NUL');
    await expect(client.play("a", { volume: "loud" as unknown as number })).rejects.toThrow(
      'argument "options"["Volume"]: expected a number, got "loud"',
    );
    await expect(everythingClient().openDescriptor(0)).rejects.toBeInstanceOf(InvalidValueError);
    expect(() => new Jukebox1Client(clientBus, { destination: NAME, path: "a//b" })).toThrow(
      "path: expected an object path",
    );
    expect(() => new Jukebox1Client(clientBus, { destination: "nodots", path: "/" })).toThrow(
      "destination: expected a bus name",
    );
    await expect(clientBus.call({ destination: NAME, path: PATH, member: "a.b" as string })).rejects.toThrow(
      "member: expected a member name",
    );
    expect(await everythingClient().describe$("alive")).toBe("text alive");
  });

  test("of a name without owner fail with the error of the bus", async () => {
    const nobody = new Jukebox1Client(clientBus, { destination: "org.example.Nobody", path: "/" });
    await expect(nobody.stop()).rejects.toBeInstanceOf(ServiceUnknownError);
    const nothing = new Jukebox1Client(clientBus, { destination: NAME, path: "/nothing" });
    await expect(nothing.stop()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("whose reply has other types than declared throw an error", async () => {
    await serviceBus.serve("/liar", new Jukebox());
    const lying = {
      version: 2,
      name: "org.example.Jukebox1",
      methods: { stop: { name: "Stop", in: [], out: [{ type: "s" }] } },
      signals: {},
      properties: { volume: { name: "Volume", type: "s", access: "read", emits: "true" } },
    } as const;
    class Liar extends Client<typeof lying, { readonly volume: string }, object> {
      stop(): Promise<string> {
        return this.$call(lying.methods.stop, []);
      }
    }
    const liar = new Liar(lying, clientBus, { destination: NAME, path: "/liar" });
    await expect(liar.stop()).rejects.toBeInstanceOf(InvalidReplySignatureError);
    await expect(liar.properties.volume.get()).rejects.toMatchObject({ expected: "s", received: "d" });
  });
});

describe("properties", () => {
  test("are read and written", async () => {
    const { volume, repeat } = jukeboxClient().properties;
    await volume.set(0.75);
    expect(await volume.get()).toBe(0.75);
    expect(jukebox.properties.volume).toBe(0.75);
    expect(await repeat.get()).toBe(RepeatMode.Off);
  });

  test("can reject a value", async () => {
    await expect(jukeboxClient().properties.volume.set(2)).rejects.toBeInstanceOf(AccessDeniedError);
    expect(jukebox.properties.volume).toBeLessThanOrEqual(1);
  });

  test("that are read-only do not change", async () => {
    const args = ["org.example.Jukebox1", "Repeat", new Variant("u", 1)] as const;
    const call = { destination: NAME, path: PATH, interface: "org.freedesktop.DBus.Properties", member: "Set" };
    await expect(clientBus.call({ ...call, signature: "ssv", args })).rejects.toBeInstanceOf(PropertyReadOnlyError);
    expect(jukebox.properties.repeat).toBe(RepeatMode.Off);
  });

  test("are announced according to the contract, once per tick and only if they changed", async () => {
    const changes: unknown[][] = [];
    const close = await clientBus.listen({
      sender: NAME,
      path: PATH,
      interface: "org.freedesktop.DBus.Properties",
      member: "PropertiesChanged",
      onSignal: (signal) => changes.push(bodyOf(signal)),
    });
    const { properties } = everything;
    properties.announced = ["two"];
    properties.announced = ["three"];
    properties.invalidated = "after";
    properties.silent = 2;
    properties.secret = "other";
    Reflect.set(properties, "constant", "never announced");
    await everythingClient().describe$("x");
    properties.announced = ["three"];
    await everythingClient().describe$("x");
    await close();
    properties.announced = ["unheard"];
    await everythingClient().describe$("x");
    const changed = Object.assign(Object.create(null), { Announced: new Variant("as", ["three"]) });
    expect(changes).toEqual([["org.example.Sampler1", changed, ["Invalidated"]]]);
  });

  test("reject an assigned value of another type", () => {
    const { properties } = everything;
    const assign = (): void => {
      properties.silent = -1;
    };
    expect(assign).toThrow('property "Silent": expected an integer from 0 to 4294967295, got -1');
    expect(properties.silent).toBe(2);
    expect(() => new VolumeMissing()).toThrow('property "Volume"');
  });

  test("may have names of Object.prototype", async () => {
    const client = everythingClient();
    expect(await client.properties.toString$.get()).toBe("text");
    const received: number[] = [];
    await using _ = await client.signals.hasOwnProperty$.subscribe((n) => received.push(n));
    const { hasOwnProperty$: emit } = everything.signals;
    emit(7);
    await client.describe$("x");
    expect(received).toEqual([7]);
    expect(Reflect.get(client.properties, "constructor")).toBeUndefined();
  });
});

describe("signals", () => {
  test("can be iterated over", async () => {
    const iterator = jukeboxClient().signals.trackChanged[Symbol.asyncIterator]();
    const first = iterator.next();
    await expect.poll(() => clientBus.usage.listeners).toBe(1);
    await nextTurn();
    await jukeboxClient().play("one", {});
    await jukeboxClient().play("two", {});
    expect(await first).toEqual({ done: false, value: ["one", 42n] });
    expect(await iterator.next()).toEqual({ done: false, value: ["two", 42n] });
    await iterator.return?.();
    expect(clientBus.usage.listeners).toBe(0);
  });

  test("end an iteration immediately, even while the next signal is awaited", async () => {
    const iterator = jukeboxClient().signals.trackChanged[Symbol.asyncIterator]();
    const next = iterator.next();
    await expect.poll(() => clientBus.usage.listeners).toBe(1);
    await iterator.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(clientBus.usage.listeners).toBe(0);
    for await (const [track] of playing("loop")) {
      expect(track).toBe("loop");
      break;
    }
    expect(clientBus.usage.listeners).toBe(0);
  });

  async function* playing(track: string): AsyncGenerator<[string, bigint]> {
    const timer = setInterval(() => void jukeboxClient().play(track, {}), 5);
    try {
      yield* jukeboxClient().signals.trackChanged;
    } finally {
      clearInterval(timer);
    }
  }

  test("share one match rule, which is removed after the last subscription", async () => {
    const before = clientBus.usage.matchRules;
    const signal = jukeboxClient().signals.trackChanged;
    const first = await signal.subscribe(() => undefined);
    const second = await signal.subscribe(() => undefined);
    expect(clientBus.usage.matchRules).toBe(before + 1);
    await first.close();
    await first.close();
    expect(clientBus.usage.matchRules).toBe(before + 1);
    await second.close();
    expect(clientBus.usage.matchRules).toBe(before);
  });

  test("calls to many names leave a bounded number of match rules", async () => {
    const names = Array.from({ length: 100 }, (_, index) => `org.example.Many${index}`);
    const ping = { path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" };
    for (const name of names) await serviceBus.requestName(name);
    for (const destination of names) await clientBus.call({ ...ping, destination });
    expect(clientBus.usage.matchRules).toBeLessThanOrEqual(66);
    for (const name of names) await serviceBus.releaseName(name);
  });

  test("of a connection other than the owner are not delivered", async () => {
    const received: string[] = [];
    await using _ = await jukeboxClient().signals.trackChanged.subscribe((track) => received.push(track));
    await using impostor = await connect({ bus: daemon.address });
    const forged = { path: PATH, interface: "org.example.Jukebox1", member: "TrackChanged" };
    impostor.emit({ ...forged, codec: bodyCodec("st"), args: ["forged", 1n], destination: clientBus.uniqueName });
    impostor.emit({ ...forged, codec: bodyCodec("st"), args: ["forged", 1n] });
    await impostor.call({
      destination: clientBus.uniqueName,
      path: "/",
      interface: "org.freedesktop.DBus.Peer",
      member: "Ping",
    });
    await jukeboxClient().play("real", {});
    expect(received).toEqual(["real"]);
  });

  test("are received from the next owner of the name", async () => {
    const received: string[] = [];
    const target = { destination: "org.example.Moving", path: PATH };
    await using _ = await new Jukebox1Client(clientBus, target).signals.trackChanged.subscribe((track) =>
      received.push(track),
    );
    for (const track of ["first", "second"]) {
      await using bus = await connect({ bus: daemon.address });
      const service = new Jukebox();
      await bus.serve(PATH, service);
      await bus.requestName(target.destination);
      service.signals.trackChanged(track, 1n);
      await new Jukebox1Client(clientBus, target).stop();
    }
    expect(received).toEqual(["first", "second"]);
  });

  test("reach every listener even if one throws", async () => {
    const errors = new ErrorLog();
    await using bus = await connect({ bus: daemon.address, onError: errors.hook });
    const received: string[] = [];
    const { trackChanged } = new Jukebox1Client(bus, { destination: NAME, path: PATH }).signals;
    await trackChanged.subscribe(() => {
      throw new Error("listener");
    });
    await trackChanged.subscribe((track) => received.push(track));
    await new Jukebox1Client(bus, { destination: NAME, path: PATH }).play("heard", {});
    expect(received).toEqual(["heard"]);
    expect(errors.entries).toMatchObject([{ origin: { kind: "listener", member: "TrackChanged" } }]);
  });
});

describe("services", () => {
  test("reject arguments of type h without a file descriptor", async () => {
    const before = everything.calls;
    const codec = { ...bodyCodec("u"), signature: "h" };
    const request = {
      destination: NAME,
      path: PATH,
      interface: "org.example.Sampler1",
      member: "OpenDescriptor",
      codec,
      args: [0],
    };
    const reply = await clientBus.request(request, {}, (answer) => answer.errorName);
    expect(reply).toBe("org.freedesktop.DBus.Error.InvalidArgs");
    expect(everything.calls).toBe(before);
    expect(new MissingDescriptorError().message).toContain("file descriptor");
  });

  test("are served until their handle is closed", async () => {
    const served = await serviceBus.serve("/short/lived", new Jukebox());
    const client = new Jukebox1Client(clientBus, { destination: NAME, path: "/short/lived" });
    await client.stop();
    await expect(serviceBus.serve("/short/lived", new Jukebox())).rejects.toThrow("already has the interface");
    await served.close();
    await expect(client.stop()).rejects.toBeInstanceOf(UnknownObjectError);
  });

  test("own names and release them", async () => {
    expect(await clientBus.requestName(NAME)).toMatchObject({ state: "taken" });
    expect(await clientBus.requestName(NAME, { queue: true })).toMatchObject({ state: "queued" });
    await clientBus.releaseName(NAME);
    await expect(clientBus.requestName(":1.5")).rejects.toBeInstanceOf(InvalidValueError);
  });
});

class VolumeMissing extends Jukebox {
  constructor() {
    super();
    Reflect.set(this.properties, "volume", "not a number");
  }
}

function bodyOf(signal: Parameters<Parameters<Bus["listen"]>[0]["onSignal"]>[0]): unknown[] {
  return decodeBody(signal, bodyCodec(signal.signature));
}
