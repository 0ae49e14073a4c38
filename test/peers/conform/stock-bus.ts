import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";

/** A bus with the configuration and the policies of the distribution's system bus, on another address. */
export interface StockBus extends AsyncDisposable {
  readonly bus: Bus;
  /**
   * Starts a daemon and waits until it owns its bus name. Rejects with the output of the daemon if that takes too long.
   */
  start(daemon: StockDaemon): Promise<AsyncDisposable>;
}

/** How a daemon of the distribution is started. */
export interface StockDaemon {
  readonly command: readonly [program: string, ...args: readonly string[]];
  readonly busName: string;
  /** Folders that are empty for the daemon. */
  readonly state?: readonly string[];
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3000;

/**
 * A script that runs its arguments with a copy of /etc and empty folders in separate namespaces, so that a daemon
 * changes neither the machine nor its network. The bus is at the usual path, because some daemons clear their
 * environment. The folders are the first arguments; `--` follows them.
 */
const ISOLATE = `
cp -a /etc "$HOME/etc" && mount --bind "$HOME/etc" /etc && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system /run/dbus
touch /run/dbus/system_bus_socket && mount --bind "$SOCKET" /run/dbus/system_bus_socket
while [ "$1" != -- ]; do mkdir -p "$1" && mount -t tmpfs tmpfs "$1"; shift; done
shift
exec "$@"`;

const STOCK_CONFIGURATION = "/usr/share/dbus-1/system.conf";

/** Returns the configuration of the system bus for another address, without services that the bus starts. */
function stockConfiguration(text: string, address: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/<(?:fork|syslog|standard_system_servicedirs)\/>/g, "")
    .replace(/<pidfile>.*<\/pidfile>|<servicehelper>.*<\/servicehelper>/g, "")
    .replace(/<listen>.*<\/listen>/, `<listen>${address}</listen>`)
    .replace("<includedir>system.d<", "<includedir>/usr/share/dbus-1/system.d<");
}

/** Starts dbus-daemon with the configuration of the system bus. It runs as the user of the system bus, so it needs root. */
export async function startStockBus(): Promise<StockBus> {
  const folder = await mkdtemp(join(tmpdir(), "stock-bus-"));
  await chmod(folder, 0o777);
  const socket = join(folder, "socket");
  const address = `unix:path=${socket}`;
  const config = join(folder, "bus.conf");
  await writeFile(config, stockConfiguration(await readFile(STOCK_CONFIGURATION, "utf8"), address));
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile", "--print-address=1"]);
  const end = async (): Promise<void> => {
    await stop(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.race([once(daemon.stdout, "data"), once(daemon, "exit").then(() => failed("dbus-daemon ended"))]);
    const bus = await connect({ bus: address });
    return {
      bus,
      start: (row) => startOn(bus, socket, row),
      [Symbol.asyncDispose]: async () => {
        await bus.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startOn(bus: Bus, socket: string, row: StockDaemon): Promise<AsyncDisposable> {
  const { command, busName, state = [] } = row;
  const home = await mkdtemp(join(tmpdir(), "stock-daemon-"));
  await chmod(home, 0o755);
  const flags = ["--mount", "--net", "--uts", "--ipc", "sh", "-c", ISOLATE, "sh", ...state, "--", ...command];
  const env = { PATH: process.env["PATH"], HOME: home, LC_ALL: "C", SOCKET: socket };
  const child = spawn("unshare", flags, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const end = async (): Promise<void> => {
    await stop(child);
    await rm(home, { recursive: true, force: true });
  };
  const isOwned = new Promise<void>((resolve) => {
    void bus.watchName(busName, (owner) => {
      if (owner !== undefined && owner !== "") resolve();
    });
  });
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`${busName} has no owner`)), START_TIMEOUT_MS).unref();
  });
  const exit = once(child, "exit").then(([code]) => failed(`the daemon ended with ${code}`));
  try {
    await Promise.race([isOwned, timeout, exit]);
  } catch (error) {
    await end();
    throw new Error(`${error instanceof Error ? error.message : error}\n${output}`);
  }
  exit.catch(() => undefined);
  return { [Symbol.asyncDispose]: end };
}

/** Ends a process and the processes of its group. */
async function stop(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(child.spawnfile === "unshare" ? -pid : pid, signal);
    } catch {
      // The process has ended.
    }
  };
  kill("SIGTERM");
  const timer = setTimeout(() => kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}

function failed(message: string): never {
  throw new Error(message);
}
