import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The measured connection manager in a separate process. */
export class ServiceProcess implements Disposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** Builds the packages that the service imports, and starts the service on a bus. */
  static async start(address: string): Promise<ServiceProcess> {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    execFileSync("npx", ["tsc", "-b", "runtime/core", "generated"], {
      cwd: root,
      stdio: ["ignore", "ignore", "ignore"],
    });
    const program = fileURLToPath(new URL("service.ts", import.meta.url));
    const args = ["--expose-gc", "--import", "tsx", program, address];
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    process.on("exit", () => child.kill("SIGKILL"));
    const service = new ServiceProcess(child, createInterface({ input: child.stdout }));
    await service.#lines.next();
    return service;
  }

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Returns the bytes of the service's heap after a garbage collection. */
  heap(): Promise<number> {
    return this.#query("heap");
  }

  /** Returns the CPU time of the service in milliseconds. */
  cpu(): Promise<number> {
    return this.#query("cpu");
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }

  async #query(figure: string): Promise<number> {
    this.#child.stdin?.write(`${figure}\n`);
    const { value } = await this.#lines.next();
    return Number(value);
  }
}
