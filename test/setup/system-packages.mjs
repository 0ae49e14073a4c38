// Tests talk over a real bus: this makes sure of dbus-daemon, and of gdbus and dbus-python as clients that are not ours.
// Tests of networks make some of their own: with ip and nft. Those of IRC talk to ngIRCd, with certificates by openssl.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PYTHON_MODULES = { dbus: "python3-dbus", gi: "python3-gi" };
/** Installed where that can be done without a question; its tests are skipped where it is absent. */
const WELCOME = "chromium";
const NEEDED = {
  "dbus-daemon": "dbus",
  gdbus: "libglib2.0-bin",
  ip: "iproute2",
  nft: "nftables",
  ngircd: "ngircd",
  openssl: "openssl",
};

function isInstalled(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", args, { stdio: "inherit", env }).status === 0;
}

/** Debian's modules belong to Debian's Python, whatever other one is first in PATH. */
function isImportable(name) {
  return spawnSync("/usr/bin/python3", ["-c", `import ${name}`], { stdio: "ignore" }).status === 0;
}

/** Installs packages as root, with a fresh list of them where the old one does not do. */
function install(packages) {
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) return false;
  const args = ["install", "-y", "--no-install-recommends", ...packages];
  return aptGet(...args) || (aptGet("update") && aptGet(...args));
}

const missingCommands = Object.keys(NEEDED).filter((command) => !isInstalled(command));
const missingModules = Object.keys(PYTHON_MODULES).filter((name) => !isImportable(name));
const missing = [...missingCommands, ...missingModules.map((name) => `${name} of Python`)];
if (missing.length > 0) {
  const packages = [
    ...missingCommands.map((command) => NEEDED[command]),
    ...missingModules.map((name) => PYTHON_MODULES[name]),
  ];
  if (!install(packages)) {
    const line = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
    process.stderr.write(`The tests need ${missing.join(" and ")}. On Debian, type:\n\n  sudo ${line}\n\n`);
    process.exitCode = 1;
  }
}
if (!isInstalled(WELCOME)) install([WELCOME]);
