import type { ChildProcess } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDaemon } from "../../generator/testing/daemon.ts";

/** A message bus that only one test uses. */
export interface PrivateBus extends AsyncDisposable {
  /** Address to connect to, as in DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  readonly pid: number;
  /** Stops the daemon and removes its files; SIGKILL simulates a crash. A second call does nothing. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Configuration of the bus. dbus-daemon(1) describes the limits. */
export interface PrivateBusOptions {
  /** Limits by name, such as `max_match_rules_per_connection`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Whether users other than the user of this process may connect. */
  readonly everyUser?: boolean;
  /** Path of the socket. By default a new one; a test that restarts a bus passes the previous one. */
  readonly path?: string;
}

/** Limits that no test reaches by accident. */
const LARGE_LIMITS = {
  max_message_size: 1_000_000_000,
  max_incoming_bytes: 1_000_000_000,
  max_outgoing_bytes: 1_000_000_000,
  max_match_rules_per_connection: 50_000,
  max_replies_per_connection: 50_000,
  max_completed_connections: 100_000,
  max_connections_per_user: 100_000,
};

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const daemon of running) daemon.kill("SIGKILL");
});

/**
 * Starts a private `dbus-daemon` with the policy of a session bus, in a new temporary folder. It is killed
 * when this process exits.
 *
 * @throws Error with the output of the daemon, if it is not ready within 10 seconds.
 */
export async function startPrivateBus(options: PrivateBusOptions = {}): Promise<PrivateBus> {
  const { path, everyUser = false, limits } = options;
  const folder = await mkdtemp(join(tmpdir(), "private-bus-"));
  if (everyUser) await chmod(folder, 0o755);
  const clear = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const configuration = { socket: path ?? join(folder, "bus"), everyUser, limits: { ...LARGE_LIMITS, ...limits } };
  const daemon = await startDaemon(folder, configuration).catch(async (error: unknown) => {
    await clear();
    throw error;
  });
  running.add(daemon.process);
  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> => {
    daemon.process.kill(signal);
    await daemon.exited;
    running.delete(daemon.process);
    await clear();
  };
  return { address: daemon.address, pid: daemon.process.pid ?? 0, stop, [Symbol.asyncDispose]: stop };
}
