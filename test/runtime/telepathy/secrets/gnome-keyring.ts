import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bus } from "@dbus-codegen-ts/runtime";
import { until } from "../test-manager.ts";

const DAEMON = "/usr/bin/gnome-keyring-daemon";
const TOOL = "/usr/bin/secret-tool";

/** Reason why gnome-keyring cannot run on this machine; undefined if it can. */
export const MISSING_KEYRING =
  existsSync(DAEMON) && existsSync(TOOL) ? undefined : "needs the Debian packages gnome-keyring and libsecret-tools";

/** Process of gnome-keyring on a private bus, with an unlocked collection in a new folder. */
export class GnomeKeyring implements AsyncDisposable {
  readonly #bus: Bus;
  readonly #address: string;
  readonly #folder: string;
  #daemon: ChildProcess | undefined;

  static async start(bus: Bus, address: string): Promise<GnomeKeyring> {
    const keyring = new GnomeKeyring(bus, address, await mkdtemp(join(tmpdir(), "keyring-")));
    await mkdir(join(keyring.#folder, "runtime"), { mode: 0o700 });
    await keyring.start();
    return keyring;
  }

  private constructor(bus: Bus, address: string, folder: string) {
    this.#bus = bus;
    this.#address = address;
    this.#folder = folder;
  }

  /** Starts the process and unlocks the collection. Resolves when the process has its bus name. */
  async start(): Promise<void> {
    const args = ["--foreground", "--unlock", "--components=secrets", "--control-directory", `${this.#folder}/runtime`];
    const daemon = spawn(DAEMON, args, { env: this.#environment, stdio: ["pipe", "ignore", "ignore"] });
    process.once("exit", () => daemon.kill("SIGKILL"));
    this.#daemon = daemon;
    daemon.stdin.end("password of the collection");
    let hasName = false;
    await using _ = await this.#bus.watchName("org.freedesktop.secrets", (owner) => {
      hasName = owner !== undefined;
    });
    await until("gnome-keyring has its bus name", () => hasName);
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill();
    await ended;
  }

  /** Runs `secret-tool`, a client with libsecret. Returns its output. */
  async tool(...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(TOOL, args, { env: this.#environment, timeout: 60_000 });
    return stdout;
  }

  /** Locks the default collection. */
  async lock(): Promise<void> {
    await this.#bus.call({
      destination: "org.freedesktop.secrets",
      path: "/org/freedesktop/secrets",
      interface: "org.freedesktop.Secret.Service",
      member: "Lock",
      signature: "ao",
      args: [["/org/freedesktop/secrets/collection/login"]],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: this.#folder,
      XDG_DATA_HOME: join(this.#folder, "data"),
      XDG_RUNTIME_DIR: join(this.#folder, "runtime"),
      DBUS_SESSION_BUS_ADDRESS: this.#address,
      DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.#folder}/system-bus`,
    };
  }
}
