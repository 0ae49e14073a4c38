import type { Credentials } from "@dbus-codegen-ts/runtime";
import type { Identity } from "../../policy/policy.ts";
import { processCgroup } from "./process-cgroup.ts";
import { selinuxType } from "./selinux-context.ts";
import type { UserDatabase } from "./user-database.ts";

/**
 * Returns the identity by which the policy of a connection is found. If the database does not list the uid, for instance
 * in a container, the identity has no user and groups: policies by number or SELinux type still apply.
 *
 * @param credentials - Credentials from the bus, as returned by `Incoming.credentials()`.
 * @param options - `cgroup`: whether the control group of the process is read. Default: true.
 * @throws The error of the database. A client that cannot be identified must not be treated as one without a policy.
 */
export async function identityOf(
  credentials: Credentials,
  users: UserDatabase,
  { cgroup: isCgroupRead = true } = {},
): Promise<Identity> {
  const { uid, pid, securityLabel = "" } = credentials;
  const selinux = selinuxType(securityLabel);
  const isProcessKnown = isCgroupRead && uid !== undefined && pid !== undefined;
  const cgroup = isProcessKnown ? await processCgroup(pid, uid) : undefined;
  const identity = {
    ...(selinux !== undefined && { selinux }),
    ...(uid !== undefined && { uid }),
    ...(cgroup !== undefined && { cgroup }),
  };
  const user = uid === undefined ? undefined : await users.user(uid);
  if (user === undefined) return { ...identity, groups: [] };
  return { ...identity, user: user.name, groups: await users.groups(user) };
}
