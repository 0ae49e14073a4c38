import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Variant } from "@dbus-codegen-ts/runtime";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  isAccountName,
  newAccountSettings,
  type StoredAccount,
} from "../../../../runtime/telepathy/accounts/account-settings.ts";
import { FileStore } from "../../../../runtime/telepathy/accounts/file-store.ts";
import { programArguments } from "../../../setup/program.ts";
import { withCrashAfter } from "./crash.ts";
import { numberedAccount } from "./programs/numbered-account.ts";

const MKFIFO = "mkfifo";
const NAME = { manager: "m", protocol: "local-p", id: "a" };
let folder: string;
let broken: [file: string, reason: string][];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "accounts-"));
  broken = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const open = (): FileStore => new FileStore({ folder, onBroken: (...args) => broken.push(args) });

async function loadAll(): Promise<readonly StoredAccount[]> {
  return open().load();
}

async function storeWith(...accounts: readonly StoredAccount[]): Promise<FileStore> {
  const store = open();
  await store.load();
  for (const account of accounts) await store.save(account);
  return store;
}

test("a saved account is loaded unchanged, with values of every type", async () => {
  const values = [
    ["s", "gruß\n\u0001\u{1F600}"],
    ["o", "/a"],
    ["b", true],
    ["y", 255],
    ["n", -32_768],
    ["q", 65_535],
    ["i", -1],
    ["u", 4_294_967_295],
    ["x", -(2n ** 63n)],
    ["t", 2n ** 64n - 1n],
    ["d", Number.NaN],
    ["d", 0.1],
    ["as", ["a", ""]],
    ["ay", new Uint8Array([0, 255])],
  ] as const;
  const parameters = new Map(values.map(([type, value], index) => [`p${index}`, new Variant(type, value)]));
  const settings = {
    ...newAccountSettings("Me", parameters, new Map([["__proto__", new Variant("s", "x")]])),
    enabled: true,
  };
  await storeWith({ name: NAME, settings });
  expect(await loadAll()).toEqual([{ name: NAME, settings }]);
});

test("secrets are only in a file that only the user can read", async () => {
  await storeWith({
    name: NAME,
    settings: newAccountSettings("", new Map(), new Map([["password", new Variant("s", "hunter2")]])),
  });
  const [secret = ""] = await readdir(join(folder, "secrets"));
  const mode = async (path: string): Promise<number> => (await stat(join(folder, path))).mode & 0o777;
  expect(await mode("secrets")).toBe(0o700);
  expect(await mode(`secrets/${secret}`)).toBe(0o600);
  expect(await readFile(join(folder, "secrets", secret), "utf8")).toContain("hunter2");
  expect(await readFile(join(folder, "accounts", "m.local-p.a.json"), "utf8")).not.toContain("hunter2");
});

test("the permissions of a readable folder are restricted", async () => {
  await storeWith(numberedAccount(1));
  await chmod(join(folder, "secrets"), 0o755);
  await loadAll();
  expect((await stat(join(folder, "secrets"))).mode & 0o777).toBe(0o700);
});

test.each(["accounts", "secrets"])(
  "a link in place of the folder %s is refused, and nothing is removed",
  async (name) => {
    const target = join(folder, "target");
    await mkdir(target, { mode: 0o755 });
    await writeFile(join(target, ".a.tmp"), "kept");
    await writeFile(join(target, "m.p.a.0123456789abcdef.json"), "kept");
    await symlink(target, join(folder, name));
    await expect(loadAll()).rejects.toThrow();
    expect((await readdir(target)).toSorted()).toEqual([".a.tmp", "m.p.a.0123456789abcdef.json"]);
    expect((await stat(target)).mode & 0o777).toBe(0o755);
  },
);

test("a folder that others can write is restricted, and one of another user is refused", async () => {
  await chmod(folder, 0o777);
  await loadAll();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  if (process.getuid?.() !== 0) return;
  await chown(join(folder, "accounts"), 1, 1);
  await expect(loadAll()).rejects.toThrow("belongs to another user");
  await chown(folder, 1, 1);
  await expect(open().lock()).rejects.toThrow("belongs to another user");
});

test("the file with secrets is replaced only if the secrets change, and removed if all secrets are", async () => {
  const store = await storeWith(numberedAccount(1));
  const before = await readdir(join(folder, "secrets"));
  await store.save({ ...numberedAccount(1), settings: { ...numberedAccount(1).settings, icon: "new" } });
  expect(await readdir(join(folder, "secrets"))).toEqual(before);
  await store.save(numberedAccount(2));
  expect(await readdir(join(folder, "secrets"))).not.toEqual(before);
  await store.save({ name: NAME, settings: newAccountSettings("", new Map(), new Map()) });
  expect(await readdir(join(folder, "secrets"))).toEqual([]);
});

