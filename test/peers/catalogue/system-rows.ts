import { connect } from "@dbus-codegen-ts/runtime";
import { ManagerClient } from "../../../generator/catalogue/network/generated/org.freedesktop.network1.Manager.ts";
import { startPrivateBus } from "../../setup/private-bus.ts";
import { type RunningDaemon, startDaemon, whyNot } from "./daemon.ts";
import { extractedFile } from "./debian-package.ts";
import { LOGIND_ROW } from "./logind-row.ts";
import { HEAD, type Row } from "./row.ts";

const NETWORKD = "/lib/systemd/systemd-networkd";
const IP = "/usr/sbin/ip";

/** Interface number of the cable's first end in its network namespace. */
const CABLE = 77;

/** Prepares a network namespace with a cable, and empty folders in a mount namespace in which /sys is read-only. */
const NETWORK = `mount -t tmpfs none /run && mount -t sysfs -o ro none /sys
ip link set lo up && ip link add cable0 index ${CABLE} type veth peer name cable1
ip link set cable0 up && ip link set cable1 up
mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp /run/systemd/network
chown -R systemd-network:systemd-network /run/systemd/netif
`;

/** Configuration of systemd-networkd: the first end of the cable is a DHCP server, the second end its client. */
const NETWORKD_FILES = `printf '%s\\n' '[Match]' 'Name=cable0' '[Network]' 'Description=The cable' 'Address=10.9.0.2/24' \\
  'DHCPServer=yes' 'LinkLocalAddressing=no' > /run/systemd/network/cable0.network
printf '%s\\n' '[Match]' 'Name=cable1' '[Network]' 'DHCP=ipv4' > /run/systemd/network/cable1.network
`;

/** Returns a command line that runs a program after preparations in separate mount and network namespaces. */
function inNetwork(preparation: string, program: string): () => readonly string[] {
  return () => ["unshare", "--mount", "--net", "sh", "-ec", `${NETWORK}${preparation}exec ${program}`];
}

/** systemd-networkd with a DHCP server and its client. */
const NETWORK_ROW: Row = {
  api: "network",
  daemon: "systemd-networkd",
  busName: "org.freedesktop.network1",
  notWritten: "The API has no dictionary; the program changes a struct.",
  missing: whyNot([NETWORKD, IP]),
  start: () =>
    startDaemon({
      needs: [NETWORKD, IP],
      busName: "org.freedesktop.network1",
      command: inNetwork(NETWORKD_FILES, NETWORKD),
    }),
  program: `${HEAD}import { DHCPServerClient } from "./org.freedesktop.network1.DHCPServer.js";
import { LinkClient } from "./org.freedesktop.network1.Link.js";
import { AddressFamily, AdministrativeState, ManagerClient, OperationalState } from "./org.freedesktop.network1.Manager.js";
const destination = "org.freedesktop.network1";
const manager = new ManagerClient(bus, { destination, path: "/org/freedesktop/network1" });
const [, path] = await manager.getLinkByName("cable0");
const link = new LinkClient(bus, { destination, path });
const { properties } = link;
while ((await properties.administrativeState.get()) !== AdministrativeState.Configured) await new Promise((resolve) => setTimeout(resolve, 50));
const address = Uint8Array.of(192, 0, 2, 53);
await link.setDNSEx([{ family: AddressFamily.IPv4, address, port: 853, serverName: "dns.example.org" }]);
const server = new DHCPServerClient(bus, { destination, path });
let leases = await server.properties.leases.get();
while (leases.length === 0) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  leases = await server.properties.leases.get();
}
const isRoutable = (await properties.operationalState.get()) === OperationalState.Routable;
console.log(isRoutable, leases[0]?.address.subarray(0, 3).join("."), (await link.describe()).includes("dns.example.org"));
`,
  prints: /^true 10\.9\.0 true$/m,
  objects: [
    {
      path: "/org/freedesktop/network1",
      calls: [{ interface: "org.freedesktop.network1.Manager", method: "ListLinks" }],
    },
    {
      path: async (bus) => {
        const target = { destination: "org.freedesktop.network1", path: "/org/freedesktop/network1" };
        const [, path] = await new ManagerClient(bus, target).getLinkByName("cable0");
        return path;
      },
    },
    { path: "/org/freedesktop/network1/network/cable0" },
  ],
};

