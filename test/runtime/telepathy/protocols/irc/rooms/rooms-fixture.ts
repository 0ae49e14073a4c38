import { foldCase } from "../../../../../../runtime/telepathy/protocols/irc/casemapping.ts";
import { formatIrcMessage, parseIrcMessage } from "../../../../../../runtime/telepathy/protocols/irc/irc-message.ts";
import { IrcDispatcher, type IrcSession } from "../../../../../../runtime/telepathy/protocols/irc/irc-session.ts";
import { applyIsupport, DEFAULT_SUPPORT } from "../../../../../../runtime/telepathy/protocols/irc/isupport.ts";
import { IrcRooms } from "../../../../../../runtime/telepathy/protocols/irc/rooms/irc-rooms.ts";
import type { MembersCause, RoomHost } from "../../../../../../runtime/telepathy/protocols/rooms.ts";

const REASONS = [
  "",
  " offline",
  " kicked",
  " busy",
  " invited",
  " banned",
  " error",
  " invalid",
  " no-answer",
  " renamed",
  " denied",
  " separated",
];

/** The rooms of an IRC connection of the user `me`, without a network and with simulated time. */
export class RoomsFixture {
  readonly rooms: IrcRooms;
  /** Lines that were sent to the server. */
  readonly sent: string[] = [];
  /** Reported events, each as a text. */
  readonly events: string[] = [];
  nick = "me";
  readonly #dispatcher: IrcDispatcher;
  readonly #timers = new Map<() => void, number>();
  #now = 0;

  constructor(host: RoomHost | undefined = undefined, isupport: readonly string[] = []) {
    const support = applyIsupport(DEFAULT_SUPPORT, ["me", ...isupport, "are supported"]);
    const fold = (name: string): string => foldCase(support.casemapping, name);
    const nick = (): string => this.nick;
    const session: IrcSession = {
      get nick() {
        return nick();
      },
      support,
      fold,
      isSelf: (other) => fold(other) === fold(this.nick),
      send: (command, ...params) => void this.sent.push(formatIrcMessage(command, params)),
    };
    this.rooms = new IrcRooms(session, host ?? this.#host(), {
      now: () => this.#now,
      date: () => 1000,
      schedule: (action, milliseconds) => {
        const run = (): void => action();
        this.#timers.set(run, this.#now + milliseconds);
        return () => this.#timers.delete(run);
      },
    });
    this.#dispatcher = new IrcDispatcher([this.rooms]);
  }

  /** Processes lines of the server. */
  receive(...lines: readonly string[]): void {
    for (const line of lines) {
      const message = parseIrcMessage(line);
      if (message !== undefined) this.#dispatcher.dispatch(message);
    }
  }

  /** Advances the simulated time and runs the timers that are due. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const [run, time] of this.#timers) {
      if (time > this.#now) continue;
      this.#timers.delete(run);
      run();
    }
  }

  /** Joins a room with members, given as in RPL_NAMREPLY. Clears the recorded lines and events. */
  join(names: string, room = "#room"): void {
    void this.rooms.join(room, "");
    this.receive(`:me!u@h JOIN ${room}`, `:srv 353 me = ${room} :${names}`, `:srv 366 me ${room} :End of NAMES`);
    this.takeSent();
    this.takeEvents();
  }

  takeSent(): string[] {
    return this.sent.splice(0);
  }

  takeEvents(): string[] {
    return this.events.splice(0);
  }

  #host(): RoomHost {
    const report = (...words: readonly string[]): void => void this.events.push(words.join(" "));
    return {
      joined: (room, members) => report("joined", room, members.join(",")),
      left: (room, cause) => report(`left ${room}${describe(cause)}`),
      membersChanged: (room, { added = [], removed = [], ...cause }) =>
        report(`${room}${list("+", added)}${list("-", removed)}${describe(cause)}`),
      wentOffline: (contacts, cause) => report(`gone ${contacts.join(",")}${describe(cause)}`),
      renamed: (from, to) => report(`renamed ${from} ${to}`),
      invited: (room, inviter) => report(`invited ${room} by ${inviter}`),
      subjectChanged: (room, { text, actor, timestampSeconds }) =>
        report(`${room} subject "${text}" by ${actor || "?"} at ${timestampSeconds ?? "?"}`),
      configurationChanged: (room, changes) => report(`${room} config ${JSON.stringify(changes)}`),
      permissionsChanged: (room, permissions) =>
        report(
          `${room} may ${Object.entries(permissions)
            .flatMap(([name, isPermitted]) => (isPermitted ? name : []))
            .join(",")}`,
        ),
    };
  }
}

function list(sign: string, nicks: readonly string[]): string {
  return nicks.length === 0 ? "" : ` ${sign}${nicks.join(",")}`;
}

function describe({ actor, reason, message }: MembersCause): string {
  const by = actor === "" ? "" : ` by ${actor}`;
  return `${by}${REASONS[reason] ?? ""}${message === "" ? "" : `: ${message}`}`;
}
