import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Files of a machine that can be booted. */
export interface Image {
  readonly kernel: string;
  readonly initialRamdisk: string;
  /** File system with Debian 12, which is read-only: what a machine writes is lost at its end. */
  readonly disk: string;
}

const DEBIAN = { suite: "bookworm", mirror: "http://deb.debian.org/debian" } as const;

const PACKAGES = [
  ...["linux-image-amd64", "initramfs-tools", "zstd", "kmod", "udev", "systemd-sysv", "dbus", "libpam-systemd"],
  ...["network-manager", "wpasupplicant", "connman", "systemd-resolved", "systemd-timesyncd", "wireguard-tools"],
  ...["hostapd", "iw", "wireless-regdb", "rfkill", "dnsmasq-base", "iproute2", "nftables", "ppp"],
  ...["bluez", "bluez-test-tools", "polkitd", "geoclue-2.0", "locales", "kbd", "libstdc++6", "libatomic1"],
] as const;

/** Files that no check needs. Most of the time of the installation would be spent on them. */
const LEFT_OUT = [
  ...["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/icons/*"],
  ...["gpu", "media", "infiniband", "scsi", "iio", "staging", "net/ethernet", "isdn", "md", "ata", "hwmon"].map(
    (drivers) => `/lib/modules/*/kernel/drivers/${drivers}/*`,
  ),
] as const;

/** Files that are added to the packages. */
const FILES = fileURLToPath(new URL("image", import.meta.url));

/** Commands that run when all packages are installed; `$1` is the folder of the system. */
const COMMANDS = [
  'chroot "$1" systemctl --quiet preset-all 2>&1 | sed "/is masked/d"',
  'chroot "$1" useradd --create-home --uid 1000 --groups sudo --shell /bin/sh tester',
  'echo tester:secret | chroot "$1" chpasswd',
  'rm -rf "$1/var/cache/apt" "$1/var/lib/apt/lists"',
] as const;

const DISK_MIB = 2048;

/** Programs that build and boot an image, each with its Debian package. */
const PROGRAMS = {
  mmdebstrap: "mmdebstrap",
  mke2fs: "e2fsprogs",
  "qemu-system-x86_64": "qemu-system-x86",
} as const;

/** Returns why machines cannot be built and booted; undefined if they can. */
export function whyNoMachine(): string | undefined {
  if (process.arch !== "x64") return `no image for ${process.arch}`;
  if (process.getuid?.() !== 0) return "needs root, to install packages in a folder";
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  const packages = missing.map(([, name]) => name).join(" ");
  return `not installed: ${missing.map(([program]) => program).join(", ")} (apt-get install ${packages})`;
}

/** Returns the image, which is built once and kept in the cache of the user. */
export function preparedImage(print: (line: string) => void): Image {
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "dbus-codegen-ts/virtual-machine");
  const folder = join(cache, identification());
  if (!existsSync(folder)) {
    print("builds an image of Debian 12, once");
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    const unfinished = mkdtempSync(join(cache, "unfinished-"));
    try {
      build(unfinished);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return imageOf(folder);
}

function imageOf(folder: string): Image {
  return { kernel: join(folder, "kernel"), initialRamdisk: join(folder, "initrd"), disk: join(folder, "disk") };
}

/** Returns a hash of everything that determines the content of the image. */
function identification(): string {
  const names = readdirSync(FILES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
  const contents = files.map((file) => [file.slice(FILES.length), readFileSync(file, "utf8")]);
  const all = JSON.stringify([DEBIAN, PACKAGES, LEFT_OUT, COMMANDS, DISK_MIB, contents]);
  return createHash("sha256").update(all).digest("hex").slice(0, 16);
}

function build(folder: string): void {
  const root = join(folder, "root");
  const image = imageOf(folder);
  const options: ExecFileSyncOptions = { stdio: ["ignore", "ignore", "inherit"] };
  execFileSync(
    "mmdebstrap",
    [
      ...["--quiet", "--mode=root", "--variant=minbase", "--format=directory", `--include=${PACKAGES.join(",")}`],
      ...['--aptopt=APT::Install-Recommends "false"', "--dpkgopt=force-unsafe-io"],
      ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
      `--essential-hook=sync-in ${FILES} /`,
      ...COMMANDS.map((command) => `--customize-hook=${command}`),
      ...[DEBIAN.suite, root, DEBIAN.mirror],
    ],
    options,
  );
  for (const [prefix, target] of [
    ["vmlinuz-", image.kernel],
    ["initrd.img-", image.initialRamdisk],
  ] as const) {
    const name = readdirSync(join(root, "boot")).find((entry) => entry.startsWith(prefix));
    renameSync(join(root, "boot", name ?? prefix), target);
  }
  execFileSync("mke2fs", ["-q", "-t", "ext4", "-d", root, image.disk, `${DISK_MIB}M`], options);
  rmSync(root, { recursive: true });
}

function isInstalled(program: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", program]).status === 0;
}
