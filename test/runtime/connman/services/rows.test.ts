import { once } from "node:events";
import { performance } from "node:perf_hooks";
import { CONNMAN_NAME, SimulatedNetwork, serveSessions } from "@dbus-codegen-ts/connman";
import { connect, type Incoming, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { NotificationService } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { SessionSettings } from "@dbus-codegen-ts/stubs/net.connman.Session";
import { afterEach, describe, expect, test } from "vitest";
import { bodyCodec } from "../../../../runtime/core/wire/arguments-codec.ts";
import { MessageType } from "../../../../runtime/core/wire/header.ts";
import { churn } from "../../../reliability/session-churn.ts";
import { CrashingBus, nextLine, until } from "../../../reliability/support.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { RawPeer } from "../../core/fixtures/raw-peer.ts";
import {
  App,
  CABLE,
  DIALECT_NAMES,
  refusal,
  type Session,
  Stage,
  startProgram,
  TestClock,
  transcript,
  WIFI,
} from "../support.ts";

// The rows of the reliability checklist that sessions answer for, each by its number.

const DOWN = { state: "idle" } as const;
const UP = { state: "online" } as const;

const open: AsyncDisposable[] = [];
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", onUnhandled);
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
  expect(unhandled.splice(0)).toEqual([]);
});

function keep<T extends AsyncDisposable>(one: T): T {
  open.push(one);
  return one;
}

