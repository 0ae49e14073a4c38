import { type StdioOptions, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs, nextLine } from "./support.ts";

const CONFIGURATION = "/usr/share/dbus-1/session.conf";

/** A private bus with the configuration of the distribution for session buses. */
export interface StockBus extends AsyncDisposable {
  readonly address: string;
  /** Path of the configuration. */
  readonly configuration: string;
}

/** Starts a bus. Rejects if the configuration does not exist or the daemon does not start. */
export async function startStockBus(): Promise<StockBus> {
  const folder = await mkdtemp(join(tmpdir(), "stock-bus-"));
  const options = [`--config-file=${CONFIGURATION}`, `--address=unix:path=${folder}/bus`, "--nofork", "--nopidfile"];
  const stdio: StdioOptions = ["ignore", "pipe", "inherit"];
  const daemon = endsWithUs(spawn("dbus-daemon", [...options, "--print-address=1"], { stdio }));
  const exited = new Promise((resolve) => daemon.once("close", resolve));
  return {
    address: await nextLine(daemon),
    configuration: CONFIGURATION,
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
