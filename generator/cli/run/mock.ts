import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { resolve as resolvePath } from "node:path";
import { type Bus, InvalidValueError, NotSupportedError } from "@dbus-codegen-ts/runtime";
import { jsonText } from "../../compiler/text/escape.ts";
import { type PrivateBus, privateBus } from "../../testing/private-bus.ts";
import { MockControl } from "../../tools/mock/control/mock-control.ts";
import type { RecordedCall } from "../../tools/mock/observed-call.ts";
import { EXIT, type Shell } from "../shell.ts";
import { UsageError } from "../usage-error.ts";
import { withBus } from "./bus.ts";
import type { MockSource, RecordFunction, ServedMock } from "./mock-source.ts";
import { printJson } from "./report.ts";

export interface MockArguments {
  /** Existing bus; default: a new private bus. */
  readonly bus: string | undefined;
  /** File that calls are written to, or `-` for standard output. */
  readonly record: string | undefined;
  /** Command line to run on the bus. */
  readonly run: string | undefined;
}

/** Serves a mock until the process is interrupted, or until the command line of `run` ends. Returns the exit code. */
export async function runMock(source: MockSource, args: MockArguments, shell: Shell): Promise<number> {
  if (args.bus !== undefined)
    return withBus(args.bus, (bus) => serve(bus, source, environmentOf(args.bus), args, shell));
  await using daemon = await startPrivateBus();
  const bus = await daemon.connect();
  if (args.run === undefined) shell.printOutput([`DBUS_SESSION_BUS_ADDRESS=${daemon.address}`]);
  return await serve(bus, source, daemon.env, args, shell);
}

/** Returns the environment variables with which a command finds a bus. */
function environmentOf(bus: string | undefined): Readonly<Record<string, string>> {
  return bus === undefined || bus === "session" || bus === "system" ? {} : { DBUS_SESSION_BUS_ADDRESS: bus };
}

async function startPrivateBus(): Promise<PrivateBus> {
  try {
    return await privateBus();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function serve(
  bus: Bus,
  source: MockSource,
  env: Readonly<Record<string, string>>,
  { record, run }: MockArguments,
  shell: Shell,
): Promise<number> {
  using journal = openJournal(record, shell);
  await using served = await serveObjects(bus, source, journal.write);
  await using _ = await new MockControl(served.objects, source.interfaces, served.commands).serve(bus);
  const { name } = source;
  const request = await bus.requestName(name, { queue: false });
  if (request.state !== "owner") throw new UsageError(`the name ${name} has another owner on the bus`);
  shell.printError(
    served.objects.paths.map((path) => `${name} ${path}: ${served.objects.interfacesAt(path).join(", ")}`),
  );
  if (run !== undefined) return await runCommand(run, shell.cwd, env);
  await waitForEnd(bus);
  return EXIT.success;
}

async function serveObjects(bus: Bus, source: MockSource, record: RecordFunction): Promise<ServedMock> {
  try {
    return await source.serve(bus, record);
  } catch (error) {
    if (!(error instanceof NotSupportedError || error instanceof InvalidValueError)) throw error;
    throw new UsageError(`the mock cannot be served: ${error.message}`, { cause: error });
  }
}

/** The destination of recorded calls. */
interface Journal extends Disposable {
  write(call: RecordedCall): void;
}

/** Opens the destination of recorded calls. Each call is written synchronously, because mocks are often killed. */
function openJournal(path: string | undefined, shell: Shell): Journal {
  const record = (call: RecordedCall): object => ({ time: new Date().toISOString(), ...call });
  if (path === undefined) return { write: () => undefined, [Symbol.dispose]: () => undefined };
  if (path === "-") return { write: (call) => printJson(record(call), shell, 0), [Symbol.dispose]: () => undefined };
  const file = openSync(resolvePath(shell.cwd, path), "w");
  return {
    write: (call) => void writeSync(file, `${jsonText(record(call))}\n`),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** Runs a command line and returns its exit code. */
function runCommand(line: string, cwd: string, env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(line, { shell: true, cwd, stdio: "inherit", env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? EXIT.findings));
  });
}

/** Resolves on SIGINT or SIGTERM. Throws UsageError if the bus closes before. */
async function waitForEnd(bus: Bus): Promise<void> {
  const isStopped = Symbol("stopped");
  const stopped = new Promise<typeof isStopped>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(isStopped));
  });
  const first = await Promise.race([stopped, bus.closed]);
  if (first !== isStopped) throw new UsageError("the bus closed the connection");
}
