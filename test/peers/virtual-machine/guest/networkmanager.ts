import { strict as assert } from "node:assert";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import {
  activate,
  NETWORK_MANAGER as DAEMON,
  registerSecretAgent,
  SecretAgentSkeleton,
  type SecretRequest,
} from "@dbus-codegen-ts/networkmanager";
import { NetworkManagerClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager";
import { AccessPointClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.AccessPoint";
import { SettingsClient } from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings";
import { type Bus, watchObjects } from "@dbus-codegen-ts/runtime";
import { SessionState } from "@dbus-codegen-ts/stubs/net.connman.Session";
import {
  ACCESS_POINTS,
  type Air,
  CABLE,
  currentAccessPoint,
  GUEST,
  HOME,
  NETWORKS,
  RADIO,
  SERVER,
  transfer,
} from "./air.ts";
import { restartUnit, startUnits, stopUnits, systemBus } from "./bus.ts";
import type { Check, Group } from "./check.ts";
import { type AppSession, Sessions } from "./sessions.ts";
import { ip, run, until } from "./shell.ts";
import { createWireguardPeer, removeWireguardPeer, WIREGUARD } from "./tunnel.ts";

const BYTES = 8 * 1024 * 1024;
const OFFICE = "Office";
/** Name of the profile of the network `HOME`. */
const PROFILE = "Wireless at home";
const PROFILES = "/etc/NetworkManager/system-connections";

const TUNNEL = "tunnel";
/** A way in which NetworkManager routes the tunnel, and what is expected of it. */
interface TunnelRouting {
  /** Lines of the profile that select this way. */
  readonly lines: readonly string[];
  /** Whether NetworkManager checks connectivity. */
  readonly isChecked: boolean;
  /** Letter of the server that is reached by traffic that belongs to no session. */
  readonly otherTraffic: string;
}

const MAIN_TABLE = ["ip4-auto-default-route=0"] as const;
/**
 * Ways to route the tunnel, by the table that contains its default route. NetworkManager 1.42 cannot check the connectivity
 * of a tunnel. If it checks connectivity, it adds 20,000 to the metric of the default route: in the main table, the route
 * of the cable then precedes.
 */
const TUNNEL_ROUTING: Readonly<Record<string, TunnelRouting>> = {
  "a table of its own": { lines: [], isChecked: true, otherTraffic: WIREGUARD.letter },
  "the main table": { lines: MAIN_TABLE, isChecked: true, otherTraffic: NETWORKS.office.letter },
  "the main table, unchecked": { lines: MAIN_TABLE, isChecked: false, otherTraffic: WIREGUARD.letter },
};

/** Configuration of NetworkManager. With it, NetworkManager manages radio and cable, and checks connectivity. */
const CONFIGURATION = `[main]
plugins=keyfile
no-auto-default=*
dns=none
rc-manager=unmanaged
[connectivity]
enabled=true
uri=http://${SERVER.address}:${SERVER.httpPort}/
interval=60
[device-cable]
match-device=interface-name:${CABLE.interface}
managed=1
`;

const WIFI = ["type=wifi", `interface-name=${RADIO}`] as const;

/** Stored profiles by name, as lines of their files. */
const STORED: Readonly<Record<string, readonly string[]>> = {
  [OFFICE]: [
    ...["[connection]", `id=${OFFICE}`, "type=ethernet", `interface-name=${CABLE.interface}`],
    ...["[ipv4]", "method=manual", `address1=${CABLE.address}/24,${CABLE.gateway}`, "route-metric=100"],
    ...["[ipv6]", "method=disabled"],
  ],
  [HOME.ssid]: [
    ...["[connection]", `id=${PROFILE}`, ...WIFI, "[wifi]", `ssid=${HOME.ssid}`],
    ...["[wifi-security]", "key-mgmt=wpa-psk", `psk=${HOME.password}`, "[ipv4]", "method=auto"],
    ...["[ipv6]", "method=disabled"],
  ],
  guest: [
    ...["[connection]", "id=guest", "autoconnect=false", ...WIFI, "[wifi]", `ssid=${GUEST.ssid}`],
    ...["[wifi-security]", "key-mgmt=wpa-psk", "psk-flags=1", "[ipv4]", "method=auto", "route-metric=50"],
    ...["[ipv6]", "method=disabled"],
  ],
};

/**
 * Returns the checks with NetworkManager: of sessions whose network NetworkManager manages, and of the package for
 * NetworkManager's clients.
 */
export function networkManagerGroup(air: () => Promise<Air>): Group {
  return {
    name: "networkmanager",
    async run(check) {
      const radios = await air();
      await writeFile("/etc/NetworkManager/conf.d/checks.conf", CONFIGURATION);
      await mkdir(PROFILES, { recursive: true });
      for (const [name, lines] of Object.entries(STORED)) await storeProfile(name, lines);
      await radios.switchOn("home-1");
      await using bus = await systemBus();
      await startUnits(bus, "NetworkManager.service");
      await using sessions = await Sessions.start("networkmanager", "--routing");
      await checkSessions(check, radios, sessions);
      await checkConnect(check, new NetworkManagerClient(bus, DAEMON), sessions);
      await checkOrder(check, sessions);
      await checkScan(check, radios, sessions);
      await checkSecretAgent(check, bus);
      await radios.switchOff("home-1");
      await radios.switchOff("home-2");
      await radios.switchOff("guest");
      await stopUnits(bus, "NetworkManager.service");
    },
  };
}

async function storeProfile(name: string, lines: readonly string[]): Promise<void> {
  const file = `${PROFILES}/${name}.nmconnection`;
  await writeFile(file, `${lines.join("\n")}\n`);
  await chmod(file, 0o600);
}

async function checkSessions(check: Check, air: Air, sessions: Sessions): Promise<void> {
  const session = await sessions.create({ allowedBearers: ["wifi", "ethernet"], sourceIPRule: true });
  const expectTransfer = async (letter: string): Promise<void> =>
    assert.equal(await transfer(session.address), `${letter} ${BYTES}`);
  await check("Name is the SSID, Bearer is wifi, TCP works", async () => {
    await session.untilUses(HOME.ssid);
    const { bearer, interface: name, address } = { ...session.settings, address: session.address };
    assert.deepEqual([bearer, name], ["wifi", RADIO]);
    assert.match(address, /^10\.1\.1\./);
    await expectTransfer("H");
    return `${HOME.ssid}, ${name}, ${address}, 8 MiB`;
  });
  await check("the service has strength and security", async () => {
    const { properties } = (await sessions.service(HOME.ssid)) ?? {};
    assert.deepEqual([properties?.type, properties?.security], ["wifi", ["psk"]]);
    assert.ok((properties?.strength ?? 0) > 0);
    return `strength ${properties?.strength}, security ${properties?.security}`;
  });
  await check("a captive portal: only a session that needs no Internet keeps Wi-Fi", async () => {
    const internet = await sessions.create({ allowedBearers: ["wifi", "ethernet"], connectionType: "internet" });
    await internet.untilUses(HOME.ssid);
    air.setPortal("home", true);
    await run("nmcli", "networking", "connectivity", "check");
    await internet.untilUses(OFFICE);
    await session.untilState(SessionState.Connected);
    assert.equal(session.settings.name, HOME.ssid);
    air.setPortal("home", false);
    await run("nmcli", "networking", "connectivity", "check");
    await internet.untilUses(HOME.ssid);
    await session.untilUses(HOME.ssid);
    await internet.client?.destroy();
    return `the other session used ${OFFICE}`;
  });
  await check("the cable is pulled out and plugged in", async () => {
    const wired = await sessions.create({ allowedBearers: ["ethernet"] });
    await wired.untilUses(OFFICE);
    await air.plug(false);
    await wired.untilUses("");
    await air.plug(true);
    await wired.untilUses(OFFICE);
    assert.equal(await transfer(wired.address), `O ${BYTES}`);
    await wired.client?.destroy();
    return "no service, then the cable, 8 MiB";
  });
  await check("roaming to another access point keeps the session", async () => {
    await air.switchOn("home-2");
    const { bssid } = ACCESS_POINTS["home-2"];
    session.takeUpdates();
    await until("the access point is found", async () => {
      await run("wpa_cli", "-i", RADIO, "scan");
      return (await run("wpa_cli", "-i", RADIO, "scan_results")).includes(bssid);
    });
    await run("wpa_cli", "-i", RADIO, "roam", bssid);
    await until("the radio has roamed", async () => (await currentAccessPoint()) === bssid);
    await expectTransfer("H");
    const updates = session.takeUpdates();
    assert.ok(session.uses(HOME.ssid));
    assert.deepEqual(updates, []);
    return `to ${bssid} without an Update, 8 MiB`;
  });
  await check("an access point fails, and the other takes over", async () => {
    const before = await currentAccessPoint();
    const [name, other] =
      before === ACCESS_POINTS["home-1"].bssid ? (["home-1", "home-2"] as const) : (["home-2", "home-1"] as const);
    session.takeUpdates();
    await air.switchOff(name);
    await until("the radio has roamed", async () => (await currentAccessPoint()) === ACCESS_POINTS[other].bssid);
    await session.untilUses(HOME.ssid);
    await expectTransfer("H");
    return `${describe(session)}, 8 MiB`;
  });
  await check("both access points fail: handover to the cable", async () => {
    for (const name of ["home-1", "home-2"] as const) await air.switchOff(name);
    const elapsed = await session.untilUses(OFFICE);
    await expectTransfer("O");
    return `Update after ${elapsed}, 8 MiB`;
  });
  await check("an access point returns: handover to Wi-Fi", async () => {
    await air.switchOn("home-1");
    const elapsed = await session.untilUses(HOME.ssid);
    await expectTransfer("H");
    return `Update after ${elapsed}, 8 MiB`;
  });
}

async function checkConnect(check: Check, manager: NetworkManagerClient, sessions: Sessions): Promise<void> {
  await check("Connect activates a Wi-Fi profile, Disconnect deactivates it", async () => {
    await run("nmcli", "connection", "down", PROFILE);
    const own = await sessions.create({ allowedBearers: ["wifi"], sourceIPRule: true });
    await own.untilUses("");
    await own.client?.connect();
    const elapsed = await own.untilUses(HOME.ssid);
    assert.equal(await transfer(own.address), `H ${BYTES}`);
    await own.client?.disconnect();
    await own.untilUses("");
    await until("the device is down", async () => (await deviceState(RADIO)) === "disconnected");
    await own.client?.destroy();
    return `Update after ${elapsed}, 8 MiB, then disconnected`;
  });
  await check("two sessions: the last Disconnect deactivates the profile", async () => {
    const [first, second] = [
      await sessions.create({ allowedBearers: ["wifi"] }),
      await sessions.create({ allowedBearers: ["wifi"] }),
    ];
    for (const session of [first, second]) {
      await session.client?.connect();
      await session.untilUses(HOME.ssid);
    }
    await first.client?.disconnect();
    await first.untilUses("");
    assert.ok(second.uses(HOME.ssid));
    assert.equal(await deviceState(RADIO), "connected");
    await second.client?.destroy();
    await until("the device is down", async () => (await deviceState(RADIO)) === "disconnected");
    await first.client?.destroy();
    return "up until the last session ended";
  });
  await check("Disconnect leaves a profile up that NetworkManager activated", async () => {
    const own = await sessions.create({ allowedBearers: ["ethernet"] });
    await own.untilUses(OFFICE);
    await own.client?.connect();
    await own.client?.disconnect();
    await own.untilUses("");
    assert.equal(await deviceState(CABLE.interface), "connected");
    await own.client?.destroy();
    return `${OFFICE} is connected`;
  });
  for (const [name, routing] of Object.entries(TUNNEL_ROUTING)) {
    await check(`Connect activates a WireGuard profile with ${name}`, () => connectTunnel(manager, sessions, routing));
  }
}

/** Connects a session by a WireGuard profile, and disconnects it. */
async function connectTunnel(
  manager: NetworkManagerClient,
  sessions: Sessions,
  { lines, isChecked, otherTraffic }: TunnelRouting,
): Promise<string> {
  await manager.properties.connectivityCheckEnabled.set(isChecked);
  const peer = await createWireguardPeer();
  await storeProfile(TUNNEL, [
    ...["[connection]", `id=${TUNNEL}`, "type=wireguard", `interface-name=${WIREGUARD.interface}`],
    ...["[wireguard]", `private-key=${await readFile(peer.keyFile, "utf8")}`.trim(), ...lines],
    ...[`[wireguard-peer.${peer.publicKey}]`, `endpoint=${peer.endpoint}`, "allowed-ips=0.0.0.0/0;"],
    ...["[ipv4]", "method=manual", `address1=${WIREGUARD.address}/24`, "[ipv6]", "method=disabled"],
  ]);
  await run("nmcli", "connection", "reload");
  try {
    // NetworkManager activates the new profile by itself.
    const session = await sessions.create({ allowedBearers: ["vpn"], sourceIPRule: true });
    await session.untilUses(TUNNEL);
    await run("nmcli", "connection", "down", TUNNEL);
    await session.untilUses("");
    await session.client?.connect();
    const elapsed = await session.untilUses(TUNNEL);
    assert.deepEqual([session.settings.bearer, session.settings.interface], ["vpn", WIREGUARD.interface]);
    assert.deepEqual([session.address, session.settings.ipv4?.gateway ?? ""], [WIREGUARD.address, ""]);
    assert.equal(await transfer(session.address), `V ${BYTES}`);
    assert.equal(await transfer(), `${otherTraffic} ${BYTES}`);
    const connectivity = await run("nmcli", "--get-values", "GENERAL.IP4-CONNECTIVITY", "device", "show", "wg0");
    await session.client?.disconnect();
    await session.untilUses("");
    await until("the tunnel is removed", async () => (await deviceState(WIREGUARD.interface)) === undefined);
    await session.client?.destroy();
    return `Update after ${elapsed}, 8 MiB, then removed; connectivity ${connectivity}, other traffic ${otherTraffic}`;
  } catch (error) {
    const routes = await run("nmcli", "--fields", "GENERAL,IP4", "device", "show", "wg0").catch(String);
    throw new Error(`${error}\n${routes}`);
  } finally {
    await run("nmcli", "connection", "delete", TUNNEL);
    await removeWireguardPeer(peer);
    await manager.properties.connectivityCheckEnabled.set(true);
  }
}

async function checkOrder(check: Check, sessions: Sessions): Promise<void> {
  await check("a metered cable comes after Wi-Fi that is not metered", async () => {
    await run("nmcli", "connection", "down", OFFICE);
    const first = () => firstService(sessions);
    await until("the cable is first", async () => (await first()) === OFFICE);
    await run("nmcli", "connection", "modify", OFFICE, "connection.metered", "yes");
    await until("Wi-Fi is first", async () => (await first()) === HOME.ssid);
    await run("nmcli", "connection", "modify", OFFICE, "connection.metered", "unknown");
    await until("the cable is first", async () => (await first()) === OFFICE);
    for (const profile of [OFFICE, PROFILE]) await run("nmcli", "connection", "up", profile);
    return `${OFFICE}, then ${HOME.ssid}, then ${OFFICE}`;
  });
}

async function firstService(sessions: Sessions): Promise<string | undefined> {
  return (await sessions.manager.getServices())[0]?.properties.name;
}

async function checkScan(check: Check, air: Air, sessions: Sessions): Promise<void> {
  await check("Scan finds a network that was switched on", async () => {
    await air.switchOn("guest");
    await (await sessions.technology("wifi")).scan();
    const { properties } = await until("the network is found", () => sessions.service(GUEST.ssid));
    assert.deepEqual([properties.state, properties.security], ["idle", ["psk"]]);
    return `${properties.name}, strength ${properties.strength}`;
  });
}

class Passwords extends SecretAgentSkeleton {
  readonly requests: SecretRequest[] = [];
  /** Number of requests that are answered with a wrong password first. */
  mistakes = 0;

  protected override provideSecrets(request: SecretRequest) {
    this.requests.push(request);
    const psk = this.mistakes-- > 0 ? "not the password" : GUEST.password;
    return { wirelessSecurity: { psk } };
  }
}

async function checkSecretAgent(check: Check, bus: Bus): Promise<void> {
  const manager = new NetworkManagerClient(bus, DAEMON);
  const settings = new SettingsClient(bus, { ...DAEMON, path: `${DAEMON.path}/Settings` });
  const agent = new Passwords();
  const activateGuest = async () => {
    const device = await manager.getDeviceByIpIface(RADIO);
    const uuid = await run("nmcli", "--get-values", "connection.uuid", "connection", "show", "guest");
    const profile = await settings.getConnectionByUuid(uuid);
    return activate(bus, () => manager.activateConnection(profile, device, "/"));
  };
  await check("without an agent, a WPA2 password is missing", async () => {
    const { isActive, reason, deviceReason } = await activateGuest();
    assert.ok(!isActive);
    return `reason ${reason}, of the device ${deviceReason}`;
  });
  const registration = await registerSecretAgent(bus, agent, { identifier: "org.example.Agent" });
  await check("a secret agent supplies the WPA2 password", async () => {
    const { isActive } = await activateGuest();
    assert.ok(isActive);
    assert.equal(await transfer(await radioAddress()), `G ${BYTES}`);
    const [request] = agent.requests;
    return `${request?.group}, hints ${request?.hints}`;
  });
  await check("a wrong password, then the right one", async () => {
    agent.requests.length = 0;
    await run("nmcli", "connection", "down", "guest");
    // NetworkManager requests another password as long as it gets one.
    agent.mistakes = 1;
    assert.ok((await activateGuest()).isActive);
    assert.ok(agent.requests.length > 1);
    return `${agent.requests.length} requests, flags ${agent.requests.map(({ flags }) => flags).join(" ")}`;
  });
  await check("live access points", async () => {
    await using points = await watchObjects(bus, DAEMON.destination, "/org/freedesktop", {
      interface: AccessPointClient,
    });
    const found = [...points.values()].map(({ values }) => new TextDecoder().decode(values.ssid));
    assert.ok(found.includes(GUEST.ssid));
    return found.join(", ");
  });
  await check("NetworkManager restarts: the agent is registered", async () => {
    await restartUnit(bus, "NetworkManager.service");
    agent.requests.length = 0;
    await until("the radio is known", () => deviceState(RADIO));
    const { isActive, deviceReason } = await until("the agent is asked", async () => {
      const result = await activateGuest();
      return result.isActive || agent.requests.length > 0 ? result : undefined;
    });
    assert.ok(isActive, `reason ${deviceReason}`);
    assert.ok(agent.requests.length > 0);
    return `active after ${agent.requests.length} requests`;
  });
  await registration[Symbol.asyncDispose]();
}

/** Returns the IPv4 address of the radio. */
async function radioAddress(): Promise<string> {
  return /inet (\S+)\//.exec(await ip("-4", "address", "show", RADIO))?.[1] ?? "";
}

/** Returns the state of a device as `nmcli` prints it, such as `connected`; undefined if there is no such device. */
async function deviceState(device: string): Promise<string | undefined> {
  const lines = (await run("nmcli", "--terse", "--fields", "DEVICE,STATE", "device")).split("\n");
  return lines.find((line) => line.startsWith(`${device}:`))?.slice(device.length + 1);
}

function describe(session: AppSession): string {
  const updates = session.takeUpdates();
  return updates.length === 0 ? "no Update" : `Updates: ${updates.map((update) => JSON.stringify(update)).join(" ")}`;
}
