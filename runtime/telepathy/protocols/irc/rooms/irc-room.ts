import type { Deferred } from "@dbus-codegen-ts/runtime/async";
import { IRC_LIMITS, ROOM_LIMITS } from "../../../quotas.ts";
import type { JoinResult, RoomConfiguration, RoomPermissions, RoomSubject } from "../../rooms.ts";
import type { ModeChange } from "./mode-support.ts";

/**
 * Progress of the user in a room: `requested` until the server confirms JOIN, `listing` until the list of members is
 * complete, `leaving` until the server confirms PART.
 */
export type RoomPhase = "requested" | "listing" | "joined" | "leaving";

/** What an IRC connection knows of one room that the user joins, is in, or leaves. */
export class IrcRoom {
  /** Normalised name. */
  readonly name: string;
  phase: RoomPhase;
  /** Receives the result of `join`; undefined if the server joined the user. */
  request: Deferred<JoinResult> | undefined;
  /** Stops the timer of the current phase. */
  cancelTimer: (() => void) | undefined;
  /** Requests to join that wait until the user has left. */
  readonly waiting: (() => void)[] = [];
  /** Key with which the user joined; empty for none. */
  key = "";
  subject: RoomSubject | undefined;
  /** Nicknames of other members by folded nickname, while the phase is `listing`. */
  readonly #names = new Map<string, string>();
  /** Letters of the modes of the user as a member. */
  readonly #ownModes = new Set<string>();
  /** Letters of the modes that are set, with their parameters. */
  readonly #modes = new Map<string, string>();
  readonly #held: (() => void)[] = [];
  /** Whether all modes are known. */
  #areModesKnown = false;

  constructor(name: string, phase: RoomPhase) {
    this.name = name;
    this.phase = phase;
    // These channels have no modes; only operators, which they do not have, could change the topic.
    if (name.startsWith("+")) this.#modes.set("t", "");
  }

  /** Settings of the room; undefined until they are known. */
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

  /** What the user may do in the room. All modes of members except voice permit to manage the channel. */
  get permissions(): RoomPermissions {
    const isOperator = [...this.#ownModes].some((mode) => mode !== "v");
    return {
      invite: isOperator || !this.#modes.has("i"),
      removeMembers: isOperator,
      setSubject: isOperator || !this.#modes.has("t"),
      configure: isOperator,
    };
  }

  /** Returns whether a mode is set, such as `s`. */
  hasMode(mode: string): boolean {
    return this.#modes.has(mode);
  }

  /** Adds a listed member. Ignores members beyond the limit. */
  addName(folded: string, nick: string): void {
    if (this.#names.size < ROOM_LIMITS.members) this.#names.set(folded, nick);
  }

  removeName(folded: string): void {
    this.#names.delete(folded);
  }

  renameName(from: string, to: string, nick: string): void {
    if (this.#names.delete(from)) this.#names.set(to, nick);
  }

  /** Returns the listed members, and forgets them. */
  takeNames(): readonly string[] {
    const names = [...this.#names.values()];
    this.#names.clear();
    return names;
  }

  /** Keeps an action until the list of members is complete. Beyond the limit, the oldest is dropped. */
  hold(action: () => void): void {
    this.#held.push(action);
    if (this.#held.length > IRC_LIMITS.heldTexts) this.#held.shift();
  }

  releaseHeld(): void {
    for (const action of this.#held.splice(0)) action();
  }

  /** Replaces the modes of the user as a member. */
  setOwnModes(modes: string): void {
    this.#ownModes.clear();
    for (const mode of modes) this.#ownModes.add(mode);
  }

  changeOwnMode({ mode, isSet }: ModeChange): void {
    if (isSet) this.#ownModes.add(mode);
    else this.#ownModes.delete(mode);
  }

  changeMode({ mode, isSet, parameter }: ModeChange): void {
    if (isSet) this.#modes.set(mode, parameter);
    else this.#modes.delete(mode);
  }

  /** Replaces all modes. */
  setModes(changes: readonly ModeChange[]): void {
    this.#modes.clear();
    for (const change of changes) this.changeMode(change);
    this.#areModesKnown = true;
  }
}
