import { DBusError, ObjectManagerClient } from "@dbus-codegen-ts/runtime";
import { testBus } from "dbus-codegen-ts/testing";
import { describe, expect, test } from "vitest";
import { Adapter1Client } from "../../../generator/catalogue/bluez/generated/org.bluez.Adapter1.ts";
import { Battery1Client } from "../../../generator/catalogue/bluez/generated/org.bluez.Battery1.ts";
import { Device1Client } from "../../../generator/catalogue/bluez/generated/org.bluez.Device1.ts";
import { BluezMock } from "../../../generator/catalogue/bluez/mock.ts";
import { ManagerClient } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Manager.ts";
import { SeatClient } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Seat.ts";
import { SessionClient } from "../../../generator/catalogue/logind/generated/org.freedesktop.login1.Session.ts";
import { LogindMock } from "../../../generator/catalogue/logind/mock.ts";
import { DeviceClient } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Device.ts";
import { SettingsClient } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.Settings.ts";
import { NetworkManagerClient } from "../../../generator/catalogue/networkmanager/generated/org.freedesktop.NetworkManager.ts";
import { NetworkManagerMock } from "../../../generator/catalogue/networkmanager/mock.ts";
import {
  DeviceState,
  DeviceClient as PowerDeviceClient,
} from "../../../generator/catalogue/upower/generated/org.freedesktop.UPower.Device.ts";
import { UPowerClient } from "../../../generator/catalogue/upower/generated/org.freedesktop.UPower.ts";
import { UPowerMock } from "../../../generator/catalogue/upower/mock.ts";

describe("UPower", () => {
  test("lists batteries and mains, and derives OnBattery from them", async () => {
    await using bus = await testBus();
    const upower = await UPowerMock.serve(bus.services);
    const destination = "org.freedesktop.UPower";
    const client = new UPowerClient(bus.clients, { destination, path: "/org/freedesktop/UPower" });
    const added: string[] = [];
    await client.signals.deviceAdded.subscribe((path) => void added.push(path));
    const battery = await upower.addBattery("BAT0", { percentage: 25 });
    expect(await client.properties.onBattery.get()).toBe(true);
    const { properties } = new PowerDeviceClient(bus.clients, { destination, path: battery.path });
    expect([await properties.state.get(), await properties.timeToEmpty.get()]).toEqual([
      DeviceState.Discharging,
      3600n,
    ]);
    await upower.addMains("AC");
    const mouse = await upower.addDevice("mouse", "hid-1", { percentage: 80 });
    expect(await client.properties.onBattery.get()).toBe(false);
    expect(await client.enumerateDevices()).toEqual(added);
    expect(mouse.path).toBe("/org/freedesktop/UPower/devices/mouse_hid_1");
    await upower.removeDevice("hid-1");
    expect(await client.enumerateDevices()).toEqual(added.slice(0, 2));
    await expect(upower.removeDevice("hid-1")).rejects.toThrow('there is no device "hid-1"');
    await expect(upower.addDevice("ship", "x")).rejects.toThrow('there is no kind of device "ship"');
  });
});

describe("BlueZ", () => {
  test("devices are found, paired, connected and removed", async () => {
    await using bus = await testBus();
    const bluez = await BluezMock.serve(bus.services);
    await bluez.addAdapter("hci0", { alias: "laptop" });
    const manager = new ObjectManagerClient(
      bus.clients,
      { destination: "org.bluez", path: "/" },
      { adapter: Adapter1Client, device: Device1Client, battery: Battery1Client },
    );
    const [found] = await manager.objects();
    const adapter = found?.interfaces.adapter ?? expect.fail("there is no adapter");
    await adapter.startDiscovery();
    await expect(adapter.startDiscovery()).rejects.toThrow("Operation already in progress");
    expect(adapter.properties.discovering.value).toBe(true);
    const { path } = await bluez.addDevice("hci0", "00:11:22:33:44:55", { alias: "Sensor", rssi: -60 });
    await bluez.addBattery("00:11:22:33:44:55", { percentage: 70 });
    await expect.poll(() => manager.get(path)?.interfaces.battery?.properties.percentage.value).toBe(70);
    const device = manager.get(path)?.interfaces.device ?? expect.fail("there is no device");
    await device.pair();
    await expect(device.pair()).rejects.toThrow("Already Exists");
    expect([device.properties.connected.value, device.properties.paired.value]).toEqual([true, true]);
    await adapter.properties.powered.set(false);
    expect([device.properties.connected.value, adapter.properties.discovering.value]).toEqual([false, false]);
    await expect(device.connect()).rejects.toThrow("Resource Not Ready");
    await adapter.removeDevice(path);
    expect(manager.get(path)).toBeUndefined();
    await expect(bluez.addDevice("hci1", "00:11:22:33:44:55")).rejects.toThrow('there is no adapter "hci1"');
    await bluez.removeAdapter("hci0");
    await expect.poll(async () => (await manager.objects()).length).toBe(0);
  });
});

