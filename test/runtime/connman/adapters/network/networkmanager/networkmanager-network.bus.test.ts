import { NetworkError, NetworkManagerNetwork, type NetworkService, serveSessions } from "@dbus-codegen-ts/connman";
import {
  Modem3Gpp,
  Modem3GppService,
} from "@dbus-codegen-ts/modemmanager/org.freedesktop.ModemManager1.Modem.Modem3gpp";
import { RegistrationState } from "@dbus-codegen-ts/modemmanager/types";
import {
  ConnectivityState,
  DeviceState,
  DeviceType,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device";
import {
  Wireless,
  WirelessClient,
  WirelessService,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Device.Wireless";
import { type Bus, connect, Variant } from "@dbus-codegen-ts/runtime";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { runningNetwork } from "../../../../../../runtime/connman/adapters/network/choose-network.ts";
import { rawService } from "../../../../../generator/tools/raw-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../../../setup/private-bus.ts";
import { partial } from "../../../../core/fixtures/partial-service.ts";
import { App } from "../../../support.ts";
import { Device, NetworkManager, Profile } from "./network-manager-service.ts";

const FIRST = "ethernet_020000000001_cable";
let daemon: PrivateBus;
let bus: Bus;
let manager: NetworkManager;
let network: NetworkManagerNetwork;
let errors: string[];

beforeEach(async () => {
  daemon = await startPrivateBus();
  errors = [];
  const onError = (error: unknown): void => void errors.push(error instanceof Error ? error.message : String(error));
  bus = await connect({ bus: daemon.address, onError });
  manager = await NetworkManager.serve(await connect({ bus: daemon.address }), 2);
  network = await NetworkManagerNetwork.open(bus, { onError });
});
afterEach(async () => {
  await network.close();
  await manager[Symbol.asyncDispose]();
  await bus.close();
  await daemon.stop();
});

const states = () => network.services.map((service) => `${service.name} ${service.state}`).join(", ");
const becomes = (expected: string) => expect.poll(states, { interval: 2 }).toBe(expected);
const service = (id = FIRST): NetworkService | undefined => network.services.find((candidate) => candidate.id === id);

/** Records the states of the first service until the end of the test. */
function watchFirst(): string[] {
  const seen: string[] = [];
  network.subscribe(() => {
    const { state } = service() ?? { state: "gone" };
    if (seen.at(-1) !== state) seen.push(state);
  });
  return seen;
}

test("connect activates the profile, and disconnect deactivates it", async () => {
  expect(states()).toBe("Cable 1 idle, Cable 2 idle");
  const seen = watchFirst();
  manager.isSlow = true;
  network.connect(FIRST);
  network.connect(FIRST);
  await becomes("Cable 1 association, Cable 2 idle");
  manager.proceed();
  await becomes("Cable 1 online, Cable 2 idle");
  expect(service()).toMatchObject({
    interface: "eth1",
    ipv4: { method: "dhcp", address: "192.0.2.1", netmask: "255.255.255.0", gateway: "192.0.2.254" },
    hardwareAddress: "02:00:00:00:00:01",
  });
  network.connect(FIRST);
  network.disconnect(FIRST);
  await becomes("Cable 1 idle, Cable 2 idle");
  expect(manager.calls).toEqual(["activate /Settings/1 on /Devices/1", "deactivate /ActiveConnection/1"]);
  expect(seen).toEqual([...new Set(seen)]);
  expect(errors).toEqual([]);
});

test("connect does not repeat an activation that its device does not show yet", async () => {
  manager.isLate = true;
  for (let attempt = 0; attempt < 5; attempt++) {
    network.connect(FIRST);
    await expect.poll(() => manager.calls.length).toBeGreaterThan(0);
    await network.setPowered("wifi", true);
  }
  manager.proceed();
  await becomes("Cable 1 online, Cable 2 idle");
  expect(manager.calls).toEqual(["activate /Settings/1 on /Devices/1"]);
  expect(errors).toEqual([]);
});

test("disconnect immediately after connect takes the service down", async () => {
  network.connect(FIRST);
  network.disconnect(FIRST);
  await expect.poll(() => manager.calls).toContain("deactivate /ActiveConnection/1");
  await becomes("Cable 1 idle, Cable 2 idle");
});

test("a failure that NetworkManager shows for a moment remains until the next attempt", async () => {
  const [device] = manager.devices;
  if (device !== undefined) device.isBroken = true;
  network.connect(FIRST);
  await becomes("Cable 1 failure, Cable 2 idle");
  expect(service()?.failure).toBe("dhcp-failed");
  if (device !== undefined) device.isBroken = false;
  network.connect(FIRST);
  await becomes("Cable 1 online, Cable 2 idle");
  expect(service()?.failure).toBeUndefined();
});

test("a refused activation is a failure and reported", async () => {
  manager.isRefusing = true;
  network.connect(FIRST);
  await becomes("Cable 1 failure, Cable 2 idle");
  expect(errors).toEqual(["Not authorized to control networking."]);
});

test("an unplugged cable is no service, before NetworkManager deactivates its profile", async () => {
  network.connect(FIRST);
  await becomes("Cable 1 online, Cable 2 idle");
  const device = manager.devices[0]?.properties;
  if (device !== undefined) device.interfaceFlags = 1;
  await becomes("Cable 2 idle");
  if (device !== undefined) device.interfaceFlags = 0x10003;
  await becomes("Cable 1 online, Cable 2 idle");
});

test("a change of connectivity changes the state of the service", async () => {
  network.connect(FIRST);
  network.connect("ethernet_020000000002_cable");
  await becomes("Cable 1 online, Cable 2 online");
  const device = manager.devices[0]?.properties;
  if (device !== undefined) device.ip4Connectivity = ConnectivityState.Portal;
  await becomes("Cable 1 ready, Cable 2 online");
});

test("services are removed when NetworkManager leaves the bus, and return with NetworkManager", async () => {
  network.connect(FIRST);
  await becomes("Cable 1 online, Cable 2 idle");
  await manager[Symbol.asyncDispose]();
  await becomes("");
  expect(network.technologies).toEqual([]);
  network.connect(FIRST);
  manager = await NetworkManager.serve(await connect({ bus: daemon.address }), 1);
  await becomes("Cable 1 idle");
  network.connect(FIRST);
  await becomes("Cable 1 online");
  expect(errors).toEqual([]);
});

test("services appear when NetworkManager starts later", async () => {
  await manager[Symbol.asyncDispose]();
  await using late = await NetworkManagerNetwork.open(bus);
  expect(late.services).toEqual([]);
  manager = await NetworkManager.serve(await connect({ bus: daemon.address }), 1);
  await expect.poll(() => late.services.map(({ name }) => name)).toEqual(["Cable 1"]);
});

test("services follow profiles that are changed, added and removed", async () => {
  const [profile] = manager.profiles;
  profile?.update({ connection: { id: "Office", uuid: "u-1", type: "802-3-ethernet", autoconnect: false } });
  await expect.poll(() => service()).toMatchObject({ name: "Office", autoConnect: false });
  const connection = { id: "New", uuid: "u-3", type: "wireguard", interfaceName: "wg0" };
  const added = await manager.bus.serve("/org/freedesktop/NetworkManager/Settings/3", new Profile({ connection }));
  await becomes("Cable 2 idle, New idle, Office idle");
  await added.close();
  await becomes("Cable 2 idle, Office idle");
});

test("a profile that cannot be read is not used", async () => {
  const hidden = new Profile({ connection: { id: "Hidden", uuid: "u-3", type: "wireguard" } });
  hidden.isHidden = true;
  await manager.bus.serve("/org/freedesktop/NetworkManager/Settings/3", hidden);
  await manager.bus.serve(
    "/org/freedesktop/NetworkManager/Settings/4",
    new Profile({ connection: { id: "Seen", uuid: "u-4", type: "wireguard" } }),
  );
  await becomes("Cable 1 idle, Cable 2 idle, Seen idle");
  expect(errors).toEqual([]);
});

test("a modem roams if ModemManager reports it", async () => {
  const udi = "/org/freedesktop/ModemManager1/Modem/0";
  const modem = new Modem();
  const modemManager = await connect({ bus: daemon.address });
  await modemManager.serve(udi, modem);
  await modemManager.requestName("org.freedesktop.ModemManager1");
  const profile = "/org/freedesktop/NetworkManager/Settings/3";
  const device = new Device(3, profile);
  Object.assign(device.properties, { udi, deviceType: DeviceType.Modem });
  const served = await manager.bus.serve(device.path, device);
  await manager.bus.serve(profile, new Profile({ connection: { id: "Operator", uuid: "u-3", type: "gsm" } }));
  const roaming = () => network.services.find(({ name }) => name === "Operator")?.roaming;
  await expect.poll(roaming).toBe("home");
  modem.properties.registrationState = RegistrationState.Roaming;
  await expect.poll(roaming).toBe("international");
  modem.properties.registrationState = RegistrationState.Home;
  await expect.poll(roaming).toBe("home");
  modem.properties.registrationState = RegistrationState.RoamingSmsOnly;
  await expect.poll(roaming).toBe("international");
  await modemManager.close();
  await expect.poll(roaming).toBe("home");
  await served.close();
  await becomes("Cable 1 idle, Cable 2 idle");
  expect(errors).toEqual([]);
});

class Radio extends partial(WirelessService, Wireless) implements Pick<WirelessService, "requestScan"> {
  scans = 0;

  constructor(lastScan = -1n) {
    super({ permHwAddress: "", accessPoints: [], activeAccessPoint: "/", lastScan });
  }

  requestScan(): void {
    this.scans++;
  }
}

class Modem extends partial(Modem3GppService, Modem3Gpp) {
  constructor() {
    super({ registrationState: RegistrationState.Home });
  }
}

describe("settings", () => {
  test("AutoConnect and IPv4 change one setting of the profile", async () => {
    await network.setAutoConnect(FIRST, false);
    expect(service()).toMatchObject({ autoConnect: false, ipv4Configuration: { method: "dhcp" } });
    network.connect(FIRST);
    await expect.poll(() => service()?.state).toBe("online");
    const configuration = { method: "manual", address: "192.0.2.77", netmask: "255.255.255.0" };
    await network.setIPv4(FIRST, configuration);
    expect(service()?.ipv4Configuration).toEqual(configuration);
    expect(manager.profiles[0]?.settings).toEqual({
      connection: { id: "Cable 1", uuid: "u-1", type: "802-3-ethernet", autoconnect: false },
      ipv4: { method: "manual", addressData: [{ address: "192.0.2.77", prefix: 24 }] },
    });
    expect(manager.devices[0]?.reapplied).toEqual([{}]);
  });

  test("a profile is deleted", async () => {
    const profile = new Profile({ connection: { id: "Old", uuid: "u-3", type: "wireguard" } });
    const served = await manager.bus.serve("/org/freedesktop/NetworkManager/Settings/3", profile);
    profile.onDelete = () => void served.close();
    await becomes("Cable 1 idle, Cable 2 idle, Old idle");
    await network.forget("vpn_3_profile");
    await becomes("Cable 1 idle, Cable 2 idle");
  });

  describe("a search for Wi-Fi networks", () => {
    const radioPath = "/org/freedesktop/NetworkManager/Devices/9";

    async function serveRadio(options: { readonly scanTimeoutMs?: number } = {}) {
      const radio = new Radio(100n);
      const served = await manager.bus.serve(radioPath, radio);
      const searching = await NetworkManagerNetwork.open(bus, options);
      onTestFinished(async () => {
        await searching.close();
        await served.close();
      });
      return { radio, searching };
    }

    test("needs a radio", async () => {
      await expect(network.scan("wifi")).rejects.toThrow("does not search for wifi");
      await expect(network.scan("bluetooth")).rejects.toThrow(NetworkError);
    });

    test("resolves when it has ended, and not before", async () => {
      const { radio, searching } = await serveRadio();
      let hasEnded = false;
      const search = searching.scan("wifi").then(() => {
        hasEnded = true;
      });
      await expect.poll(() => radio.scans).toBe(1);
      // A call and its reply pass the bus after everything that was sent before.
      await new WirelessClient(bus, { destination: manager.bus.uniqueName, path: radioPath }).properties.lastScan.get();
      expect(hasEnded).toBe(false);
      radio.properties.lastScan = 200n;
      await search;
    });

    test("fails if it does not end in time", async () => {
      const { radio, searching } = await serveRadio({ scanTimeoutMs: 20 });
      await expect(searching.scan("wifi")).rejects.toThrow(NetworkError);
      expect(radio.scans).toBe(1);
    });

    test("fails if NetworkManager leaves the bus", async () => {
      const { radio, searching } = await serveRadio();
      const search = expect(searching.scan("wifi")).rejects.toThrow(NetworkError);
      await expect.poll(() => radio.scans).toBe(1);
      await manager.bus.releaseName("org.freedesktop.NetworkManager");
      await search;
    });
  });

  test("offline mode switches radios off, and later those on that it has switched off", async () => {
    await network.setPowered("wifi", false);
    expect([manager.properties.wirelessEnabled, manager.properties.wwanEnabled]).toEqual([false, true]);
    await network.setOffline(true);
    await network.setOffline(true);
    expect([manager.properties.wirelessEnabled, manager.properties.wwanEnabled]).toEqual([false, false]);
    await expect.poll(() => network.isOffline).toBe(true);
    await network.setOffline(false);
    expect([manager.properties.wirelessEnabled, manager.properties.wwanEnabled]).toEqual([false, true]);
    await expect.poll(() => network.isOffline).toBe(false);
  });

  test.each([
    ["a technology that NetworkManager does not switch", () => network.setPowered("ethernet", false)],
    ["an unknown service", () => network.setAutoConnect("x", true)],
    ["an unknown method", () => network.setIPv4(FIRST, { method: "fixed" })],
    [
      "a change that NetworkManager refuses",
      () => {
        for (const profile of manager.profiles) profile.isHidden = true;
        return network.setAutoConnect(FIRST, true);
      },
    ],
  ])("refused: %s", async (_, change) => {
    await expect(change()).rejects.toThrow(NetworkError);
  });
});

test("values of other types are ignored, and later values are used", async () => {
  await manager[Symbol.asyncDispose]();
  await becomes("");
  const device = "org.freedesktop.NetworkManager.Device";
  const path = "/org/freedesktop/NetworkManager/Devices/1";
  const profile = "/org/freedesktop/NetworkManager/Settings/1";
  await using raw = await rawService(daemon.address, "org.freedesktop.NetworkManager", ({ member }) => {
    if (member === "GetSettings") {
      const uuid = new Variant("s", "u");
      return [
        "a{sa{sv}}",
        { connection: { id: new Variant("b", true), uuid, type: new Variant("s", "802-3-ethernet") } },
      ];
    }
    const values = {
      State: new Variant("s", "up"),
      DeviceType: new Variant("u", 1),
      Interface: new Variant("s", "eth0"),
      Real: new Variant("u", 7),
      AvailableConnections: new Variant("ao", [profile]),
      InterfaceFlags: new Variant("u", 0x10000),
      Mtu: new Variant("d", 1.5),
    };
    const stored = { "org.freedesktop.NetworkManager.Settings.Connection": { Flags: new Variant("s", "x") } };
    return [
      "a{oa{sa{sv}}}",
      new Map<string, object>([
        [path, { [device]: values }],
        [profile, stored],
      ]),
    ];
  });
  expect(states()).toBe("");
  const changed = (values: Readonly<Record<string, Variant>>): void =>
    raw.emit(path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", device, values, []);
  changed({ State: new Variant("u", DeviceState.Disconnected) });
  await becomes("eth0 idle");
  changed({ HwAddress: new Variant("s", "💥".repeat(1000)) });
  changed({ State: new Variant("u", 4_000_000_000) });
  await becomes("eth0 idle");
  changed({ State: new Variant("as", ["x"]) });
  changed({ State: new Variant("u", DeviceState.Unmanaged) });
  await becomes("");
});

describe("sessions", () => {
  test("Connect activates a profile that was down; Disconnect deactivates it, and nothing else", async () => {
    await using serviceBus = await connect({ bus: daemon.address });
    await using _ = await serveSessions(serviceBus, { network });
    const app = new App(await connect({ bus: daemon.address }));
    const session = await app.create();
    await session.connect();
    await expect.poll(() => session.settings["State"]).toBe("online");
    expect(session.settings).toMatchObject({ Name: "Cable 1", Bearer: "ethernet", Interface: "eth1" });
    await session.disconnect();
    await becomes("Cable 1 idle, Cable 2 idle");
    expect(manager.calls).toEqual(["activate /Settings/1 on /Devices/1", "deactivate /ActiveConnection/1"]);
    await manager.activateConnection(
      "/org/freedesktop/NetworkManager/Settings/2",
      "/org/freedesktop/NetworkManager/Devices/2",
    );
    await expect.poll(() => session.settings["Name"]).toBe("Cable 2");
    await session.connect();
    await session.disconnect();
    await expect.poll(() => session.settings["Name"]).toBe("");
    expect(states()).toBe("Cable 2 online, Cable 1 idle");
    await app.leave();
  });
});

test("NetworkManager precedes ConnMan, systemd-networkd and linux in the choice of the running network", async () => {
  await using other = await connect({ bus: daemon.address });
  await other.requestName("org.freedesktop.network1");
  await other.requestName("net.connman");
  expect(await runningNetwork(bus)).toBe("networkmanager");
  await manager[Symbol.asyncDispose]();
  await becomes("");
  expect(await runningNetwork(bus)).toBe("connman");
  expect(await runningNetwork(bus, other.uniqueName)).toBe("linux");
  await other.releaseName("net.connman");
  expect(await runningNetwork(bus)).toBe("networkd");
  await other.releaseName("org.freedesktop.network1");
  expect(await runningNetwork(bus)).toBe("linux");
});
