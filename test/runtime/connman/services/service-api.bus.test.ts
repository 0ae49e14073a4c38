import {
  type NetworkService,
  type ServiceState,
  SimulatedNetwork,
  type SimulatedService,
  serveSessions,
} from "@dbus-codegen-ts/connman";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { ServiceClient } from "@dbus-codegen-ts/stubs/net.connman.Service";
import { TechnologyClient } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { until } from "../../../reliability/support.ts";
import type { SeenMessage } from "../../../setup/bus-monitor.ts";
import { startPrivateBus } from "../../../setup/private-bus.ts";
import { keep } from "../disposables.ts";
import { idle, opened, stageOf } from "../session-helpers.ts";
import { CABLE, MODEM, refusal, Stage, TestClock, WIFI } from "../support.ts";

const MANAGER = { interface: "net.connman.Manager" } as const;
const SERVICE = "/net/connman/service";
const TECHNOLOGY = "/net/connman/technology";
const LEASE = { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" };
const HOME: SimulatedService = { ...WIFI, name: "Home", security: ["psk"], strength: 70, state: "idle" };

const manager = (bus: Bus) => new ManagerClient(bus, { destination: "net.connman", path: "/" });
const service = (bus: Bus, name: string) => new ServiceClient(bus, at(`${SERVICE}/${name}`));
const technology = (bus: Bus, name: string) => new TechnologyClient(bus, at(`${TECHNOLOGY}/${name}`));
const at = (path: string) => ({ destination: "net.connman", path });
const text = (value: string): Variant => new Variant("s", value);
const flag = (value: boolean): Variant => new Variant("b", value);
const dictionary = (entries: Readonly<Record<string, string>>): Variant =>
  new Variant("a{sv}", Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, text(value)])));

async function stageWith(...services: readonly SimulatedService[]) {
  const stage = await stageOf({ services });
  return { stage, network: stage.network, bus: (await stage.app()).bus };
}

/**
 * Returns the signals about services and technologies that are sent while `cause` runs, each as `<last part of path>
 * <member> <arguments>`.
 */
async function signalsDuring(stage: Stage, cause: () => unknown): Promise<readonly string[]> {
  const monitor = await stage.watch();
  await cause();
  await stage.settled();
  return monitor.messages
    .filter(({ type, path = "" }) => type === 4 && (path === "/" || path.startsWith("/net/")))
    .map(({ path = "", member, body }) =>
      [path.slice(path.lastIndexOf("/") + 1), member, ...body.map((value) => JSON.stringify(plain(value)))].join(" "),
    );
}

/** Replaces variants by their values, and paths by their last part. */
function plain(value: unknown): unknown {
  if (value instanceof Variant) return plain(value.value);
  if (typeof value === "string") return value.startsWith("/net/") ? value.slice(value.lastIndexOf("/") + 1) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
}

