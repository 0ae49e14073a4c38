import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Source } from "dbus-codegen-ts";
import { type Check, conform } from "dbus-codegen-ts/conform";
import { compile } from "../../generator/compile.ts";
import { cli, ROOT } from "../../generator/support.ts";
import { programArguments } from "../../setup/program.ts";
import type { RunningDaemon } from "./daemon.ts";
import type { Row } from "./row.ts";
import { WRITE_BACK } from "./write-back.ts";

const run = promisify(execFile);
const PROJECTS = join(ROOT, "node_modules/.cache/catalogue-projects");

/** What was observed with a daemon. */
export interface Observation {
  /** Lines that `add` printed. */
  readonly origins: readonly string[];
  readonly modules: number;
  /** Output of the program without the lines of `writtenBack`. */
  readonly output: string;
  /** Values that the program has changed in a dictionary, written, and read back: type, keys, old and new value. */
  readonly writtenBack: readonly string[];
  /** Number of checks of values that passed. */
  readonly checked: number;
  /** Messages about keys that no spec declares. */
  readonly undeclared: readonly string[];
}

/**
 * Adds the API of a row from its running daemon to an empty project, compiles the modules with a program under the strict
 * flags, runs the program, and checks the values of the daemon against specs and overlay. Rejects if a step fails.
 */
export async function checkRow(row: Row, { address, bus }: RunningDaemon): Promise<Observation> {
  const folder = join(PROJECTS, row.daemon);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const added = await cli(folder, "add", row.api, "--bus", address);
  if (added.code !== 0) throw new Error(`add ends with ${added.code}:\n${added.out}${added.err}`);
  const written = ["program.ts", "write-back.ts"];
  await writeFile(join(folder, "generated/program.ts"), row.program);
  await copyFile(join(import.meta.dirname, "write-back.ts"), join(folder, "generated/write-back.ts"));
  const modules = await readAll(join(folder, "generated"));
  const problems = await compile(modules.map(({ path, content }) => ({ path, text: content })));
  if (problems.length > 0) throw new Error(`the modules do not compile:\n${problems.join("\n")}`);
  const buses = { DBUS_SESSION_BUS_ADDRESS: address, DBUS_SYSTEM_BUS_ADDRESS: address };
  const env = { ...process.env, ...row.environment, ...buses };
  const program = join(folder, "generated/program.ts");
  const { stdout } = await run(process.execPath, programArguments(program), { env, timeout: 30_000 });
  const lines = stdout.trim().split("\n");
  const writtenBack = lines.filter((line) => line.startsWith(`${WRITE_BACK} `)).map((line) => line.slice(11));
  const output = lines.filter((line) => !line.startsWith(`${WRITE_BACK} `)).join("\n");
  if (!row.prints.test(output)) throw new Error(`the program prints ${output} instead of ${row.prints}`);
  if ((row.notWritten === undefined) !== writtenBack.length > 0)
    throw new Error(
      `the program writes ${writtenBack.length} dictionaries back; ${row.notWritten ?? "one is expected"}`,
    );
  const specs = await readAll(join(folder, "specs", row.api));
  const overlays = await readAll(join(ROOT, "generator/catalogue", row.api, "overlays"));
  const sources = [...specs, ...overlays.map((overlay) => ({ ...overlay, isOverlay: true }))];
  const checks = await checkValues(row, sources, bus);
  const failed = checks.filter(({ status }) => status === "failed");
  if (failed.length > 0) throw new Error(`values differ from the specs:\n${failed.map(describe).join("\n")}`);
  return {
    origins: added.out.split("\n").filter((line) => line.includes(" from ")),
    modules: modules.length - written.length,
    output,
    writtenBack,
    checked: checks.filter(({ status }) => status === "passed").length,
    undeclared: checks.filter(({ status }) => status === "skipped").map(describe),
  };
}

/** Checks the properties and the results of calls at the objects of a row. */
async function checkValues(row: Row, sources: readonly Source[], bus: RunningDaemon["bus"]): Promise<readonly Check[]> {
  const all: Check[] = [];
  for (const { path: known, calls = [] } of row.objects) {
    const found = typeof known === "string" ? known : await known(bus);
    const target = typeof found === "string" ? { destination: row.busName, path: found } : found;
    const options = { undeclaredKeys: true, allowExtra: true, calls };
    const { report, diagnostics } = await conform(bus, target, sources, options);
    if (report === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    all.push(...report.checks.filter(({ check }) => /^(value|call)-/.test(check)));
  }
  return all;
}

function describe({ interface: iface, member, message }: Check): string {
  return `${iface}.${member}: ${message}`;
}

async function readAll(folder: string): Promise<readonly { readonly path: string; readonly content: string }[]> {
  const names = await readdir(folder);
  return Promise.all(names.map(async (path) => ({ path, content: await readFile(join(folder, path), "utf8") })));
}