const resolved = extractedFile("systemd-resolved", "lib/systemd/systemd-resolved");

/** systemd-resolved, which is not installed: its package replaces /etc/resolv.conf. */
const RESOLVE_ROW: Row = {
  api: "resolve",
  daemon: "systemd-resolved",
  busName: "org.freedesktop.resolve1",
  notWritten: "The API has no dictionary; the program changes a struct.",
  missing: "reason" in resolved ? resolved.reason : whyNot([IP]),
  start: () => {
    if ("reason" in resolved) throw new Error(resolved.reason);
    const preparation = `cp -a /etc "$HOME/etc" && mount --bind "$HOME/etc" /etc
grep -q ^systemd-resolve: /etc/group || echo systemd-resolve:x:995: >> /etc/group
grep -q ^systemd-resolve: /etc/passwd || echo systemd-resolve:x:995:995::/: >> /etc/passwd
mkdir -p /run/systemd/resolve && chown systemd-resolve:systemd-resolve /run/systemd/resolve
`;
    return startDaemon({
      needs: [resolved.path, IP],
      busName: "org.freedesktop.resolve1",
      command: inNetwork(preparation, resolved.path),
    });
  },
  program: `${HEAD}import { LinkClient } from "./org.freedesktop.resolve1.Link.js";
import { AddressFamily, LookupFlags, ManagerClient, NameProtocolMode } from "./org.freedesktop.resolve1.Manager.js";
import { NoSuchLinkError } from "./org.freedesktop.resolve1.js";
const destination = "org.freedesktop.resolve1";
const resolver = new ManagerClient(bus, { destination, path: "/org/freedesktop/resolve1" });
const [addresses, , flags] = await resolver.resolveHostname(0, "localhost", AddressFamily.IPv4, 0n);
const link = new LinkClient(bus, { destination, path: await resolver.getLink(${CABLE}) });
const server = { family: AddressFamily.IPv4, address: Uint8Array.of(192, 0, 2, 53), port: 853, serverName: "dns.example.org" };
await link.setDNSEx([server]);
const [before] = await link.properties.dnsEx.get();
if (before !== undefined) await link.setDNSEx([{ ...before, port: 8853 }]);
await link.setDomains([{ domain: "example.org", isRouteOnly: true }]);
await link.setLLMNR(NameProtocolMode.Resolve);
const [after] = await link.properties.dnsEx.get();
const [domain] = await link.properties.domains.get();
const error = await resolver.getLink(4711).catch((reason: unknown) => reason);
console.log(addresses[0]?.address.join("."), (flags & LookupFlags.Synthetic) !== 0n, after?.address.join("."), after?.port);
console.log(domain?.domain, domain?.isRouteOnly, await link.properties.llmnr.get());
console.log(NoSuchLinkError.errorName === Reflect.get(Object(error), "errorName"));
`,
  prints: /^127\.0\.0\.1 true 192\.0\.2\.53 8853\nexample\.org true resolve\ntrue$/m,
  objects: [
    {
      path: "/org/freedesktop/resolve1",
      calls: [
        {
          interface: "org.freedesktop.resolve1.Manager",
          method: "ResolveHostname",
          args: [0, "localhost", 0, 0n],
        },
      ],
    },
    { path: `/org/freedesktop/resolve1/link/_3${CABLE}` },
  ],
};

const MESSAGE_BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" } as const;