describe("GetServices", () => {
  test("a cable has the keys of ConnMan in its order", async () => {
    const { bus } = await stageWith({
      ...CABLE,
      ipv4: LEASE,
      nameservers: ["192.0.2.1"],
      domains: ["example.org"],
      hardwareAddress: "02:00:00:00:0a:01",
      mtuBytes: 1500,
    });
    const request = { ...at("/"), interface: "net.connman.Manager", member: "GetServices" };
    const [services] = await bus.call(request);
    const [path, properties] = Object(services)[0];
    expect(path).toBe(`${SERVICE}/cable`);
    expect(Object.entries(Object(plain(properties)))).toEqual([
      ["Type", "ethernet"],
      ["Security", []],
      ["State", "online"],
      ["Favorite", true],
      ["Immutable", false],
      ["AutoConnect", true],
      ["Name", "cable"],
      ["Ethernet", { Method: "auto", Interface: "eth0", Address: "02:00:00:00:0A:01", MTU: 1500 }],
      ["IPv4", { Method: "dhcp", Address: "192.0.2.7", Netmask: "255.255.255.0", Gateway: "192.0.2.1" }],
      ["IPv4.Configuration", { Method: "dhcp" }],
      ["IPv6", {}],
      ["IPv6.Configuration", { Method: "auto", Privacy: "disabled" }],
      ["Nameservers", ["192.0.2.1"]],
      ["Nameservers.Configuration", []],
      ["Timeservers", []],
      ["Timeservers.Configuration", []],
      ["Domains", ["example.org"]],
      ["Domains.Configuration", []],
      ["Proxy", {}],
      ["Proxy.Configuration", {}],
      ["mDNS", false],
      ["mDNS.Configuration", false],
      ["Provider", {}],
    ]);
  });

  const ROWS: readonly [what: string, service: SimulatedService, expected: object][] = [
    ["a wireless network", HOME, { type: "wifi", security: ["psk"], strength: 70, name: "Home" }],
    [
      "addresses of a service that is not up",
      { ...idle(CABLE), ipv4: LEASE, nameservers: ["::1"] },
      { ipv4: {}, nameservers: [] },
    ],
    ["a failure", { ...HOME, state: "failure", failure: "invalid-key" }, { state: "failure", error: "invalid-key" }],
    ["a modem abroad", { ...MODEM, roaming: "international" }, { type: "cellular", roaming: true }],
    ["a network that was never used", { ...HOME, isFavorite: false }, { favorite: false, autoConnect: false }],
    ["settings of the administrator", { ...CABLE, isImmutable: true }, { immutable: true }],
    [
      "manual addresses",
      { ...CABLE, ipv4: { ...LEASE, method: "manual" } },
      { ipv4Configuration: { ...LEASE, method: "manual" } },
    ],
    ["IPv6 off", { ...CABLE, ipv6: { method: "off" } }, { ipv6Configuration: { method: "off" } }],
  ];
  test.each(ROWS)("%s", async (_what, simulated, expected) => {
    const { bus } = await stageWith(simulated);
    const [entry] = await manager(bus).getServices();
    expect(entry?.properties).toMatchObject(expected);
    expect(await service(bus, simulated.id).getProperties()).toEqual(entry?.properties);
  });

  test("services in use are first, others in order of preference; ids become valid paths", async () => {
    const { bus } = await stageWith(idle(MODEM), HOME, { ...CABLE, id: "a-b.é", state: "ready" }, { ...WIFI, id: "" });
    const paths = (await manager(bus).getServices()).map(({ path }) => path);
    expect(paths).toEqual(["_", "a_2db_2e_e9", "modem", "wifi"].map((name) => `${SERVICE}/${name}`));
  });
});

