import { IRC_LIMITS } from "../../quotas.ts";

/**
 * Nicknames and channels to which the user has written recently. A reply that a nickname does not exist can also belong to
 * another command, and then it is not the failure of a text.
 */
export class RecentTargets {
  /** Times by normalised name, the oldest first. */
  readonly #times = new Map<string, number>();

  /** Records that the user writes to a target. */
  add(name: string, nowMs: number): void {
    this.#times.delete(name);
    this.#times.set(name, nowMs);
    const [oldest] = this.#times.keys();
    if (oldest !== undefined && this.#times.size > IRC_LIMITS.recentTargets) this.#times.delete(oldest);
  }

  /** Returns whether the user has written to a target shortly before. */
  has(name: string, nowMs: number): boolean {
    const time = this.#times.get(name);
    return time !== undefined && nowMs - time <= IRC_LIMITS.sendErrorWithinMs;
  }
}
