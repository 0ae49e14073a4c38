import { connect } from "@dbus-codegen-ts/runtime";
import { ConnmanDaemon, whyNoConnman } from "../../runtime/connman/connman-daemon.ts";
import { startDaemon, whyNot } from "./daemon.ts";
import { servePortalBackend } from "./portal-backend.ts";
import { HEAD, type Row } from "./row.ts";

const PORTALS = "/usr/libexec/xdg-desktop-portal";
const GEOCLUE = "/usr/libexec/geoclue";
const VPN = "/usr/sbin/connman-vpnd";

/** xdg-desktop-portal with a backend of this project. The program uses the functions of the package for requests. */
const PORTAL_ROW: Row = {
  api: "portals",
  daemon: "xdg-desktop-portal",
  busName: "org.freedesktop.portal.Desktop",
  missing: whyNot([PORTALS]),
  start: () =>
    startDaemon({
      needs: [PORTALS],
      busName: "org.freedesktop.portal.Desktop",
      prepare: servePortalBackend,
      command: (home) => ["env", `XDG_DESKTOP_PORTAL_DIR=${home}`, "XDG_CURRENT_DESKTOP=test", PORTALS],
    }),
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { AccountPortal, DESKTOP, FileChooserPortal, GlobalShortcutsPortal, type PortalSession, RequestCancelledError, request, requestsWithoutResults } from "@dbus-codegen-ts/portals";
import { DeviceClient } from "./org.freedesktop.portal.Device.js";
import { FilterRuleKind } from "./org.freedesktop.portal.FileChooser.js";
import type { ShortcutRequest } from "./org.freedesktop.portal.GlobalShortcuts.js";
import { ColorScheme, SettingsClient } from "./org.freedesktop.portal.Settings.js";
const { appearance } = await new SettingsClient(bus, DESKTOP).readAll([]);
console.log(appearance?.colorScheme === ColorScheme.Dark, appearance?.accentColor?.blue);
const chooser = new FileChooserPortal(bus);
const filter = { name: "Pictures", rules: [{ kind: FilterRuleKind.Glob, text: "*.png" }] };
const encoding = { id: "encoding", label: "Encoding", items: [{ id: "utf8", label: "UTF-8" }], selected: "utf8" };
const opened = await chooser.openFile("", "x", { multiple: true, choices: [encoding], filters: [filter], currentFilter: filter });
console.log(opened.uris?.join(), opened.choices?.[0]?.item, opened.currentFilter?.rules[0]?.text);
const second = await chooser.openFile("", "y", { choices: [{ ...encoding, selected: opened.choices?.[0]?.item ?? "" }], ...(opened.currentFilter && { currentFilter: opened.currentFilter }) });
console.log(second.uris?.join(), second.choices?.[0]?.item);
await chooser.saveFile("", "z").catch((error) => console.log(error instanceof RequestCancelledError));
await chooser.saveFiles("", "z", {}, { signal: AbortSignal.timeout(300) }).catch((error) => console.log(error.name));
const portal = new GlobalShortcutsPortal(bus);
{
  await using session = await portal.createSession();
  const activated = new Promise((resolve) => void session.listen(portal.client.signals.activated, (id) => resolve(id)));
  const bind = async (session: PortalSession, settings: ShortcutRequest) => {
    const { shortcuts } = await portal.bindShortcuts(session, [{ id: "ask", settings }], "");
    return shortcuts?.[0]?.information ?? {};
  };
  let { triggerDescription, ...information } = await bind(session, { description: "Ask" });
  console.log(triggerDescription, await activated);
  await using other = await portal.createSession();
  const access = {
    read: async (): Promise<ShortcutRequest> => information,
    write: async (settings: ShortcutRequest) => ({ triggerDescription, ...information } = await bind(other, settings)),
  };
  await writeBack("ShortcutRequest", access, () => ({ description: "Ask a question" }));
}
let name: string | undefined = "";
for (const account = new AccountPortal(bus); name?.includes("3 closed") !== true; ) {
  ({ name } = await account.getUserInformation("", { reason: "test" }));
}
console.log(name);
const device = new DeviceClient(bus, DESKTOP);
const access = (kind: string) =>
  request(bus, requestsWithoutResults, (handleToken) => device.accessDevice(process.pid, [kind], { handleToken }));
await access("microphone");
await access("camera").catch((error) => console.log(error instanceof RequestCancelledError));
`,
  prints:
    /^true 1\nfile:\/\/\/tmp\/x-a,file:\/\/\/tmp\/x-b utf8 \*\.png\nfile:\/\/\/tmp\/y-a utf8\ntrue\nTimeoutError\nCtrl\+A ask\nAda, 3 closed, test\ntrue$/m,
  objects: [
    {
      path: "/org/freedesktop/portal/desktop",
      calls: [
        { interface: "org.freedesktop.portal.Settings", method: "ReadAll", args: [[]] },
        { interface: "org.freedesktop.portal.NetworkMonitor", method: "GetStatus" },
      ],
    },
  ],
};

/** GeoClue, whose agent is the program. */
const GEOCLUE_ROW: Row = {
  api: "geoclue",
  daemon: "geoclue",
  busName: "org.freedesktop.GeoClue2",
  notWritten: "The API has no dictionary.",
  missing: whyNot([GEOCLUE]),
  start: () => startDaemon({ needs: [GEOCLUE], busName: "org.freedesktop.GeoClue2", command: () => [GEOCLUE] }),
  program: `${HEAD}import { registerAgent } from "@dbus-codegen-ts/geoclue";
import { AgentService } from "@dbus-codegen-ts/geoclue/org.freedesktop.GeoClue2.Agent";
import { ClientClient } from "./org.freedesktop.GeoClue2.Client.js";
import { AccuracyLevel, ManagerClient } from "./org.freedesktop.GeoClue2.Manager.js";
class Agent extends AgentService {
  override authorizeApp(_desktopId: string, requested: AccuracyLevel): [boolean, AccuracyLevel] {
    return [true, requested];
  }
}
await using _ = await registerAgent(bus, new Agent({ maxAccuracyLevel: AccuracyLevel.Exact }), "geoclue-demo-agent");
const destination = "org.freedesktop.GeoClue2";
const manager = new ManagerClient(bus, { destination, path: "/org/freedesktop/GeoClue2/Manager" });
const path = await manager.createClient();
const client = new ClientClient(bus, { destination, path });
await client.properties.desktopId.set("org.example.Weather");
await client.properties.requestedAccuracyLevel.set(AccuracyLevel.City);
await client.properties.distanceThreshold.set((await client.properties.distanceThreshold.get()) + 100);
await client.start();
console.log(await client.properties.active.get(), await client.properties.distanceThreshold.get());
await manager.deleteClient(path);
`,
  prints: /^true 100$/m,
  objects: [{ path: "/org/freedesktop/GeoClue2/Manager" }],
};

const CABLE = "/net/connman/service/ethernet_020000000a01_cable";

/** ConnMan in a network namespace with two cables, without a server for addresses. */
const CONNMAN_ROW: Row = {
  api: "connman-client",
  daemon: "connmand",
  busName: "net.connman",
  missing: whyNoConnman(),
  start: async () => {
    const daemon = await ConnmanDaemon.start("dhcp");
    const { address } = daemon.bus;
    const bus = await connect({ bus: address });
    await new Promise<void>((resolve) => {
      void bus.watchName("net.connman", (owner) => owner !== undefined && resolve());
    });
    const stop = async (): Promise<void> => {
      await bus.close();
      await daemon[Symbol.asyncDispose]();
    };
    return { address, bus, [Symbol.asyncDispose]: stop };
  },
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { setClockProperties, setServiceProperties } from "@dbus-codegen-ts/connman-client";
import { ClockClient, ClockUpdates } from "./net.connman.Clock.js";
import { ManagerClient } from "./net.connman.Manager.js";
import { ServiceClient, type ServiceSettings } from "./net.connman.Service.js";
const destination = "net.connman";
const manager = new ManagerClient(bus, { destination, path: "/" });
const find = async () => (await manager.getServices()).find(({ path }) => path === "${CABLE}");
while ((await find()) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
const { nameserversConfiguration = [] } = (await find())?.properties ?? {};
const service = new ServiceClient(bus, { destination, path: "${CABLE}" });
const access = {
  read: async () => (await service.getProperties()).ipv4Configuration ?? {},
  write: (value: NonNullable<ServiceSettings["ipv4Configuration"]>) => setServiceProperties(service, { ipv4Configuration: value }),
};
await writeBack("IPv4Configuration", access, () => ({ method: "manual", address: "192.0.2.7", netmask: "255.255.255.0" }));
await setServiceProperties(service, { nameserversConfiguration: [...nameserversConfiguration, "192.0.2.1"] });
console.log((await service.getProperties()).nameserversConfiguration?.join());
const clock = new ClockClient(bus, { destination, path: "/" });
await setClockProperties(clock, { timezoneUpdates: ClockUpdates.Manual, timeservers: ["192.0.2.2"] });
const { timeservers, timezoneUpdates } = await clock.getProperties();
console.log(timeservers?.join(), timezoneUpdates);
`,
  prints: /^192\.0\.2\.1\n192\.0\.2\.2 manual$/m,
  objects: [
    {
      path: "/",
      calls: [
        ...["GetProperties", "GetTechnologies", "GetServices", "GetPeers"].map((method) => ({
          interface: "net.connman.Manager",
          method,
        })),
        { interface: "net.connman.Clock", method: "GetProperties" },
      ],
    },
    { path: CABLE, calls: [{ interface: "net.connman.Service", method: "GetProperties" }] },
    {
      path: "/net/connman/technology/ethernet",
      calls: [{ interface: "net.connman.Technology", method: "GetProperties" }],
    },
  ],
};

