import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, connect, FailedError, Variant } from "@dbus-codegen-ts/runtime";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newAccountSettings, type StoredAccount } from "../../../../runtime/telepathy/accounts/account-settings.ts";
import { FileStore } from "../../../../runtime/telepathy/accounts/file-store.ts";
import { SecretService } from "../../../../runtime/telepathy/secrets/secret-service.ts";
import { type PrivateBus, startPrivateBus } from "../../../setup/private-bus.ts";
import { eventually } from "../eventually.ts";
import { type Behavior, TestSecretService } from "../secrets/test-secret-service.ts";
import { withCrashAfter } from "./crash.ts";

const NAME = { manager: "m", protocol: "local-p", id: "a" };
const REFUSED = "the Secret Service failed: org.freedesktop.DBus.Error.Failed";

let daemon: PrivateBus;
let bus: Bus;
let folder: string;
let problems: string[];
let secretService: SecretService;
beforeAll(async () => {
  daemon = await startPrivateBus();
});
afterAll(() => daemon.stop());
beforeEach(async () => {
  bus = await connect({ bus: daemon.address });
  folder = await mkdtemp(join(tmpdir(), "stored-secrets-"));
  secretService = new SecretService(bus);
  problems = [];
});
afterEach(async () => {
  await bus.close();
  await rm(folder, { recursive: true });
});

async function start(behavior: Partial<Behavior> = {}): Promise<TestSecretService> {
  return TestSecretService.start(await connect({ bus: daemon.address }), behavior);
}

function accountWith(password: string | undefined, displayName = "Me", id = "a"): StoredAccount {
  const secrets = new Map(password === undefined ? [] : [["password", new Variant("s", password)]]);
  return { name: { ...NAME, id }, settings: newAccountSettings(displayName, new Map(), secrets) };
}

/** Opens the store and loads its accounts, as a restarted program does. */
async function open(): Promise<{ readonly store: FileStore; readonly accounts: readonly StoredAccount[] }> {
  const store = new FileStore({
    folder,
    secretService,
    onSecretsProblem: (problem) => problems.push(problem),
  });
  return { store, accounts: await store.load() };
}

async function storeWith(...accounts: readonly StoredAccount[]): Promise<FileStore> {
  const { store } = await open();
  for (const account of accounts) await store.save(account);
  return store;
}

/** Returns the password of each account as a new store reads it; undefined if it cannot be read. */
async function passwords(): Promise<readonly (string | undefined)[]> {
  const { accounts } = await open();
  return accounts.map(({ settings }) => settings.secrets.get("password")?.value as string | undefined);
}

const secretFiles = (): Promise<readonly string[]> => readdir(join(folder, "secrets"));