test("removing an account removes all its files", async () => {
  const store = await storeWith(numberedAccount(1));
  await store.remove(NAME);
  await store.remove(NAME);
  expect(await readdir(join(folder, "accounts"))).toEqual([]);
  expect(await readdir(join(folder, "secrets"))).toEqual([]);
});

test.each(["../../etc/passwd", "a/b", "", ".", "a.b", "1a", "ä", "x".repeat(65)])(
  "%j is not a valid part of a name, and never becomes part of a path",
  async (part) => {
    expect(isAccountName({ ...NAME, id: part })).toBe(false);
    const store = await storeWith();
    for (const name of [
      { ...NAME, id: part },
      { ...NAME, manager: part },
      { ...NAME, protocol: part },
    ]) {
      if (!isAccountName(name)) await expect(store.remove(name)).rejects.toThrow("is invalid as a file name");
    }
  },
);

test("an account that would be too large to load is refused before anything is written", async () => {
  const store = await storeWith(numberedAccount(1));
  const parameters = new Map([["p", new Variant("s", "\u0001".repeat(200_000))]]);
  for (const settings of [
    newAccountSettings("", parameters, new Map()),
    newAccountSettings("", new Map(), parameters),
  ]) {
    await expect(store.save({ name: NAME, settings })).rejects.toThrow(
      "the file of an account may have at most 1048576 bytes",
    );
    expect(await loadAll()).toEqual([numberedAccount(1)]);
  }
});

test.each([
  ["a{sv}", {}],
  ["s", "\0"],
  ["s", "\ud800"],
  ["as", ["\udc00"]],
  ["o", "no path"],
] as const)("a parameter that cannot be stored is refused before anything is written: %s %j", async (type, value) => {
  const store = await storeWith(numberedAccount(1));
  const parameters = new Map([["p", new Variant(type, value)]]);
  const save = store.save({ name: NAME, settings: newAccountSettings("", parameters, new Map()) });
  await expect(save).rejects.toThrow(InvalidArgumentError);
  expect(await loadAll()).toEqual([numberedAccount(1)]);
});

const ACCOUNT_FILE = "m.local-p.a.json";
const other = { ...numberedAccount(7), name: { ...NAME, id: "other" } };