describe("signals", () => {
  const CHANGES: readonly [what: string, cause: (network: SimulatedNetwork) => unknown, signals: readonly string[]][] =
    [
      ["nothing changes", (network) => network.change("cable", { state: "online" }), []],
      [
        "a property changes",
        (network) => network.change("wifi", { strength: 30 }),
        ['wifi PropertyChanged "Strength" 30'],
      ],
      [
        "a service comes up, and gets before others",
        (network) => network.changeAll({ cable: { state: "idle" }, wifi: { state: "ready" } }),
        [
          'cable PropertyChanged "State" "idle"',
          'cable PropertyChanged "IPv4" {}',
          'wifi PropertyChanged "State" "ready"',
          'ethernet PropertyChanged "Connected" false',
          'wifi PropertyChanged "Connected" true',
          ' PropertyChanged "State" "ready"',
          ' ServicesChanged [["wifi",{}],["cable",{}]] []',
        ],
      ],
      ["a service is removed", (network) => network.remove("wifi"), [' ServicesChanged [["cable",{}]] ["wifi"]']],
      [
        "a technology is switched off",
        (network) => network.setPowered("wifi", false),
        ['wifi PropertyChanged "Powered" false', ' ServicesChanged [["cable",{}]] ["wifi"]'],
      ],
      ["the order of preference changes", (network) => network.move("cable", "after", "wifi"), []],
      [
        "a modem is plugged in",
        (network) => network.add({ ...idle(MODEM), ipv6: { method: "off" } }),
        [
          ` TechnologyAdded "cellular" ${JSON.stringify({ Name: "Cellular", Type: "cellular", Powered: true, Connected: false, Tethering: false, TetheringFreq: 0 })}`,
          ` ServicesChanged [["cable",{}],["wifi",{}],["modem",${JSON.stringify({
            ...{ Type: "cellular", Security: [], State: "idle", Favorite: true, Immutable: false, AutoConnect: true },
            ...{ Name: "modem", Roaming: false, Ethernet: { Method: "auto", Interface: "wwan0" } },
            ...{
              IPv4: {},
              "IPv4.Configuration": { Method: "dhcp" },
              IPv6: {},
              "IPv6.Configuration": { Method: "off" },
            },
            ...{ Nameservers: [], "Nameservers.Configuration": [], Timeservers: [], "Timeservers.Configuration": [] },
            ...{ Domains: [], "Domains.Configuration": [], Proxy: {}, "Proxy.Configuration": {} },
            ...{ mDNS: false, "mDNS.Configuration": false, Provider: {} },
          })}]] []`,
        ],
      ],
    ];
  test.each(CHANGES)("%s", async (_what, cause, signals) => {
    const { stage, network } = await stageWith({ ...CABLE, ipv4: LEASE }, HOME);
    expect(await signalsDuring(stage, () => cause(network))).toEqual(signals);
  });

  const LAST = /[^/]*$/;

  /** Applies signals to a copy of the services and technologies. The order of the map is that of the service list. */
  function applySignals(copy: Map<string, Record<string, unknown>>, messages: readonly SeenMessage[]): void {
    for (const { type, path = "", member, body } of messages) {
      const [first, second] = body.map(plain);
      if (type !== 4) continue;
      if (member === "PropertyChanged") {
        const known = copy.get(LAST.exec(path)?.[0] ?? "");
        if (known !== undefined) known[String(first)] = second;
      } else if (member === "TechnologyAdded") copy.set(String(first), Object(second));
      else if (member === "TechnologyRemoved") copy.delete(String(first));
      else if (member === "ServicesChanged") {
        for (const removed of Object(second)) copy.delete(removed);
        for (const [name, properties] of Object(first)) {
          const known = { ...copy.get(name), ...properties };
          copy.delete(name);
          copy.set(name, known);
        }
      }
    }
  }

  const change = fc.record(
    {
      state: fc.constantFrom<ServiceState>("idle", "failure", "association", "ready", "online"),
      failure: fc.constantFrom("dhcp-failed", "invalid-key"),
      strength: fc.integer({ min: 0, max: 100 }),
      name: fc.constantFrom("x", "y"),
      autoConnect: fc.boolean(),
      ipv4: fc.constantFrom({}, LEASE),
      nameservers: fc.constantFrom([], ["192.0.2.1"]),
    },
    { requiredKeys: [] },
  );
  // Paths are compared by their last part, so that the service needs another id than its technology.
  const ACCESS_POINT = { ...HOME, id: "home" };
  const id = fc.constantFrom("cable", "home", "modem");
  const bearer = fc.constantFrom("ethernet" as const, "wifi" as const, "cellular" as const);
  const event = fc.oneof(
    { weight: 4, arbitrary: fc.record({ change: fc.tuple(id, change) }) },
    fc.record({ remove: id }),
    fc.record({ add: fc.constantFrom(CABLE, ACCESS_POINT, MODEM) }),
    fc.record({ power: fc.tuple(bearer, fc.boolean()) }),
    fc.record({ prefer: id }),
    fc.record({ offline: fc.boolean() }),
  );
  type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

  async function perform(network: SimulatedNetwork, happened: Event): Promise<void> {
    if ("change" in happened) {
      const [changed, values] = happened.change;
      // Services of a technology that is off cannot be up.
      const isVisible = network.services.some((present) => present.id === changed);
      if (isVisible) network.change(changed, values);
    } else if ("remove" in happened) network.remove(happened.remove);
    else if ("add" in happened) network.add(happened.add);
    else if ("power" in happened) await network.setPowered(...happened.power).catch(() => undefined);
    else if ("prefer" in happened) network.prefer(happened.prefer);
    else await network.setOffline(happened.offline);
  }

  test("a client that applies all signals always has the services and technologies that are returned", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        await using stage = await Stage.open({ services: [CABLE, ACCESS_POINT] });
        const app = await stage.app();
        const monitor = await stage.watch();
        const read = async () => {
          const [services, technologies] = await Promise.all(
            ["GetServices", "GetTechnologies"].map((member) => app.bus.call({ ...at("/"), ...MANAGER, member })),
          );
          const entries = [...Object(technologies?.[0]), ...Object(services?.[0])];
          return entries.map(([path, properties]) => [String(plain(path)), Object(plain(properties))] as const);
        };
        const copy = new Map<string, Record<string, unknown>>(await read());
        for (const happened of events) await perform(stage.network, happened);
        await stage.settled();
        applySignals(copy, monitor.messages);
        const isTechnology = ([, all]: readonly [unknown, object]): boolean => "Powered" in all;
        const expected = (await read()).map(([name, all]) => [name, withAbsent(all)] as const);
        const seen = [...copy].map(([name, all]) => [name, withAbsent(all)] as const);
        expect(seen.filter((entry) => !isTechnology(entry))).toEqual(expected.filter((entry) => !isTechnology(entry)));
        expect(new Map(seen.filter(isTechnology))).toEqual(new Map(expected.filter(isTechnology) as never));
      }),
      { numRuns: 40 },
    );
  });

  /** Adds the values with which PropertyChanged reports that a property no longer exists. */
  function withAbsent(properties: Record<string, unknown>): Record<string, unknown> {
    return { Error: "", Strength: 0, ...properties };
  }

  test("a service that is removed and returns is announced with all properties, and can be called", async () => {
    const { stage, network, bus } = await stageWith(CABLE);
    network.remove("cable");
    expect(await refusal(service(bus, "cable").getProperties())).toBe("UnknownObject");
    const [changed] = await signalsDuring(stage, () => network.add(CABLE)).then((lines) => lines.slice(-1));
    expect(changed).toMatch(/^ ServicesChanged \[\["cable",\{"Type":"ethernet",.*\}\]\] \[\]$/);
    expect(await service(bus, "cable").getProperties()).toMatchObject({ state: "online" });
    expect(await signalsDuring(stage, () => network.change("cable", { state: "idle" }))).toContain(
      'cable PropertyChanged "State" "idle"',
    );
  });
});