describe("S08: somebody else calls the methods of a session", () => {
  const DENIED = ["PermissionDenied", "PermissionDenied", "PermissionDenied", "PermissionDenied", "PermissionDenied"];
  test.each(["session-2013", "session-2011"] as const)("%s: denied, and nothing happens", async (dialect) => {
    const stage = keep(await Stage.open({ dialect, services: [CABLE, { ...WIFI, state: "idle" }] }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.news();
    const stranger = await stage.app();
    expect(await callsBy(stranger, session)).toEqual(DENIED);
    await stage.settled();
    expect(session.news()).toEqual([]);
    expect(stage.network.services.map(({ state }) => state)).toEqual(["online", "idle"]);
    expect(stage.server.sessions).toBe(1);
    await session.destroy();
  });

  test("connman-1.41: only DestroySession is denied, as in ConnMan", async () => {
    const stage = keep(await Stage.open({ dialect: "connman-1.41" }));
    const session = await (await stage.app()).create();
    expect(await callsBy(await stage.app(), session)).toEqual(["PermissionDenied", "done", "done", "done", "done"]);
    expect(stage.server.sessions).toBe(0);
  });

  async function callsBy(stranger: App, session: Session): Promise<readonly string[]> {
    const view = stranger.at(session.path);
    return [
      await refusal(stranger.destroy(session.path)),
      await refusal(view.connect()),
      await refusal(view.disconnect()),
      await refusal(view.change("AllowedBearers", ["wifi"])),
      await refusal(view.destroy()),
    ];
  }
});

test.each(DIALECT_NAMES)("S09: %s: DestroySession of an unknown path, and twice", async (dialect) => {
  const stage = keep(await Stage.open({ dialect }));
  const app = await stage.app();
  const session = await app.create();
  for (const path of ["/", "/sessions", "/sessions/_1_99/n1", `${session.path}/deeper`]) {
    expect([path, await refusal(app.destroy(path))]).toEqual([path, "InvalidArguments"]);
  }
  expect(await refusal(app.destroy(session.path))).toBe("done");
  expect(await refusal(app.destroy(session.path))).toBe("InvalidArguments");
  for (const call of [session.connect(), session.disconnect(), session.destroy()]) {
    expect(await refusal(call)).toBe("UnknownObject");
  }
  expect(stage.server.sessions).toBe(0);
});

describe("S10: settings that cannot be changed, or not to this", () => {
  const LARGEST = 2 ** 32 - 1;
  const wrong = (signature: string, value: unknown) => new Variant(signature, value);
  const ANY: readonly (readonly [name: string, value: unknown, outcome: string])[] = [
    ["Nonsense", "x", "InvalidArguments"],
    ["", "x", "InvalidArguments"],
    ["allowedbearers", wrong("as", ["wifi"]), "InvalidArguments"],
    ["Bearer", "wifi", "InvalidArguments"],
    ["IPv4", wrong("a{sv}", {}), "InvalidArguments"],
    ["AllowedBearers", wrong("s", "wifi"), "InvalidArguments"],
    ["AllowedBearers", wrong("av", [wrong("s", "wifi")]), "InvalidArguments"],
    ["AllowedBearers", wrong("v", wrong("as", ["wifi"])), "InvalidArguments"],
  ];
  const CASES = {
    "session-2013": [
      ...ANY,
      ["State", "online", "InvalidArguments"],
      ["ConnectionType", wrong("b", true), "InvalidArguments"],
      ["SourceIPRule", wrong("u", 1), "InvalidArguments"],
      ["SourceIPRule", wrong("s", "true"), "InvalidArguments"],
      ["AllowedInterface", wrong("o", "/eth0"), "InvalidArguments"],
      ["ContextIdentifier", wrong("ay", new Uint8Array(1)), "InvalidArguments"],
      ["Priority", true, "InvalidArguments"],
      ["ConnectionType", "nonsense", "done"],
    ],
    "session-2011": [
      ...ANY,
      ["Online", wrong("b", true), "InvalidArguments"],
      ["SessionMarker", wrong("u", 7), "InvalidArguments"],
      ["ConnectionType", "local", "InvalidArguments"],
      ["IdleTimeout", wrong("i", 1), "InvalidArguments"],
      ["IdleTimeout", wrong("t", 2n ** 32n), "InvalidArguments"],
      ["IdleTimeout", wrong("d", 1), "InvalidArguments"],
      ["IdleTimeout", 0, "done"],
      ["PeriodicConnect", wrong("q", 1), "InvalidArguments"],
      ["PeriodicConnect", 0, "done"],
      ["RoamingPolicy", "nonsense", "InvalidArguments"],
      ["RoamingPolicy", "", "InvalidArguments"],
      ["RoamingPolicy", "Forbidden", "InvalidArguments"],
      ["RoamingPolicy", wrong("o", "/forbidden"), "InvalidArguments"],
      ["RoamingPolicy", "forbidden", "done"],
      ["Priority", wrong("u", 1), "InvalidArguments"],
      ["EmergencyCall", wrong("s", "true"), "InvalidArguments"],
    ],
    "connman-1.41": [
      ...ANY,
      ["State", "online", "InvalidArguments"],
      ["ContextIdentifier", "tab", "InvalidArguments"],
      ["AllowedBearers", ["Ethernet"], "InvalidArguments"],
      ["RoamingPolicy", "forbidden", "InvalidArguments"],
    ],
  } as const;
  test.each(DIALECT_NAMES)("%s: refused without a word, or accepted without a change", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const session = await (await stage.app()).create();
    await stage.settled();
    const before = session.settings;
    session.news();
    for (const [name, value, outcome] of CASES[dialect]) {
      expect([name, value, await refusal(session.change(name, value))]).toEqual([name, value, outcome]);
    }
    await stage.settled();
    expect(session.news()).toEqual([]);
    expect(before).not.toEqual({});
  });

  test.each([
    ["IdleTimeout", 1],
    ["IdleTimeout", LARGEST],
    ["PeriodicConnect", 1],
    ["PeriodicConnect", LARGEST],
  ])("session-2011: %s may be %i, and 0 again", async (name, value) => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect: "session-2011", clock }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.news();
    await session.change(name, value);
    await session.change(name, value);
    expect(clock.timers).toBe(1);
    await session.change(name, 0);
    expect(session.news()).toEqual([{ [name]: value }, { [name]: 0 }]);
    expect(clock.timers).toBe(0);
  });

  test.each(DIALECT_NAMES)("%s: a wrong setting at creation makes no session", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    for (const settings of [{ Nonsense: "x" }, { Bearer: "wifi" }, { AllowedBearers: wrong("s", "wifi") }]) {
      expect(await refusal(app.create({ AllowedBearers: ["wifi"], ...settings }))).toBe("InvalidArguments");
    }
    expect(stage.server.sessions).toBe(0);
  });
});

