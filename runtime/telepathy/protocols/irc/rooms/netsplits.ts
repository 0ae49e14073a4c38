import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { IRC_LIMITS } from "../../../quotas.ts";
import type { RoomHost } from "../../rooms.ts";

/** Time and timers, which tests replace. */
export interface NetsplitClock {
  /** Returns milliseconds that increase steadily. */
  now(): number;
  /** Calls a function later and returns a function that cancels this. */
  schedule(action: () => void, milliseconds: number): () => void;
}

/** Time after which users who come back are not reported as separated any more. */
const REJOIN_PERIOD_MS = 30 * 60_000;

/**
 * Recognizes users who leave because two servers lost their connection, and users who come back afterwards. The messages
 * for each of them come together; they are reported as one change per room.
 */
export class Netsplits {
  readonly #host: RoomHost;
  readonly #fold: (nick: string) => string;
  readonly #clock: NetsplitClock;
  /** Users who left since the last report, and the two servers. */
  #leaving: { readonly message: string; readonly nicks: string[] } | undefined;
  /** Users who came back since the last report, by room. */
  readonly #returning = new Map<string, string[]>();
  /** Times at which users were separated, by folded nickname; the oldest first. */
  readonly #separated = new Map<string, number>();
  #cancelReport: (() => void) | undefined;

  constructor(host: RoomHost, fold: (nick: string) => string, clock: NetsplitClock) {
    this.#host = host;
    this.#fold = fold;
    this.#clock = clock;
  }

  /** Records that a user quit; returns false if servers were not separated. */
  quit(nick: string, message: string): boolean {
    if (!isNetsplit(message)) return false;
    if (this.#leaving?.message !== message || this.#returning.size > 0) this.report();
    this.#leaving ??= { message, nicks: [] };
    this.#leaving.nicks.push(nick);
    this.#remember(this.#fold(nick));
    this.#reportSoon();
    return true;
  }

  /** Records that a user joined a room; returns false if the user was not separated before. */
  join(room: string, nick: string): boolean {
    const separatedAt = this.#separated.get(this.#fold(nick));
    if (separatedAt === undefined || this.#clock.now() - separatedAt > REJOIN_PERIOD_MS) return false;
    if (this.#leaving !== undefined) this.report();
    const nicks = this.#returning.get(room);
    if (nicks === undefined) this.#returning.set(room, [nick]);
    else nicks.push(nick);
    this.#reportSoon();
    return true;
  }

  /** Reports the users of all messages since the last report. Called before anything else about rooms is reported. */
  report(): void {
    this.#cancelReport?.();
    this.#cancelReport = undefined;
    const leaving = this.#leaving;
    this.#leaving = undefined;
    if (leaving !== undefined) {
      const { nicks, message } = leaving;
      this.#host.wentOffline(nicks, { actor: "", reason: Reason.Separated, message });
    }
    const returning = [...this.#returning];
    this.#returning.clear();
    for (const [room, added] of returning) {
      this.#host.membersChanged(room, { added, actor: "", reason: Reason.Separated, message: "" });
    }
  }

  /** Drops what was not reported, because the connection has ended. */
  stop(): void {
    this.#cancelReport?.();
    this.#cancelReport = undefined;
  }

  #remember(nick: string): void {
    this.#separated.delete(nick);
    this.#separated.set(nick, this.#clock.now());
    const [oldest = ""] = this.#separated.keys();
    if (this.#separated.size > IRC_LIMITS.separatedUsers) this.#separated.delete(oldest);
  }

  #reportSoon(): void {
    this.#cancelReport ??= this.#clock.schedule(() => this.report(), IRC_LIMITS.netsplitReportDelayMs);
  }
}

/** Returns whether a quit message consists of the names of two servers, as servers write it after a netsplit. */
function isNetsplit(message: string): boolean {
  const [first = "", second = "", ...rest] = message.split(" ", 3);
  return rest.length === 0 && first !== second && isServerName(first) && isServerName(second);
}

/** Returns whether a text is a host name with at least one dot, or a mask such as `*.net`. */
function isServerName(text: string): boolean {
  if (text.length > 63 || !/^[A-Za-z0-9*][A-Za-z0-9*.-]*[A-Za-z0-9*]$/.test(text)) return false;
  return text.includes(".") && !text.includes("..");
}
