import { existsSync, readdirSync } from "node:fs";
import { connect } from "@dbus-codegen-ts/runtime";
import { startNetworkManagerMachine, whyNoNetworkManager } from "../../runtime/connman/network-manager-machine.ts";
import { serveAuthority } from "./authority.ts";
import { type DaemonCommand, startDaemon, whyNot } from "./daemon.ts";
import { DESKTOP_ROWS } from "./desktop-rows.ts";
import { HEAD, type Row } from "./row.ts";
import { SCREEN_ROWS } from "./screen-rows.ts";
import { SYSTEM_ROWS } from "./system-rows.ts";
import { USER_ROWS } from "./user-rows.ts";

type Described = Omit<Row, "busName" | "missing" | "start"> & DaemonCommand;

/** Returns a row for a daemon that needs only a bus. */
function row({ needs, command, prepare, program, ...described }: Described): Row {
  const daemon = { needs, command, busName: described.busName };
  return {
    ...described,
    missing: whyNot(needs),
    start: () => startDaemon(prepare === undefined ? daemon : { ...daemon, prepare }),
    program: HEAD + program,
  };
}

/** Returns a command line with a copy of /etc in a separate mount namespace, so that the machine is not changed. */
function withOwnEtc(...command: readonly string[]): DaemonCommand["command"] {
  const script = 'cp -a /etc "$HOME/etc" && mount --bind "$HOME/etc" /etc && exec "$@"';
  return () => ["unshare", "--mount", "--uts", "sh", "-c", script, "sh", ...command];
}

/** Returns a command line with an empty folder at a path, in addition to a copy of /etc. */
function withOwnState(path: string, command: string): DaemonCommand["command"] {
  const script = `mkdir -p "$HOME/state/users" && mount --bind "$HOME/state" ${path} && exec ${command}`;
  return withOwnEtc("sh", "-c", script);
}

/**
 * Returns a command line for a daemon that finds each disk of the machine, with a file system, in a separate udev
 * database.
 */
function withKnownDisks(command: string): DaemonCommand["command"] {
  const lines = "I:1\\nE:ID_FS_USAGE=filesystem\\nE:ID_FS_TYPE=ext4\\nE:ID_FS_LABEL=data\\nE:ID_SERIAL=disk\\n";
  const script = [
    "mount -t tmpfs tmpfs /run && mkdir -p /run/udev/data",
    `cd /sys/class/block; for disk in */device; do printf '${lines}' > /run/udev/data/b$(cat $(dirname $disk)/dev); done`,
    `exec ${command}`,
  ];
  return withOwnEtc("sh", "-c", script.join("\n"));
}

/** Returns a command line for a daemon that sees one network interface, in a separate network namespace. */
function withOwnNetwork(command: string): DaemonCommand["command"] {
  const script = [
    "ip link set lo up && ip link add eth7 type veth peer name eth8 && ip link set eth7 up && ip link set eth8 up",
    "ip address add 192.0.2.7/24 dev eth7",
    "mount -t tmpfs tmpfs /run && mkdir /run/avahi-daemon",
    `exec ${command}`,
  ];
  return () => ["unshare", "--net", ...withOwnEtc("sh", "-c", script.join("\n"))("")];
}

/** Returns a command line for ModemManager, which gets a virtual modem when it runs, in a separate network namespace. */
function withVirtualModem(command: string): DaemonCommand["command"] {
  const send = "dbus-send --system --print-reply --dest=org.freedesktop.ModemManager1 /org/freedesktop/ModemManager1";
  const profile =
    "org.freedesktop.ModemManager1.Test.SetProfile string:lamp string:generic array:string:abstract:modem";
  const script = [
    `python3 ${import.meta.dirname}/at-modem.py abstract:modem &`,
    `(until grep -q @abstract:modem /proc/net/unix && ${send} ${profile} > "$HOME/profile" 2>&1; do sleep 0.2; done) &`,
    `exec ${command}`,
  ];
  return () => ["unshare", "--net", "sh", "-c", script.join("\n")];
}

