import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endsWithUs } from "../../reliability/support.ts";
import { CABLES, type ConnmanDaemon } from "../../runtime/connman/connman-daemon.ts";
import { kill } from "../../runtime/connman/namespaces.ts";

const SESSIOND = fileURLToPath(new URL("../../../runtime/connman/bin/dbus-codegen-sessiond.js", import.meta.url));
/** Time in which ConnMan connects its services after its start, and in which both daemons become idle. */
const START_TIME_MS = 4000;

/** A session daemon to measure, in a network namespace with one cable that is plugged in. */
export interface MeasuredDaemon {
  readonly name: string;
  /** Starts a new process. Resolves when it is idle. */
  start(): Promise<RunningDaemon>;
}

export interface RunningDaemon {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Returns both daemons on one host. Only one may run at a time. */
export function daemonsOn(host: ConnmanDaemon): readonly MeasuredDaemon[] {
  const connman: MeasuredDaemon = {
    name: "connmand",
    async start() {
      await host.launch();
      await sleep(START_TIME_MS);
      return { pid: host.pid, stop: () => host.crash() };
    },
  };
  const ours: MeasuredDaemon = {
    name: "ours",
    async start() {
      const { interface: name, address } = CABLES.a;
      await host.host.ip("link", "set", name, "up");
      await host.host.ip("address", "replace", `${address}/24`, "dev", name);
      await host.host.ip("route", "replace", "default", "via", "10.0.1.1", "dev", name);
      const flags = ["--bus", host.bus.address, "--network", "linux", "--online", "none"];
      const command = ["netns", "exec", host.host.name, process.execPath, SESSIOND, ...flags];
      const child = endsWithUs(
        spawn("ip", [...command, "--bearer", `${name}=ethernet`], { stdio: ["ignore", "pipe", "inherit"] }),
      );
      await once(child.stdout, "data");
      await sleep(START_TIME_MS);
      return { pid: pidOf(child), stop: () => kill(child) };
    },
  };
  return [ours, connman];
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error("the daemon has not started");
  return pid;
}

/**
 * Returns the milliseconds that a process and its ended children have used a processor, and its resident memory in MB.
 */
export function usageOf(pid: number): { readonly cpuMs: number; readonly residentMB: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const ticksOfChildren = Number(fields[13]) + Number(fields[14]);
  return { cpuMs: threadsMs(pid) + ticksOfChildren * 10, residentMB: (Number(fields[21]) * 4096) / 1e6 };
}

/**
 * Returns the milliseconds that the threads of a process have used a processor. The scheduler counts nanoseconds;
 * `/proc/<pid>/stat` has ticks of 10 ms.
 */
function threadsMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8"));
  return times.reduce((sum, time) => sum + Number.parseInt(time, 10) / 1e6, 0);
}
