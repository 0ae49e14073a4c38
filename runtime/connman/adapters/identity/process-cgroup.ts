import { readFile } from "node:fs/promises";
import { isCgroupPath } from "../linux/cgroup-path.ts";

/**
 * Returns the path of the control group (cgroup v2) of a process, without a slash at its start.
 *
 * The kernel may give the id of a process that has ended to another process. So a control group is returned only for a
 * process of the expected user, and must only be used together with that user. At worst, the result is the control
 * group of another process of the same user.
 *
 * @param uid - Effective user of the process.
 * @returns undefined for the root control group, for a process that has ended or belongs to another user, and on
 * systems without cgroup v2.
 */
export async function processCgroup(pid: number, uid: number): Promise<string | undefined> {
  const [cgroups, status] = await Promise.all([readProcessFile(pid, "cgroup"), readProcessFile(pid, "status")]);
  const effectiveUid = /^Uid:\t\d+\t(\d+)\t/m.exec(status)?.[1];
  const path = /^0::\/(.+)$/m.exec(cgroups)?.[1];
  if (effectiveUid !== `${uid}` || path === undefined || !isCgroupPath(path)) return undefined;
  return path;
}

async function readProcessFile(pid: number, name: string): Promise<string> {
  return Number.isSafeInteger(pid) && pid > 0 ? readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "") : "";
}
