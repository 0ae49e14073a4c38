import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect } from "@dbus-codegen-ts/runtime";
import { RemoteManager } from "../../../runtime/telepathy/client/remote-manager.ts";
import { endsWithUs } from "../../reliability/support.ts";

const CACHE = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
const [CLIENT, GLIB_SERVICE] = [`${CACHE}bench-telepathy-client`, `${CACHE}bench-telepathy-glib`];
const PACKAGE = fileURLToPath(new URL("../../../runtime/telepathy/", import.meta.url));
const OURS = `${CACHE}bench-telepathy-manager/`;
/** Path of the program in the folders `PACKAGE` and `OURS`. */
const PROGRAM = "bin/dbus-codegen-connection-manager.js";
const ROOT = "org.freedesktop.Telepathy";

/**
 * Compiles the client and the service by telepathy-glib, and bundles the connection manager of this project as in its
 * package. Throws Error if gcc or the headers of the C libraries are missing.
 */
export function compilePrograms(): void {
  mkdirSync(CACHE, { recursive: true });
  compile("client.c", CLIENT, "dbus-1");
  compile("glib-service.c", GLIB_SERVICE, "telepathy-glib", "gobject-2.0");
  rmSync(OURS, { recursive: true, force: true });
  const bundler = fileURLToPath(new URL("../../../.ci/bundle-programs.mjs", import.meta.url));
  execFileSync(process.execPath, [bundler, `${OURS}dist`], { cwd: PACKAGE, stdio: "inherit" });
  for (const path of ["package.json", PROGRAM]) cpSync(`${PACKAGE}${path}`, `${OURS}${path}`);
}

function compile(source: string, program: string, ...packages: readonly string[]): void {
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", ...packages], { encoding: "utf8" }).trim();
  const file = fileURLToPath(new URL(source, import.meta.url));
  const args = ["-O2", "-Wall", "-Wextra", "-Wno-deprecated-declarations", "-o", program, file];
  execFileSync("gcc", [...args, ...flags.split(/\s+/)], { stdio: "inherit" });
}

/** A service with the connections `bench.loopback.c0`, `c1`, …, in a new process. */
export class ComparedService {
  /** Milliseconds of processor time that the threads of the service had used when it was ready. */
  readonly startMs: number;
  readonly #process: ChildProcess;

  /** Starts a service by telepathy-glib. */
  static async startGlib(address: string, connections: number): Promise<ComparedService> {
    return new ComparedService(await start(address, GLIB_SERVICE, [`${connections}`]));
  }

  /** Starts the connection manager of this project. */
  static async startOurs(address: string, connections: number): Promise<ComparedService> {
    const args = [`${OURS}${PROGRAM}`, "--dialect", "telepathy-0", "--protocol", "loopback", "--name", "bench"];
    const service = new ComparedService(await start(address, process.execPath, args));
    // These connections must outlive the client that requests them.
    const bus = await connect({ bus: address });
    const manager = new RemoteManager(bus, "bench", ROOT);
    for (let number = 0; number < connections; number++) await manager.request("loopback", { account: `c${number}` });
    return service;
  }

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.startMs = this.cpuMs();
  }

  /** Returns the milliseconds of processor time that the threads of the service have used. */
  cpuMs(): number {
    const folder = `/proc/${this.#process.pid}/task`;
    const times = readdirSync(folder).map((task) => readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]);
    return times.reduce((sum, time) => sum + Number(time), 0) / 1e6;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}

/** The client in C. */
export class ComparingClient {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(address: string) {
    const child = endsWithUs(spawn(CLIENT, [address], { stdio: ["pipe", "pipe", "inherit"] }));
    this.#process = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Runs a command. */
  async run(command: string): Promise<void> {
    this.#process.stdin?.write(`${command}\n`);
    const { value = "error the client ended" } = await this.#lines.next();
    if (value !== "done") throw new Error(value);
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }
}

/** Starts a program with a session bus. Resolves when it prints something. */
async function start(address: string, program: string, args: readonly string[]): Promise<ChildProcess> {
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: address };
  const child = endsWithUs(spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] }));
  await once(child.stdout, "data");
  return child;
}