describe("S11: AllowedBearers", () => {
  const ALL = ["ethernet", "wifi", "bluetooth", "cellular", "gadget"];
  const LONG = "x".repeat(1_000_000);
  const lists: readonly (readonly [what: string, list: readonly string[], shown: unknown, status: string])[] = [
    ["empty", [], [], "disconnected"],
    ["*", ["*"], ALL, "ethernet online"],
    ["the same twice", ["wifi", "wifi"], ["wifi"], "wifi online"],
    ["* twice", ["*", "wifi", "*"], ["ethernet", "bluetooth", "cellular", "gadget", "wifi"], "ethernet online"],
    ["unknown ones", ["", "Wifi", "wifi\n", "wifi", "lo"], ["wifi"], "wifi online"],
    ["only unknown ones", ["nonsense"], [], "disconnected"],
    ["as many as may be", Array.from({ length: 64 }, () => "wifi"), ["wifi"], "wifi online"],
  ];
  test.each(lists)("session-2013: %s", async (_, list, shown, status) => {
    const stage = keep(await Stage.open({ services: [CABLE, WIFI] }));
    const session = await (await stage.app()).create({ AllowedBearers: list });
    await stage.settled();
    expect([session.settings["AllowedBearers"], session.status]).toEqual([shown, status]);
    await session.change("AllowedBearers", ["ethernet"]);
    await session.change("AllowedBearers", list);
    expect([session.settings["AllowedBearers"], session.status]).toEqual([shown, status]);
  });

  test.each(DIALECT_NAMES)("%s: 100 000 entries and names of 1 MB pass the limit", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const session = await app.create();
    const tooMuch: readonly (readonly [string, unknown])[] = [
      ["AllowedBearers", Array.from({ length: 65 }, () => "ethernet")],
      ["AllowedBearers", Array.from({ length: 100_000 }, () => "ethernet")],
      ["AllowedBearers", ["ethernet", LONG]],
      ["ConnectionType", LONG],
      [LONG, "x"],
    ];
    for (const [name, value] of tooMuch) {
      expect(await refusal(session.change(name, value))).toBe("LimitsExceeded");
      expect(await refusal(app.create({ [name]: value }))).toBe("LimitsExceeded");
    }
    expect(stage.server.sessions).toBe(1);
    expect(await refusal(session.connect())).toBe("done");
  });
});

describe("S12: Connect again and again", () => {
  test.each([
    ["session-2013", "ethernet online", 2],
    ["session-2011", "ethernet online", 2],
    // The State stays what it was when the service was assigned.
    ["connman-1.41", "ethernet connected", 1],
  ] as const)("%s: a thousand times, and each change is told once", async (dialect, up, updates) => {
    const stage = keep(await Stage.open({ dialect, services: [{ ...CABLE, state: "idle" }] }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.news();
    for (let time = 0; time < 1000; time++) await session.connect();
    await until("it is online", () => session.status === up);
    await until("the cable is online", () => stage.network.services[0]?.state === "online");
    await stage.settled();
    const told = session.news();
    for (let time = 0; time < 1000; time++) await session.connect();
    await stage.settled();
    expect(session.news()).toEqual([]);
    expect(told).toHaveLength(updates);
  });

  test.each(DIALECT_NAMES)("%s: Disconnect while it connects, a hundred times", async (dialect) => {
    const network = new SlowNetwork([{ ...CABLE, state: "idle" }]);
    const stage = keep(await Stage.open({ dialect, network }));
    const session = await (await stage.app()).create();
    await stage.settled();
    session.news();
    for (let time = 0; time < 100; time++) {
      await session.connect();
      expect(stage.network.services).toMatchObject([{ state: "configuration" }]);
      await session.disconnect();
      expect(stage.network.services).toMatchObject([{ state: "idle" }]);
    }
    await stage.settled();
    expect(session.news()).toEqual([]);
  });

  /** Services begin to come up, and never arrive. */
  class SlowNetwork extends SimulatedNetwork {
    override connect(id: string): void {
      this.change(id, { state: "configuration" });
    }
  }
});

describe("S13: the process of an application is killed", () => {
  test.each(DIALECT_NAMES)("%s: its sessions are gone within a second, others stay", async (dialect) => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect, clock }));
    const bystander = await (await stage.app()).create();
    const victim = startProgram("application", stage.address, "200");
    await nextLine(victim);
    expect(stage.server.sessions).toBe(201);
    const monitor = await stage.watch();
    bystander.news();
    victim.kill("SIGKILL");
    const begin = performance.now();
    await until("its sessions are gone", () => stage.server.sessions === 1);
    expect(performance.now() - begin).toBeLessThan(1000);
    await stage.settled();
    const lines = transcript(monitor.messages, stage.bus);
    // What ConnMan still says to the dead, we say only in its dialect; and never Release.
    expect(lines.filter((line) => !line.includes("Update State Name"))).toEqual([]);
    expect(lines).toHaveLength(dialect === "connman-1.41" ? 200 : 0);
    expect(bystander.news()).toEqual([]);
    expect([clock.timers, stage.errors]).toEqual([0, []]);
  });

  test("no timer is left of what it had asked for", async () => {
    const clock = new TestClock();
    const stage = keep(await Stage.open({ dialect: "session-2011", clock }));
    const app = await stage.app();
    await app.create({ AvoidHandover: true, PeriodicConnect: 5, IdleTimeout: 60 });
    expect(clock.timers).toBe(2);
    await app.leave();
    await until("its session is gone", () => stage.server.sessions === 0);
    expect(clock.timers).toBe(0);
  });

  test("a service that was up for it alone goes down", async () => {
    const stage = keep(await Stage.open({ services: [{ ...CABLE, state: "idle" }] }));
    const app = await stage.app();
    const session = await app.create();
    await session.connect();
    await until("it is online", () => session.status === "ethernet online");
    await app.leave();
    await until("the cable is down", () => stage.network.services[0]?.state === "idle");
  });

  test("it leaves while somebody decides about its session: there is none", async () => {
    let decide: (allowed: boolean) => void = () => undefined;
    const asked = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    let isGone: AbortSignal | undefined;
    const authorize = (_action: string, { signal }: { readonly signal: AbortSignal }): Promise<boolean> => {
      isGone = signal;
      return asked;
    };
    const stage = keep(await Stage.open({ dialect: "session-2011", authorizer: { authorize } }));
    const app = await stage.app();
    void app.create({ RoamingPolicy: "always" }).catch(() => undefined);
    await until("somebody is asked", () => isGone !== undefined);
    await app.leave();
    await until("the service knows that it has left", () => isGone?.aborted === true);
    decide(true);
    await stage.settled();
    expect(stage.server.sessions).toBe(0);
  });
});

