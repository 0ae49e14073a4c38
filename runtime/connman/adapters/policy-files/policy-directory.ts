import { join } from "node:path";
import type { Identity, MatchedPolicy, PolicySource } from "../../policy/policy.ts";
import { CoalescedTask } from "./coalesced-task.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import type { FileProblem } from "./key-file.ts";
import type { FilePolicy, PolicyFile } from "./policy-file.ts";
import { PolicyIndex } from "./policy-index.ts";
import { readPolicyDirectory } from "./read-policy-directory.ts";

/** Milliseconds after which a directory that cannot be watched or read is read again. */
const RETRY_DELAY = 10_000;

/** How a directory of policies is read. */
export interface PolicyDirectoryOptions {
  /**
   * Is told what is wrong with a file, or with the directory itself, whenever that changes; with no problems, that all is
   * well again. It must not throw. By default problems are dropped: the last good content of the file stays in force.
   */
  readonly onProblems?: (path: string, problems: readonly FileProblem[]) => void;
}

/**
 * The policies in the files of a directory, as the administrator changes them. In ConnMan it is
 * `/var/lib/connman/session_policy_local`; the files are those that end with `.policy` and do not start with a dot.
 *
 * A change is seen shortly after it was made, and what was changed together is told once. A file that is broken, or cannot
 * be read, keeps its last good content until it is mended or removed. Where there is no directory there are no policies,
 * until there is one. Of two policies for the same user, type or group, that in the file whose name sorts first counts,
 * by UTF-16 code units.
 */
export class PolicyDirectory implements PolicySource, AsyncDisposable {
  readonly #path: string;
  readonly #onProblems: (path: string, problems: readonly FileProblem[]) => void;
  readonly #reload = new CoalescedTask(() => this.#load());
  readonly #watch: DirectoryWatch;
  readonly #listeners = new Set<{ readonly tell: () => void }>();
  /** The last good content of each file. */
  #files: ReadonlyMap<string, readonly FilePolicy[]> = new Map();
  #index = new PolicyIndex([]);
  /** What is wrong with each file, and with the directory, as it was last told. */
  #told: ReadonlyMap<string, readonly FileProblem[]> = new Map();
  #retry: NodeJS.Timeout | undefined;

  /** Reads a directory, and from then on follows what changes in it. */
  static async open(path: string, options: PolicyDirectoryOptions = {}): Promise<PolicyDirectory> {
    const directory = new PolicyDirectory(path, options);
    await directory.#load();
    return directory;
  }

  private constructor(path: string, options: PolicyDirectoryOptions) {
    this.#path = path;
    this.#onProblems = options.onProblems ?? (() => undefined);
    this.#watch = new DirectoryWatch(path, () => this.#reload.request());
  }

  find(identity: Identity): MatchedPolicy | undefined {
    return this.#index.find(identity);
  }

  /** @param listener - Must not throw. */
  subscribe(listener: () => void): { unsubscribe(): void } {
    const entry = { tell: listener };
    this.#listeners.add(entry);
    return { unsubscribe: () => void this.#listeners.delete(entry) };
  }

  /** Ends following the directory; what was read last stays. */
  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#reload.close();
    clearTimeout(this.#retry);
    this.#watch.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #load(): Promise<void> {
    // First the watch, then the look: whatever changes in between is looked at again.
    const refused = this.#watch.arm();
    const content = await readPolicyDirectory(this.#path);
    const own = "problems" in content ? [...content.problems] : [];
    if (refused !== undefined) own.push({ message: `cannot be watched, and is read now and then: ${refused.message}` });
    this.#retryLater(own.length > 0);
    if ("files" in content) this.#take(content.files);
    const ofFiles = "files" in content ? this.#problemsOf(content.files) : [...this.#told];
    this.#tell(new Map([...ofFiles, [this.#path, own]]));
  }

  #problemsOf(files: ReadonlyMap<string, PolicyFile>): readonly (readonly [string, readonly FileProblem[]])[] {
    return [...files].map(([name, file]) => [join(this.#path, name), "problems" in file ? file.problems : []]);
  }

  #retryLater(needed: boolean): void {
    clearTimeout(this.#retry);
    this.#retry = needed ? setTimeout(() => this.#reload.request(), RETRY_DELAY).unref() : undefined;
  }

  #take(files: ReadonlyMap<string, PolicyFile>): void {
    const before = this.#files;
    const known = new Map([...before.values()].flat().map((policy) => [fingerprint(policy), policy]));
    const same = (policy: FilePolicy): FilePolicy => known.get(fingerprint(policy)) ?? policy;
    this.#files = new Map(
      [...files].map(([name, file]) => [name, "problems" in file ? (before.get(name) ?? []) : file.policies.map(same)]),
    );
    const index = new PolicyIndex([...this.#files.values()].flat());
    if (index.equals(this.#index)) return;
    this.#index = index;
    for (const { tell } of [...this.#listeners]) tell();
  }

  #tell(problems: ReadonlyMap<string, readonly FileProblem[]>): void {
    const before = this.#told;
    this.#told = problems;
    for (const path of new Set([...before.keys(), ...problems.keys()])) {
      const now = problems.get(path) ?? [];
      if (JSON.stringify(now) !== JSON.stringify(before.get(path) ?? [])) this.#onProblems(path, now);
    }
  }
}

/** The same text for what is the same: parsing makes the members in one order. */
function fingerprint({ match, policy }: FilePolicy): string {
  return JSON.stringify([match, policy]);
}
