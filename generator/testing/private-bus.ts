import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, type ConnectOptions, connect } from "@dbus-codegen-ts/runtime";
import { type BusConfiguration, type Daemon, startDaemon } from "./daemon.ts";

/** A message bus that only this process and its children use. */
export interface PrivateBus extends AsyncDisposable {
  /** D-Bus address of the bus. */
  readonly address: string;
  /** Environment variables that make the bus the session bus and the system bus of a process. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string; readonly DBUS_SYSTEM_BUS_ADDRESS: string };
  /** Process ID of the daemon. */
  readonly pid: number;
  /** Returns a new connection. It is closed when the bus stops. */
  connect(options?: Omit<ConnectOptions, "bus">): Promise<Bus>;
  /** Closes the connections, ends the daemon and removes its files. A second call has no effect. */
  stop(): Promise<void>;
}

/** Options of a private bus. */
export type PrivateBusOptions = Pick<BusConfiguration, "serviceFolders" | "limits" | "policyFiles">;

/** Functions that stop the running buses. They are called when this process exits. */
const killOnExit = new Set<() => void>();

/**
 * Starts a `dbus-daemon` in a new temporary folder. The daemon ends on `stop()`, at the end of an `await using` block,
 * and when this process ends, even if it is killed.
 *
 * @throws Error if dbus-daemon is not installed (the message names the packages) or does not start (the message
 *   contains its output).
 */
export async function privateBus(options: PrivateBusOptions = {}): Promise<PrivateBus> {
  const folder = await mkdtemp(join(tmpdir(), "dbus-codegen-bus-"));
  try {
    const { serviceFolders = [], limits = {}, policyFiles = [] } = options;
    const configuration = { socket: join(folder, "socket"), serviceFolders, limits, policyFiles };
    return new RunningBus(await startDaemon(folder, configuration), folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class RunningBus implements PrivateBus {
  readonly address: string;
  readonly pid: number;
  readonly #daemon: ChildProcess;
  readonly #folder: string;
  readonly #watchdog: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #connections = new Set<Bus>();
  readonly #kill = (): void => {
    this.#daemon.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  };

  constructor({ process: daemon, address, exited }: Daemon, folder: string) {
    this.address = address;
    this.pid = daemon.pid ?? 0;
    this.#daemon = daemon;
    this.#folder = folder;
    this.#exited = exited;
    this.#watchdog = watchdog(this.pid, folder);
    if (killOnExit.size === 0) process.on("exit", killAll);
    killOnExit.add(this.#kill);
    unrefChild(daemon);
  }

  get env() {
    return { DBUS_SESSION_BUS_ADDRESS: this.address, DBUS_SYSTEM_BUS_ADDRESS: this.address };
  }

  async connect(options: Omit<ConnectOptions, "bus"> = {}): Promise<Bus> {
    const bus = await connect({ ...options, bus: this.address });
    this.#connections.add(bus);
    void bus.closed.then(() => this.#connections.delete(bus));
    return bus;
  }

  async stop(): Promise<void> {
    killOnExit.delete(this.#kill);
    if (killOnExit.size === 0) process.off("exit", killAll);
    await Promise.all([...this.#connections].map((bus) => bus.close()));
    this.#watchdog.kill("SIGKILL");
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      this.#daemon.ref();
      this.#daemon.kill("SIGTERM");
      await this.#exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

function killAll(): void {
  for (const kill of killOnExit) kill();
}

/**
 * Starts a process that ends the daemon when this process is killed. That process notices the kill, because the pipe
 * between the processes ends.
 */
function watchdog(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf "$2"';
  const child = spawn("/bin/sh", ["-c", script, "sh", String(pid), folder], { stdio: ["pipe", "ignore", "ignore"] });
  // A missing watchdog is no error: without it, the daemon remains only if this process is killed.
  child.on("error", () => undefined);
  unrefChild(child);
  return child;
}

/** Allows this process to end while a child runs. */
function unrefChild(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream !== null && stream !== undefined && "unref" in stream) unref(stream);
}

function unref(stream: object): void {
  const method: unknown = Reflect.get(stream, "unref");
  if (typeof method === "function") Reflect.apply(method, stream, []);
}
