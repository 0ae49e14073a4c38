import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { escapeXml } from "../compiler/text/escape.ts";

/** The configuration of a bus; see dbus-daemon(1). */
export interface BusConfiguration {
  /** Path of the socket. */
  readonly socket: string;
  /** Folders with the `.service` files of activatable services. */
  readonly serviceFolders?: readonly string[];
  /** Limits by name, such as `max_match_rules_per_connection`. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Configuration files to include, such as the policy of a system service. */
  readonly policyFiles?: readonly string[];
  /** Whether other users than the user of this process may connect. */
  readonly everyUser?: boolean;
}

/** A running `dbus-daemon`. */
export interface Daemon {
  readonly process: ChildProcess;
  readonly address: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * Starts a `dbus-daemon` and writes its configuration into a folder.
 *
 * @throws Error if the program is not installed (the message names the packages) or does not start (the message
 *   contains its output).
 */
export async function startDaemon(folder: string, configuration: BusConfiguration): Promise<Daemon> {
  const config = join(folder, "bus.conf");
  await writeFile(config, configurationText(configuration));
  const daemon = spawn("dbus-daemon", [`--config-file=${config}`, "--nofork", "--nopidfile", "--print-address=1"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<void>((resolve) => {
    daemon.once("exit", () => resolve());
    daemon.once("error", () => resolve());
  });
  try {
    return { process: daemon, address: await printedAddress(daemon), exited };
  } catch (error) {
    daemon.kill("SIGKILL");
    throw error;
  }
}

function printedAddress(daemon: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  return new Promise((resolve, reject) => {
    let [output, errors] = ["", ""];
    const timer = setTimeout(() => reject(new Error(`dbus-daemon did not start: ${errors}`)), START_TIMEOUT_MS);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    daemon.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (!output.includes("\n")) return;
      clearTimeout(timer);
      resolve(output.slice(0, output.indexOf("\n")));
    });
    daemon.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    daemon.once("error", (error) =>
      fail("code" in error && error.code === "ENOENT" ? new Error(NOT_INSTALLED) : error),
    );
    daemon.once("exit", (code) => fail(new Error(`dbus-daemon ended with code ${code}: ${errors}`)));
  });
}

const NOT_INSTALLED =
  "a private bus needs dbus-daemon, which is not installed: install the package dbus-daemon " +
  "(Debian, Ubuntu, Fedora) or dbus (Arch, Alpine, Homebrew)";

/** Returns the text of a configuration that gives every connection all permissions that no policy file removes. */
function configurationText({
  socket,
  serviceFolders = [],
  limits = {},
  policyFiles = [],
  everyUser = false,
}: BusConfiguration): string {
  const lines = [
    ...policyFiles.map((file) => `  <include>${escapeXml(file)}</include>`),
    ...serviceFolders.map((folder) => `  <servicedir>${escapeXml(folder)}</servicedir>`),
    ...Object.entries(limits).map(([name, value]) => `  <limit name="${escapeXml(name)}">${value}</limit>`),
  ];
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=${escapeXml(socket)}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>${everyUser ? '\n    <allow user="*"/>' : ""}
  </policy>
${lines.join("\n")}
</busconfig>
`;
}