/** dbus-daemon itself. It has no value that a client can change and read back. */
const MESSAGE_BUS_ROW: Row = {
  api: "message-bus",
  daemon: "dbus-daemon",
  busName: MESSAGE_BUS.destination,
  notWritten: "Its dictionaries can only be read.",
  missing: undefined,
  start: async (): Promise<RunningDaemon> => {
    const privateBus = await startPrivateBus();
    const bus = await connect({ bus: privateBus.address });
    const stop = async (): Promise<void> => {
      await bus.close();
      await privateBus.stop();
    };
    return { address: privateBus.address, bus, [Symbol.asyncDispose]: stop };
  },
  program: `${HEAD}import { StatsClient } from "./org.freedesktop.DBus.Debug.Stats.js";
import { DBusClient, RequestNameFlags, RequestNameReply } from "./org.freedesktop.DBus.js";
import { MonitoringClient } from "./org.freedesktop.DBus.Monitoring.js";
const target = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus" };
const daemon = new DBusClient(bus, target);
const reply = await daemon.requestName("org.example.Lamp1", RequestNameFlags.DoNotQueue);
const { unixUserID, processID, unixGroupIDs } = await daemon.getConnectionCredentials("org.example.Lamp1");
const stats = new StatsClient(bus, target);
const { busNames } = await stats.getConnectionStats(bus.uniqueName);
const all = await stats.getStats();
console.log(reply === RequestNameReply.PrimaryOwner, unixUserID === process.getuid?.(), processID === process.pid);
console.log(unixGroupIDs?.includes(process.getgid?.() ?? -1), busNames, (all.activeConnections ?? 0) > 1);
console.log((await daemon.properties.interfaces.get()).join());
await using other = await connect({ bus: "system" });
await new MonitoringClient(other, target).becomeMonitor([], 0);
`,
  prints: /^true true true\ntrue 2 true\norg\.freedesktop\.DBus\.Monitoring,org\.freedesktop\.DBus\.Debug\.Stats$/m,
  objects: [
    {
      path: MESSAGE_BUS.path,
      calls: [
        { interface: "org.freedesktop.DBus.Debug.Stats", method: "GetStats" },
        { interface: "org.freedesktop.DBus.Debug.Stats", method: "GetAllMatchRules" },
        { interface: "org.freedesktop.DBus", method: "GetConnectionCredentials", args: ["org.freedesktop.DBus"] },
        { interface: "org.freedesktop.DBus", method: "ListNames" },
      ],
    },
  ],
};

const OPENVPN = "/usr/lib/NetworkManager/nm-openvpn-service";

/** A VPN service of NetworkManager. The program takes the part of the helper that reports the configuration of the network. */
const VPN_SERVICE_ROW: Row = {
  api: "networkmanager",
  daemon: "nm-openvpn-service",
  busName: "org.freedesktop.NetworkManager.openvpn",
  missing: whyNot([OPENVPN]),
  start: () =>
    startDaemon({
      needs: [OPENVPN],
      busName: "org.freedesktop.NetworkManager.openvpn",
      command: () => ["unshare", "--net", OPENVPN, "--persist"],
    }),
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { PluginClient, type VPNConfig, type VPNIP4Config } from "./org.freedesktop.NetworkManager.VPN.Plugin.js";
const target = { destination: "org.freedesktop.NetworkManager.openvpn", path: "/org/freedesktop/NetworkManager/VPN/Plugin" };
const plugin = new PluginClient(bus, target);
let config: VPNConfig = {};
let ip4Config: VPNIP4Config = {};
await plugin.signals.config.subscribe((value) => (config = value));
await plugin.signals.ip4Config.subscribe((value) => (ip4Config = value));
await plugin.setConfig({ tundev: "tun0", mtu: 1400, hasIp4: true });
await writeBack("VPNConfig", { read: async () => config, write: (value) => plugin.setConfig(value) }, () => ({ banner: "Hello", mtu: 1280 }));
await plugin.setIp4Config({ address: 0x070200c0, prefix: 24 });
const access = { read: async () => ip4Config, write: (value: VPNIP4Config) => plugin.setIp4Config(value) };
await writeBack("VPNIP4Config", access, () => ({ prefix: 25, domains: ["example.org"] }));
console.log(config.tundev, ip4Config.address);
`,
  prints: /^tun0 117571776$/m,
  objects: [{ path: "/org/freedesktop/NetworkManager/VPN/Plugin" }],
};

/** Daemons of the system that need namespaces, and the bus. */
export const SYSTEM_ROWS: readonly Row[] = [LOGIND_ROW, RESOLVE_ROW, NETWORK_ROW, VPN_SERVICE_ROW, MESSAGE_BUS_ROW];