describe("Service", () => {
  test("Connect returns when the service is ready, and sessions get it", async () => {
    const { stage, bus } = await stageWith(HOME);
    const session = await opened(stage);
    await service(bus, "wifi").connect();
    expect((await service(bus, "wifi").getProperties()).state).toMatch(/ready|online/);
    await stage.settled();
    expect(session.status).toMatch(/wifi/);
    expect(await refusal(service(bus, "wifi").connect())).toBe("AlreadyConnected");
  });

  type Change = Partial<NetworkService>;
  const ENDS: readonly [what: string, changes: readonly Change[], result: string][] = [
    ["it is ready", [{ state: "association" }, { state: "configuration" }, { state: "ready" }], "done"],
    ["it fails", [{ state: "configuration" }, { state: "failure", failure: "dhcp-failed" }], "Failed"],
    ["it is taken down", [{ state: "association" }, { state: "idle" }], "OperationAborted"],
  ];
  test.each(ENDS)("Connect: %s", async (_what, changes, result) => {
    const { stage, network, bus } = await requestsOnly();
    const connecting = refusal(service(bus, "wifi").connect());
    await stage.settled();
    expect(await refusal(service(bus, "wifi").connect()), "a second call").toBe("InProgress");
    for (const change of changes) network.change("wifi", change);
    expect(await connecting).toBe(result);
  });

  test("Connect fails if the service is removed, disconnected by another call, or not ready in time", async () => {
    const { stage, network, bus, clock } = await requestsOnly();
    const connect = async (): Promise<() => Promise<string>> => {
      const result = refusal(service(bus, "wifi").connect());
      await stage.settled();
      return () => result;
    };
    const removed = await connect();
    network.remove("wifi");
    expect(await removed()).toBe("OperationAborted");
    network.add(HOME);
    const disconnected = await connect();
    await service(bus, "wifi").disconnect();
    expect(await disconnected()).toBe("OperationAborted");
    const late = await connect();
    await clock.advance(120_000);
    expect(await late()).toBe("OperationTimeout");
    const closed = await connect();
    await stage.server.close();
    expect(await closed()).toBe("OperationAborted");
    expect(clock.timers).toBe(0);
  });

  async function requestsOnly() {
    const clock = new TestClock();
    const network = new SimulatedNetwork([HOME], { followsRequests: false });
    const stage = keep(await Stage.open({ network, clock }));
    return { stage, network, clock, bus: (await stage.app()).bus };
  }

  test("Disconnect takes a service down, and sessions do not bring it up before a user does", async () => {
    const { stage, network, bus } = await stageWith(WIFI);
    const session = await opened(stage);
    await session.connect();
    await service(bus, "wifi").disconnect();
    expect(network.services[0]?.state).toBe("idle");
    expect(await refusal(service(bus, "wifi").disconnect())).toBe("NotConnected");
    await session.connect();
    await stage.settled();
    expect([session.status, network.services[0]?.state]).toEqual(["disconnected", "idle"]);
    await service(bus, "wifi").connect();
    network.change("wifi", { state: "online" });
    await stage.settled();
    expect(session.status).toBe("wifi online");
    network.change("wifi", { state: "idle" });
    await until("the session brings it up", () => network.services[0]?.state !== "idle");
  });

  const MANUAL = { Method: "manual", Address: "192.0.2.99", Netmask: "255.255.255.0", Gateway: "192.0.2.1" };
  const SETTINGS: readonly [name: string, value: Variant, result: string, expected?: object][] = [
    ["AutoConnect", flag(false), "done", { autoConnect: false }],
    ["AutoConnect", text("no"), "InvalidArguments"],
    [
      "IPv4.Configuration",
      dictionary(MANUAL),
      "done",
      { ipv4Configuration: { ...LEASE, method: "manual", address: "192.0.2.99" } },
    ],
    ["IPv4.Configuration", dictionary({ ...MANUAL, Gateway: "" }), "done"],
    ["IPv4.Configuration", dictionary({ Method: "off" }), "done", { ipv4: {}, ipv4Configuration: { method: "off" } }],
    [
      "IPv4.Configuration",
      dictionary({ Method: "dhcp", Address: "x" }),
      "done",
      { ipv4Configuration: { method: "dhcp" } },
    ],
    ["IPv4.Configuration", dictionary({ Method: "auto" }), "NotSupported"],
    ["IPv4.Configuration", dictionary({ Method: "fixed" }), "InvalidArguments"],
    ["IPv4.Configuration", dictionary({ Address: "192.0.2.99" }), "InvalidArguments"],
    ["IPv4.Configuration", dictionary({ ...MANUAL, Address: "192.0.2" }), "InvalidArguments"],
    ["IPv4.Configuration", dictionary({ ...MANUAL, Netmask: "255.0.255.0" }), "InvalidArguments"],
    ["IPv4.Configuration", dictionary({ ...MANUAL, Gateway: "::1" }), "InvalidArguments"],
    ["IPv4.Configuration", new Variant("a{sv}", { Method: new Variant("u", 1) }), "InvalidArguments"],
    ["IPv4.Configuration", text("dhcp"), "InvalidArguments"],
    ["Nameservers.Configuration", new Variant("as", []), "NotSupported"],
    ["State", text("online"), "InvalidProperty"],
    ["toString", flag(true), "InvalidProperty"],
  ];
  test.each(SETTINGS)("SetProperty %s %o: %s", async (name, value, result, expected = {}) => {
    const { bus } = await stageWith({ ...CABLE, ipv4: LEASE });
    expect(await refusal(service(bus, "cable").setProperty(name, value))).toBe(result);
    expect(await service(bus, "cable").getProperties()).toMatchObject(expected);
  });

  test("SetProperty refuses services without stored settings, and IPv4 of those of the administrator", async () => {
    const { bus } = await stageWith({ ...HOME, isFavorite: false }, { ...CABLE, isImmutable: true });
    expect(await refusal(service(bus, "wifi").setProperty("AutoConnect", flag(true)))).toBe("InvalidService");
    expect(await refusal(service(bus, "cable").setProperty("AutoConnect", flag(false)))).toBe("done");
    const ipv4 = dictionary({ Method: "dhcp" });
    expect(await refusal(service(bus, "cable").setProperty("IPv4.Configuration", ipv4))).toBe("NotSupported");
  });

  test("Remove deletes the settings of a wireless network, but not of a cable", async () => {
    const { network, bus } = await stageWith(WIFI, CABLE);
    expect(await refusal(service(bus, "cable").remove())).toBe("NotSupported");
    await service(bus, "wifi").remove();
    expect(network.services[0]).toMatchObject({ state: "idle", isFavorite: false, autoConnect: false });
    expect(await refusal(service(bus, "wifi").remove()), "a second call").toBe("NotSupported");
  });

  test("MoveBefore and MoveAfter change the order of preference", async () => {
    const { network, bus } = await stageWith(CABLE, WIFI, MODEM);
    const order = () => network.services.map(({ id }) => id).join(" ");
    await service(bus, "modem").moveBefore(`${SERVICE}/cable`);
    expect(order()).toBe("modem cable wifi");
    await service(bus, "modem").moveAfter(`${SERVICE}/cable`);
    expect(order()).toBe("cable modem wifi");
    for (const path of [`${SERVICE}/modem`, "/", `${SERVICE}/none`]) {
      expect(await refusal(service(bus, "modem").moveBefore(path)), path).toBe("InvalidService");
    }
  });
});