describe("S14: the bus restarts, and unique names begin anew", () => {
  test.each(DIALECT_NAMES)("%s: a namesake inherits nothing; the service answers as before", async (dialect) => {
    const daemon = keep(await CrashingBus.start());
    const reconnect = { minDelay: 5, maxDelay: 50 };
    const bus = keep(await connect({ bus: daemon.address, reconnect }));
    const server = keep(await serveSessions(bus, { network: new SimulatedNetwork([CABLE]), dialect }));
    const before = new App(keep(await connect({ bus: daemon.address })));
    const session = await before.create();
    await session.connect();
    await daemon.crash();
    await until("the sessions are gone", () => server.sessions === 0);
    await daemon.restart();
    await until("the service is back", () => bus.counters.reconnects === 1);
    const after = new App(keep(await namesake(daemon.address, before.bus.uniqueName)));
    const served = after.at(session.path);
    expect(await refusal(served.connect())).toBe("UnknownObject");
    expect(await refusal(after.destroy(session.path))).toBe("InvalidArguments");
    const own = await after.create();
    expect(own.path).toBe(session.path);
    await until("it was told everything", () => own.status === "ethernet online");
    expect(server.sessions).toBe(1);
  });

  test("a call of before the restart makes no session for the namesake", async () => {
    const daemon = keep(await CrashingBus.start());
    const bus = keep(await connect({ bus: daemon.address, reconnect: { minDelay: 5, maxDelay: 50 } }));
    let decide: (allowed: boolean) => void = () => undefined;
    const asked = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    let calls = 0;
    const authorize = (): Promise<boolean> => {
      calls++;
      return asked;
    };
    const options = { dialect: "session-2011", authorizer: { authorize } } as const;
    const server = keep(await serveSessions(bus, { network: new SimulatedNetwork([CABLE]), ...options }));
    const before = new App(keep(await connect({ bus: daemon.address })));
    void before.create({ RoamingPolicy: "always" }).catch(() => undefined);
    await until("somebody is asked", () => calls === 1);
    await daemon.crash();
    await daemon.restart();
    await until("the service is back", () => bus.counters.reconnects === 1);
    const after = new App(keep(await namesake(daemon.address, before.bus.uniqueName)));
    decide(true);
    expect(await refusal(after.destroy("/sessions"))).toBe("InvalidArguments");
    expect(server.sessions).toBe(0);
  });

  /** Somebody who has a unique name on another bus. */
  async function namesake(address: string, uniqueName: string) {
    for (let number = 0; number < 10; number++) {
      const bus = await connect({ bus: address });
      if (bus.uniqueName === uniqueName) return bus;
      await bus.close();
    }
    throw new Error(`nobody became ${uniqueName}`);
  }
});

