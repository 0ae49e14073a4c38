import { execFile } from "node:child_process";
import type { Group, User, UserDatabase } from "./user-database.ts";

/** Milliseconds; a directory server that is asked over the network may be slow. */
const TIMEOUT = 10_000;
/** Bytes; groups with many thousand members have long lines. */
const MAX_OUTPUT = 16 * 1024 * 1024;
/** Exit code of getent where one of the keys is not listed. */
const NOT_LISTED = 2;
/** The number that means "none" where a uid or gid is expected. */
const NO_ID = 2 ** 32 - 1;
const NAME = /^[^:\p{Cc}]+$/u;

/**
 * The users and groups that the name service switch of the system knows, from files or from the network, asked through
 * the commands `getent` and `id`.
 *
 * Rejects with Error when a command is not there, fails, or takes longer than 10 seconds.
 */
export class NssUserDatabase implements UserDatabase {
  async user(uid: number): Promise<User | undefined> {
    const output = await getent("passwd", uid);
    return parseUsers(output).find((user) => user.uid === uid);
  }

  async groups({ name, gid }: User): Promise<readonly Group[]> {
    const gids = [...new Set([gid, ...parseIds(await run("id", ["-G", "--", name]))])];
    const listed = parseGroups(await getent("group", ...gids));
    const names = new Map(listed.map((group) => [group.gid, group.name]));
    return gids.map((gid) => ({ gid, name: names.get(gid) ?? String(gid) }));
  }
}

/** Reads lines of passwd(5). What is no such line is left out. */
export function parseUsers(output: string): readonly User[] {
  return output.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":");
    return NAME.test(name) && isId(uid) && isId(gid) ? [{ uid: Number(uid), name, gid: Number(gid) }] : [];
  });
}

/** Reads lines of group(5). What is no such line is left out. */
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
  return /^\d{1,10}$/.test(text) && Number(text) < NO_ID;
}

/** The entries that there are for some of the ids. */
function getent(database: "passwd" | "group", ...ids: readonly number[]): Promise<string> {
  return run("getent", [database, ...ids.map(String)], NOT_LISTED);
}

/** Runs a command without a shell, and gives what it prints when it ends with 0 or another good exit code. */
function run(command: string, args: readonly string[], good = 0): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" };
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, timeout: TIMEOUT, maxBuffer: MAX_OUTPUT }, (error, output) => {
      if (error === null || error.code === good) resolve(output);
      else reject(new Error(`${command} failed: ${error.message}`, { cause: error }));
    });
  });
}