describe("Technology", () => {
  test("GetTechnologies and GetProperties return the technologies that ConnMan knows", async () => {
    const { bus } = await stageWith(CABLE, HOME, { ...MODEM, bearer: "vpn", id: "tunnel" });
    const common = { powered: true, tethering: false, tetheringFreq: 0 };
    const wifi = { ...common, name: "WiFi", type: "wifi", connected: false };
    expect(await manager(bus).getTechnologies()).toEqual([
      { path: `${TECHNOLOGY}/ethernet`, properties: { ...common, name: "Wired", type: "ethernet", connected: true } },
      { path: `${TECHNOLOGY}/wifi`, properties: wifi },
    ]);
    expect(await technology(bus, "wifi").getProperties()).toEqual(wifi);
  });

  test("Powered=false removes services and changes Manager.State", async () => {
    const { bus } = await stageWith(WIFI);
    const wifi = technology(bus, "wifi");
    expect(await refusal(wifi.setProperty("Powered", flag(true)))).toBe("AlreadyEnabled");
    await wifi.setProperty("Powered", flag(false));
    expect([await manager(bus).getServices(), (await manager(bus).getProperties()).state]).toEqual([[], "idle"]);
    expect(await refusal(wifi.setProperty("Powered", flag(false)))).toBe("AlreadyDisabled");
    expect(await refusal(wifi.scan())).toBe("Failed");
    await wifi.setProperty("Powered", flag(true));
    await wifi.scan();
    expect(await manager(bus).getServices()).toHaveLength(1);
  });

  test.each([
    ["Powered", text("on"), "InvalidArguments"],
    ["Tethering", flag(true), "NotSupported"],
    ["Name", text("x"), "InvalidProperty"],
  ])("SetProperty %s %o: %s", async (name, value, result) => {
    const { bus } = await stageWith(CABLE);
    expect(await refusal(technology(bus, "ethernet").setProperty(name, value))).toBe(result);
    expect(await refusal(technology(bus, "ethernet").scan())).toBe("NotSupported");
  });
});

