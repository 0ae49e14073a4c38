import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { preparePrivateFolder } from "./private-folder.ts";

/** Exit code of `flock` if another program has the lock. */
const LOCKED = 1;

/**
 * Locks a folder until the result is disposed of or the program ends. Creates the folder if necessary, and makes it
 * accessible to the user only. After a crash, the kernel releases the lock.
 *
 * @throws NotAvailableError if another program has locked the folder; Error if `flock` of util-linux is not
 * installed; errors of the file system.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  await preparePrivateFolder(folder, { mayBeLink: true });
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const file = await open(join(folder, "lock"), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    // The lock belongs to the open file, which both processes share, so it remains when flock has ended.
    const code = await exitCodeOf("flock", ["-x", "-n", "3"], file.fd);
    if (code === LOCKED) throw new NotAvailableError(`another program uses the folder ${folder}`);
    if (code !== 0) throw new Error(`flock cannot lock the folder ${folder}: exit code ${code}`);
  } catch (error) {
    await file.close();
    throw error;
  }
  return { [Symbol.asyncDispose]: () => file.close() };
}

/**
 * Runs a program that inherits an open file as descriptor 3. Resolves with the exit code; null if a signal ended
 * the program. Rejects if the program cannot be started.
 */
function exitCodeOf(program: string, args: readonly string[], descriptor: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore", descriptor] });
    child.once("error", reject);
    child.once("exit", resolve);
  });
}