describe("logind", () => {
  test("sessions are activated, locked and terminated", async () => {
    await using bus = await testBus();
    const logind = await LogindMock.serve(bus.services);
    const destination = "org.freedesktop.login1";
    const manager = new ManagerClient(bus.clients, { destination, path: "/org/freedesktop/login1" });
    const signals: string[] = [];
    await manager.signals.sessionNew.subscribe((id) => void signals.push(`new ${id}`));
    await manager.signals.sessionRemoved.subscribe((id) => void signals.push(`removed ${id}`));
    await logind.addSession("c1", { uid: 1000, name: "alice", seat: "seat0" });
    await logind.addSession("c2", { uid: 1001, name: "bob", seat: "seat0" });
    await logind.addSession("3", { uid: 1000, name: "alice" });
    const sessions = await manager.listSessions();
    expect(sessions.map(({ id, userName, seatId, session }) => [id, userName, seatId, session])).toEqual([
      ["c1", "alice", "seat0", "/org/freedesktop/login1/session/c1"],
      ["c2", "bob", "seat0", "/org/freedesktop/login1/session/c2"],
      ["3", "alice", "", "/org/freedesktop/login1/session/_33"],
    ]);
    expect((await manager.listUsers()).map(({ userId, name }) => `${userId} ${name}`)).toEqual([
      "1000 alice",
      "1001 bob",
    ]);
    const seat = new SeatClient(bus.clients, { destination, path: await manager.getSeat("seat0") });
    expect((await seat.properties.activeSession.get()).id).toBe("c2");
    await manager.activateSession("c1");
    expect((await seat.properties.activeSession.get()).id).toBe("c1");
    const session = new SessionClient(bus.clients, { destination, path: await manager.getSession("c1") });
    const locked: string[] = [];
    await session.signals.lock.subscribe(() => void locked.push("locked"));
    await manager.lockSessions();
    await session.setLockedHint(true);
    expect([locked, await session.properties.lockedHint.get()]).toEqual([["locked"], true]);
    await manager.terminateUser(1000);
    expect((await manager.listSessions()).map(({ id }) => id)).toEqual(["c2"]);
    await expect(manager.getSession("c1")).rejects.toMatchObject({
      errorName: "org.freedesktop.login1.NoSuchSession",
    });
    expect(signals).toEqual(["new c1", "new c2", "new 3", "removed c1", "removed 3"]);
    await logind.removeSeat("seat0");
    expect([await manager.listSessions(), await manager.listSeats()]).toEqual([[], []]);
  });
});

describe("NetworkManager", () => {
  test("Wi-Fi is found and activated, and the states of devices, connections and daemon follow", async () => {
    await using bus = await testBus();
    const network = await NetworkManagerMock.serve(bus.services);
    const destination = "org.freedesktop.NetworkManager";
    const client = new NetworkManagerClient(bus.clients, { destination, path: "/org/freedesktop/NetworkManager" });
    const states: number[] = [];
    await client.signals.stateChanged.subscribe((state) => void states.push(state));
    const wifi = await network.addWifiDevice("wlan0");
    const wired = await network.addWiredDevice("eth0");
    const point = await network.addWifiAccessPoint("wlan0", "home", { strength: 70 });
    expect(await client.getDevices()).toEqual([wifi.path, wired.path]);
    const psk = { wirelessSecurity: { psk: "secret" } };
    const [profile, active] = await client.addAndActivateConnection(psk, wifi.path, point.path);
    expect(network.profiles.map(({ path, settings }) => [path, settings.connection?.id])).toEqual([[profile, "home"]]);
    const device = new DeviceClient(bus.clients, { destination, path: wifi.path });
    expect(await device.properties.activeConnection.get()).toBe(active);
    expect(await client.properties.primaryConnection.get()).toBe(active);
    await client.properties.wirelessEnabled.set(false);
    expect([states, network.activeConnections]).toEqual([[70, 20], []]);
    await client.properties.wirelessEnabled.set(true);
    await client.activateConnection(profile, "/", "/");
    await network.removeWifiAccessPoint("wlan0", "home");
    expect(network.activeConnections).toEqual([]);
    await expect(client.activateConnection(profile, wifi.path, "/")).rejects.toMatchObject({
      errorName: "org.freedesktop.NetworkManager.UnknownConnection",
    });
    const settings = new SettingsClient(bus.clients, { destination, path: "/org/freedesktop/NetworkManager/Settings" });
    const office = await settings.addConnection({ connection: { id: "office", type: "802-3-ethernet" } });
    await network.activate("office", "eth0");
    await expect(network.activate("home", "eth0")).rejects.toThrow(DBusError);
    await network.removeDevice("eth0");
    expect(await client.getDevices()).toEqual([wifi.path]);
    await network.removeProfile("office");
    expect(await settings.listConnections()).toEqual([profile]);
    await expect(network.removeProfile("office")).rejects.toThrow('there is no profile "office"');
    expect(office).not.toBe(profile);
    await expect(network.addWifiAccessPoint("eth1", "x")).rejects.toThrow('there is no device "eth1"');
  });

  test("a bus name that has another owner is refused, and nothing is served", async () => {
    await using bus = await testBus();
    await bus.clients.requestName("org.freedesktop.NetworkManager");
    await expect(NetworkManagerMock.serve(bus.services)).rejects.toThrow("has another owner");
    const target = { destination: bus.services.uniqueName, path: "/org/freedesktop/NetworkManager" };
    await expect(new NetworkManagerClient(bus.clients, target).getDevices()).rejects.toThrow("there is no object");
  });
});
