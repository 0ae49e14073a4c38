import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { IRC_LIMITS } from "../../../quotas.ts";
import type { RoomHost } from "../../rooms.ts";

/** Clock and timers of netsplits, which tests replace. */
export interface NetsplitClock {
  /** Returns a time in milliseconds that never decreases. */
  now(): number;
  /** Calls a function after a delay. Returns a function that cancels the call. */
  schedule(action: () => void, milliseconds: number): () => void;
}

/** Milliseconds after a netsplit during which a user who joins is reported as having returned from the netsplit. */
const REJOIN_PERIOD_MS = 30 * 60_000;

/**
 * Detects users who quit because two servers lost their connection (a netsplit), and those who join afterwards. The
 * server sends a message for each user; all are reported as one change per room.
 */
export class Netsplits {
  readonly #host: RoomHost;
  readonly #fold: (nick: string) => string;
  readonly #clock: NetsplitClock;
  /** Users who quit since the last report, with the quit message: the names of the two servers. */
  #leaving: { readonly message: string; readonly nicks: string[] } | undefined;
  /** Nicknames of users who returned since the last report, by room. */
  readonly #returning = new Map<string, string[]>();
  /** Times at which users quit in a netsplit, by normalised nickname; the oldest first. */
  readonly #separated = new Map<string, number>();
  #cancelReport: (() => void) | undefined;

  constructor(host: RoomHost, fold: (nick: string) => string, clock: NetsplitClock) {
    this.#host = host;
    this.#fold = fold;
    this.#clock = clock;
  }

  /** Records that a user has quit. Returns false, and records nothing, if the message is not that of a netsplit. */
  quit(nick: string, message: string): boolean {
    if (!isNetsplit(message)) return false;
    if (this.#leaving?.message !== message || this.#returning.size > 0) this.report();
    this.#leaving ??= { message, nicks: [] };
    this.#leaving.nicks.push(nick);
    this.#remember(this.#fold(nick));
    this.#reportSoon();
    return true;
  }

  /**
   * Records that a user has joined a room. Returns false, and records nothing, if the user did not quit in a
   * netsplit.
   */
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

  /** Reports all recorded users. Called before any other event of rooms is reported, to keep the order. */
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

  /** Cancels the next report, because the connection has ended. */
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

/** Returns whether a quit message is that of a netsplit: the names of two servers. */
function isNetsplit(message: string): boolean {
  const [first = "", second = "", ...rest] = message.split(" ", 3);
  return rest.length === 0 && first !== second && isServerName(first) && isServerName(second);
}

/** Returns whether a text is a host name with at least one dot, or a pattern such as `*.net`. */
function isServerName(text: string): boolean {
  if (text.length > 63 || !/^[A-Za-z0-9*][A-Za-z0-9*.-]*[A-Za-z0-9*]$/.test(text)) return false;
  return text.includes(".") && !text.includes("..");
}
