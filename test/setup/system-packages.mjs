// Installs the Debian packages that the tests need and that are missing: `npm run setup`.
// As root it installs them; otherwise it prints the command to run. With nothing missing it prints nothing.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian packages, each with the purpose for which the tests use it. */
const PACKAGES = {
  dbus: { purpose: "a private bus for each test", isInstalled: () => hasCommand("dbus-daemon") },
  "libglib2.0-bin": { purpose: "gdbus, a D-Bus client of another project", isInstalled: () => hasCommand("gdbus") },
  "python3-dbus": { purpose: "D-Bus programs in Python", isInstalled: () => hasPythonModule("dbus") },
  "python3-gi": { purpose: "D-Bus programs in Python", isInstalled: () => hasPythonModule("gi") },
  iproute2: { purpose: "network namespaces and links", isInstalled: () => hasCommand("ip") },
  nftables: { purpose: "packet marks of ConnMan sessions", isInstalled: () => hasCommand("nft") },
  ngircd: { purpose: "an IRC server", isInstalled: () => hasCommand("ngircd") },
  openssl: { purpose: "certificates of the IRC server", isInstalled: () => hasCommand("openssl") },
  "libdbus-1-dev": {
    purpose: "headers of libdbus, whose decoder is compared with ours",
    isInstalled: () => spawnSync("pkg-config", ["--exists", "dbus-1"]).status === 0,
    isOptional: true,
  },
  chromium: { purpose: "the reference site in a browser", isInstalled: () => hasCommand("chromium"), isOptional: true },
};

const missing = Object.entries(PACKAGES).filter(([, { isInstalled }]) => !isInstalled());
if (missing.length > 0) {
  const rows = missing.map(([name, { purpose, isOptional }]) => {
    return `  ${name.padEnd(16)}${purpose}${isOptional ? " (optional)" : ""}\n`;
  });
  process.stderr.write(`The tests use Debian packages that are not installed:\n${rows.join("")}`);
  const names = missing.map(([name]) => name);
  if (canInstall()) {
    process.stderr.write(`Installing: apt-get install ${names.join(" ")}\n`);
    install(names);
  }
  const stillMissing = missing.filter(([, { isInstalled }]) => !isInstalled());
  const required = stillMissing.filter(([, { isOptional }]) => !isOptional).map(([name]) => name);
  if (required.length > 0) {
    process.stderr.write(
      `\nRun this command first:\n\n  sudo apt-get install --no-install-recommends ${required.join(" ")}\n\n`,
    );
    process.exitCode = 1;
  }
}

function hasCommand(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Returns whether Debian's Python has a module. Debian installs modules only for its own Python, which need not be the
 * first in PATH.
 */
function hasPythonModule(name) {
  return spawnSync("/usr/bin/python3", ["-c", `import ${name}`], { stdio: "ignore" }).status === 0;
}

function canInstall() {
  return process.getuid?.() === 0 && hasCommand("apt-get");
}

/** Installs packages; updates the package lists only if the present ones do not suffice. */
function install(names) {
  const args = ["install", "-y", "--no-install-recommends", ...names];
  if (aptGet(...args) !== 0) {
    aptGet("update");
    aptGet(...args);
  }
}

function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env }).status;
}
