import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programArguments } from "../../setup/program.ts";
import { processorMsOf, type Turn } from "../longest-turn.ts";
import { endsWithUs, nextLine } from "../support.ts";
import type { AttackedVictim, VictimKind } from "./attack-list.ts";

const local = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MONITOR = local("event-loop-monitor.ts");

const PROGRAMS: Readonly<Record<VictimKind, { readonly args: readonly string[] } & Omit<AttackedVictim, "kind">>> = {
  "session daemon": {
    args: [local("../../../runtime/connman/bin/dbus-codegen-sessiond.js")],
    destination: "net.connman",
    path: "/",
    interface: "net.connman.Manager",
  },
  "connection manager": {
    args: [local("../../../runtime/telepathy/bin/dbus-codegen-connection-manager.js")],
    destination: "im.telepathy1.ConnectionManager.dbus_codegen",
    path: "/im/telepathy1/ConnectionManager/dbus_codegen",
    interface: "im.telepathy1.ConnectionManager",
  },
  client: { args: [], destination: "", path: "/", interface: "org.example.Client" },
};

const UNKNOWN_TURN: Turn = { elapsedMs: Number.NaN, processorMs: Number.NaN };

/** A running program that is attacked. */
export class Victim implements AsyncDisposable {
  readonly target: AttackedVictim;
  readonly #process: ChildProcess;
  #output = "";

  /** Starts a program and waits until it is ready. */
  static async start(kind: VictimKind, address: string): Promise<Victim> {
    const { args, destination, path, interface: name } = PROGRAMS[kind];
    const program =
      kind === "client" ? [...programArguments(local("victim-client.ts")), address] : [...args, "--bus", address];
    const child = endsWithUs(
      spawn(process.execPath, ["--import", programArguments(MONITOR).at(-1) ?? "", ...program], {
        stdio: ["pipe", "pipe", "pipe", "ipc"],
      }),
    );
    const printed = await nextLine(child);
    return new Victim(child, { kind, destination: destination || printed, path, interface: name });
  }

  /** Starts the service in C with which a victim is compared, on the same bus name and with the same interface. */
  static async startFloor(kind: VictimKind, program: string, address: string): Promise<Victim> {
    const { destination, path, interface: name } = PROGRAMS[kind];
    const child = endsWithUs(spawn(program, [address, destination, path, name], { stdio: ["ignore", "pipe", "pipe"] }));
    await nextLine(child);
    return new Victim(child, { kind, destination, path, interface: name });
  }

  private constructor(child: ChildProcess, target: AttackedVictim) {
    this.#process = child;
    this.target = target;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-2000);
    });
  }

  /** Whether the program has not ended. */
  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The last text that the program printed on stderr. */
  get errors(): string {
    return this.#output;
  }

  /** Makes a client call the attacker. */
  callAttacker(uniqueName: string): void {
    this.#process.stdin?.write(`${uniqueName}\n`);
  }

  /**
   * Returns the longest times for which the event loop was blocked since this method was last called; NaN for a program
   * that does not run on Node.
   */
  async longestTurn(): Promise<Turn> {
    if (!this.isRunning || !this.#process.connected) return UNKNOWN_TURN;
    const ended = new AbortController();
    const onExit = (): void => ended.abort();
    this.#process.once("exit", onExit);
    try {
      const answered = once(this.#process, "message", { signal: ended.signal });
      this.#process.send("longest");
      const [turn]: Turn[] = await answered;
      return turn ?? UNKNOWN_TURN;
    } catch {
      return UNKNOWN_TURN;
    } finally {
      this.#process.off("exit", onExit);
    }
  }

  /** Returns the processor time that the main thread has used. */
  processorMs(): number {
    return processorMsOf(this.#process.pid);
  }

  /** Resets the peak of the resident memory. Returns the present resident bytes. */
  async resetPeakMemory(): Promise<number> {
    await writeFile(`/proc/${this.#process.pid}/clear_refs`, "5");
    return this.#memory("VmRSS");
  }

  /** Returns the largest number of resident bytes since the reset. */
  peakMemory(): Promise<number> {
    return this.#memory("VmHWM");
  }

  async #memory(field: string): Promise<number> {
    const status = await readFile(`/proc/${this.#process.pid}/status`, "utf8").catch(() => "");
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isRunning) return;
    this.#process.kill("SIGKILL");
    await once(this.#process, "exit");
  }
}

/** A bus with a configuration of the distribution. */
export interface AttackedBus extends AsyncDisposable {
  readonly address: string;
  /** Returns the processor time that the bus has used. */
  processorMs(): number;
  /** Largest message, in bytes, that the bus delivers. */
  readonly messageLimit: number;
}

/** Kind of a stock configuration of dbus-daemon. */
export type BusKind = "session" | "system";

/**
 * Largest message in bytes: that of the D-Bus specification and, for the system bus, the default of dbus-daemon, which
 * system.conf keeps.
 */
const MESSAGE_LIMITS: Readonly<Record<BusKind, number>> = { session: 128 * 2 ** 20, system: 32 * 2 ** 20 };

/**
 * Starts a bus with a stock configuration, to which every user may connect. The system bus also has the policy that the
 * session daemon ships.
 */
export async function startAttackedBus(kind: BusKind): Promise<AttackedBus> {
  const folder = await mkdtemp(join(tmpdir(), "attacked-bus-"));
  const config = join(folder, "bus.conf");
  await writeFile(config, configurationOf(kind));
  // On a system bus, dbus-daemon changes to another user before it creates the socket.
  await chmod(folder, 0o777);
  const options = [`--config-file=${config}`, `--address=unix:path=${folder}/bus`, "--nofork", "--nopidfile"];
  const daemon = endsWithUs(
    spawn("dbus-daemon", [...options, "--nosyslog", "--print-address=1"], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  const exited = new Promise((resolve) => daemon.once("close", resolve));
  return {
    address: await nextLine(daemon),
    messageLimit: MESSAGE_LIMITS[kind],
    processorMs: () => processorMsOf(daemon.pid),
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Name of a service that is not attacked, to which every user may send calls. */
export const BYSTANDER = "org.example.Bystander";

function configurationOf(kind: BusKind): string {
  const policy = local("../../../runtime/connman/system/net.connman.conf");
  const rules =
    kind === "system"
      ? `<include>/usr/share/dbus-1/system.conf</include><include>${policy}</include>`
      : `<include>/usr/share/dbus-1/session.conf</include><policy context="default"><allow user="*"/></policy>`;
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>${rules}<policy context="default"><allow own="${BYSTANDER}"/><allow send_destination="${BYSTANDER}"/></policy></busconfig>
`;
}