/** Name of the first disk. */
const DISK = readdirSync("/sys/class/block").find((name) => existsSync(`/sys/class/block/${name}/device`)) ?? "";

const SYSTEMD = "/lib/systemd";

export const ROWS: readonly Row[] = [
  row({
    api: "hostname",
    daemon: "systemd-hostnamed",
    busName: "org.freedesktop.hostname1",
    notWritten: "The API has no dictionary.",
    needs: [`${SYSTEMD}/systemd-hostnamed`],
    command: withOwnEtc(`${SYSTEMD}/systemd-hostnamed`),
    program: `import { Chassis, Hostname1Client } from "./org.freedesktop.hostname1.js";
const host = new Hostname1Client(bus, { destination: "org.freedesktop.hostname1", path: "/org/freedesktop/hostname1" });
await host.setPrettyHostname("A machine", false);
await host.setChassis(Chassis.Tablet, false);
console.log(await host.properties.prettyHostname.get(), await host.properties.chassis.get());
`,
    prints: /^A machine tablet$/m,
    objects: [
      { path: "/org/freedesktop/hostname1", calls: [{ interface: "org.freedesktop.hostname1", method: "Describe" }] },
    ],
  }),
  row({
    api: "timedate",
    daemon: "systemd-timedated",
    busName: "org.freedesktop.timedate1",
    notWritten: "The API has no dictionary.",
    needs: [`${SYSTEMD}/systemd-timedated`],
    command: withOwnEtc(`${SYSTEMD}/systemd-timedated`),
    program: `import { Timedate1Client } from "./org.freedesktop.timedate1.js";
const clock = new Timedate1Client(bus, { destination: "org.freedesktop.timedate1", path: "/org/freedesktop/timedate1" });
const zone = await clock.properties.timezone.get();
await clock.setTimezone(zone, false);
console.log(zone === (await clock.properties.timezone.get()), (await clock.listTimezones()).includes("Europe/Paris"));
`,
    prints: /^true true$/m,
    objects: [{ path: "/org/freedesktop/timedate1" }],
  }),
  row({
    api: "locale",
    daemon: "systemd-localed",
    busName: "org.freedesktop.locale1",
    notWritten: "The API has no dictionary.",
    needs: [`${SYSTEMD}/systemd-localed`],
    command: withOwnEtc(`${SYSTEMD}/systemd-localed`),
    program: `import { Locale1Client } from "./org.freedesktop.locale1.js";
const locale = new Locale1Client(bus, { destination: "org.freedesktop.locale1", path: "/org/freedesktop/locale1" });
const before = await locale.properties.locale.get();
await locale.setLocale([...before.filter((text) => !text.startsWith("LC_TIME=")), "LC_TIME=C.UTF-8"], false);
console.log(await locale.properties.locale.get());
`,
    prints: /LC_TIME=C\.UTF-8/,
    objects: [{ path: "/org/freedesktop/locale1" }],
  }),
  row({
    api: "upower",
    daemon: "upowerd",
    busName: "org.freedesktop.UPower",
    notWritten: "The API has no dictionary.",
    needs: ["/usr/libexec/upowerd"],
    command: () => ["/usr/libexec/upowerd"],
    program: `import { UPowerClient } from "./org.freedesktop.UPower.js";
import { DeviceClient, WarningLevel } from "./org.freedesktop.UPower.Device.js";
const destination = "org.freedesktop.UPower";
const upower = new UPowerClient(bus, { destination, path: "/org/freedesktop/UPower" });
const device = new DeviceClient(bus, { destination, path: await upower.getDisplayDevice() });
console.log(await upower.getCriticalAction(), (await device.properties.warningLevel.get()) === WarningLevel.None);
`,
    prints: /^\w+ true$/m,
    objects: [{ path: "/org/freedesktop/UPower" }, { path: "/org/freedesktop/UPower/devices/DisplayDevice" }],
  }),
  row({
    api: "power-profiles",
    daemon: "power-profiles-daemon",
    busName: "net.hadess.PowerProfiles",
    notWritten: "Its dictionaries can only be read.",
    needs: ["/usr/libexec/power-profiles-daemon"],
    command: () => ["/usr/libexec/power-profiles-daemon"],
    prepare: serveAuthority,
    program: `import { PowerProfilesClient, ProfileName } from "./net.hadess.PowerProfiles.js";
const target = { destination: "net.hadess.PowerProfiles", path: "/net/hadess/PowerProfiles" };
const { properties } = new PowerProfilesClient(bus, target);
const names = (await properties.profiles.get()).map(({ profile, driver }) => \`\${profile} by \${driver}\`);
await properties.activeProfile.set(ProfileName.PowerSaver);
console.log(names.join(), await properties.activeProfile.get());
`,
    prints: /^power-saver by \w+,balanced by \w+ power-saver$/m,
    objects: [{ path: "/net/hadess/PowerProfiles" }],
  }),
  row({
    api: "accounts",
    daemon: "accounts-daemon",
    busName: "org.freedesktop.Accounts",
    notWritten: "Its dictionary can only be read.",
    needs: ["/usr/libexec/accounts-daemon", "/var/lib/AccountsService"],
    command: withOwnState("/var/lib/AccountsService", "/usr/libexec/accounts-daemon"),
    prepare: serveAuthority,
    program: `import { AccountsClient } from "./org.freedesktop.Accounts.js";
import { AccountType, UserClient } from "./org.freedesktop.Accounts.User.js";
const destination = "org.freedesktop.Accounts";
const accounts = new AccountsClient(bus, { destination, path: "/org/freedesktop/Accounts" });
const user = new UserClient(bus, { destination, path: await accounts.findUserById(0n) });
await user.setEmail("root@example.org");
const isRoot = (await user.properties.accountType.get()) === AccountType.Administrator;
console.log(await user.properties.email.get(), isRoot, Array.isArray(await user.properties.loginHistory.get()));
`,
    prints: /^root@example\.org \w+ true$/m,
    objects: [{ path: "/org/freedesktop/Accounts" }, { path: "/org/freedesktop/Accounts/User0" }],
  }),
  row({
    api: "udisks2",
    daemon: "udisksd",
    busName: "org.freedesktop.UDisks2",
    needs: ["/usr/libexec/udisks2/udisksd", `/sys/class/block/${DISK}/device`],
    command: withKnownDisks("/usr/libexec/udisks2/udisksd"),
    prepare: serveAuthority,
    program: `import { writeBack } from "./write-back.js";
import { BlockClient } from "./org.freedesktop.UDisks2.Block.js";
import { DriveClient, type DriveConfiguration } from "./org.freedesktop.UDisks2.Drive.js";
import { ManagerClient } from "./org.freedesktop.UDisks2.Manager.js";
const destination = "org.freedesktop.UDisks2";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined): string => new TextDecoder().decode(value?.subarray(0, -1));
const manager = new ManagerClient(bus, { destination, path: "/org/freedesktop/UDisks2/Manager" });
const [path] = await manager.resolveDevice({ path: "/dev/${DISK}" }, {});
if (path === undefined) throw new Error("no disk");
const block = new BlockClient(bus, { destination, path });
const entry = async (passno: number) => {
  for (;;) {
    for (const item of await block.properties.configuration.get())
      if (item.type === "fstab" && item.details.passno === passno) return item;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const details = { dir: bytes("/srv\\0"), type: bytes("auto\\0"), opts: bytes("noauto\\0"), freq: 0, passno: 0 };
await block.addConfigurationItem({ type: "fstab", details: { ...details, fsname: await block.properties.device.get() } }, {});
const added = await entry(0);
await block.updateConfigurationItem(added, { ...added, details: { ...added.details, passno: 2 } }, {});
const { dir, opts, passno } = (await entry(2)).details;
const drive = new DriveClient(bus, { destination, path: await block.properties.drive.get() });
const configuration = {
  read: () => drive.properties.configuration.get(),
  write: (value: DriveConfiguration) => drive.setConfiguration(value, {}),
};
await writeBack("DriveConfiguration", configuration, () => ({ ataApmLevel: 127 }));
const { available } = await manager.canFormat("ext4");
console.log(text(dir), text(opts), passno, available);
`,
    prints: /^\/srv noauto 2 \w+$/m,
    objects: [
      { path: "/org/freedesktop/UDisks2/Manager" },
      {
        path: `/org/freedesktop/UDisks2/block_devices/${DISK}`,
        calls: [{ interface: "org.freedesktop.UDisks2.Block", method: "GetSecretConfiguration", args: [{}] }],
      },
    ],
  }),
  row({
    api: "polkit",
    daemon: "polkitd",
    notWritten: "It returns no dictionary that a client has sent.",
    busName: "org.freedesktop.PolicyKit1",
    needs: ["/usr/lib/polkit-1/polkitd", "/usr/share/polkit-1/actions/org.freedesktop.hostname1.policy"],
    command: withOwnEtc("/usr/lib/polkit-1/polkitd", "--no-debug"),
    program: `import { spawn } from "node:child_process";
import { once } from "node:events";
import { AuthenticationAgentService } from "./org.freedesktop.PolicyKit1.AuthenticationAgent.js";
import { AuthorityClient, CheckAuthorizationFlags, type Identity, type Subject } from "./org.freedesktop.PolicyKit1.Authority.js";
const target = { destination: "org.freedesktop.PolicyKit1", path: "/org/freedesktop/PolicyKit1/Authority" };
const authority = new AuthorityClient(bus, target);
class Agent extends AuthenticationAgentService {
  override async beginAuthentication(...[, , , , cookie, [identity]]: [string, string, string, unknown, string, readonly Identity[]]) {
    if (identity?.kind !== "unix-user") throw new Error("no user");
    await authority.authenticationAgentResponse2(0, cookie, { ...identity, details: { uid: identity.details.uid ?? 0 } });
  }
  override cancelAuthentication() {}
}
const child = spawn("sleep", ["60"], { uid: 65534, gid: 65534 });
await once(child, "spawn");
const subject: Subject = { kind: "unix-process", details: { pid: child.pid ?? 0, startTime: 0n, uid: 65534 } };
const action = "org.freedesktop.hostname1.set-hostname";
const before = await authority.checkAuthorization(subject, action, {}, 0, "");
await bus.serve("/agent", new Agent());
await authority.registerAuthenticationAgent(subject, "C", "/agent");
const after = await authority.checkAuthorization(subject, action, {}, CheckAuthorizationFlags.AllowUserInteraction, "");
child.kill();
console.log(before.isAuthorized, before.details.polkitRetainsAuthorizationAfterChallenge, after.isAuthorized, after.details.polkitTemporaryAuthorizationId);
`,
    prints: /^false 1 true tmpauthz0$/m,
    objects: [
      {
        path: "/org/freedesktop/PolicyKit1/Authority",
        calls: [{ interface: "org.freedesktop.PolicyKit1.Authority", method: "EnumerateActions", args: [""] }],
      },
    ],
  }),
  row({
    api: "avahi",
    daemon: "avahi-daemon",
    busName: "org.freedesktop.Avahi",
    notWritten: "The API has no dictionary; the program changes a TXT record, which is a list of bytes.",
    needs: ["/usr/sbin/avahi-daemon", "/usr/sbin/ip"],
    command: withOwnNetwork("/usr/sbin/avahi-daemon --no-drop-root --no-chroot --no-rlimits"),
    program: `import { EntryGroupClient } from "./org.freedesktop.Avahi.EntryGroup.js";
import { Server2Client } from "./org.freedesktop.Avahi.Server2.js";
import { ServiceBrowserClient } from "./org.freedesktop.Avahi.ServiceBrowser.js";
import { EntryGroupState, LookupResultFlags, Protocol } from "./types.js";
const destination = "org.freedesktop.Avahi";
const server = new Server2Client(bus, { destination, path: "/" });
const browser = new ServiceBrowserClient(bus, { destination, path: await server.serviceBrowserPrepare(-1, Protocol.Ipv4, "_lamp._tcp", "", 0) });
const found = new Promise<[number, string, string, number]>((resolve) => {
  void browser.signals.itemNew.subscribe((at, _protocol, name, _type, domain, flags) => resolve([at, name, domain, flags]));
});
await browser.start();
const group = new EntryGroupClient(bus, { destination, path: await server.entryGroupNew() });
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
await group.addService(-1, Protocol.Unspecified, 0, "Desk", "_lamp._tcp", "", "", 80, [text("state=off")]);
await group.commit();
while ((await group.getState()) !== EntryGroupState.Established) await new Promise((resolve) => setTimeout(resolve, 50));
await group.updateServiceTxt(-1, Protocol.Unspecified, 0, "Desk", "_lamp._tcp", "", [text("state=on")]);
const [at, name, domain, flags] = await found;
const resolve = async () => {
  for (;;) {
    const [, , , , , , , address, port, txt] = await server.resolveService(at, Protocol.Ipv4, name, "_lamp._tcp", domain, Protocol.Ipv4, 0);
    const [values] = txt.map((entry) => new TextDecoder().decode(entry));
    if (values === "state=on") return [address, port, values];
    await new Promise((next) => setTimeout(next, 50));
  }
};
console.log(name, ...(await resolve()), (flags & LookupResultFlags.Local) !== 0);
`,
    prints: /^Desk 192\.0\.2\.7 80 state=on true$/m,
    objects: [
      {
        path: "/",
        calls: [
          { interface: "org.freedesktop.Avahi.Server2", method: "GetState" },
          { interface: "org.freedesktop.Avahi.Server2", method: "GetAlternativeServiceName", args: ["Desk"] },
        ],
      },
    ],
  }),
  row({
    api: "modemmanager",
    daemon: "ModemManager",
    busName: "org.freedesktop.ModemManager1",
    needs: ["/usr/sbin/ModemManager", "/usr/bin/python3", "/usr/bin/dbus-send"],
    command: withVirtualModem(
      "/usr/sbin/ModemManager --test-enable --test-no-udev --test-no-suspend-resume --no-auto-scan --test-no-qrtr",
    ),
    prepare: serveAuthority,
    program: `import { writeBack } from "./write-back.js";
import { BearerClient } from "./org.freedesktop.ModemManager1.Bearer.js";
import { ModemClient } from "./org.freedesktop.ModemManager1.Modem.js";
import { SimpleClient } from "./org.freedesktop.ModemManager1.Modem.Simple.js";
import { AllowedAuthentication, type BearerProperties, IpFamily, ModemState } from "./types.js";
const destination = "org.freedesktop.ModemManager1";
const path = "/org/freedesktop/ModemManager1/Modem/0";
const modem = new ModemClient(bus, { destination, path });
const wait = () => new Promise((resolve) => setTimeout(resolve, 100));
while ((await modem.properties.state.get().catch(() => ModemState.Unknown)) < ModemState.Disabled) await wait();
await modem.enable(true);
while ((await modem.properties.state.get()) !== ModemState.Registered) await wait();
const { signalQuality, operatorCode } = await new SimpleClient(bus, { destination, path }).getStatus();
let bearer = await modem.createBearer({ apn: "internet", ipType: IpFamily.Ipv4, allowRoaming: false });
const settings = {
  read: () => new BearerClient(bus, { destination, path: bearer }).properties.properties$.get(),
  write: async (properties: BearerProperties) => (bearer = await modem.createBearer(properties)),
};
await writeBack("BearerProperties", settings, () => ({ user: "anna", allowedAuth: AllowedAuthentication.Chap }));
const { apn, allowRoaming } = await settings.read();
console.log(signalQuality?.percent, operatorCode, apn, allowRoaming);
`,
    prints: /^\d+ 26201 internet false$/m,
    objects: [
      { path: "/org/freedesktop/ModemManager1" },
      {
        path: "/org/freedesktop/ModemManager1/Modem/0",
        calls: [
          { interface: "org.freedesktop.ModemManager1.Modem.Simple", method: "GetStatus" },
          { interface: "org.freedesktop.ModemManager1.Modem.Location", method: "GetLocation" },
        ],
      },
      { path: "/org/freedesktop/ModemManager1/Bearer/0" },
      { path: "/org/freedesktop/ModemManager1/SIM/0" },
    ],
  }),
  row({
    api: "mpris",
    daemon: "mpv",
    busName: "org.mpris.MediaPlayer2.mpv",
    notWritten: "Its dictionary can only be read; playerctld returns the one of the program.",
    needs: ["/usr/bin/mpv", "/usr/lib/mpv-mpris/mpris.so"],
    command: () => [
      ...["mpv", "--no-config", "--really-quiet", "--no-video", "--ao=null", "--load-scripts=no"],
      ...["--script=/usr/lib/mpv-mpris/mpris.so", "--force-media-title=Silence", "--loop", "av://lavfi:anullsrc=d=60"],
    ],
    program: `import { PlaybackStatus, PlayerClient } from "./org.mpris.MediaPlayer2.Player.js";
const target = { destination: "org.mpris.MediaPlayer2.mpv", path: "/org/mpris/MediaPlayer2" };
const { properties } = new PlayerClient(bus, target);
while ((await properties.playbackStatus.get()) !== PlaybackStatus.Playing) await new Promise((resolve) => setTimeout(resolve, 20));
while ((await properties.metadata.get()).xesamTitle === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
await properties.volume.set(0.5);
const { xesamTitle } = await properties.metadata.get();
while ((await properties.volume.get()) !== 0.5) await new Promise((resolve) => setTimeout(resolve, 20));
console.log(xesamTitle, await properties.volume.get());
`,
    prints: /^Silence 0\.5$/m,
    objects: [{ path: "/org/mpris/MediaPlayer2" }],
  }),
  {
    api: "networkmanager",
    daemon: "NetworkManager",
    busName: "org.freedesktop.NetworkManager",
    missing: whyNoNetworkManager(),
    start: async () => {
      const manager = await startNetworkManagerMachine();
      const { address } = manager.machine;
      const bus = await connect({ bus: address });
      const stop = async (): Promise<void> => {
        await bus.close();
        await manager[Symbol.asyncDispose]();
      };
      return { address, bus, [Symbol.asyncDispose]: stop };
    },
    program: `${HEAD}import { writeBack } from "./write-back.js";
import { SettingsClient } from "./org.freedesktop.NetworkManager.Settings.js";
import { ConnectionClient, type ConnectionProfile } from "./org.freedesktop.NetworkManager.Settings.Connection.js";
const destination = "org.freedesktop.NetworkManager";
const settings = new SettingsClient(bus, { destination, path: "/org/freedesktop/NetworkManager/Settings" });
const path = await settings.addConnection({ connection: { id: "team", type: "bridge", interfaceName: "br7", autoconnect: false }, bridge: { stp: false, vlans: [{ vidStart: 3, vidEnd: 5 }] }, ipv4: { method: "disabled" }, ipv6: { method: "disabled" } });
const connection = new ConnectionClient(bus, { destination, path });
const access = { read: () => connection.getSettings(), write: (value: ConnectionProfile) => connection.update(value) };
await writeBack("ConnectionProfile", access, ({ bridge }) => ({ bridge: { ...bridge, ageingTime: 120 } }));
const { bridge } = await connection.getSettings();
console.log(bridge?.stp, bridge?.vlans?.map(({ vidStart, vidEnd }) => \`\${vidStart}-\${vidEnd}\`).join());
`,
    prints: /^false 3-5$/m,
    objects: [
      { path: "/org/freedesktop/NetworkManager" },
      { path: "/org/freedesktop/NetworkManager/DnsManager" },
      { path: "/org/freedesktop/NetworkManager/Devices/1" },
      { path: "/org/freedesktop/NetworkManager/IP4Config/1" },
      {
        path: "/org/freedesktop/NetworkManager/Settings/1",
        calls: [{ interface: "org.freedesktop.NetworkManager.Settings.Connection", method: "GetSettings" }],
      },
    ],
  },
  ...SYSTEM_ROWS,
  ...DESKTOP_ROWS,
  ...SCREEN_ROWS,
  ...USER_ROWS,
];