describe("a network that cannot be changed", () => {
  test("replies NotSupported to each change", async () => {
    const { services, technologies } = new SimulatedNetwork([HOME]);
    const fixed = {
      ...{ services, technologies, isOffline: false },
      subscribe: () => ({ unsubscribe: () => undefined }),
      connect: () => undefined,
      disconnect: () => undefined,
      packetCount: async () => 0,
      close: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const daemon = keep(await startPrivateBus());

    const server = keep(await connect({ bus: daemon.address }));
    keep(await serveSessions(server, { network: fixed }));
    const bus = keep(await connect({ bus: daemon.address }));
    const calls = [
      manager(bus).setProperty("OfflineMode", flag(true)),
      technology(bus, "wifi").setProperty("Powered", flag(false)),
      technology(bus, "wifi").scan(),
      service(bus, "wifi").setProperty("AutoConnect", flag(false)),
      service(bus, "wifi").setProperty("IPv4.Configuration", dictionary({ Method: "off" })),
      service(bus, "wifi").remove(),
    ];
    expect(await Promise.all(calls.map(refusal))).toEqual(calls.map(() => "NotSupported"));
  });
});

test("GetPeers and GetTetheringClients return empty lists", async () => {
  const { bus } = await stageWith(CABLE);
  expect([await manager(bus).getPeers(), await manager(bus).getTetheringClients()]).toEqual([[], []]);
});
