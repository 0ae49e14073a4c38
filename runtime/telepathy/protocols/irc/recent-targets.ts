import { IRC_LIMITS } from "../../quotas.ts";

/**
 * Nicknames and channels to which the user has written recently. An error reply for another name belongs to another
 * command, and does not mean that a text failed.
 */
export class RecentTargets {
  /** Times in milliseconds by normalised name, the oldest first. */
  readonly #times = new Map<string, number>();

  /** Records that the user writes to a nickname or channel. */
  add(name: string, nowMs: number): void {
    this.#times.delete(name);
    this.#times.set(name, nowMs);
    const [oldest] = this.#times.keys();
    if (oldest !== undefined && this.#times.size > IRC_LIMITS.recentTargets) this.#times.delete(oldest);
  }

  /** Returns whether the user has recently written to a nickname or channel. */
  has(name: string, nowMs: number): boolean {
    const time = this.#times.get(name);
    return time !== undefined && nowMs - time <= IRC_LIMITS.sendErrorWithinMs;
  }
}
