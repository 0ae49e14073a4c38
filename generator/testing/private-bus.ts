import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, type ConnectOptions, connect } from "@dbus-codegen-ts/runtime";
import { type BusConfiguration, type Daemon, startDaemon } from "./daemon.ts";

/** A message bus of its own, on which nothing lives but what is put there. */
export interface PrivateBus extends AsyncDisposable {
  /** Address to connect to. */
  readonly address: string;
  /** What a process needs in its environment to take it for the session and the system bus. */
  readonly env: { readonly DBUS_SESSION_BUS_ADDRESS: string; readonly DBUS_SYSTEM_BUS_ADDRESS: string };
  /** Process of the daemon. */
  readonly pid: number;
  /** Connects to it; the connection ends with the bus. */
  connect(options?: Omit<ConnectOptions, "bus">): Promise<Bus>;
  /** Closes the connections, ends the daemon and removes its files. Stopping again does nothing. */
  stop(): Promise<void>;
}

/** What may be set about a private bus. */
export type PrivateBusOptions = Pick<BusConfiguration, "serviceFolders" | "limits">;

/** What ends each bus that still runs when this process exits. */
const onExit = new Set<() => void>();

/**
 * Starts a `dbus-daemon` that nobody else knows of, in a folder of its own below the temporary one. It ends with
 * `stop()`, at the end of an `await using` block, and when this process ends, however it does.
 *
 * @throws Error that says what to install where there is no dbus-daemon, and what it printed where it does not start.
 */
export async function privateBus(options: PrivateBusOptions = {}): Promise<PrivateBus> {
  const folder = await mkdtemp(join(tmpdir(), "dbus-codegen-bus-"));
  try {
    const { serviceFolders = [], limits = {} } = options;
    return new RunningBus(
      await startDaemon(folder, { socket: join(folder, "socket"), serviceFolders, limits }),
      folder,
    );
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
  readonly #abandon = (): void => {
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
    if (onExit.size === 0) process.on("exit", abandonAll);
    onExit.add(this.#abandon);
    letGo(daemon);
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
    onExit.delete(this.#abandon);
    if (onExit.size === 0) process.off("exit", abandonAll);
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

function abandonAll(): void {
  for (const abandon of onExit) abandon();
}

/** Ends the daemon when this process is killed, and can do nothing itself: the pipe between the two closes then. */
function watchdog(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf "$2"';
  const child = spawn("/bin/sh", ["-c", script, "sh", String(pid), folder], { stdio: ["pipe", "ignore", "ignore"] });
  // Without it the daemon outlives a killed process, no more.
  child.on("error", () => undefined);
  letGo(child);
  return child;
}

/** Lets this process end though a child runs. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream !== null && stream !== undefined && "unref" in stream) unref(stream);
}

function unref(stream: object): void {
  const method: unknown = Reflect.get(stream, "unref");
  if (typeof method === "function") Reflect.apply(method, stream, []);
}
