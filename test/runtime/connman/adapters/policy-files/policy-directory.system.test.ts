import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PolicyDirectory } from "../../../../../runtime/connman/adapters/policy-files/policy-directory.ts";
import type { Identity } from "../../../../../runtime/connman/policy/policy.ts";

const ALICE: Identity = {
  selinux: "mail_t",
  uid: 1000,
  user: "alice",
  groups: [
    { gid: 100, name: "users" },
    { gid: 27, name: "sudo" },
  ],
};
const MKFIFO = "mkfifo";
/** Time in milliseconds that is longer than the delay between a change of a directory and its reading. */
const SETTLED = 300;

let folder: string;
let path: string;
let policies: PolicyDirectory;
/** For each notification: the bearers that Alice's policy then allowed. */
let notifications: unknown[];
let problems: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "policies-"));
  path = join(folder, "lib/policies");
  await mkdir(path, { recursive: true });
  notifications = [];
  problems = [];
});
afterEach(async () => {
  await policies?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  policies = await PolicyDirectory.open(path, {
    onProblems: (file, list) => {
      const texts = list.map(({ line, key, message }) => [line, key, message].filter(Boolean).join(" "));
      problems.push(`${file.slice(folder.length + 1)}: ${texts.join("; ") || "none"}`);
    },
  });
  policies.subscribe(() => notifications.push(bearers()));
}

/** Returns the bearers that the policy of an identity allows. */
function bearers(identity = ALICE): string | undefined {
  return policies.find(identity)?.policy.allowedBearers?.join(" ");
}

/** Writes a file within this turn of the event loop, so that it is never read before it is complete. */
function write(name: string, text: string): void {
  writeFileSync(join(path, name), text);
}

function allow(list: string, whom = "uid=alice"): string {
  return `[a]\n${whom}\nAllowedBearers=${list}\n`;
}

/** Replaces a file by renaming another, as editors do. */
function replace(name: string, text: string): void {
  write(`.${name}.new`, text);
  renameSync(join(path, `.${name}.new`), join(path, name));
}

test.each([
  ["the SELinux type first", ["uid=alice", "gid=users", "selinux=mail_t"], { selinux: "mail_t" }],
  ["then the user, by name", ["gid=users", "uid=alice"], { uid: 1000 }],
  ["then the user, by number", ["gid=users", "uid=1000"], { uid: 1000 }],
  ["then the first group", ["gid=sudo", "gid=users"], { gid: 100 }],
  ["then another group, by number", ["gid=27", "uid=bob", "selinux=other_t"], { gid: 27 }],
  ["no other policy", ["gid=staff", "uid=1", "selinux=other_t"], undefined],
])("finds %s", async (_case, groups, matchedBy) => {
  write("a.policy", groups.map((whom, index) => `[${index}]\n${whom}\n`).join(""));
  await open();
  expect(policies.find(ALICE)?.matchedBy).toEqual(matchedBy);
});

test("of two policies for one user, that of the first file applies, by name or by number", async () => {
  write("b.policy", allow("wifi", "uid=1000"));
  write("a.policy", allow("vpn"));
  write("Z.policy", allow("gadget", "uid=bob"));
  write("c.policy", allow("ethernet"));
  write(".first.policy", allow("cellular"));
  write("first.policy~", allow("cellular"));
  await open();
  expect(bearers()).toBe("vpn");
  await rename(join(path, "a.policy"), join(path, "d.policy"));
  await vi.waitFor(() => expect(notifications).toEqual(["wifi"]));
  expect(problems).toEqual([]);
});

test("an identity without a user has policies by number and type", async () => {
  write("a.policy", "[a]\nuid=1000\n[b]\nselinux=mail_t\n");
  await open();
  expect(policies.find({ uid: 1000, groups: [] })?.matchedBy).toEqual({ uid: 1000 });
  expect(policies.find({ selinux: "mail_t", groups: [] })?.matchedBy).toEqual({ selinux: "mail_t" });
  expect(policies.find({ groups: [] })).toBeUndefined();
});

test("a replaced file is one change", async () => {
  write("a.policy", allow("wifi"));
  await open();
  replace("a.policy", allow("vpn"));
  await vi.waitFor(() => expect(notifications).toEqual(["vpn"]));
  await sleep(SETTLED);
  expect(notifications).toEqual(["vpn"]);
});

test("an unchanged policy stays the same object without a notification", async () => {
  write("a.policy", "[a]\nuid=bob\n[b]\nuid=alice\n");
  await open();
  const before = policies.find(ALICE)?.policy;
  replace("a.policy", "# In another order.\n[b]\nuid = alice\nPriority = false\n[a]\nuid=bob\nPriority=true\n");
  await vi.waitFor(() => expect(notifications).toHaveLength(1));
  expect(policies.find(ALICE)?.policy).toBe(before);
  await rename(join(path, "a.policy"), join(path, "b.policy"));
  write("c.policy", "[c]\nuid=alice\nEmergencyCall=true\n");
  await sleep(SETTLED);
  expect(policies.find(ALICE)?.policy).toBe(before);
  expect(notifications).toHaveLength(1);
});

test("an invalid file keeps its last valid content until it is corrected", async () => {
  write("a.policy", allow("wifi"));
  write("b.policy", "uid=root\n[b]\nPriority=maybe\n");
  await open();
  const broken =
    "lib/policies/b.policy: 1 uid a [group] must come first; 2 one of selinux, uid and gid is required; 3 Priority";
  expect(problems).toEqual([expect.stringContaining(broken)]);
  replace("a.policy", allow("3g"));
  await vi.waitFor(() => expect(problems[1]).toMatch(/a.policy: 3 AllowedBearers unknown bearer "3g"/));
  expect(bearers()).toBe("wifi");
  write("c.policy", allow("vpn", "uid=bob"));
  await vi.waitFor(() => expect(notifications).toEqual(["wifi"]));
  replace("a.policy", allow("gadget"));
  await vi.waitFor(() => expect(notifications).toEqual(["wifi", "gadget"]));
  await rm(join(path, "b.policy"));
  await vi.waitFor(() =>
    expect(problems.slice(2)).toEqual(["lib/policies/a.policy: none", "lib/policies/b.policy: none"]),
  );
});

test("a removed file removes its policies, also if it was invalid", async () => {
  write("a.policy", allow("wifi"));
  await open();
  replace("a.policy", "broken");
  await vi.waitFor(() => expect(problems).toHaveLength(1));
  expect(bearers()).toBe("wifi");
  await rm(join(path, "a.policy"));
  await vi.waitFor(() => expect(notifications).toEqual([undefined]));
});

test("only regular files up to the size limit are read", async () => {
  await writeFile(join(folder, "outside"), allow("wifi"));
  await symlink(join(folder, "outside"), join(path, "a.policy"));
  await mkdir(join(path, "b.policy"));
  execFileSync(MKFIFO, [join(path, "c.policy")]);
  write("d.policy", `${allow("wifi")}#${"x".repeat(64 * 1024)}`);
  await open();
  expect(problems).toEqual([
    "lib/policies/a.policy: a symbolic link, not a regular file",
    "lib/policies/b.policy: not a regular file",
    "lib/policies/c.policy: not a regular file",
    "lib/policies/d.policy: larger than 65536 bytes",
  ]);
  expect(bearers()).toBeUndefined();
});

test("more files than the limit are not read, and the errors of one file are cut", async () => {
  write("a.policy", "x\n".repeat(1000));
  await open();
  expect(problems).toEqual([expect.stringMatching(/^lib\/policies\/a.policy: 1 .*; 20 .*; 980 more problems$/)]);
  await policies.close();
  problems = [];
  for (let number = 0; number < 1024; number++) write(`b${number}.policy`, allow("wifi", `uid=${number}`));
  await open();
  expect(problems).toEqual(["lib/policies: has more than 1024 policy files"]);
  await rm(join(path, "a.policy"));
  const expected = ["lib/policies: has more than 1024 policy files", "lib/policies: none"];
  await vi.waitFor(() => expect(problems).toEqual(expected));
  expect(bearers({ uid: 1023, groups: [] })).toBe("wifi");
});

test("policies stay while their files are renamed all the time", async () => {
  await write("a0.policy", allow("wifi"));
  await open();
  let number = 0;
  const storm = setInterval(() => renameSync(join(path, `a${number}.policy`), join(path, `a${++number}.policy`)), 0);
  try {
    await vi.waitFor(() => expect(problems).toEqual([expect.stringContaining("renamed all the time")]), 10_000);
  } finally {
    clearInterval(storm);
  }
  expect([bearers(), notifications]).toEqual(["wifi", []]);
});

test("a hundred writes are few changes, and the last one applies", async () => {
  await open();
  for (let index = 0; index < 100; index++) {
    replace("a.policy", allow(index % 2 === 0 ? "wifi" : "vpn"));
    write(`b${index}.policy`, allow("gadget", `uid=user${index}`));
  }
  replace("a.policy", allow("cellular"));
  await vi.waitFor(() => expect(notifications.at(-1)).toBe("cellular"));
  await sleep(SETTLED);
  expect(notifications.length).toBeLessThan(10);
  expect(policies.find({ uid: 7, user: "user99", groups: [] })?.policy.allowedBearers).toEqual(["gadget"]);
});

test("a file that changes continuously is read", async () => {
  await open();
  const end = performance.now() + 60_000;
  while (performance.now() < end && notifications.length === 0) {
    replace("a.policy", allow("wifi"));
    await sleep(10);
  }
  expect(notifications).toEqual(["wifi"]);
});

test("the directory can be absent, created, replaced and removed", async () => {
  await rm(join(folder, "lib"), { recursive: true });
  await open();
  expect(bearers()).toBeUndefined();
  await mkdir(path, { recursive: true });
  write("a.policy", allow("wifi"));
  await vi.waitFor(() => expect(notifications).toEqual(["wifi"]));

  await mkdir(join(folder, "new"));
  await writeFile(join(folder, "new/a.policy"), allow("vpn"));
  await rename(path, join(folder, "old"));
  await rename(join(folder, "new"), path);
  await vi.waitFor(() => expect(notifications.at(-1)).toBe("vpn"));
  replace("a.policy", allow("gadget"));
  await vi.waitFor(() => expect(notifications.at(-1)).toBe("gadget"));

  await rename(join(folder, "lib"), join(folder, "gone"));
  await vi.waitFor(() => expect(notifications.at(-1)).toBeUndefined());
  await rename(join(folder, "gone"), join(folder, "lib"));
  await vi.waitFor(() => expect(notifications.at(-1)).toBe("gadget"));
  expect(problems).toEqual([]);
});

test("a directory that cannot be read keeps its policies", async () => {
  write("a.policy", allow("wifi"));
  write("b.policy", "broken");
  await open();
  await rename(path, join(folder, "aside"));
  await writeFile(path, "no directory");
  await vi.waitFor(() => expect(problems.at(-1)).toMatch(/^lib\/policies: cannot be read: ENOTDIR/));
  expect(bearers()).toBe("wifi");
  await rm(path);
  await rename(join(folder, "aside"), path);
  await vi.waitFor(() => expect(problems.at(-1)).toBe("lib/policies: none"));
  expect(problems).toHaveLength(3);
});

test("no listener is called after unsubscribe, or after close", async () => {
  await open();
  let others = 0;
  const subscription = policies.subscribe(() => others++);
  subscription.unsubscribe();
  subscription.unsubscribe();
  write("a.policy", allow("wifi"));
  await vi.waitFor(() => expect(notifications).toEqual(["wifi"]));
  write("a.policy", allow("vpn"));
  await policies.close();
  await policies.close();
  await sleep(SETTLED);
  expect(notifications).toEqual(["wifi"]);
  expect(others).toBe(0);
  expect(bearers()).toBe("wifi");
});
