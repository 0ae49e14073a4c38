import type { Deferred } from "@dbus-codegen-ts/runtime/async";
import { IRC_LIMITS, ROOM_LIMITS } from "../../../quotas.ts";
import type { JoinResult, RoomConfiguration, RoomPermissions, RoomSubject } from "../../rooms.ts";
import type { ModeChange } from "./mode-support.ts";

/**
 * Progress of the user in a room: `requested` until the server confirms JOIN, `listing` until the list of members
 * is complete, `joined` until the user leaves, `leaving` until the server confirms PART.
 */
export type RoomPhase = "requested" | "listing" | "joined" | "leaving";

/** Modes whose parameters are used: key and limit. */
const USED_PARAMETERS: ReadonlySet<string> = new Set("kl");

/** Numbers of items that all rooms of a connection store until their lists of members are complete. */
export interface ListingUsage {
  /** Number of listed members. */
  names: number;
  /** Number of stored actions, such as received messages. */
  texts: number;
}

/** State of one room that the user joins, is in, or leaves. */
export class IrcRoom {
  /** Normalised name of the room. */
  readonly name: string;
  phase: RoomPhase;
  /** Result of the method `join`, to be settled; undefined if the server made the user join. */
  request: Deferred<JoinResult> | undefined;
  /** Cancels the timer of the current phase. */
  cancelTimer: (() => void) | undefined;
  /** Requests to join that start when the user has left. */
  readonly waiting: (() => void)[] = [];
  /** Key with which the user joined; empty if the user joined without a key. */
  key = "";
  subject: RoomSubject | undefined;
  /** Nicknames of other members by normalised nickname, while the phase is `listing`. */
  readonly #names = new Map<string, string>();
  /** Letters of the user's modes in the room, such as `o`. */
  readonly #ownModes = new Set<string>();
  /** Parameters of the modes that are set, by letter; empty for modes other than key and limit. */
  readonly #modes = new Map<string, string>();
  readonly #held: (() => void)[] = [];
  readonly #usage: ListingUsage;
  /** Whether the server has sent all modes of the room. */
  #areModesKnown = false;

  /** @param usage - Numbers of items that all rooms store. This room updates them. */
  constructor(name: string, phase: RoomPhase, usage: ListingUsage) {
    this.name = name;
    this.#usage = usage;
    this.phase = phase;
    // Channels with `+` have neither modes nor operators, so no user can change the topic.
    if (name.startsWith("+")) this.#modes.set("t", "");
  }

  /** Settings of the room; undefined until the server has sent them. */
  get configuration(): Partial<RoomConfiguration> | undefined {
    if (!this.#areModesKnown) return undefined;
    const key = this.#modes.get("k");
    const limit = Number(this.#modes.get("l") ?? 0);
    return {
      inviteOnly: this.#modes.has("i"),
      limit: Number.isInteger(limit) && limit > 0 && limit < 2 ** 32 ? limit : 0,
      moderated: this.#modes.has("m"),
      private: this.#modes.has("s") || this.#modes.has("p"),
      passwordProtected: key !== undefined,
      // Some servers hide the key.
      password: key === undefined ? "" : key === "" || key === "*" ? this.key : key,
    };
  }

  /** Permissions of the user in the room. A member with any mode except voice is treated as an operator. */
  get permissions(): RoomPermissions {
    const isOperator = [...this.#ownModes].some((mode) => mode !== "v");
    return {
      invite: isOperator || !this.#modes.has("i"),
      removeMembers: isOperator,
      setSubject: isOperator || !this.#modes.has("t"),
      configure: isOperator,
    };
  }

  /**
   * Returns whether a mode of the room is set.
   *
   * @param mode - Letter of the mode, such as `s`.
   */
  hasMode(mode: string): boolean {
    return this.#modes.has(mode);
  }

  /** Adds a member from the list that the server sends. Members beyond the limits are ignored. */
  addName(folded: string, nick: string): void {
    if (!this.#names.has(folded)) {
      if (this.#names.size >= ROOM_LIMITS.members || this.#usage.names >= IRC_LIMITS.incompleteLists) return;
      this.#usage.names++;
    }
    this.#names.set(folded, nick);
  }

  removeName(folded: string): void {
    if (this.#names.delete(folded)) this.#usage.names--;
  }

  renameName(from: string, to: string, nick: string): void {
    if (!this.#names.has(from)) return;
    this.removeName(from);
    this.addName(to, nick);
  }

  /** Removes and returns the nicknames of the listed members. */
  takeNames(): readonly string[] {
    const names = [...this.#names.values()];
    this.#usage.names -= names.length;
    this.#names.clear();
    return names;
  }

  /**
   * Stores an action until the list of members is complete. If there are too many, the oldest of this room is dropped.
   */
  hold(action: () => void): void {
    const isFull = this.#held.length >= IRC_LIMITS.heldTexts || this.#usage.texts >= IRC_LIMITS.heldTextsOfAllRooms;
    if (isFull && this.#held.shift() === undefined) return;
    if (!isFull) this.#usage.texts++;
    this.#held.push(action);
  }

  releaseHeld(): void {
    for (const action of this.#takeHeld()) action();
  }

  /** Drops the listed members and the stored actions, because the user is not in the room. */
  dropWaiting(): void {
    this.takeNames();
    this.#takeHeld();
  }

  #takeHeld(): readonly (() => void)[] {
    const held = this.#held.splice(0);
    this.#usage.texts -= held.length;
    return held;
  }

  /** Replaces the user's modes in the room. */
  setOwnModes(modes: string): void {
    this.#ownModes.clear();
    for (const mode of modes) this.#ownModes.add(mode);
  }

  changeOwnMode({ mode, isSet }: ModeChange): void {
    if (isSet) this.#ownModes.add(mode);
    else this.#ownModes.delete(mode);
  }

  /**
   * Records a change of a mode. Ignores modes that are no letters (RFC 2811, section 4), which limits the number of
   * stored modes.
   */
  changeMode({ mode, isSet, parameter }: ModeChange): void {
    if (!isSet) this.#modes.delete(mode);
    else if (/^[A-Za-z]$/.test(mode)) this.#modes.set(mode, USED_PARAMETERS.has(mode) ? parameter : "");
  }

  /** Replaces all modes of the room, because the server has sent them. */
  setModes(changes: readonly ModeChange[]): void {
    this.#modes.clear();
    for (const change of changes) this.changeMode(change);
    this.#areModesKnown = true;
  }
}
