import { runCommand } from "../linux/command.ts";
import type { Group, User, UserDatabase } from "./user-database.ts";

/** Exit code of getent(1) if a key is not in the database. */
const KEY_NOT_FOUND = 2;
/** Invalid uid and gid (`(uid_t) -1`). */
const INVALID_ID = 2 ** 32 - 1;
const NAME = /^[^:\p{Cc}]+$/u;

/**
 * Users and groups of the name service switch, read with the commands `getent` and `id`. They may come from files or from
 * a directory server.
 *
 * Rejects with CommandError if a command is missing, fails or runs for more than 10 seconds.
 */
export class NssUserDatabase implements UserDatabase {
  async user(uid: number): Promise<User | undefined> {
    const output = await getent("passwd", uid);
    return parseUsers(output).find((user) => user.uid === uid);
  }

  async groups({ name, gid }: User): Promise<readonly Group[]> {
    const gids = [...new Set([gid, ...parseIds(await runCommand("id", ["-G", "--", name]))])];
    const listed = parseGroups(await getent("group", ...gids));
    const names = new Map(listed.map((group) => [group.gid, group.name]));
    return gids.map((gid) => ({ gid, name: names.get(gid) ?? String(gid) }));
  }
}

/** Parses lines of passwd(5). Invalid lines are skipped. */
export function parseUsers(output: string): readonly User[] {
  return output.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    return NAME.test(name) && isId(uid) && isId(gid) ? [{ uid: Number(uid), name, gid: Number(gid) }] : [];
  });
}

/** Parses lines of group(5). Invalid lines are skipped. */
export function parseGroups(output: string): readonly Group[] {
  return output.split("\n").flatMap((line) => {
    const [name = "", , gid = ""] = line.split(":");
    return NAME.test(name) && isId(gid) ? [{ gid: Number(gid), name }] : [];
  });
}

function parseIds(output: string): readonly number[] {
  return output.split(/\s+/).filter(isId).map(Number);
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < INVALID_ID;
}

/** Returns the lines that getent(1) prints for the ids that are in the database. */
function getent(database: "passwd" | "group", ...ids: readonly number[]): Promise<string> {
  return runCommand("getent", [database, ...ids.map(String)], { acceptedExitCode: KEY_NOT_FOUND });
}
