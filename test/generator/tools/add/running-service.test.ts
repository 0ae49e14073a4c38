import { expect, it } from "vitest";
import { addedService } from "../../../../generator/tools/add/added-service.ts";
import { findService, type ServiceBus } from "../../../../generator/tools/add/running-service.ts";
import { readCatalogue } from "../../../../generator/tools/catalogue/catalogue.ts";

const catalogue = await readCatalogue();

function busWith(label: string, running: readonly string[]): ServiceBus {
  return { label, running, activatable: [], bus: { call: () => Promise.reject(new Error("not called")) } };
}

it.each([
  {
    name: "the first name of the catalogue has precedence over longer ones",
    added: "portals",
    buses: { session: ["org.freedesktop.portal.Documents", "org.freedesktop.portal.Desktop"] },
    found: "org.freedesktop.portal.Desktop on session",
  },
  {
    name: "NetworkManager has precedence over its VPN services",
    added: "networkmanager",
    buses: { system: ["org.freedesktop.NetworkManager.openvpn", "org.freedesktop.NetworkManager"] },
    found: "org.freedesktop.NetworkManager on system",
  },
  {
    name: "a VPN service is found alone",
    added: "networkmanager",
    buses: { system: ["org.freedesktop.NetworkManager.dnsmasq", "org.freedesktop.NetworkManager.openvpn"] },
    found: "org.freedesktop.NetworkManager.openvpn on system",
  },
  {
    name: "the longest name is taken if the catalogue lists only the beginning",
    added: "mpris",
    buses: { session: ["org.mpris.MediaPlayer2.mpv", "org.mpris.MediaPlayer2.player7"] },
    found: "org.mpris.MediaPlayer2.player7 on session",
  },
  {
    name: "the bus of the catalogue has precedence",
    added: "systemd",
    buses: { session: ["org.freedesktop.systemd1"], system: ["org.freedesktop.systemd1"] },
    found: "org.freedesktop.systemd1 on system",
  },
  { name: "no name", added: "udisks2", buses: { system: ["org.freedesktop.UDisks2x"] }, found: undefined },
])("finds the bus name of a running service: $name", ({ added, buses, found }) => {
  const service = addedService(added, catalogue);
  if (service === undefined) throw new Error("the catalogue lacks it");
  const address = findService(
    Object.entries(buses).map(([label, running]) => busWith(label, running)),
    service,
    "running",
  );
  expect(address && `${address.name} on ${address.bus.label}`).toBe(found);
});