describe("a broken file is reported once and not changed, and the other accounts are loaded", () => {
  const readAccountFile = async (): Promise<string> => readFile(join(folder, "accounts", ACCOUNT_FILE), "utf8");
  const set = (key: string, value: unknown) => (text: string) => JSON.stringify({ ...JSON.parse(text), [key]: value });
  const setParameter = (type: string, value: unknown) => set("parameters", { p: { type, value } });
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

  test.each<[string, (text: string) => string | Buffer]>([
    ["the content is not JSON", (text) => text.slice(0, 100)],
    ["the content is not JSON", () => ""],
    ["the content is not UTF-8", () => Buffer.from([0xff, 0xfe])],
    ["the content is not a JSON object", () => "[]"],
    ["the content is not a JSON object", () => deep],
    ["version is 2, not 1", (text) => text.replace('"version": 1', '"version": 2')],
    ["version is a list, not 1", (text) => text.replace('"version": 1', `"version": ${deep}`)],
    ['enabled is "no"', set("enabled", "no")],
    ['enabled is "\\u001b[2J\\u{202e}"', set("enabled", "\x1b[2J\u202e")],
    ["enabled is an object", set("enabled", {})],
    ["creatorUid is -1", set("creatorUid", -1)],
    ["secretItems is a list", set("secretItems", [])],
    ['the item of the parameter "password" is not readable', set("secretItems", { password: "0123456789abcdef" })],
    [
      'the item of the parameter "password" is not readable',
      set("secretItems", { password: { type: "s", revision: "../../../etc" } }),
    ],
    ["automaticPresence is missing", (text) => text.replace("automaticPresence", "presence")],
    [
      "automaticPresence is not a presence that can be requested",
      set("automaticPresence", { type: 2, status: "a", statusMessage: "\0" }),
    ],
    ['the file belongs to another account: id is "b"', set("id", "b")],
    ['displayName is "\\u0000"', set("displayName", "\0")],
    ['nickname is "\\ud800"', set("nickname", "\ud800")],
    ["supersedes is a list", set("supersedes", ["no path"])],
    ["icon is 7", set("icon", 7)],
    ['connection is "im/telepathy1"', set("connection", "im/telepathy1")],
    ['connection is "/a\\u0000"', set("connection", "/a\0")],
    ['parameter "account" is not readable', (text) => text.replace('"type": "s"', '"type": "q"')],
    ['parameter "p" is not readable', setParameter("s", "\0")],
    ['parameter "p" is not readable', setParameter("s", "\udfff")],
    ['parameter "p" is not readable', setParameter("as", ["a", "\0"])],
    ['parameter "p" is not readable', setParameter("o", "//")],
    ['parameter "p" is not readable', setParameter("s", JSON.parse(deep.slice(199_990, 200_010)))],
    ['parameter "\\u0000" is not readable', set("parameters", { "\0": { type: "s", value: "" } })],
    ["larger than 1048576 bytes", (text) => text + " ".repeat(1024 * 1024)],
    ["the file with its secrets is missing", set("secrets", "0000000000000000")],
    ['secrets is "../../x"', set("secrets", "../../x")],
  ])("%s", async (reason, damage) => {
    await storeWith(numberedAccount(1), other);
    const secrets = await readdir(join(folder, "secrets"));
    const damaged = Buffer.from(damage(await readAccountFile()));
    const path = join(folder, "accounts", ACCOUNT_FILE);
    await writeFile(path, damaged);
    const store = open();
    expect(await store.load()).toEqual([other]);
    expect(broken).toEqual([[path, reason]]);
    // No account can get the name of the file, so that the file is never overwritten.
    expect([NAME, other.name].map((name) => store.isUsed(name))).toEqual([true, false]);
    await expect(store.save(numberedAccount(2))).rejects.toThrow("the file of this account exists");
    await store.save({ ...other, settings: { ...other.settings, icon: "new" } });
    expect((await readFile(path)).equals(damaged)).toBe(true);
    expect(await readdir(join(folder, "secrets"))).toEqual(secrets);
    expect(broken).toHaveLength(1);
  });

  test("an account with broken secrets is reported without them, and the secrets are kept", async () => {
    await storeWith(numberedAccount(1), other);
    const secrets = await readdir(join(folder, "secrets"));
    const [ours = ""] = secrets.filter((name) => name.startsWith("m.local-p.a."));
    await writeFile(join(folder, "secrets", ours), '{"version":1,"parameters":{"password":{"type":"s","value":7}}}');
    expect(await loadAll()).toEqual([other]);
    expect(broken.map(([, why]) => why)).toEqual(['the file with its secrets: parameter "password" is not readable']);
    expect(await readdir(join(folder, "secrets"))).toEqual(secrets);
  });

  test("a file whose name is not that of an account is reported", async () => {
    await storeWith(other);
    await writeFile(join(folder, "accounts", "a.json"), "");
    expect(await loadAll()).toEqual([other]);
    expect(broken.map(([, why]) => why)).toEqual(["the file name is not that of an account"]);
  });

  test("secrets beside a copy of the account's file are kept", async () => {
    await storeWith(numberedAccount(1), other);
    const secrets = await readdir(join(folder, "secrets"));
    const path = join(folder, "accounts", ACCOUNT_FILE);
    await rename(path, `${path}.broken-00000000`);
    expect(await loadAll()).toEqual([other]);
    expect(await readdir(join(folder, "secrets"))).toEqual(secrets);
  });
});

/** Ways to replace a file: description, reason that the store reports, and the function that replaces it. */
const REPLACEMENTS: readonly (readonly [string, string, (path: string) => Promise<unknown> | Buffer])[] = [
  ["a folder", "not a regular file", (path) => mkdir(path)],
  ["a pipe", "not a regular file", (path) => execFileSync(MKFIFO, [path])],
  ["a dangling link", "a symbolic link, not a regular file", (path) => symlink("/nonexistent", path)],
  ["a link to a device", "a symbolic link, not a regular file", (path) => symlink("/dev/zero", path)],
  ["a link to itself", "a symbolic link, not a regular file", (path) => symlink(path, path)],
];

