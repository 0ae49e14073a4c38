import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a folder and returns its output. An error contains both output streams. */
export async function run(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  return (await outputOf(cwd, program, args)).stdout;
}

/** Runs a program that must print nothing to standard error, and returns its output. */
export async function runWithoutError(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await outputOf(cwd, program, args);
  if (stderr !== "") throw new Error(`${program} ${args.join(" ")} prints to standard error:\n${stderr}`);
  return stdout;
}

/** Runs a program that must not print a warning. */
export async function runWithoutWarning(cwd: string, program: string, ...args: readonly string[]): Promise<void> {
  const { stdout, stderr } = await outputOf(cwd, program, args);
  if (/\bwarn/i.test(stdout + stderr)) throw new Error(`${program} ${args.join(" ")} warns:\n${stdout}${stderr}`);
}

async function outputOf(cwd: string, program: string, args: readonly string[]): Promise<Output> {
  try {
    return await execute(program, args, { cwd, env: ENVIRONMENT, maxBuffer: 1e8 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error instanceof Error && "stdout" in error ? streamsOf(error) : {};
    throw new Error(`${program} ${args.join(" ")} in ${cwd} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

function streamsOf(error: object): Output {
  return { stdout: String(Reflect.get(error, "stdout")), stderr: String(Reflect.get(error, "stderr")) };
}

/**
 * Environment without the variables that npm sets for scripts, because they would affect the installation of another
 * project.
 */
const ENVIRONMENT = Object.fromEntries(
  Object.entries({ ...process.env, NO_COLOR: "1" }).filter(([name]) => !/^(npm_|FORCE_COLOR)/i.test(name)),
);

/** Prints a result and its duration. */
export async function step(title: string, work: () => Promise<string> | Promise<void>): Promise<void> {
  const started = performance.now();
  const found = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${title}: ${found ?? "fine"} (${seconds} s)`);
}
