import { readFile } from "node:fs/promises";
import { FailedError } from "../standard-errors.ts";

const FILES: readonly string[] = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
const MACHINE_ID = /^[0-9a-f]{32}$/;

/** Returns the id of this machine: 32 hexadecimal digits. Throws FailedError if no file contains one. */
export async function machineId(files = FILES): Promise<string> {
  for (const file of files) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (MACHINE_ID.test(text.trim())) return text.trim();
  }
  throw new FailedError("this machine has no machine id");
}
