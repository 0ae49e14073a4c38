import { readFile, stat } from "node:fs/promises";
import type { Subject } from "./generated/org.freedesktop.PolicyKit1.Authority.ts";

/** Bus name of polkit and the object path of its authority. */
export const POLKIT = {
  destination: "org.freedesktop.PolicyKit1",
  path: "/org/freedesktop/PolicyKit1/Authority",
} as const;

/** Returns the subject of a connection to the system bus, such as the sender of a call. */
export function subjectOfConnection(uniqueName: string): Subject {
  return { kind: "system-bus-name", details: { name: uniqueName } };
}

/**
 * Returns the subject of a process.
 *
 * @param pid - Number of the process; by default this process.
 * @throws An error with the code ENOENT if the process has ended.
 */
export async function subjectOfProcess(pid = process.pid): Promise<Subject> {
  const [text, { uid }] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), stat(`/proc/${pid}`)]);
  // The name of the program is in parentheses and can contain any character. The fields after it start with the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { kind: "unix-process", details: { pid, startTime: BigInt(fields[22 - 3] ?? 0), uid } };
}
