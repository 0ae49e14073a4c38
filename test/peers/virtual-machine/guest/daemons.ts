import { strict as assert } from "node:assert";
import { Hostname1Client } from "@dbus-codegen-ts/hostname/org.freedesktop.hostname1";
import { Locale1Client } from "@dbus-codegen-ts/locale/org.freedesktop.locale1";
import { ManagerClient as NetworkClient } from "@dbus-codegen-ts/network/org.freedesktop.network1.Manager";
import { addressText, parseAddress, RESOLVER } from "@dbus-codegen-ts/resolve";
import { LinkClient as ResolvedLinkClient } from "@dbus-codegen-ts/resolve/org.freedesktop.resolve1.Link";
import {
  AddressFamily,
  ManagerClient as ResolverClient,
} from "@dbus-codegen-ts/resolve/org.freedesktop.resolve1.Manager";
import { Timedate1Client } from "@dbus-codegen-ts/timedate/org.freedesktop.timedate1";
import { startUnits, stopUnits, systemBus } from "./bus.ts";
import type { Group } from "./check.ts";
import { ip, run } from "./shell.ts";

const target = (name: string) => ({
  destination: `org.freedesktop.${name}`,
  path: `/org/freedesktop/${name}`,
});

/** Checks of systemd's small daemons, which the bus starts by systemd. */
export const DAEMONS: Group = {
  name: "daemons",
  async run(check) {
    await using bus = await systemBus();
    await check("hostnamed", async () => {
      const host = new Hostname1Client(bus, target("hostname1"));
      await host.setStaticHostname("checks", false);
      await host.setPrettyHostname("Für Prüfungen", false);
      const { staticHostname, prettyHostname, chassis, kernelRelease } = await host.$getAll();
      assert.deepEqual([staticHostname, prettyHostname, chassis], ["checks", "Für Prüfungen", "vm"]);
      assert.equal(await run("uname", "-n"), "checks");
      return `${staticHostname}, ${prettyHostname}, ${chassis}, ${kernelRelease}`;
    });
    await check("timedated", async () => {
      const clock = new Timedate1Client(bus, target("timedate1"));
      await clock.setTimezone("Europe/Luxembourg", false);
      assert.match(await run("readlink", "/etc/localtime"), /Luxembourg$/);
      await clock.setTime(3_600_000_000n, true, false);
      const zones = await clock.listTimezones();
      const { timezone, canNTP, ntp } = await clock.$getAll();
      return `${timezone} of ${zones.length}, NTP possible ${canNTP}, on ${ntp}`;
    });
    await check("localed", async () => {
      const locale = new Locale1Client(bus, target("locale1"));
      await locale.setLocale(["LANG=C.UTF-8", "LC_TIME=C"], false);
      const { locale: changed } = await locale.$getAll();
      assert.deepEqual(changed, ["LANG=C.UTF-8", "LC_TIME=C"]);
      return `${changed}`;
    });
    await ip("link", "add", "dummy0", "type", "dummy");
    await ip("address", "add", "192.0.2.7/24", "dev", "dummy0");
    await ip("link", "set", "dummy0", "up");
    const index = JSON.parse(await ip("-json", "link", "show", "dummy0"))[0].ifindex;
    await startUnits(bus, "systemd-resolved.service", "systemd-networkd.service");
    await check("resolved", async () => {
      const resolver = new ResolverClient(bus, RESOLVER);
      const [addresses, name] = await resolver.resolveHostname(0, "localhost", AddressFamily.IPv4, 0n);
      const [first] = addresses;
      assert.equal(first && addressText(first.address), "127.0.0.1");
      await resolver.setLinkDNS(index, [parseAddress("192.0.2.53")]);
      await resolver.setLinkDomains(index, [{ domain: "example.org", isRouteOnly: true }]);
      const link = new ResolvedLinkClient(bus, { ...RESOLVER, path: await resolver.getLink(index) });
      const { dns, domains } = await link.$getAll();
      const servers = dns?.map(({ address }) => addressText(address));
      assert.deepEqual([servers, domains], [["192.0.2.53"], [{ domain: "example.org", isRouteOnly: true }]]);
      return `${name}, server ${servers}, domains ${domains?.map(({ domain }) => domain)}`;
    });
    await check("networkd", async () => {
      const manager = new NetworkClient(bus, target("network1"));
      const links = await manager.listLinks();
      assert.ok(links.some(({ name }) => name === "dummy0"));
      const { operationalState, onlineState } = await manager.$getAll();
      return `${links.map(({ name }) => name)}; ${operationalState}, ${onlineState}`;
    });
    await stopUnits(bus, "systemd-networkd.service", "systemd-resolved.service");
    await ip("link", "del", "dummy0");
  },
};
