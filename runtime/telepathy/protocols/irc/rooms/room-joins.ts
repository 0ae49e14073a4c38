import { type Deferred, deferred } from "@dbus-codegen-ts/runtime/async";
import {
  CancelledError,
  DisconnectedError,
  NetworkError,
  NotAvailableError,
  ServiceBusyError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../../quotas.ts";
import type { JoinResult } from "../../rooms.ts";
import type { IrcSession } from "../irc-session.ts";
import { requireKey } from "./configure-modes.ts";
import { IrcRoom, type ListingUsage } from "./irc-room.ts";
import type { NetsplitClock } from "./netsplits.ts";
import { BAD_CHANNEL_KEY, roomError } from "./room-errors.ts";

/** Milliseconds that a server has to answer JOIN or PART. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Number of the reply to PART from a user who is not in the channel: ERR_NOTONCHANNEL. */
const NOT_ON_CHANNEL = "442";

/**
 * The rooms that the user joins, is in, or leaves, by normalised name. Sends JOIN and PART, and processes their
 * results.
 */
export class RoomJoins {
  readonly #session: IrcSession;
  readonly #clock: NetsplitClock;
  /** Called when the user has left a room, or a join was cancelled. */
  readonly #onLeft: (room: IrcRoom) => void;
  readonly #rooms = new Map<string, IrcRoom>();
  readonly #usage: ListingUsage = { names: 0, texts: 0 };
  #isStopped = false;

  constructor(session: IrcSession, clock: NetsplitClock, onLeft: (room: IrcRoom) => void) {
    this.#session = session;
    this.#clock = clock;
    this.#onLeft = onLeft;
  }

  /** Returns the room with a name in any spelling; undefined if it is not in the table. */
  find(name: string): IrcRoom | undefined {
    return this.#rooms.get(this.#session.fold(name));
  }

  all(): Iterable<IrcRoom> {
    return this.#rooms.values();
  }

  /** Joins a room. If the user is leaving the room, JOIN is sent afterwards. */
  join(name: string, key: string): Promise<JoinResult> {
    if (key !== "") requireKey(key);
    const request = deferred<JoinResult>();
    this.#request(name, key, request);
    return request.promise;
  }

  /** Adds a room that the server made the user join. Returns undefined if there are too many rooms. */
  addUnrequested(name: string): IrcRoom | undefined {
    return this.#rooms.size < IRC_LIMITS.rooms ? this.#add(name, "listing") : undefined;
  }

  /** Leaves a room, or cancels a join, by PART. */
  leave(name: string, message: string): void {
    const room = this.find(name);
    if (room === undefined || room.phase === "leaving") return;
    room.request?.reject(new CancelledError("the room was left"));
    room.request = undefined;
    room.phase = "leaving";
    this.startTimer(room, ANSWER_TIMEOUT_MS, () => this.#leftUnconfirmed(room));
    this.#session.send("PART", room.name, ...(message === "" ? [] : [message]));
  }

  /** Processes an error reply. Returns whether it belongs to JOIN or PART. */
  rejected(number: string, params: readonly string[]): boolean {
    const room = params.slice(1, -1).flatMap((param) => this.find(param) ?? [])[0];
    if (room?.phase === "leaving") {
      this.#leftUnconfirmed(room);
      return true;
    }
    if (room?.phase !== "requested" || number === NOT_ON_CHANNEL) return false;
    const { request } = room;
    this.remove(room);
    if (number === BAD_CHANNEL_KEY) request?.resolve("password-required");
    else request?.reject(roomError(number, params.at(-1) ?? ""));
    return true;
  }

  /** Removes a room that the user is not in any more, and sends the requests to join that waited for this. */
  remove(room: IrcRoom): void {
    this.#rooms.delete(room.name);
    room.cancelTimer?.();
    room.dropWaiting();
    for (const join of room.waiting) join();
  }

  /** Starts the timer of a room's current phase. Replaces the timer that is running. */
  startTimer(room: IrcRoom, milliseconds: number, action: () => void): void {
    room.cancelTimer?.();
    room.cancelTimer = this.#clock.schedule(action, milliseconds);
  }

  /** Rejects all pending joins, because the connection has ended. */
  stop(): void {
    this.#isStopped = true;
    for (const room of this.#rooms.values()) {
      room.cancelTimer?.();
      room.request?.reject(new DisconnectedError("the connection has ended"));
      for (const join of room.waiting) join();
    }
    this.#rooms.clear();
  }

  #request(name: string, key: string, request: Deferred<JoinResult>): void {
    const room = this.find(name);
    if (this.#isStopped) request.reject(new DisconnectedError("the connection has ended"));
    else if (room?.phase === "leaving") room.waiting.push(() => this.#request(name, key, request));
    else if (room !== undefined)
      request.reject(new NotAvailableError("the user is in this room already, or is joining it"));
    else if (this.#rooms.size >= IRC_LIMITS.rooms)
      request.reject(new ServiceBusyError("the user is in too many rooms"));
    else this.#sendJoin(name, key, request);
  }

  #sendJoin(name: string, key: string, request: Deferred<JoinResult>): void {
    const room = this.#add(name, "requested");
    room.request = request;
    room.key = key;
    this.startTimer(room, ANSWER_TIMEOUT_MS, () => {
      this.remove(room);
      request.reject(new NetworkError("the server does not answer"));
    });
    this.#session.send("JOIN", room.name, ...(key === "" ? [] : [key]));
  }

  #add(name: string, phase: "requested" | "listing"): IrcRoom {
    const room = new IrcRoom(this.#session.fold(name), phase, this.#usage);
    this.#rooms.set(room.name, room);
    return room;
  }

  #leftUnconfirmed(room: IrcRoom): void {
    this.remove(room);
    this.#onLeft(room);
  }
}