describe("something else in place of a file is reported and kept, and the other accounts are loaded", () => {
  test.each(REPLACEMENTS)("%s as an account", async (_case, reason, replace) => {
    await storeWith(numberedAccount(1), other);
    const path = join(folder, "accounts", ACCOUNT_FILE);
    await rm(path);
    await replace(path);
    const before = await lstat(path);
    expect(await loadAll()).toEqual([other]);
    expect(broken).toEqual([[path, reason]]);
    expect((await lstat(path)).ino).toBe(before.ino);
    expect(await readdir(join(folder, "secrets"))).toHaveLength(2);
  });

  test.each(REPLACEMENTS)("%s as secrets", async (_case, reason, replace) => {
    await storeWith(numberedAccount(1), other);
    const names = await readdir(join(folder, "secrets"));
    const path = join(folder, "secrets", names.find((name) => name.startsWith("m.local-p.a.")) ?? "");
    await rm(path);
    await replace(path);
    expect(await loadAll()).toEqual([other]);
    expect(broken.map(([, why]) => why)).toEqual([`the file with its secrets: ${reason}`]);
    expect(await readdir(join(folder, "secrets"))).toEqual(names);
  });

  test.each(REPLACEMENTS)("%s as a temporary file", async (_case, _reason, replace) => {
    const store = await storeWith(numberedAccount(1));
    await replace(join(folder, "accounts", `.${ACCOUNT_FILE}.tmp`));
    await store.save(numberedAccount(2));
    expect(await loadAll()).toEqual([numberedAccount(2)]);
    expect(broken).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)("a file without permission as an account", async () => {
    await storeWith(numberedAccount(1), other);
    const path = join(folder, "accounts", ACCOUNT_FILE);
    execFileSync("chown", ["-R", "65534", folder]);
    await chmod(path, 0);
    process.seteuid?.(65_534);
    try {
      expect(await loadAll()).toEqual([other]);
    } finally {
      process.seteuid?.(0);
    }
    expect(broken).toEqual([[path, expect.stringMatching(/^cannot be read: EACCES: permission denied/)]]);
  });

  test("a folder that appears in place of an account while the store is in use is kept", async () => {
    const store = await storeWith(numberedAccount(1), other);
    const path = join(folder, "accounts", ACCOUNT_FILE);
    await rm(path);
    await mkdir(path);
    await expect(store.save(numberedAccount(2))).rejects.toThrow("EISDIR");
    await store.save(other);
    expect(await loadAll()).toEqual([other]);
    expect((await readdir(join(folder, "accounts"))).sort()).toEqual([ACCOUNT_FILE, "m.local-p.other.json"]);
  });
});

test("a crash after any file operation leaves an account completely in its old or its new state", async () => {
  const counts = { before: 0, after: 0 };
  for (let operations = 0; ; operations++) {
    await rm(folder, { recursive: true });
    const store = await storeWith(numberedAccount(1));
    const isSaved = await withCrashAfter(operations, () =>
      store.save(numberedAccount(2)).then(
        () => true,
        () => false,
      ),
    );
    const [account, ...more] = await loadAll();
    expect(more).toEqual([]);
    const generation = Number(account?.settings.nickname);
    expect(account).toEqual(numberedAccount(generation));
    counts[generation === 2 ? "after" : "before"]++;
    expect(await readdir(join(folder, "accounts"))).toHaveLength(1);
    expect(await readdir(join(folder, "secrets"))).toHaveLength(1);
    if (isSaved) break;
  }
  expect(broken).toEqual([]);
  expect(counts.before).toBeGreaterThan(4);
  expect(counts.after).toBeGreaterThan(1);
});

test("an account is complete after SIGKILL of the writing process, in 20 rounds", async () => {
  const writer = programArguments(fileURLToPath(new URL("programs/account-writer.ts", import.meta.url)));
  /**
   * Kills a process that saves accounts, several times. Resolves with the number in the account that was saved
   * last.
   */
  const killRepeatedly = async (name: string, rounds: number): Promise<number> => {
    const store = (): FileStore =>
      new FileStore({ folder: join(folder, name), onBroken: (...args) => broken.push(args) });
    await store().load();
    await store().save(numberedAccount(0));
    let generation = 0;
    for (let round = 0; round < rounds; round++) {
      const child = spawn(process.execPath, [...writer, join(folder, name)], { stdio: ["ignore", "pipe", "inherit"] });
      // The first process is killed after it has saved an account, the others at any time after their start.
      if (round === 0) for await (const chunk of child.stdout) if (String(chunk).includes("saved")) break;
      if (round > 0) await once(child.stdout, "data");
      await sleep(Math.random() * 80);
      child.kill("SIGKILL");
      await once(child, "exit");
      const [account, ...more] = await store().load();
      const found = Number(account?.settings.nickname);
      expect(account).toEqual(numberedAccount(found));
      expect(more).toEqual([]);
      expect(found).toBeGreaterThanOrEqual(generation);
      generation = found;
    }
    return generation;
  };
  const generations = await Promise.all(["a", "b", "c", "d"].map((name) => killRepeatedly(name, 5)));
  expect(broken).toEqual([]);
  expect(Math.min(...generations)).toBeGreaterThan(0);
});
