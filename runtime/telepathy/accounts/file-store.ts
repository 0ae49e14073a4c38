import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  BrokenFileError,
  decodeAccount,
  decodeSecrets,
  encodeAccount,
  encodeSecrets,
  isRevision,
} from "./account-file.ts";
import { type AccountName, isAccountName, type Parameters, type StoredAccount } from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import { isLeftover, nameBeforeAside, putAside, removeFile, writeAtomically } from "./atomic-file.ts";

/** Is told of a file that cannot be used: where it was put, and what is wrong with it. */
export type BrokenFileHook = (file: string, reason: string) => void;

/** Where accounts are kept, and who hears of broken files. */
export interface FileStoreOptions {
  /** A folder for nothing else; made, for the user alone, where it is not there. */
  readonly folder: string;
  /**
   * Is told of each file that `load` cannot use. It stays beside the others under a name of its own, which is never used
   * again, so that nothing in it is lost. By default nobody is told.
   */
  readonly onBroken?: BrokenFileHook;
}

/** Longer files were not written here. */
const MAX_BYTES = 1024 * 1024;
const ENDING = ".json";

interface Secrets {
  readonly revision: string | undefined;
  /** What the file says; empty where there is none. */
  readonly text: string;
}

const NO_SECRETS: Secrets = { revision: undefined, text: "" };

/**
 * Keeps each account in a file of its own, and its secrets in another that only the user can read. The account's file
 * names the file with its secrets, so that replacing the former replaces both: after a crash at any point, an account is
 * as it was before or after, as a whole.
 */
export class FileStore implements AccountStore {
  readonly #accounts: string;
  readonly #secrets: string;
  readonly #onBroken: BrokenFileHook;
  /** The secrets that the file of an account names. */
  readonly #known = new Map<string, Secrets>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ folder, onBroken = () => undefined }: FileStoreOptions) {
    this.#accounts = join(folder, "accounts");
    this.#secrets = join(folder, "secrets");
    this.#onBroken = onBroken;
  }

  /** @throws Error of the file system when the folder, or a file in it, cannot be read. */
  load(): Promise<readonly StoredAccount[]> {
    return this.#inTurn(async () => {
      for (const folder of [this.#accounts, this.#secrets]) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await chmod(folder, 0o700);
        for (const name of await readdir(folder)) if (isLeftover(name)) await rm(join(folder, name));
      }
      const accounts: StoredAccount[] = [];
      for (const name of await readdir(this.#accounts)) {
        const account = name.endsWith(ENDING) ? await this.#read(name) : undefined;
        if (account !== undefined) accounts.push(account);
      }
      await this.#removeOldSecrets();
      return accounts;
    });
  }

  /** @throws Error of the file system; InvalidArgumentError when the account has a parameter that files cannot hold. */
  save(account: StoredAccount): Promise<void> {
    return this.#inTurn(async () => {
      const key = keyOf(account.name);
      const before = this.#known.get(key) ?? NO_SECRETS;
      const secrets = await this.#saveSecrets(key, account.settings.secrets, before);
      await writeAtomically(this.#accountFile(key), encodeAccount(account, secrets.revision));
      this.#known.set(key, secrets);
      if (before.revision !== secrets.revision) await this.#removeSecrets(key, before);
    });
  }

  /** @throws Error of the file system. */
  remove(name: AccountName): Promise<void> {
    return this.#inTurn(async () => {
      const key = keyOf(name);
      await removeFile(this.#accountFile(key));
      await this.#removeSecrets(key, this.#known.get(key) ?? NO_SECRETS);
      this.#known.delete(key);
    });
  }

  /** Does one thing after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #saveSecrets(key: string, secrets: Parameters, before: Secrets): Promise<Secrets> {
    if (secrets.size === 0) return NO_SECRETS;
    const text = encodeSecrets(secrets);
    if (text === before.text) return before;
    const revision = randomBytes(8).toString("hex");
    await writeAtomically(this.#secretsFile(key, revision), text);
    return { revision, text };
  }

  async #removeSecrets(key: string, { revision }: Secrets): Promise<void> {
    if (revision !== undefined) await removeFile(this.#secretsFile(key, revision));
  }

  async #read(file: string): Promise<StoredAccount | undefined> {
    const path = join(this.#accounts, file);
    const key = file.slice(0, -ENDING.length);
    try {
      const name = nameOfKey(key);
      if (name === undefined) throw new BrokenFileError("its name is not that of an account");
      const { account, revision } = decodeAccount(await readText(path), name);
      if (revision === undefined) return account;
      const secrets = await this.#readSecrets(key, revision);
      return { ...account, settings: { ...account.settings, secrets } };
    } catch (error) {
      if (!(error instanceof BrokenFileError)) throw error;
      this.#onBroken(await putAside(path), error.message);
      return undefined;
    }
  }

  async #readSecrets(key: string, revision: string): Promise<Parameters> {
    try {
      const text = await readText(this.#secretsFile(key, revision));
      const secrets = decodeSecrets(text);
      this.#known.set(key, { revision, text });
      return secrets;
    } catch (error) {
      if (error instanceof BrokenFileError) throw new BrokenFileError(`the file with its secrets: ${error.message}`);
      if (isMissing(error)) throw new BrokenFileError("the file with its secrets is missing");
      throw error;
    }
  }

  /** Removes what a crash left behind; what belongs to an account that was put aside stays. */
  async #removeOldSecrets(): Promise<void> {
    const aside = new Set((await readdir(this.#accounts)).map((name) => nameBeforeAside(name)));
    for (const file of await readdir(this.#secrets)) {
      const key = file.split(".").slice(0, 3).join(".");
      const revision = file.slice(key.length + 1, -ENDING.length);
      const isOurs = isRevision(revision) && file === `${key}.${revision}${ENDING}`;
      const isUsed = this.#known.get(key)?.revision === revision || aside.has(key + ENDING);
      if (isOurs && !isUsed) await removeFile(join(this.#secrets, file));
    }
  }

  #accountFile(key: string): string {
    return join(this.#accounts, key + ENDING);
  }

  #secretsFile(key: string, revision: string): string {
    return join(this.#secrets, `${key}.${revision}${ENDING}`);
  }
}

/** What files of an account are named after. Throws Error for a name that could leave the folder. */
function keyOf(name: AccountName): string {
  if (!isAccountName(name)) throw new Error("the name of an account cannot be that of a file");
  return `${name.manager}.${name.protocol}.${name.id}`;
}

function nameOfKey(key: string): AccountName | undefined {
  const [manager = "", protocol = "", id = "", ...more] = key.split(".");
  const name = { manager, protocol, id };
  return more.length === 0 && isAccountName(name) ? name : undefined;
}

async function readText(path: string): Promise<string> {
  const handle = await open(path, "r");
  try {
    if ((await handle.stat()).size > MAX_BYTES) throw new BrokenFileError(`it is longer than ${MAX_BYTES} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new BrokenFileError("it is not UTF-8");
    throw error;
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
