import type { Credentials } from "@dbus-codegen-ts/runtime";
import type { Identity } from "../../policy/policy.ts";
import { selinuxType } from "./selinux-context.ts";
import type { UserDatabase } from "./user-database.ts";

/**
 * Finds out who is behind a connection, as far as policies look at it. A uid that the system does not list gives an
 * identity without user and groups, as in a container: policies by number or SELinux type still hold.
 *
 * @param credentials - What the bus vouches for, as `Incoming.credentials()` gives it.
 * @throws What the database rejects with. Whoever cannot be identified must not pass for somebody without a policy.
 */
export async function identityOf(credentials: Credentials, users: UserDatabase): Promise<Identity> {
  const { uid, securityLabel = "" } = credentials;
  const selinux = selinuxType(securityLabel);
  const identity = { ...(selinux !== undefined && { selinux }), ...(uid !== undefined && { uid }) };
  const user = uid === undefined ? undefined : await users.user(uid);
  if (user === undefined) return { ...identity, groups: [] };
  return { ...identity, user: user.name, groups: await users.groups(user) };
}