test("S15, S16: forged owner changes end no session", async () => {
  const stage = keep(await Stage.open());
  const app = await stage.app();
  const session = await app.create();
  const forger = (await stage.app()).bus;
  expect(await refusal(forger.requestName("org.freedesktop.DBus"))).not.toBe("done");
  await forger.requestName("org.freedesktop.DBus2");
  const drops = stage.bus.counters.drops.foreignSignal;
  const forgery = { path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus", member: "NameOwnerChanged" };
  for (const destination of [stage.bus.uniqueName, CONNMAN_NAME]) {
    const args = [app.bus.uniqueName, app.bus.uniqueName, ""];
    forger.emit({ ...forgery, destination, codec: bodyCodec("sss"), args });
  }
  await until("the forgeries have arrived", () => stage.bus.counters.drops.foreignSignal === drops + 2);
  expect(stage.server.sessions).toBe(1);
  stage.network.change("cable", DOWN);
  await stage.settled();
  expect(session.status).toBe("disconnected");
});

describe("S17: an application that does not take its Updates", () => {
  test("it has no such object, answers with an error, or never answers: others hear as before", async () => {
    const stage = keep(await Stage.open());
    const rude = keep(await RawPeer.connect(stage.address));
    const create = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    await rude.exchange(create, "a{sv}o", [{}, "/nowhere"]);
    const polite = await (await stage.app()).create();
    await stage.settled();
    for (let time = 0; time < 50; time++) {
      stage.network.change("cable", time % 2 ? UP : DOWN);
      await stage.settled();
      for (const { type, serial, sender = "" } of rude.received.splice(0)) {
        if (type !== MessageType.MethodCall || time % 3 === 0) continue;
        const error = {
          type: MessageType.Error,
          errorName: "org.example.No",
          destination: sender,
          replySerial: serial,
        };
        rude.send(error, "s", ["there is no such object"]);
      }
    }
    await stage.settled();
    expect(polite.told).toHaveLength(51);
    expect(stage.bus.usage.pendingCalls).toBe(0);
    expect([stage.errors, stage.server.sessions]).toEqual([[], 2]);
  });

  test("its process stands still: what waits for it is bounded, and it misses nothing that still holds", async () => {
    const stage = keep(await Stage.open());
    const slow = startProgram("application", stage.address, "500");
    const destination = await nextLine(slow);
    const app = await stage.app();
    const polite = await app.create();
    await stage.settled();
    slow.kill("SIGSTOP");
    const sent = stage.bus.counters.messagesOut;
    const latencies: number[] = [];
    for (let time = 0; time < 61; time++) {
      stage.network.change("cable", time % 2 ? UP : DOWN);
      const begin = performance.now();
      await app.properties();
      latencies.push(performance.now() - begin);
    }
    await stage.settled();
    // 30 500 Updates for it, of which 1000 were sent; each call and change of the other makes at most two messages.
    expect(stage.bus.counters.messagesOut - sent).toBeLessThan(1000 + 4 * 61);
    expect(polite.status).toBe("disconnected");
    expect(Math.max(...latencies)).toBeLessThan(1000);
    slow.kill("SIGCONT");
    await until("it has read", () => stage.bus.usage.pendingCalls === 0);
    await stage.bus.call({ destination, path: "/", interface: "org.freedesktop.DBus.Peer", member: "Ping" });
    slow.stdin?.write("\n");
    expect(JSON.parse(await nextLine(slow))).toEqual(Array.from({ length: 500 }, () => "disconnected"));
    slow.kill("SIGKILL");
  });

  test("it is slow, and has more sessions than calls that it takes at a time: none of its Updates is refused", async () => {
    const stage = keep(await Stage.open());
    const app = await stage.app();
    const states = new Map<string, string | undefined>();
    class Slow extends NotificationService {
      update({ state }: SessionSettings, { path }: Incoming): void {
        for (const end = performance.now() + 0.5; performance.now() < end; );
        states.set(path, state);
      }
      release(): void {}
    }
    const slow = new Slow();
    for (let number = 0; number < 2000; number++) {
      await app.bus.serve(`/s${number}`, slow);
      await app.callCreate({}, `/s${number}`);
    }
    await until("all are told", () => states.size === 2000);
    states.clear();
    stage.network.change("cable", DOWN);
    await until("all are told", () => states.size === 2000);
    expect(new Set(states.values())).toEqual(new Set(["disconnected"]));
  });

  test("the bus itself takes no more: nothing that still holds is missed", async () => {
    const daemon = keep(await startPrivateBus());
    const bus = keep(await connect({ bus: daemon.address, quotas: { queuedBytes: 20_000 } }));
    const network = new SimulatedNetwork([CABLE]);
    const errors: unknown[] = [];
    keep(await serveSessions(bus, { network, onError: (error) => errors.push(error) }));
    const app = new App(keep(await connect({ bus: daemon.address })));
    const sessions: Session[] = [];
    for (let number = 0; number < 500; number++) sessions.push(await app.create());
    const manager = new ManagerClient(app.bus, { destination: CONNMAN_NAME, path: "/" });
    const states: unknown[] = [];
    await manager.signals.propertyChanged.subscribe((_name, { value }) => states.push(value));
    process.kill(daemon.pid, "SIGSTOP");
    try {
      for (let time = 0; time < 61; time++) {
        network.change("cable", time % 2 ? UP : DOWN);
        await new Promise(setImmediate);
      }
    } finally {
      process.kill(daemon.pid, "SIGCONT");
    }
    await until("all know", () => sessions.every(({ status }) => status === "disconnected"));
    await until("the state of the machine is known", () => states.at(-1) === "idle");
    // Of 62 Updates for each most were merged, as the bus had not taken them.
    expect(sessions.reduce((sum, { told }) => sum + told.length, 0)).toBeLessThan(500 * 31);
    expect(errors).toEqual([]);
  });
});

test("S18: an application dies of an Update: its sessions end once, and others hear the rest", async () => {
  const stage = keep(await Stage.open());
  const crashing = startProgram("application", stage.address, "100", "crashes");
  await nextLine(crashing);
  const bystander = await (await stage.app()).create();
  await stage.settled();
  bystander.news();
  stage.network.change("cable", DOWN);
  await once(crashing, "exit");
  await until("its sessions are gone", () => stage.server.sessions === 1);
  stage.network.change("cable", UP);
  await stage.settled();
  expect(bystander.news()).toMatchObject([{ State: "disconnected" }, { State: "online" }]);
  expect([stage.errors, stage.bus.usage.pendingCalls]).toEqual([[], 0]);
});

describe("S19: notifiers", () => {
  test.each(DIALECT_NAMES)("%s: the path of another's session, an own one, a taken one, and none", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const [first, second] = [await stage.app(), await stage.app()];
    const session = await first.create({}, "/n");
    expect((await second.create({}, "/n")).path).not.toBe(session.path);
    const nested = await second.create({}, session.path);
    expect(nested.path).toBe(`/sessions/${second.bus.uniqueName.replaceAll(/[:.]/g, "_")}${session.path}`);
    expect(await refusal(first.callCreate({}, "/n"))).toBe("AlreadyExists");
    expect(await refusal(first.callCreate({}, "/"))).toBe("InvalidArguments");
    expect(await refusal(first.callCreate({}, `/${"x".repeat(1024)}`))).toBe("LimitsExceeded");
    expect(await refusal(first.callCreate({}, `/${"x".repeat(1023)}`))).toBe("done");
    await first.destroy(session.path);
    expect((await first.create({}, "/n/again")).path).toBe(`${session.path}/again`);
    expect(stage.server.sessions).toBe(4);
  });

  test("no path at all: the bus sends the caller away, and the service never hears of it", async () => {
    const stage = keep(await Stage.open());
    const rude = await RawPeer.connect(stage.address);
    const call = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    const owners: (string | undefined)[] = [];
    await (await stage.app()).bus.watchName(rude.uniqueName, (owner) => owners.push(owner));
    const received = stage.bus.counters.messagesIn;
    const { bytes } = rude.encode(call, "a{sv}o", [{}, "/good"]);
    rude.write(Buffer.from(Buffer.from(bytes).toString("latin1").replace("/good", "/bad/"), "latin1"));
    await until("it is sent away", () => owners.at(-1) === undefined);
    expect(owners).toHaveLength(2);
    expect([stage.bus.counters.messagesIn, stage.server.sessions]).toEqual([received, 0]);
  });
});

