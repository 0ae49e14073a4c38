import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import type { DialectName } from "@dbus-codegen-ts/connman";
import { endsWithUs } from "../../reliability/support.ts";
import { kill } from "../../runtime/connman/namespaces.ts";
import type { SessionHost } from "./session-host.ts";

const run = promisify(execFile);
const PYTHON = "/usr/bin/python3";
const TIMEOUT_MS = 10_000;

/** Commands of test-session, and what its application prints after each. */
const STEPS: readonly { readonly command: readonly string[]; readonly expected: readonly RegExp[] }[] = [
  { command: ["enable"], expected: [] },
  { command: ["configure", "/app", "one", "AllowedBearers", "ethernet"], expected: [/Configure session settings/] },
  {
    command: ["create", "/app", "one"],
    expected: [
      /notify path \/app\/one/,
      /session path \/sessions\//,
      /AllowedBearers = \[ ethernet \]/,
      /State = disconnected/,
    ],
  },
  { command: ["connect", "/app", "one"], expected: [/State = connected/, /IPv4 = \{.*Address=10\.0\.1\.2/] },
  { command: ["create", "/app", "two"], expected: [/notify path \/app\/two/, /Bearer = ethernet/] },
  { command: ["change", "/app", "two", "ConnectionType", "local"], expected: [/ConnectionType = local/] },
  { command: ["destroy", "/app", "two"], expected: [/Destroy session/] },
  { command: ["disconnect", "/app", "one"], expected: [/State = disconnected/] },
  { command: ["disable"], expected: [] },
];

/**
 * Runs the steps with test/test-session. Returns the first text that its output lacks; undefined if the output is
 * complete.
 */
export async function runPythonProgram(
  host: SessionHost,
  program: string,
  dialect: DialectName,
): Promise<string | undefined> {
  await using sessions = await host.startSessions(dialect);
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: host.address, DBUS_SESSION_BUS_ADDRESS: host.address };
  const application = endsWithUs(
    spawn(PYTHON, ["-u", program, "run", "/app"], { env, stdio: ["ignore", "pipe", "inherit"] }),
  );
  const output = new Output(application);
  try {
    if (!(await output.hasPrinted(/connman appeared/))) return "the application found no service";
    for (const { command, expected } of STEPS) {
      output.forget();
      await run(PYTHON, [program, ...command], { env, timeout: TIMEOUT_MS });
      for (const text of expected) {
        if (!(await output.hasPrinted(text))) return `${command.join(" ")}: no ${text} in\n${output.text}`;
      }
    }
    output.forget();
    await sessions.stop();
    return (await output.hasPrinted(/Release \/app\/one/)) ? undefined : `no Release in\n${output.text}`;
  } finally {
    await kill(application);
  }
}

/** The output of a process. */
class Output {
  text = "";
  readonly #process: ChildProcessByStdio<null, Readable, null>;

  constructor(process: ChildProcessByStdio<null, Readable, null>) {
    this.#process = process;
    process.stdout.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }

  /** Forgets what has been printed. */
  forget(): void {
    this.text = "";
  }

  /** Resolves to true when a text is printed, to false if that takes too long. */
  async hasPrinted(text: RegExp): Promise<boolean> {
    const end = performance.now() + TIMEOUT_MS;
    while (!text.test(this.text) && performance.now() < end && this.#process.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return text.test(this.text);
  }
}