describe("with a Secret Service", () => {
  test("secrets are items with the account, the parameter and a label, and in no file", async () => {
    await using service = await start();
    const store = await storeWith(accountWith("geheim"), accountWith(undefined, "Other", "b"));
    expect([...service.items.values()]).toEqual([
      {
        label: "password of the account m/local-p/a",
        attributes: {
          "xdg:schema": "dbus-codegen-ts.telepathy.Account",
          folder: join(folder, "secrets"),
          account: "m.local-p.a",
          parameter: "password",
          revision: expect.stringMatching(/^[0-9a-f]{16}$/),
        },
        text: "geheim",
      },
    ]);
    expect(await secretFiles()).toEqual([]);
    expect(await readFile(join(folder, "accounts/m.local-p.a.json"), "utf8")).not.toContain("geheim");
    expect(await passwords()).toEqual(["geheim", undefined]);
    await store.save(accountWith("geheim", "Renamed"));
    expect(service.texts).toEqual(["geheim"]);
    await store.save(accountWith("neu"));
    expect(service.texts).toEqual(["neu"]);
    await store.remove(NAME);
    expect(service.texts).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("secrets of all types are restored", async () => {
    await using service = await start();
    const secrets = new Map<string, Variant>([
      ["empty", new Variant("s", "")],
      ["unusual", new Variant("s", "\u{1f511} \n\ufeff")],
      ["list", new Variant("as", ["a", "b"])],
      ["bytes", new Variant("ay", new Uint8Array([0, 255]))],
      ["large", new Variant("t", 2n ** 64n - 1n)],
      ["none", new Variant("d", Number.NaN)],
      ["no", new Variant("b", false)],
    ]);
    await storeWith({ name: NAME, settings: newAccountSettings("", new Map(), secrets) });
    expect(service.items.size).toBe(7);
    const { accounts } = await open();
    expect(accounts[0]?.settings).toMatchObject({ secrets, unreadSecrets: [] });
  });

  test("items that a crash left behind are removed, and those of other programs and damaged accounts are kept", async () => {
    await using service = await start();
    await storeWith(accountWith("one"), accountWith("two", "", "b"), accountWith("three", "", "c"));
    await new SecretService(bus).store({ label: "", attributes: { account: "m.local-p.a" }, text: "foreign" });
    await rm(join(folder, "accounts/m.local-p.b.json"));
    await writeFile(join(folder, "accounts/m.local-p.c.json"), "damaged");
    const { store } = await open();
    await using _ = await store.lateSecrets.watch(() => undefined);
    await eventually(() => expect(service.texts).toEqual(["one", "three", "foreign"]));
  });
});

describe("secrets in files", () => {
  test("are moved when a service appears", async () => {
    const store = await storeWith(accountWith("one"), accountWith("two", "", "b"));
    expect(await secretFiles()).toHaveLength(2);
    await using _ = await store.lateSecrets.watch(() => undefined);
    await using service = await start();
    await eventually(async () => expect(await secretFiles()).toEqual([]));
    expect(service.texts).toEqual(["one", "two"]);
    expect(await passwords()).toEqual(["one", "two"]);
  });

  test("are moved at the start", async () => {
    await storeWith(accountWith("one"));
    await using service = await start();
    const { store } = await open();
    await using _ = await store.lateSecrets.watch(() => undefined);
    await eventually(async () => expect(await secretFiles()).toEqual([]));
    expect(service.texts).toEqual(["one"]);
  });

  test("are moved when the user unlocks the service", async () => {
    await using service = await start({ isLocked: true, answer: "accept" });
    const { store } = await open();
    await using _ = await store.lateSecrets.watch(() => undefined);
    await store.save(accountWith("one"));
    await eventually(async () => expect(await secretFiles()).toEqual([]));
    expect(service.texts).toEqual(["one"]);
    expect(problems).toEqual(["secrets of the account m.local-p.a are stored in a file: the Secret Service is locked"]);
  });

  const rows: readonly { name: string; behavior: Partial<Behavior>; reasons: readonly string[]; created: number }[] = [
    {
      name: "is locked and the user dismisses the prompt",
      behavior: { isLocked: true, answer: "dismiss" },
      reasons: [
        "secrets of the account m.local-p.a are stored in a file: the Secret Service is locked",
        "the Secret Service stays locked: the user did not unlock the Secret Service",
      ],
      created: 0,
    },
    {
      name: "is locked and the user does not answer",
      behavior: { isLocked: true, answer: "none" },
      reasons: [
        "secrets of the account m.local-p.a are stored in a file: the Secret Service is locked",
        "the Secret Service stays locked: the user did not unlock the Secret Service in time",
      ],
      created: 0,
    },
    {
      // After a change of the service, the store tries it a second time.
      name: "refuses them",
      behavior: { refusal: new FailedError("disk full") },
      reasons: [`secrets of the account m.local-p.a are stored in a file: ${REFUSED}`],
      created: 2,
    },
    {
      name: "accepts and loses them",
      behavior: { loses: true },
      reasons: [
        "secrets of the account m.local-p.a are stored in a file: the Secret Service does not return a secret that it has accepted",
      ],
      created: 1,
    },
  ];
  test.each(rows)("stay there if the service $name", async ({ behavior, reasons, created }) => {
    await using service = await start(behavior);
    if (behavior.answer === "none") secretService = new SecretService(bus, { promptTimeoutMs: 50 });
    const { store } = await open();
    await using _ = await store.lateSecrets.watch(() => undefined);
    await store.save(accountWith("one"));
    expect(await secretFiles()).toHaveLength(1);
    await eventually(() => expect(problems).toEqual(reasons));
    // The user is not prompted a second time when other settings or the service change.
    await store.save(accountWith("one", "Renamed"));
    service.setLocked(behavior.isLocked ?? false);
    // The store receives the signal before the reply, and handles it before the next change.
    const peer = { interface: "org.freedesktop.DBus.Peer", member: "Ping" };
    await bus.call({ destination: "org.freedesktop.secrets", path: "/", ...peer });
    await store.save(accountWith("one", "Renamed twice"));
    expect(service.calls.filter((call) => call === "CreateItem")).toHaveLength(created);
    expect(service.calls.filter((call) => call.startsWith("Prompt"))).toHaveLength(behavior.isLocked ? 1 : 0);
    expect(await passwords()).toEqual(["one"]);
  });
});

test("a crash after any file operation leaves the old or the new secret, whether it changes or moves to the service", async () => {
  const found = new Set<string | undefined>();
  await using service = await start();
  for (const isMoved of [false, true]) {
    for (let operations = 0; ; operations++) {
      await rm(folder, { recursive: true });
      service.items.clear();
      service.behavior.refusal = isMoved ? new FailedError("later") : undefined;
      const store = await storeWith(accountWith("old"));
      expect(await secretFiles()).toHaveLength(isMoved ? 1 : 0);
      service.behavior.refusal = undefined;
      const isSaved = await withCrashAfter(operations, () =>
        store.save(accountWith("new")).then(
          () => true,
          () => false,
        ),
      );
      const { store: next, accounts } = await open();
      expect(accounts.map(({ settings }) => settings.unreadSecrets)).toEqual([[]]);
      const password = String(accounts[0]?.settings.secrets.get("password")?.value);
      found.add(password);
      await using _ = await next.lateSecrets.watch(() => undefined);
      await next.save(accountWith(password, "Renamed"));
      await eventually(() => expect(service.texts).toEqual([password]));
      expect(await secretFiles()).toEqual([]);
      if (isSaved) break;
    }
  }
  expect(found).toEqual(new Set(["old", "new"]));
});

describe("a service that cannot be used at the start", () => {
  test("that is locked: secrets are unread, are kept by changes, and are passed on when it is unlocked", async () => {
    await using service = await start();
    await storeWith(accountWith("one"));
    service.setLocked(true);
    const { store, accounts } = await open();
    const [account] = accounts;
    expect(account?.settings).toMatchObject({ secrets: new Map(), unreadSecrets: ["password"] });
    expect(problems).toEqual(["secrets of the account m.local-p.a cannot be read: the Secret Service is locked"]);
    if (account !== undefined) {
      await store.save({ ...account, settings: { ...account.settings, displayName: "Renamed" } });
    }
    const read: unknown[] = [];
    await using _ = await store.lateSecrets.watch((name, secrets) => read.push(name, secrets));
    service.setLocked(false);
    const secrets = new Map([["password", new Variant("s", "one")]]);
    await eventually(() => expect(read).toEqual([NAME, secrets]));
    expect(await store.lateSecrets.read(NAME)).toEqual(secrets);
    expect((await open()).accounts[0]?.settings).toMatchObject({ displayName: "Renamed", secrets });
    expect(service.texts).toEqual(["one"]);
  });

  test("that is not running: a new secret is stored in a file and moved later, and the old item is removed", async () => {
    const first = await start();
    await storeWith(accountWith("one"));
    const items = new Map(first.items);
    await first[Symbol.asyncDispose]();
    const { store } = await open();
    await expect(store.lateSecrets.read(NAME)).rejects.toThrow(
      "the secrets of the account cannot be read: no Secret Service is running",
    );
    await store.save(accountWith("two"));
    expect(await passwords()).toEqual(["two"]);
    await using _ = await store.lateSecrets.watch(() => undefined);
    await using second = await start();
    await second.restore(items);
    await eventually(async () => expect(await secretFiles()).toEqual([]));
    await store.save(accountWith("three"));
    await eventually(() => expect(second.texts).toEqual(["three"]));
  });

  test("whose item is gone or damaged: the secret is unread, and a new one replaces it", async () => {
    await using service = await start();
    await storeWith({
      name: NAME,
      settings: newAccountSettings("", new Map(), new Map([["pin", new Variant("u", 7)]])),
    });
    const [[path, item] = ["", undefined]] = [...service.items];
    if (item !== undefined) service.items.set(path, { ...item, text: "seven" });
    const { store, accounts } = await open();
    expect(accounts[0]?.settings.unreadSecrets).toEqual(["pin"]);
    service.items.clear();
    await expect(store.lateSecrets.read(NAME)).rejects.toThrow("the Secret Service does not have the secret");
    await store.save(accountWith("new"));
    expect(service.texts).toEqual(["new"]);
    expect(problems).toEqual([
      "secrets of the account m.local-p.a cannot be read: the secret in the Secret Service is not a value of the parameter's type",
    ]);
  });
});
