import { DBusError, Variant } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import type { JobResult, ManagerClient, UnitProperty } from "./generated/org.freedesktop.systemd1.Manager.ts";
import { AlreadySubscribedError } from "./generated/org.freedesktop.systemd1.ts";

/** Bus name and object path of systemd's manager, on the system bus and on the bus of a user's manager. */
export const MANAGER = { destination: "org.freedesktop.systemd1", path: "/org/freedesktop/systemd1" } as const;

/**
 * Largest number of results of ended jobs that are kept until the path of the started job is known. Later results replace
 * earlier ones, because a job that ends before the reply is among the last.
 */
const MAX_RESULTS = 1024;

/** Options of `runJob`. */
export interface JobOptions {
  /** Ends the wait when it is aborted. The job goes on. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a job and waits for its end: `runJob(manager, () => manager.startUnit("cron.service", "replace"))`.
 *
 * @param start - Calls a method that returns the object path of a job.
 * @returns The result of the job. A result other than `done` is not an error.
 * @throws The error of the call; NoReplyError if the manager leaves the bus; DisconnectedError if the connection ends;
 *   FailedError if a result cannot be read; the reason of `signal`.
 */
export async function runJob(
  manager: ManagerClient,
  start: () => Promise<string>,
  { signal }: JobOptions = {},
): Promise<JobResult> {
  signal?.throwIfAborted();
  const ended = deferred<JobResult>();
  const failed = deferred<never>();
  // The job may end before the reply arrives.
  const results = new Map<string, JobResult>();
  let job = "";
  const onRemoved = (path: string, result: JobResult): void => {
    if (path === job) ended.resolve(result);
    if (job !== "") return;
    results.set(path, result);
    for (const first of results.keys()) {
      if (results.size <= MAX_RESULTS) break;
      results.delete(first);
    }
  };
  const abort = (): void => failed.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await using _ = await manager.signals.jobRemoved.subscribe((_id, path, _unit, result) => onRemoved(path, result), {
      onMissed: failed.reject,
    });
    // Without a subscriber, the manager sends no signals.
    await manager.subscribe().catch((error: unknown) => {
      if (!(error instanceof DBusError) || error.errorName !== AlreadySubscribedError.errorName) throw error;
    });
    signal?.throwIfAborted();
    job = await Promise.race([start(), failed.promise]);
    return results.get(job) ?? (await Promise.race([ended.promise, failed.promise]));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** A command line of a service. */
export interface Command {
  /** Absolute path of the program. */
  readonly path: string;
  /** All arguments, the first of which is the name of the program: the path by default. */
  readonly arguments?: readonly string[];
  /** Whether systemd ignores a failure of the program: false by default. */
  readonly ignoreFailure?: boolean;
}

/**
 * Settings of transient units, for `StartTransientUnit` and `SetUnitProperties`. Each has the name of the setting in a unit
 * file; systemd.directives(7) lists where each is explained. Settings that are not declared are given in `extra`.
 */
export interface UnitSettings {
  /** Human-readable name. */
  readonly description?: string;
  /** Slice in which the unit is placed, such as `user.slice`. */
  readonly slice?: string;
  /** Units that are started with this unit. This unit is started even if they fail. */
  readonly wants?: readonly string[];
  /** Units that are started with this unit. This unit is stopped when one of them is stopped. */
  readonly requires?: readonly string[];
  /** Units that are started before this unit, if both are started together. */
  readonly after?: readonly string[];
  /**
   * When systemd unloads the unit: `inactive`, after a success (default), or `inactive-or-failed`, after a failure,
   * too.
   */
  readonly collectMode?: "inactive" | "inactive-or-failed";
  /** Process IDs of the processes that a new scope contains. */
  readonly pids?: readonly number[];
  /**
   * The event at which a service counts as started: `simple`, `exec`, `oneshot`, `notify`, `dbus`, `idle` or `forking`.
   */
  readonly type?: "simple" | "exec" | "oneshot" | "notify" | "dbus" | "idle" | "forking";
  /** Commands that a service runs. */
  readonly execStart?: readonly Command[];
  /** Whether a service counts as active after its processes have ended. */
  readonly remainAfterExit?: boolean;
  /** User whose permissions the processes have. */
  readonly user?: string;
  /** Folder in which the processes start. */
  readonly workingDirectory?: string;
  /** Environment variables, each as `NAME=value`. */
  readonly environment?: readonly string[];
  /** Where standard output goes: `null`, `journal`, `tty` and others. */
  readonly standardOutput?: string;
  /** Largest amount of memory in bytes that the processes may use. */
  readonly memoryMax?: bigint;
  /** Largest number of tasks that may exist in the unit. */
  readonly tasksMax?: bigint;
  /** Microseconds of processor time in each second: 500000 is half of a processor. */
  readonly cpuQuotaPerSecUSec?: bigint;
  /** Share of processor time compared with other units: 1 to 10000, 100 by default. */
  readonly cpuWeight?: bigint;
  /** Microseconds after which a running unit is stopped. */
  readonly runtimeMaxUSec?: bigint;
  /** Other settings by their names on the wire. */
  readonly extra?: Readonly<Record<string, Variant>>;
}

/** Names and signatures of the declared settings. */
const SETTINGS: Readonly<Record<Exclude<keyof UnitSettings, "execStart" | "extra">, readonly [string, string]>> = {
  description: ["Description", "s"],
  slice: ["Slice", "s"],
  wants: ["Wants", "as"],
  requires: ["Requires", "as"],
  after: ["After", "as"],
  collectMode: ["CollectMode", "s"],
  pids: ["PIDs", "au"],
  type: ["Type", "s"],
  remainAfterExit: ["RemainAfterExit", "b"],
  user: ["User", "s"],
  workingDirectory: ["WorkingDirectory", "s"],
  environment: ["Environment", "as"],
  standardOutput: ["StandardOutput", "s"],
  memoryMax: ["MemoryMax", "t"],
  tasksMax: ["TasksMax", "t"],
  cpuQuotaPerSecUSec: ["CPUQuotaPerSecUSec", "t"],
  cpuWeight: ["CPUWeight", "t"],
  runtimeMaxUSec: ["RuntimeMaxUSec", "t"],
};

/** Converts settings to the form of `StartTransientUnit` and `SetUnitProperties`. */
export function unitProperties(settings: UnitSettings): readonly UnitProperty[] {
  const { execStart, extra = {}, ...others } = settings;
  const declared = Object.entries(SETTINGS).flatMap(([key, [name, signature]]): readonly UnitProperty[] => {
    const value: unknown = Reflect.get(others, key);
    return value === undefined ? [] : [{ name, value: new Variant(signature, value) }];
  });
  const commands = execStart?.map(
    ({ path, arguments: args = [path], ignoreFailure = false }) => [path, args, ignoreFailure] as const,
  );
  return [
    ...declared,
    ...(commands === undefined ? [] : [{ name: "ExecStart", value: new Variant("a(sasb)", commands) }]),
    ...Object.entries(extra).map(([name, value]) => ({ name, value })),
  ];
}