const FIRST = {
  "session-2013":
    "State Name IPv4 IPv6 Interface Bearer ConnectionType AllowedBearers AllowedInterface ContextIdentifier SourceIPRule",
  "session-2011":
    "Name IPv4 IPv6 Interface Bearer AllowedBearers Online Priority AvoidHandover StayConnected PeriodicConnect " +
    "IdleTimeout EmergencyCall RoamingPolicy SessionMarker",
  "connman-1.41":
    "State Name IPv4 IPv6 Interface Bearer ConnectionType AllowedBearers AllowedInterface ContextIdentifier SourceIPRule",
} as const;

describe("S20: the first Update, and those after it, as they go over the bus", () => {
  /** What a session that has no service any more is told in later Updates. */
  const LOSS = {
    "session-2013": "State Name Interface Bearer",
    "session-2011": "Name Interface Bearer Online",
    "connman-1.41": "State Name IPv4 IPv6 Interface Bearer",
  } as const;
  test.each(DIALECT_NAMES)("%s: a session in its order", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const monitor = await stage.watch();
    const session = await app.create();
    await stage.settled();
    await session.disconnect();
    await session.disconnect();
    await session.connect();
    await session.change("AllowedBearers", ["wifi"]);
    await session.destroy();
    await stage.settled();
    const [updated, loss] = ["/n1 Update", LOSS[dialect]];
    const changed = {
      "session-2013": [`${updated} ${loss} AllowedBearers`],
      "session-2011": [`${updated} Name Interface Bearer AllowedBearers Online`],
      "connman-1.41": [`${updated} ${loss}`, `${updated} AllowedBearers`],
    }[dialect];
    expect(transcript(monitor.messages, stage.bus)).toEqual([
      ...["CreateSession", "reply to CreateSession", `${updated} ${FIRST[dialect]}`],
      ...["Disconnect", `${updated} ${loss}`, "reply to Disconnect"],
      ...["Disconnect", "reply to Disconnect"],
      ...["Connect", `${updated} ${loss}`, "reply to Connect"],
      ...["Change", ...changed, "reply to Change"],
      ...["Destroy", "reply to Destroy"],
    ]);
  });

  test.each(DIALECT_NAMES)(
    "%s: one Update for all that happened in a turn, none for what was undone",
    async (dialect) => {
      const stage = keep(await Stage.open({ dialect, services: [CABLE, WIFI] }));
      const session = await (await stage.app()).create({ AllowedBearers: ["ethernet", "wifi"] });
      await stage.settled();
      session.news();
      stage.network.change("cable", DOWN);
      stage.network.change("cable", UP);
      await stage.settled();
      const undone = session.news();
      stage.network.change("cable", { ...DOWN, name: "old" });
      stage.network.change("wifi", { name: "cafe" });
      stage.network.change("wifi", { name: "lounge" });
      await stage.settled();
      const handOver = session.news();
      expect([undone.length, handOver.length]).toEqual(dialect === "connman-1.41" ? [3, 4] : [0, 1]);
      expect(session.told).toEqual([]);
      expect(handOver.at(-1)).toMatchObject({ Name: "lounge" });
    },
  );

  test.each(DIALECT_NAMES)("%s: a call that does not wait for the reply of CreateSession", async (dialect) => {
    const stage = keep(await Stage.open({ dialect }));
    const app = await stage.app();
    const monitor = await stage.watch();
    const path = `/sessions/${app.bus.uniqueName.replaceAll(/[:.]/g, "_")}/n1`;
    const session = app.at(path);
    await Promise.all([app.callCreate({}, "/n1"), session.disconnect(), session.destroy()]);
    await stage.settled();
    const answers = transcript(monitor.messages, stage.bus).filter((line) => line.includes(" "));
    expect(answers).toEqual([
      "reply to CreateSession",
      `/n1 Update ${FIRST[dialect]}`,
      `/n1 Update ${LOSS[dialect]}`,
      "reply to Disconnect",
      "reply to Destroy",
    ]);
  });
});

