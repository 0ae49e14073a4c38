import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { endsWithUs } from "../../reliability/support.ts";
import { programArguments } from "../../setup/program.ts";

const SESSIOND = fileURLToPath(new URL("../../runtime/connman/programs/sessiond.ts", import.meta.url));

/** Starts the session service on a bus, in front of the ConnMan of another bus. It prints a line when it is ready. */
export function startFront(bus: string, networkBus: string, dialect: DialectName = "session-2017"): ChildProcess {
  const flags = ["--bus", bus, "--network", "connman", "--network-bus", networkBus, "--dialect", dialect];
  const service = endsWithUs(spawn(process.execPath, [...programArguments(SESSIOND), ...flags]));
  service.stderr.pipe(process.stderr);
  return service;
}