/** ConnMan's VPN service with an empty folder, in a network namespace. */
const VPN_ROW: Row = {
  api: "connman-client",
  daemon: "connman-vpnd",
  busName: "net.connman.vpn",
  missing: whyNot([VPN]),
  start: () => {
    const folders = ["/var/lib/connman", "/var/lib/connman-vpn", "/run"];
    const script = [...folders.map((folder) => `mkdir -p ${folder}; mount -t tmpfs none ${folder}`), `exec ${VPN} -n`];
    const command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", script.join("\n")];
    return startDaemon({ needs: [VPN], busName: "net.connman.vpn", command: () => command });
  },
  program: `${HEAD}import { writeBack } from "./write-back.js";
import { setVpnProperties } from "@dbus-codegen-ts/connman-client";
import { ConnectionClient, type VpnSettings, VpnState } from "./net.connman.vpn.Connection.js";
import { ManagerClient } from "./net.connman.vpn.Manager.js";
const destination = "net.connman.vpn";
const manager = new ManagerClient(bus, { destination, path: "/" });
const userRoutes = [{ route: { protocolFamily: 4, network: "198.51.100.0", netmask: "255.255.255.0", gateway: "" } }];
const path = await manager.create({ type: "openvpn", name: "work", host: "192.0.2.1", domain: "example.org", openVPNSettings: { "OpenVPN.Proto": "tcp" } });
const connection = new ConnectionClient(bus, { destination, path });
await setVpnProperties(connection, { userRoutes, openVPNSettings: { "OpenVPN.Port": "1194" } });
const access = {
  read: () => connection.getProperties(),
  write: ({ openVPNSettings = {} }: VpnSettings) => setVpnProperties(connection, { openVPNSettings }),
};
await writeBack("VpnSettings", access, (before) => ({ openVPNSettings: { ...before.openVPNSettings, "OpenVPN.Port": "1195" } }));
const { state, userRoutes: [entry] = [] } = await connection.getProperties();
console.log(state === VpnState.Idle, entry?.route.network);
`,
  prints: /^true 198\.51\.100\.0$/m,
  objects: [
    { path: "/", calls: [{ interface: "net.connman.vpn.Manager", method: "GetConnections" }] },
    {
      path: "/net/connman/vpn/connection/192_0_2_1_example_org",
      calls: [{ interface: "net.connman.vpn.Connection", method: "GetProperties" }],
    },
  ],
};

/** Daemons of the desktop, and ConnMan. */
export const DESKTOP_ROWS: readonly Row[] = [PORTAL_ROW, GEOCLUE_ROW, CONNMAN_ROW, VPN_ROW];