describe("S21: 100 000 CreateSession of one application", () => {
  test("refused past its limit, while another is served", async () => {
    const stage = keep(await Stage.open());
    const flooder = keep(await RawPeer.connect(stage.address));
    const call = { destination: CONNMAN_NAME, path: "/", interface: "net.connman.Manager", member: "CreateSession" };
    globalThis.gc?.();
    const memory = process.memoryUsage().rss;
    const polite = await (await stage.app()).create();
    const latencies: number[] = [];
    for (let sent = 0; sent < 100_000; ) {
      const flood = Array.from({ length: 1000 }, () => flooder.encode(call, "a{sv}o", [{}, `/f${sent++}`]).bytes);
      flooder.write(Buffer.concat(flood));
      const begin = performance.now();
      await polite.connect();
      latencies.push(performance.now() - begin);
    }
    const answers = () => flooder.received.filter(({ type }) => type !== MessageType.MethodCall);
    await until("all are answered", () => answers().length === 100_000);
    expect(stage.server.sessions).toBeLessThanOrEqual(4097);
    expect(stage.server.sessions).toBeGreaterThan(1000);
    const refused = answers().filter(({ type }) => type === MessageType.Error);
    expect(new Set(refused.map(({ errorName }) => errorName))).toEqual(
      new Set(["org.freedesktop.DBus.Error.LimitsExceeded"]),
    );
    expect(latencies.sort((a, b) => a - b)[98]).toBeLessThan(1000);
    expect(process.memoryUsage().rss - memory).toBeLessThan(512 * 2 ** 20);
  });

  test("the limits of an application, and of all together", async () => {
    const stage = keep(await Stage.open({ quotas: { sessionsPerClient: 2, sessions: 3 } }));
    const [first, second] = [await stage.app(), await stage.app()];
    const session = await first.create();
    await first.create();
    expect(await refusal(first.create())).toBe("LimitsExceeded");
    await second.create();
    expect(await refusal(second.create())).toBe("LimitsExceeded");
    await session.destroy();
    expect(await refusal(second.create())).toBe("done");
    expect(await refusal(first.create())).toBe("LimitsExceeded");
  });
});

