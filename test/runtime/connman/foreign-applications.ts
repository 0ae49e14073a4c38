import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { endsWithUs } from "../../reliability/support.ts";

/** Debian's Python. python3-dbus and python3-gi are installed for this Python only. */
export const PYTHON = "/usr/bin/python3";

/** Whether applications that use dbus-python can be run. */
export const hasForeignApplications = spawnSync(PYTHON, ["-c", "import dbus, gi"]).status === 0;
if (!hasForeignApplications) process.stderr.write("skipped: foreign applications need python3-dbus and python3-gi\n");

const MANAGER = ["/", "net.connman.Manager"] as const;
const SESSION = "net.connman.Session";

/** Settings of an Update by D-Bus name. */
export type ForeignSettings = Readonly<Record<string, unknown>>;

/** A line that the process of applications prints: the result of a command, or a received call. */
type Output =
  | { readonly id: number; readonly reply: readonly unknown[] }
  | { readonly id: number; readonly error: string }
  | { readonly application: number; readonly notifier: string; readonly update: ForeignSettings }
  | { readonly application: number; readonly notifier: string; readonly release: true };

/** An error reply that a foreign application has received. The message is the name of the error. */
class ForeignError extends Error {}

/** Applications with dbus-python in one process, each with its own connection to a bus. */
export class ForeignApplications implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #commands = new Map<number, { resolve(reply: readonly unknown[]): void; reject(error: Error): void }>();
  readonly #applications: ForeignApplication[] = [];
  #commandCount = 0;

  /** @param command - Command that runs Python. By default, it runs in this network namespace and as this user. */
  constructor(command: readonly string[] = [PYTHON]) {
    const program = fileURLToPath(new URL("programs/application.py", import.meta.url));
    const [first = PYTHON, ...args] = command;
    this.#process = endsWithUs(spawn(first, [...args, program]));
    this.#process.stderr.pipe(process.stderr);
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#onOutput(JSON.parse(line)));
  }

  /** Connects an application to a bus. */
  async open(address: string): Promise<ForeignApplication> {
    const number = this.#applications.length;
    const application = new ForeignApplication((command, ...args) => this.#run(command, number, ...args));
    this.#applications.push(application);
    application.uniqueName = String((await this.#run("open", number, address))[0]);
    return application;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
  }

  #run(command: string, ...args: readonly unknown[]): Promise<readonly unknown[]> {
    const id = ++this.#commandCount;
    const { promise, resolve, reject } = deferred<readonly unknown[]>();
    this.#commands.set(id, { resolve, reject });
    this.#process.stdin.write(`${JSON.stringify([id, command, ...args])}\n`);
    return promise;
  }

  #onOutput(output: Output): void {
    if ("application" in output) {
      this.#applications[output.application]?.receive(output.notifier, "update" in output ? output.update : "Release");
      return;
    }
    const command = this.#commands.get(output.id);
    this.#commands.delete(output.id);
    if ("reply" in output) command?.resolve(output.reply);
    else command?.reject(new ForeignError(output.error));
  }
}

/** One application with dbus-python. */
export class ForeignApplication {
  uniqueName = "";
  /** Notifiers of all received Updates, in the order of arrival. */
  readonly order: string[] = [];
  readonly #run: (command: string, ...args: readonly unknown[]) => Promise<readonly unknown[]>;
  readonly #sessions = new Map<string, ForeignSession>();

  constructor(run: (command: string, ...args: readonly unknown[]) => Promise<readonly unknown[]>) {
    this.#run = run;
  }

  /** Calls a method of `net.connman`. Returns the arguments of the reply. Throws ForeignError for an error reply. */
  call(path: string, name: string, method: string, ...args: readonly unknown[]): Promise<readonly unknown[]> {
    return this.#run("call", path, name, method, ...args);
  }

  /** Creates a session and receives its first Update. */
  async create(settings: ForeignSettings = {}, notifier = `/n${this.#sessions.size + 1}`): Promise<ForeignSession> {
    const session = this.#sessions.get(notifier) ?? new ForeignSession(this, notifier);
    if (!this.#sessions.has(notifier)) await this.#run("notifier", notifier);
    this.#sessions.set(notifier, session);
    const [path] = await this.call(...MANAGER, "CreateSession", settings, notifier);
    session.path = String(path);
    await this.settled();
    return session;
  }

  async destroySession(path: string): Promise<void> {
    await this.call(...MANAGER, "DestroySession", path);
  }

  /** Resolves when the application has received all messages that the service has sent before this call. */
  async settled(): Promise<void> {
    await this.call("/", "org.freedesktop.DBus.Peer", "Ping");
  }

  /**
   * Opens a TCP connection with a new socket. Returns the first text of the server.
   *
   * @param options - Options of the socket: the address to bind to, `device` (SO_BINDTODEVICE) and `mark` (SO_MARK).
   */
  async reach(address: string, port: number, options: object = {}): Promise<string> {
    return String((await this.#run("reach", address, port, options))[0]);
  }

  async leave(): Promise<void> {
    await this.#run("close");
  }

  receive(notifier: string, received: ForeignSettings | "Release"): void {
    if (received !== "Release") this.order.push(notifier);
    this.#sessions.get(notifier)?.received.push(received);
  }
}

/** A session of a foreign application. */
export class ForeignSession {
  path = "";
  readonly notifier: string;
  /** Settings of each Update, and `Release`, since the last `take`. */
  readonly received: (ForeignSettings | "Release")[] = [];
  readonly #application: ForeignApplication;
  #settings: ForeignSettings = {};

  constructor(application: ForeignApplication, notifier: string) {
    this.#application = application;
    this.notifier = notifier;
  }

  /** Returns what was received since the last call. */
  take(): readonly (ForeignSettings | "Release")[] {
    this.#merge();
    return this.received.splice(0);
  }

  /** The current settings, which are all received Updates merged. */
  get settings(): ForeignSettings {
    this.#merge();
    return this.#settings;
  }

  /** Bearer and State (or Online), which show the service of the session. */
  get status(): string {
    const { Bearer, State, Online } = this.settings;
    return [Bearer, State ?? (Online ? "online" : "")].filter(Boolean).join(" ");
  }

  // When one of these calls resolves, the application has received the resulting Updates.

  async connect(): Promise<void> {
    await this.#call("Connect");
    await this.#application.settled();
  }

  async disconnect(): Promise<void> {
    await this.#call("Disconnect");
    await this.#application.settled();
  }

  async change(name: string, value: unknown): Promise<void> {
    await this.#call("Change", name, value);
    await this.#application.settled();
  }

  async destroy(): Promise<void> {
    await this.#call("Destroy");
  }

  async #call(method: string, ...args: readonly unknown[]): Promise<void> {
    await this.#application.call(this.path, SESSION, method, ...args);
  }

  #merge(): void {
    for (const received of this.received) {
      if (received !== "Release") this.#settings = { ...this.#settings, ...received };
    }
  }
}

/** Returns the last part of the D-Bus error name of a failed call; `done` if the call succeeds. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    if (!(error instanceof ForeignError)) throw error;
    return error.message.replace(/^.*\.Error\./, "");
  }
}
