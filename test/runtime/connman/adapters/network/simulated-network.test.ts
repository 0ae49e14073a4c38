import { type Network, NetworkError, SimulatedNetwork } from "@dbus-codegen-ts/connman";
import { describe, expect, it } from "vitest";

const LEASE = { method: "dhcp", address: "192.0.2.7", netmask: "255.255.255.0", gateway: "192.0.2.1" };
const MANUAL = { method: "manual", address: "192.0.2.99", netmask: "255.255.255.0" };

const cableAndWifi = (): SimulatedNetwork =>
  new SimulatedNetwork(
    [
      { id: "cable", bearer: "ethernet", state: "online", ipv4: LEASE },
      { id: "home", bearer: "wifi", state: "online" },
    ],
    { technologies: ["bluetooth"] },
  );

/** Returns the values of a network as text: services with states, powered technologies, and `offline`. */
function seen({ services, technologies, isOffline }: Network): string {
  const parts = services.map(({ id, state }) => `${id} ${state}`);
  const powered = technologies.filter(({ isPowered }) => isPowered).map(({ name }) => name);
  return [...parts, `on: ${powered}`, ...(isOffline ? ["offline"] : [])].join(", ");
}

describe("SimulatedNetwork", () => {
  it("has a technology for each bearer, also of services that are added later", () => {
    const network = cableAndWifi();
    network.add({ id: "modem", bearer: "cellular" });
    expect(network.technologies).toEqual([
      { bearer: "bluetooth", name: "Bluetooth", isPowered: true },
      { bearer: "ethernet", name: "Wired", isPowered: true },
      { bearer: "wifi", name: "WiFi", isPowered: true },
      { bearer: "cellular", name: "Cellular", isPowered: true },
    ]);
  });

  it("setPowered: services of a technology that is off are not available, and idle afterwards", async () => {
    const network = cableAndWifi();
    const events: string[] = [];
    network.subscribe(() => events.push(seen(network)));
    for (const isPowered of [false, false, true]) await network.setPowered("wifi", isPowered);
    expect(events).toEqual(["cable online, on: Bluetooth,Wired", "cable online, home idle, on: Bluetooth,Wired,WiFi"]);
  });

  it("setOffline: switches all technologies off, and only those on that it switched off", async () => {
    const network = cableAndWifi();
    await network.setPowered("bluetooth", false);
    const events: string[] = [];
    network.subscribe(() => events.push(seen(network)));
    await network.setOffline(true);
    network.connect("home");
    await network.setPowered("wifi", true);
    await network.setPowered("wifi", false);
    await network.setOffline(false);
    await network.setPowered("wifi", true);
    await network.setOffline(true);
    await network.setOffline(false);
    expect(events).toEqual([
      "on: , offline",
      "home idle, on: WiFi, offline",
      "on: , offline",
      "cable idle, on: Wired",
      "cable idle, home idle, on: Wired,WiFi",
      "on: , offline",
      "cable idle, home idle, on: Wired,WiFi",
    ]);
  });

  it("setAutoConnect and setIPv4 change a service", async () => {
    const network = cableAndWifi();
    await network.setAutoConnect("cable", false);
    await network.setIPv4("cable", MANUAL);
    expect(network.services[0]).toMatchObject({ autoConnect: false, ipv4: MANUAL, ipv4Configuration: MANUAL });
    await network.setIPv4("cable", { method: "off" });
    expect(network.services[0]).toMatchObject({ ipv4: {}, ipv4Configuration: { method: "off" } });
    await network.setIPv4("cable", { method: "dhcp" });
    expect(network.services[0]).toMatchObject({ ipv4: LEASE, ipv4Configuration: { method: "dhcp" } });
  });

  it("unknown technologies and services are refused", async () => {
    const network = cableAndWifi();
    const refused = [
      () => network.setPowered("cellular", true),
      () => network.setAutoConnect("none", true),
      () => network.setIPv4("none", MANUAL),
    ];
    for (const call of refused) await expect(call()).rejects.toThrow(NetworkError);
  });
});
