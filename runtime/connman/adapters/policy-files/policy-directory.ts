import { join } from "node:path";
import type { Identity, MatchedPolicy, PolicySource, SessionPolicy } from "../../policy/policy.ts";
import { SerialTask } from "../serial-task.ts";
import { DirectoryWatch } from "./directory-watch.ts";
import type { FileProblem } from "./key-file.ts";
import type { FilePolicy, PolicyFile } from "./policy-file.ts";
import { PolicyIndex } from "./policy-index.ts";
import { readPolicyDirectory } from "./read-policy-directory.ts";

/** Delays between a change in the directory and its reading. */
const READ_DELAYS = { quietMs: 50, maxWaitMs: 500 };

/** Time after which a directory that cannot be watched or read is read a second time. */
const RETRY_DELAY_MS = 10_000;

const CHANGING = "its files are renamed all the time; the policies stay as they are until it can be read";

export interface PolicyDirectoryOptions {
  /**
   * Called with the problems of a file, or of the directory itself, whenever they change. An empty list means that all
   * problems are solved. Must not throw. Default: problems are discarded.
   */
  readonly onProblems?: (path: string, problems: readonly FileProblem[]) => void;
  /**
   * Returns why this system cannot apply a policy completely; undefined if it can. The reason is reported as a problem
   * of the policy's file. Default: every policy can be applied.
   */
  readonly limitOf?: (policy: SessionPolicy) => string | undefined;
}

/**
 * The policies in the files of a directory, which are read after each change. ConnMan's directory is
 * `/var/lib/connman/session_policy_local`. Policy files end with `.policy` and do not start with a dot.
 *
 * Changes that are made together are reported once. A file that is invalid or cannot be read keeps its last valid
 * content until it is corrected or removed. If files are renamed during every attempt to read the directory, all files
 * keep their last valid content. A directory that does not exist has no policies. If several files have a policy for
 * the same user, SELinux type or group, the file whose name is first in the order of UTF-16 code units applies.
 */
export class PolicyDirectory implements PolicySource, AsyncDisposable {
  readonly #path: string;
  readonly #onProblems: (path: string, problems: readonly FileProblem[]) => void;
  readonly #limitOf: (policy: SessionPolicy) => string | undefined;
  readonly #reading = new SerialTask(() => this.#read(), READ_DELAYS);
  readonly #watch: DirectoryWatch;
  readonly #subscriptions = new Set<{ readonly listener: () => void }>();
  /** Last valid content of each file. */
  #files: ReadonlyMap<string, readonly FilePolicy[]> = new Map();
  #index = new PolicyIndex([]);
  /** Problems by path, as they were reported last. */
  #reportedProblems: ReadonlyMap<string, readonly FileProblem[]> = new Map();
  #retryTimer: NodeJS.Timeout | undefined;

  /** Reads a directory and starts to watch it. */
  static async open(path: string, options: PolicyDirectoryOptions = {}): Promise<PolicyDirectory> {
    const directory = new PolicyDirectory(path, options);
    await directory.#read();
    return directory;
  }

  private constructor(path: string, options: PolicyDirectoryOptions) {
    this.#path = path;
    this.#onProblems = options.onProblems ?? (() => undefined);
    this.#limitOf = options.limitOf ?? (() => undefined);
    this.#watch = new DirectoryWatch(path, () => this.#reading.request());
  }

  find(identity: Identity): MatchedPolicy | undefined {
    return this.#index.find(identity);
  }

  /** @param listener - Must not throw. */
  subscribe(listener: () => void): { unsubscribe(): void } {
    const subscription = { listener };
    this.#subscriptions.add(subscription);
    return { unsubscribe: () => void this.#subscriptions.delete(subscription) };
  }

  /** Stops watching the directory. The policies that were read last stay. */
  async close(): Promise<void> {
    this.#subscriptions.clear();
    await this.#reading.close();
    clearTimeout(this.#retryTimer);
    this.#watch.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #read(): Promise<void> {
    // The watch starts first, so that a change during the reading leads to another reading.
    const watchError = this.#watch.start();
    const content = await readPolicyDirectory(this.#path);
    const directoryProblems = "problems" in content ? [...content.problems] : [];
    if (watchError !== undefined) {
      directoryProblems.push({ message: `cannot be watched, and is read every 10 seconds: ${watchError.message}` });
    }
    if ("files" in content && !content.isComplete) directoryProblems.push({ message: CHANGING });
    this.#scheduleRetry(directoryProblems.length > 0);
    // If the reading is not complete, a file that was not found may still exist, so the earlier files are kept, if
    // there are any.
    const files = "files" in content && (content.isComplete || this.#files.size === 0) ? content.files : undefined;
    if (files !== undefined) this.#replaceFiles(files);
    const fileProblems = files === undefined ? [...this.#reportedProblems] : this.#problemsOf(files);
    this.#reportProblems(new Map([...fileProblems, [this.#path, directoryProblems]]));
  }

  #problemsOf(files: ReadonlyMap<string, PolicyFile>): readonly (readonly [string, readonly FileProblem[]])[] {
    return [...files].map(([name, file]) => [
      join(this.#path, name),
      "problems" in file ? file.problems : this.#limitsOf(file.policies),
    ]);
  }

  #limitsOf(policies: readonly FilePolicy[]): readonly FileProblem[] {
    const limits = new Set(policies.flatMap(({ policy }) => this.#limitOf(policy) ?? []));
    return [...limits].map((message) => ({ message }));
  }

  #scheduleRetry(isNeeded: boolean): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = isNeeded ? setTimeout(() => this.#reading.request(), RETRY_DELAY_MS).unref() : undefined;
  }

  #replaceFiles(files: ReadonlyMap<string, PolicyFile>): void {
    const before = this.#files;
    const policies = new Map([...before.values()].flat().map((policy) => [fingerprint(policy), policy]));
    // An unchanged policy stays the same object.
    const unchanged = (policy: FilePolicy): FilePolicy => policies.get(fingerprint(policy)) ?? policy;
    this.#files = new Map(
      [...files].map(([name, file]) => [
        name,
        "problems" in file ? (before.get(name) ?? []) : file.policies.map(unchanged),
      ]),
    );
    const index = new PolicyIndex([...this.#files.values()].flat());
    if (index.equals(this.#index)) return;
    this.#index = index;
    for (const { listener } of [...this.#subscriptions]) listener();
  }

  #reportProblems(problems: ReadonlyMap<string, readonly FileProblem[]>): void {
    const before = this.#reportedProblems;
    this.#reportedProblems = problems;
    for (const path of new Set([...before.keys(), ...problems.keys()])) {
      const current = problems.get(path) ?? [];
      if (JSON.stringify(current) !== JSON.stringify(before.get(path) ?? [])) this.#onProblems(path, current);
    }
  }
}

/**
 * Returns a text that represents a policy: equal policies have equal texts, because the parser creates members in a
 * fixed order.
 */
function fingerprint({ match, policy }: FilePolicy): string {
  return JSON.stringify([match, policy]);
}