test("S22: sessions come and go, and nothing is left (npm run reliability:session-churn for a million)", async () => {
  const report = await churn(4000);
  expect(report.left).toEqual({ sessions: 0, timers: 0, exports: [], pendingCalls: 0, matchRules: 1, listeners: 1 });
  expect(report.heaps).toHaveLength(11);
});

describe("S39: the service is killed and started again", () => {
  // Sessions live in the service: they are lost with it. Applications see it go and come, and create them anew.
  test("sessions are lost, and applications see its name go and come once", async () => {
    const daemon = keep(await CrashingBus.start());
    const app = new App(keep(await connect({ bus: daemon.address })));
    const owners: string[] = [];
    const first = startProgram("service", daemon.address);
    const firstName = await nextLine(first);
    await app.bus.watchName(CONNMAN_NAME, (owner) => owners.push(owner ?? "nobody"));
    const session = await app.create({}, "/n");
    await until("it is told", () => session.status === "ethernet online");
    session.news();
    first.kill("SIGKILL");
    await until("the application knows", () => owners.at(-1) === "nobody");
    const second = startProgram("service", daemon.address);
    const secondName = await nextLine(second);
    expect(await refusal(session.connect())).toBe("UnknownObject");
    expect(await refusal(app.destroy(session.path))).toBe("InvalidArguments");
    expect(await app.callCreate({}, "/n")).toBe(session.path);
    await until("it is told anew", () => session.told.length > 0);
    expect(session.news()).toMatchObject([{ State: "online", Bearer: "ethernet", SourceIPRule: false }]);
    expect(owners).toEqual([firstName, "nobody", secondName]);
    second.kill("SIGKILL");
  });
});

describe("S40: SIGTERM while there are sessions", () => {
  test.each(DIALECT_NAMES)("%s: each is released, and the process ends with 0", async (dialect) => {
    const daemon = keep(await CrashingBus.start());
    const service = startProgram("service", daemon.address, dialect);
    await nextLine(service);
    const apps = [
      new App(keep(await connect({ bus: daemon.address }))),
      new App(keep(await connect({ bus: daemon.address }))),
    ];
    const sessions = await Promise.all(apps.flatMap((app) => Array.from({ length: 50 }, () => app.create())));
    const still = startProgram("application", daemon.address, "50");
    await nextLine(still);
    still.kill("SIGSTOP");
    await until("all are told", () => sessions.every(({ status }) => status === "ethernet online"));
    for (const session of sessions) session.news();
    const begin = performance.now();
    service.kill("SIGTERM");
    expect(await once(service, "exit")).toEqual([0, null]);
    expect(performance.now() - begin).toBeLessThan(5000);
    const last = dialect === "connman-1.41" ? [{ State: "disconnected" }] : [];
    await until("all are released", () => sessions.every(({ told }) => told.length > last.length));
    for (const { told } of sessions) expect(told).toMatchObject(["Release", ...last]);
    still.kill("SIGCONT");
    expect(await nextLine(still)).toBe("released");
    still.kill("SIGKILL");
  });

  test("the bus stands still: the service ends all the same", async () => {
    const daemon = keep(await CrashingBus.start());
    const service = startProgram("service", daemon.address);
    await nextLine(service);
    const app = new App(keep(await connect({ bus: daemon.address })));
    await app.create();
    daemon.freeze();
    service.kill("SIGTERM");
    const begin = performance.now();
    expect(await once(service, "exit")).toEqual([0, null]);
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test("a session that is asked for meanwhile is refused, and one that is being decided on as well", async () => {
    let decide: (allowed: boolean) => void = () => undefined;
    const asked = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    let calls = 0;
    const authorize = (): Promise<boolean> => {
      calls++;
      return asked;
    };
    const stage = keep(await Stage.open({ dialect: "session-2011", authorizer: { authorize } }));
    const app = await stage.app();
    const undecided = refusal(app.create({ RoamingPolicy: "always" }));
    await until("somebody is asked", () => calls === 1);
    const meanwhile = refusal(app.create());
    const closed = stage.server.close();
    decide(true);
    expect(await undecided).toBe("Failed");
    expect(["Failed", "UnknownObject", "ServiceUnknown"]).toContain(await meanwhile);
    await closed;
    expect(stage.server.sessions).toBe(0);
  });
});
