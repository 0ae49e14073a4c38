import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bus, connect } from "@dbus-codegen-ts/runtime";
import { DaemonClient } from "../../../runtime/telepathy/service/daemon.ts";
import { endsWithUs } from "../../reliability/support.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";
import { programArguments } from "../../setup/program.ts";

const OURS = fileURLToPath(new URL("../../runtime/telepathy/programs/connection-manager.ts", import.meta.url));

/** A session bus with empty folders for the files of its programs, in which programs of the distribution run. */
export class Session implements AsyncDisposable {
  readonly bus: Bus;
  readonly folder: string;
  readonly #daemon: PrivateBus;
  readonly #programs: ChildProcess[] = [];

  static async start(): Promise<Session> {
    const folder = await mkdtemp(join(tmpdir(), "telepathy-peers-"));
    const daemon = await startPrivateBus();
    return new Session(folder, daemon, await connect({ bus: daemon.address }));
  }

  private constructor(folder: string, daemon: PrivateBus, bus: Bus) {
    this.folder = folder;
    this.#daemon = daemon;
    this.bus = bus;
  }

  /** Address of the session bus. */
  get address(): string {
    return this.#daemon.address;
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      LC_ALL: "C",
      DBUS_SESSION_BUS_ADDRESS: this.#daemon.address,
      // A bus that does not exist: the session must not use that of the machine.
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.folder}/system-bus`,
      HOME: this.folder,
      XDG_DATA_HOME: join(this.folder, "data"),
      XDG_CACHE_HOME: join(this.folder, "cache"),
      XDG_CONFIG_HOME: join(this.folder, "config"),
      XDG_DATA_DIRS: "/usr/share",
      GSETTINGS_BACKEND: "memory",
      MC_ACCOUNT_DIR: join(this.folder, "mission-control"),
      MC_DEBUG: "all",
      G_MESSAGES_DEBUG: "all",
    };
  }

  /** Starts a program and waits until it owns a bus name. Its output is written to a log. */
  async start(program: string, args: readonly string[], busName: string): Promise<ChildProcess> {
    const child = endsWithUs(spawn(program, args, { env: this.#environment, stdio: ["ignore", "pipe", "pipe"] }));
    this.#programs.push(child);
    const log = createWriteStream(this.#log(program));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const daemon = new DaemonClient(this.bus);
    const isReady = (): Promise<boolean> => daemon.nameHasOwner(busName);
    await until(`${program} has no bus name ${busName}: see its log`, isReady);
    return child;
  }

  /** Starts the connection manager of this package in the dialect telepathy-0, and installs its `.manager` file. */
  async startOurs(...flags: readonly string[]): Promise<ChildProcess> {
    const args = ["--dialect", "telepathy-0", "--protocol", "loopback", "--protocol", "irc", ...flags];
    const command = programArguments(OURS);
    const managers = join(this.folder, "data/telepathy/managers");
    await mkdir(managers, { recursive: true });
    const file = await this.run(process.execPath, ...command, ...args.slice(0, 6), "--print", "manager");
    await writeFile(join(managers, "dbus_codegen.manager"), file);
    // The account manager starts last.
    const service = flags.includes("--accounts") ? "AccountManager" : "ConnectionManager.dbus_codegen";
    return this.start(process.execPath, [...command, ...args], `org.freedesktop.Telepathy.${service}`);
  }

  /** Runs a program. Returns its standard output; rejects with its output if it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: this.#environment, timeout: 30_000 });
    return stdout;
  }

  /** Returns the lines that a program has written. */
  async logOf(program: string): Promise<readonly string[]> {
    return (await readFile(this.#log(program), "utf8")).split("\n");
  }

  /** Ends a program. */
  async end(program: ChildProcess): Promise<void> {
    if (program.exitCode !== null || program.signalCode !== null) return;
    const ended = once(program, "exit");
    program.kill();
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#programs) await this.end(program);
    await this.bus.close();
    await this.#daemon.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #log(program: string): string {
    return join(this.folder, `${program.split("/").at(-1)}.log`);
  }
}

/** Resolves when a condition is met; rejects after 20 seconds. */
export async function until(problem: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(problem);
    await sleep(20);
  }
}
