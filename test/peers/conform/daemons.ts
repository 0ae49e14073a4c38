import type { StockDaemon } from "./stock-bus.ts";

/** A failure of a check that a daemon causes, with the reason. */
export interface KnownFault {
  /** Matches the text `check: member: message`. */
  readonly check: RegExp;
  readonly reason: string;
}

/** A daemon whose objects are checked. */
export interface DaemonRow extends StockDaemon {
  /** Debian package. */
  readonly package: string;
  /** Object path: this object and all objects below it are checked. */
  readonly root: string;
  /** Units of systemd that the daemon reads, as elements of object paths. A mock serves them. */
  readonly units?: readonly string[];
  readonly faults?: readonly KnownFault[];
}

const SYSTEMD = "/lib/systemd/systemd";

/** polkit, which most other daemons need. */
export const POLKIT: DaemonRow = {
  package: "polkitd",
  busName: "org.freedesktop.PolicyKit1",
  command: ["/usr/lib/polkit-1/polkitd", "--no-debug"],
  root: "/org/freedesktop/PolicyKit1",
};

export const DAEMONS: readonly DaemonRow[] = [
  {
    package: "systemd (hostnamed)",
    busName: "org.freedesktop.hostname1",
    command: [`${SYSTEMD}-hostnamed`],
    root: "/org/freedesktop/hostname1",
  },
  {
    package: "systemd (localed)",
    busName: "org.freedesktop.locale1",
    command: [`${SYSTEMD}-localed`],
    root: "/org/freedesktop/locale1",
  },
  {
    package: "systemd (timedated)",
    busName: "org.freedesktop.timedate1",
    command: [`${SYSTEMD}-timedated`],
    units: ["systemd_2dtimesyncd_2eservice"],
    root: "/org/freedesktop/timedate1",
  },
  {
    package: "systemd (logind)",
    busName: "org.freedesktop.login1",
    command: [`${SYSTEMD}-logind`],
    root: "/org/freedesktop/login1",
  },
  {
    package: "upower",
    busName: "org.freedesktop.UPower",
    command: ["/usr/libexec/upowerd"],
    root: "/",
    state: ["/var/lib/upower"],
  },
  {
    package: "power-profiles-daemon",
    busName: "net.hadess.PowerProfiles",
    command: ["/usr/libexec/power-profiles-daemon"],
    root: "/",
    state: ["/var/lib/power-profiles-daemon"],
  },
  {
    package: "accountsservice",
    busName: "org.freedesktop.Accounts",
    command: ["/usr/libexec/accounts-daemon"],
    root: "/",
    state: ["/var/lib/AccountsService"],
    faults: [
      {
        check: /^get(-all-missing)?: org\.freedesktop\.DisplayManager\.AccountsService\.BackgroundFile: /,
        reason: "properties of extension interfaces that are not set and have no default cannot be read",
      },
    ],
  },
  {
    package: "colord",
    busName: "org.freedesktop.ColorManager",
    command: ["/usr/libexec/colord"],
    root: "/",
    state: ["/var/lib/colord"],
  },
  {
    package: "fwupd",
    busName: "org.freedesktop.fwupd",
    command: ["/usr/libexec/fwupd/fwupd"],
    root: "/",
    state: ["/var/lib/fwupd", "/var/cache/fwupd"],
  },
  {
    package: "packagekit",
    busName: "org.freedesktop.PackageKit",
    command: ["/usr/libexec/packagekitd"],
    root: "/",
    state: ["/var/lib/PackageKit"],
    faults: [
      {
        check: /^get(-all-missing)?: org\.freedesktop\.PackageKit\.Offline\.PreparedUpgrade: /,
        reason: "while no upgrade is prepared, the declared property PreparedUpgrade cannot be read",
      },
    ],
  },
  {
    package: "bolt",
    busName: "org.freedesktop.bolt",
    command: ["/usr/libexec/boltd"],
    root: "/",
    state: ["/var/lib/boltd"],
  },
  {
    package: "flatpak",
    busName: "org.freedesktop.Flatpak.SystemHelper",
    command: ["/usr/libexec/flatpak-system-helper"],
    root: "/",
    state: ["/var/lib/flatpak"],
  },
  { package: "modemmanager", busName: "org.freedesktop.ModemManager1", command: ["/usr/sbin/ModemManager"], root: "/" },
  {
    package: "udisks2",
    busName: "org.freedesktop.UDisks2",
    command: ["/usr/libexec/udisks2/udisksd"],
    root: "/",
    state: ["/var/lib/udisks2"],
  },
  {
    package: "rtkit",
    busName: "org.freedesktop.RealtimeKit1",
    command: ["/usr/libexec/rtkit-daemon", "--no-chroot", "--no-drop-privileges", "--no-canary"],
    root: "/",
    faults: [
      { check: /^get-all: org\.freedesktop\.RealtimeKit1: .*UnknownMethod/, reason: "rtkit does not implement GetAll" },
    ],
  },
  {
    package: "avahi-daemon",
    busName: "org.freedesktop.Avahi",
    command: ["/usr/sbin/avahi-daemon", "--no-rlimits"],
    root: "/",
    faults: [
      {
        check: /^peer: .*GetMachineId: .*FileNotFound/,
        reason: "avahi-daemon changes its root folder, which contains no machine ID",
      },
    ],
  },
  { package: "geoclue-2.0", busName: "org.freedesktop.GeoClue2", command: ["/usr/libexec/geoclue"], root: "/" },
  {
    package: "network-manager",
    busName: "org.freedesktop.NetworkManager",
    command: ["/usr/sbin/NetworkManager", "--no-daemon"],
    root: "/org/freedesktop/NetworkManager",
    state: ["/var/lib/NetworkManager"],
  },
  {
    package: "switcheroo-control",
    busName: "net.hadess.SwitcherooControl",
    command: ["/usr/libexec/switcheroo-control"],
    root: "/",
  },
];
