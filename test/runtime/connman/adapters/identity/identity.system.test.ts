import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { identityOf } from "../../../../../runtime/connman/adapters/identity/client-identity.ts";
import {
  NssUserDatabase,
  parseGroups,
  parseUsers,
} from "../../../../../runtime/connman/adapters/identity/nss-user-database.ts";
import { processCgroup } from "../../../../../runtime/connman/adapters/identity/process-cgroup.ts";
import { selinuxType } from "../../../../../runtime/connman/adapters/identity/selinux-context.ts";
import { UserCache } from "../../../../../runtime/connman/adapters/identity/user-cache.ts";
import type { Group, User, UserDatabase } from "../../../../../runtime/connman/adapters/identity/user-database.ts";
import { createCgroups } from "../../namespaces.ts";

const UNUSED_UID = 4_000_000_000;

test.each([
  ["user_u:user_r:mail_t", "mail_t"],
  ["system_u:system_r:httpd_t:s0", "httpd_t"],
  ["system_u:system_r:container-1.x_t:s0-s15:c0.c1023", "container-1.x_t"],
  ["user_u:user_r", undefined],
  ["", undefined],
  ["unconfined", undefined],
  ["/usr/bin/mail (enforce)", undefined],
  ["snap.mail.mail (complain)", undefined],
  [":root://mail (enforce)", undefined],
  ["mail//&:a:b", undefined],
  ["::mail_t", undefined],
  ["user_u:user_r:mail t", undefined],
  ["user_u:user_r:mail_t\n", undefined],
  ["_", undefined],
])("the type in the label %j is %j", (label, type) => {
  expect(selinuxType(label)).toBe(type);
});

/** A user database that records its queries. Every user except UNUSED_UID is `alice`. */
class Users implements UserDatabase {
  asked: string[] = [];
  fails = false;

  async user(uid: number): Promise<User | undefined> {
    this.asked.push(`user ${uid}`);
    if (this.fails) throw new Error("the directory server is down");
    return uid === UNUSED_UID ? undefined : { uid, name: "alice", gid: 100 };
  }
  async groups({ name }: User): Promise<readonly Group[]> {
    this.asked.push(`groups ${name}`);
    return [
      { gid: 100, name: "users" },
      { gid: 27, name: "sudo" },
    ];
  }
}

describe("the control group of a process", () => {
  const group = (text: string): string | undefined => /^0::\/(.+)$/m.exec(text)?.[1];

  test("is read from the kernel, and only for a process of the expected user", async () => {
    const cgroups = await createCgroups();
    if (typeof cgroups === "string") return;
    await using _ = cgroups;
    const folder = await cgroups.add("mail.scope");
    const child = spawn("sh", ["-c", 'echo $$ >"$0/cgroup.procs" && echo ready && read _', folder]);
    await once(child.stdout, "data");
    const { pid = 0 } = child;
    expect(await processCgroup(pid, 0)).toBe(`${cgroups.path}/mail.scope`);
    expect(await processCgroup(pid, 1)).toBeUndefined();
    expect(await identityOf({ uid: 0, pid }, new Users())).toMatchObject({ cgroup: `${cgroups.path}/mail.scope` });
    child.stdin.end();
    await once(child, "close");
    expect(await processCgroup(pid, 0)).toBeUndefined();
  });

  test.each([-1, 0, 1.5, 2 ** 31])("is unknown for the process %d", async (pid) => {
    expect(await processCgroup(pid, 0)).toBeUndefined();
  });

  test("is unknown for the root of the hierarchy", async () => {
    const present = group(await readFile("/proc/self/cgroup", "utf8"));
    expect(await processCgroup(process.pid, process.geteuid?.() ?? 0)).toBe(present);
  });
});

describe("an identity", () => {
  const groups = [
    { gid: 100, name: "users" },
    { gid: 27, name: "sudo" },
  ];
  test.each([
    ["user and groups", { uid: 1000 }, { uid: 1000, user: "alice", groups }],
    [
      "an SELinux type",
      { uid: 1000, pid: 7, securityLabel: "user_u:user_r:mail_t:s0" },
      { selinux: "mail_t", uid: 1000, user: "alice", groups },
    ],
    ["no type from AppArmor", { uid: 1000, securityLabel: "unconfined" }, { uid: 1000, user: "alice", groups }],
    ["only a uid that is not listed", { uid: UNUSED_UID, groups: [5] }, { uid: UNUSED_UID, groups: [] }],
    ["nothing without credentials", {}, { groups: [] }],
  ])("has %s", async (_case, credentials, expected) => {
    expect(await identityOf(credentials, new Users())).toEqual(expected);
  });

  test("is unknown if the database fails, so that no client escapes its policy", async () => {
    const users = new Users();
    users.fails = true;
    await expect(identityOf({ uid: 1000 }, users)).rejects.toThrow("the directory server is down");
  });
});

