// Tests talk over a real bus: this makes sure of dbus-daemon, and of gdbus as a client that is not ours.
// Tests of networks make some of their own: with ip and nft.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NEEDED = { "dbus-daemon": "dbus", gdbus: "libglib2.0-bin", ip: "iproute2", nft: "nftables" };

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

const missing = Object.keys(NEEDED).filter((command) => !isInstalled(command));
if (missing.length > 0) {
  const packages = missing.map((command) => NEEDED[command]);
  const line = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const isRoot = process.getuid?.() === 0;
  const installed =
    isRoot &&
    isInstalled("apt-get") &&
    (aptGet(...line.split(" ").slice(1)) || (aptGet("update") && aptGet(...line.split(" ").slice(1))));
  if (!installed) {
    process.stderr.write(`The tests need ${missing.join(" and ")}. On Debian, type:\n\n  sudo ${line}\n\n`);
    process.exitCode = 1;
  }
}
