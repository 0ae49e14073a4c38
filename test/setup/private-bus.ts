import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A message bus of its own, on which nothing but the test lives. */
export interface PrivateBus extends AsyncDisposable {
  /** Address to connect to, as in DBUS_SESSION_BUS_ADDRESS. */
  readonly address: string;
  readonly pid: number;
  /** Ends the daemon and removes its files; with SIGKILL, as if it crashed. Stopping again does nothing. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** What may be set about the bus; see dbus-daemon(1) for the limits. */
export interface PrivateBusOptions {
  /** Limits by name, such as `max_match_rules_per_connection`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Whether other users than that of this process may connect. */
  readonly everyUser?: boolean;
  /** Listens at this path instead of a new one, so that a bus can come back where one was. */
  readonly path?: string;
}

const START_TIMEOUT = 10_000;
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const daemon of running) daemon.kill("SIGKILL");
});

/**
 * Starts a private `dbus-daemon` with the policy of a session bus, in a folder of its own below the temporary folder.
 * It is killed when this process exits.
 *
 * @throws Error with what the daemon printed, when it does not come up within 10 seconds.
 */
export async function startPrivateBus(options: PrivateBusOptions = {}): Promise<PrivateBus> {
  const folder = await mkdtemp(join(tmpdir(), "private-bus-"));
  const config = join(folder, "bus.conf");
  if (options.everyUser) await chmod(folder, 0o755);
  await writeFile(config, configuration(options.path ?? join(folder, "bus"), options));
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(daemon);
  const exited = new Promise<void>((resolve) => {
    daemon.once("exit", () => resolve());
    daemon.once("error", () => resolve());
  });
  const stop = async (signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> => {
    daemon.kill(signal);
    await exited;
    running.delete(daemon);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const address = await printedAddress(daemon);
    return { address, pid: daemon.pid ?? 0, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop("SIGKILL");
    throw error;
  }
}

function printedAddress(daemon: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    let errors = "";
    const timer = setTimeout(() => reject(new Error(`dbus-daemon did not start: ${errors}`)), START_TIMEOUT);
    daemon.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes("\n")) return;
      clearTimeout(timer);
      resolve(output.slice(0, output.indexOf("\n")));
    });
    daemon.stderr?.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    daemon.once("error", reject);
    daemon.once("exit", (code) => reject(new Error(`dbus-daemon ended with code ${code}: ${errors}`)));
  });
}

function configuration(path: string, { limits = {}, everyUser = false }: PrivateBusOptions): string {
  const limitElements = Object.entries(limits).map(([name, value]) => `  <limit name="${name}">${value}</limit>`);
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=${path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>${everyUser ? '\n    <allow user="*"/>' : ""}
  </policy>
  <limit name="max_message_size">1000000000</limit>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_connections_per_user">100000</limit>
${limitElements.join("\n")}
</busconfig>
`;
}