describe("a cache", () => {
  test("combines simultaneous queries, and caches their result", async () => {
    const users = new Users();
    const cache = new UserCache(users);
    const identities = await Promise.all([1, 1, 2, 1].map((uid) => identityOf({ uid }, cache)));
    await identityOf({ uid: 1 }, cache);
    expect(users.asked.sort()).toEqual(["groups alice", "groups alice", "user 1", "user 2"]);
    expect(identities[0]).toEqual(identities[3]);
  });

  test("repeats a query after the lifetime of the result", async () => {
    const users = new Users();
    const cache = new UserCache(users, 20);
    await cache.user(1);
    await cache.user(1);
    expect(users.asked).toHaveLength(1);
    await vi.waitFor(async () => {
      await cache.user(1);
      expect(users.asked).toHaveLength(2);
    });
  });

  test("caches that a user is not listed, but no failures", async () => {
    const users = new Users();
    const cache = new UserCache(users);
    users.fails = true;
    await expect(cache.user(UNUSED_UID)).rejects.toThrow();
    users.fails = false;
    expect(await cache.user(UNUSED_UID)).toBeUndefined();
    expect(await cache.user(UNUSED_UID)).toBeUndefined();
    expect(users.asked).toHaveLength(2);
  });

  test("keeps at most 256 users", async () => {
    const users = new Users();
    const cache = new UserCache(users);
    for (let uid = 0; uid <= 256; uid++) await cache.user(uid);
    users.asked = [];
    await cache.user(256);
    await cache.user(1);
    await cache.user(0);
    expect(users.asked).toEqual(["user 0"]);
  });
});

describe("the name service switch", () => {
  const users = new NssUserDatabase();
  const id = (...args: readonly string[]) => execFileSync("id", args, { encoding: "utf8" }).trim();

  test("returns root and the user of the tests, as id does", async () => {
    const uid = Number(id("-u"));
    for (const number of new Set([0, uid])) {
      const user = await users.user(number);
      if (user === undefined) continue;
      expect(user).toEqual({ uid: number, name: id("-un", `${number}`), gid: Number(id("-g", user.name)) });
      const groups = await users.groups(user);
      expect(groups[0]?.gid).toBe(user.gid);
      expect(groups.map(({ gid }) => gid)).toEqual(id("-G", user.name).split(" ").map(Number));
      expect(groups[0]?.name).toBe(id("-gn", user.name));
    }
  });

  test("does not list every uid", async () => {
    expect(await users.user(UNUSED_UID)).toBeUndefined();
    await expect(users.groups({ uid: UNUSED_UID, name: "--help", gid: 1 })).rejects.toThrow("id -G -- --help");
  });

  test.each([
    ["root:x:0:0:root:/root:/bin/bash\n", [{ uid: 0, name: "root", gid: 0 }]],
    ["DOMAIN\\jo smith:*:70001:70001::/:", [{ uid: 70001, name: "DOMAIN\\jo smith", gid: 70001 }]],
    [
      "a:x:1:2\nb:x:3:4",
      [
        { uid: 1, name: "a", gid: 2 },
        { uid: 3, name: "b", gid: 4 },
      ],
    ],
    ["root:x:-1:0", []],
    ["root:x:0", []],
    ["root:x:0x0:0", []],
    ["root:x:4294967295:0", []],
    ["root:x:99999999999:0", []],
    [":x:0:0", []],
    ["ro\x1b[1mot:x:0:0", []],
    ["getent: no such thing", []],
    ["", []],
  ])("reads the users in %j", (output, expected) => {
    expect(parseUsers(output)).toEqual(expected);
  });

  test.each([
    [
      "users:x:100:alice,bob\nsudo:x:27:",
      [
        { gid: 100, name: "users" },
        { gid: 27, name: "sudo" },
      ],
    ],
    ["users:x::", []],
    ["users", []],
  ])("reads the groups in %j", (output, expected) => {
    expect(parseGroups(output)).toEqual(expected);
  });
});

describe("commands with wrong results", () => {
  let folder: string;
  const path = process.env["PATH"];
  afterEach(async () => {
    process.env["PATH"] = path;
    await rm(folder, { recursive: true, force: true });
  });

  /** Replaces the commands `getent` and `id` by shell scripts. */
  async function commands(scripts: Readonly<Record<string, string>>): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), "commands-"));
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, name), 0o755);
    }
    process.env["PATH"] = folder;
  }
  const alice = { uid: 1000, name: "alice", gid: 100 };

  test("an entry of another user is ignored", async () => {
    await commands({ getent: "echo root:x:0:0:root:/root:/bin/sh" });
    expect(await new NssUserDatabase().user(1000)).toBeUndefined();
  });

  test("a command that fails rejects the query", async () => {
    await commands({ getent: "exit 3", id: "exit 2" });
    await expect(new NssUserDatabase().user(1000)).rejects.toThrow("getent passwd 1000: Command failed");
    await expect(new NssUserDatabase().groups(alice)).rejects.toThrow("id -G -- alice: Command failed");
  });

  test("a missing command rejects the query", async () => {
    await commands({});
    await expect(new NssUserDatabase().user(1000)).rejects.toThrow("getent passwd 1000: spawn getent ENOENT");
  });

  test("the name of an unlisted group is its number, and the primary group is first", async () => {
    await commands({ id: "echo 27 100 x -5 300", getent: "echo sudo:x:27:alice; echo users:x:100:; exit 2" });
    expect(await new NssUserDatabase().groups(alice)).toEqual([
      { gid: 100, name: "users" },
      { gid: 27, name: "sudo" },
      { gid: 300, name: "300" },
    ]);
  });
});
