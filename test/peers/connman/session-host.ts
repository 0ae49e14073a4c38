import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { endsWithUs } from "../../reliability/support.ts";
import { CABLES, ConnmanDaemon } from "../../runtime/connman/connman-daemon.ts";
import { kill } from "../../runtime/connman/namespaces.ts";
import { programArguments } from "../../setup/program.ts";

const SESSIOND = fileURLToPath(new URL("../../runtime/connman/programs/sessiond.ts", import.meta.url));

/** A host with one cable that is switched off and has a static address, on which the session service is started. */
export class SessionHost implements AsyncDisposable {
  readonly #host: ConnmanDaemon;

  static async prepare(): Promise<SessionHost> {
    const host = await ConnmanDaemon.prepare();
    await host.plug("b", false);
    return new SessionHost(host);
  }

  private constructor(host: ConnmanDaemon) {
    this.#host = host;
  }

  /** Address of the bus. */
  get address(): string {
    return this.#host.bus.address;
  }

  /** Starts the service, without a session. */
  async startSessions(dialect: DialectName, policyFolder?: string): Promise<RunningSessions> {
    const { interface: name, address } = CABLES.a;
    await this.#host.host.ip("address", "replace", `${address}/24`, "dev", name);
    await this.#host.host.ip("link", "set", name, "down");
    const flags = ["--bus", this.address, "--network", "linux", "--online", "none", "--bearer", `${name}=ethernet`];
    if (policyFolder !== undefined) flags.push("--policy-dir", policyFolder);
    const command = [process.execPath, ...programArguments(SESSIOND), ...flags, "--dialect", dialect];
    const child = endsWithUs(
      spawn("ip", ["netns", "exec", this.#host.host.name, ...command], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    await once(child.stdout, "data");
    return new RunningSessions(child);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#host[Symbol.asyncDispose]();
  }
}

/** A running session service. */
export class RunningSessions implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Ends the service, which releases its sessions. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await kill(this.#child);
  }
}
