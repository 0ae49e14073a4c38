import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { ChannelGroupChangeReason as Reason } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Interface.Group1";
import { InvalidArgumentError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type {
  JoinResult,
  MembersCause,
  RoomConfiguration,
  RoomDescription,
  RoomHost,
  RoomProtocol,
} from "../../rooms.ts";
import type { IrcMessage } from "../irc-message.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "../irc-session.ts";
import { isChannel, isNick } from "../name-syntax.ts";
import { MUTABLE_SETTINGS, modesFor } from "./configure-modes.ts";
import type { IrcRoom } from "./irc-room.ts";
import { type ModeChange, parseModeChanges, parseNamedMember } from "./mode-support.ts";
import { type NetsplitClock, Netsplits } from "./netsplits.ts";
import { RoomCommands } from "./room-commands.ts";
import { ERROR_NUMBERS, LINK_CHANNEL } from "./room-errors.ts";
import { RoomJoins } from "./room-joins.ts";

/**
 * Milliseconds that a server has to send the list of members after JOIN. After that, the list is treated as
 * complete.
 */
const LIST_TIMEOUT_MS = 30_000;

/** Maximum bytes of a topic and of a message with PART or KICK, so that the line has at most 512 bytes. */
const MAX_TEXT_BYTES = 390;

/** Numbers of error replies to texts (ERR_CANNOTSENDTOCHAN), which are no replies to commands for rooms. */
const TEXT_ERRORS: ReadonlySet<string> = new Set(["404"]);

/** Clock, timers and date of rooms, which tests replace. */
export interface RoomClock extends NetsplitClock {
  /** Returns the current time in seconds since 1970. */
  date(): number;
}

/** The rooms of one IRC connection, which are channels of the server. */
export class IrcRooms implements RoomProtocol, IrcFeature {
  readonly mutableSettings = MUTABLE_SETTINGS;
  readonly handlers: IrcHandlers;
  readonly #session: IrcSession;
  readonly #host: RoomHost;
  readonly #clock: RoomClock;
  readonly #joins: RoomJoins;
  readonly #commands: RoomCommands;
  readonly #netsplits: Netsplits;

  constructor(session: IrcSession, host: RoomHost, clock: RoomClock) {
    this.#session = session;
    this.#host = host;
    this.#clock = clock;
    this.#joins = new RoomJoins(session, clock, (room) => host.left(room.name, this.#ownCause("")));
    this.#commands = new RoomCommands(session);
    this.#netsplits = new Netsplits(host, (nick) => session.fold(nick), clock);
    this.handlers = {
      JOIN: (message) => this.#onJoin(message),
      PART: (message) => this.#onPart(message),
      QUIT: (message) => this.#onQuit(message),
      ...this.#inOrder({
        KICK: (message) => this.#onKick(message),
        NICK: (message) => this.#onNick(message),
        TOPIC: (message) => this.#onTopic(message),
        MODE: (message) => this.#onMode(message),
        INVITE: (message) => this.#onInvite(message),
        "324": ({ params: [, name = "", ...modes] }) => this.#onModes(name, modes),
        "331": ({ params: [, name = ""] }) => this.#setSubject(name, "", "", undefined),
        "332": ({ params: [, name = "", text = ""] }) => this.#setSubject(name, text, "", undefined),
        "333": ({ params: [, name = "", actor = "", time = ""] }) => this.#onTopicAuthor(name, actor, time),
        "353": ({ params }) => this.#onNames(params.at(-2) ?? "", params.at(-1) ?? ""),
        "366": ({ params: [, name = ""] }) => this.#onNamesEnd(this.#joins.find(name)),
        PONG: ({ params }) => this.#commands.pong(params),
        ...Object.fromEntries(ERROR_NUMBERS.map((number) => [number, (message) => this.#onError(message)])),
      }),
    };
  }

  async join(room: string, password: string): Promise<JoinResult> {
    return this.#joins.join(room, password);
  }

  leave(room: string, message: string): void {
    this.#joins.leave(room, shorten(message));
  }

  invite(room: string, contact: string): Promise<void> {
    return this.#commands.send([room, contact], "INVITE", contact, room);
  }

  remove(room: string, contact: string, message: string): Promise<void> {
    const text = shorten(message);
    return this.#commands.send([room, contact], "KICK", room, contact, ...(text === "" ? [] : [text]));
  }

  setSubject(room: string, subject: string): Promise<void> {
    if (shorten(subject) !== subject) throw new InvalidArgumentError("a topic must be one line of at most 390 bytes");
    return this.#commands.send([room], "TOPIC", room, subject);
  }

  configure(name: string, changes: Partial<RoomConfiguration>): MaybePromise<void> {
    const room = this.#joins.find(name);
    if (room === undefined) return undefined;
    const commands = modesFor(room, changes).map((modes) => this.#commands.send([name], "MODE", name, ...modes));
    return Promise.all(commands).then(() => undefined);
  }

  /**
   * Returns the description of a room. It lacks the creator and the time of creation: servers never report the
   * creator, and the time (329) only after the user has joined.
   */
  describe(room: string): RoomDescription {
    return { name: room, server: "" };
  }

  /**
   * Calls a function when the members of a room are known: immediately, or at the end of the list. Ignores rooms
   * that the user is not in.
   */
  whenListed(name: string, action: () => void): void {
    this.#netsplits.report();
    const room = this.#joins.find(name);
    if (room?.phase === "listing") room.hold(action);
    else if (room !== undefined && room.phase !== "requested") action();
  }

  /** Stops all timers, and rejects pending joins and commands, because the connection has ended. */
  stop(): void {
    this.#netsplits.stop();
    this.#joins.stop();
    this.#commands.stop();
  }

  /**
   * Returns handlers that report waiting netsplits before they process a message, so that all reports keep their
   * order.
   */
  #inOrder(handlers: IrcHandlers): IrcHandlers {
    return Object.fromEntries(
      Object.entries(handlers).map(([command, handler]) => [
        command,
        (message: IrcMessage) => {
          this.#netsplits.report();
          handler(message);
        },
      ]),
    );
  }

  #onJoin({ source, params: [names = ""] }: IrcMessage): void {
    for (const name of names.split(",")) {
      const room = this.#joins.find(name);
      if (this.#session.isSelf(source)) this.#onOwnJoin(name, room);
      else if (room?.phase === "listing" && isNick(source)) room.addName(this.#session.fold(source), source);
      else if (room?.phase === "joined" && isNick(source) && !this.#netsplits.join(room.name, source)) {
        this.#netsplits.report();
        this.#host.membersChanged(room.name, { ...this.#cause(source), added: [source] });
      }
    }
  }

  #onOwnJoin(name: string, known: IrcRoom | undefined): void {
    this.#netsplits.report();
    if (known !== undefined && known.phase !== "requested") return;
    if (!isChannel(name, this.#session.support.channelTypes)) return;
    const room = known ?? this.#joins.addUnrequested(name);
    if (room === undefined) return;
    room.phase = "listing";
    this.#joins.startTimer(room, LIST_TIMEOUT_MS, () => this.#onNamesEnd(room));
    this.#session.send("MODE", room.name);
  }

  #onNames(name: string, names: string): void {
    const room = this.#joins.find(name);
    if (room?.phase !== "listing") return;
    for (const entry of names.split(" ")) {
      const { nick, modes } = parseNamedMember(this.#session.support.modes, entry);
      if (this.#session.isSelf(nick)) room.setOwnModes(modes);
      else if (isNick(nick)) room.addName(this.#session.fold(nick), nick);
    }
  }

  #onNamesEnd(room: IrcRoom | undefined): void {
    if (room?.phase !== "listing") return;
    room.phase = "joined";
    room.cancelTimer?.();
    const { name, subject, configuration, permissions, request } = room;
    this.#host.joined(name, room.takeNames());
    this.#host.permissionsChanged(name, permissions);
    if (subject !== undefined) this.#host.subjectChanged(name, subject);
    if (configuration !== undefined) this.#host.configurationChanged(name, configuration);
    room.request = undefined;
    request?.resolve("joined");
    room.releaseHeld();
  }

  #onPart({ source, params: [names = "", message = ""] }: IrcMessage): void {
    this.#netsplits.report();
    for (const name of names.split(",")) this.#onLeave(name, source, this.#cause(source, message));
  }

  #onKick({ source, params: [names = "", nicks = "", message = ""] }: IrcMessage): void {
    const rooms = names.split(",");
    for (const [index, nick] of nicks.split(",").entries()) {
      this.#onLeave(rooms[index] ?? rooms[0] ?? "", nick, { ...this.#cause(source, message), reason: Reason.Kicked });
    }
  }

  /** Records that the user or another member has left a room. */
  #onLeave(name: string, nick: string, cause: MembersCause): void {
    const room = this.#joins.find(name);
    if (room === undefined || room.phase === "requested") return;
    if (this.#session.isSelf(nick)) {
      room.request?.reject(new NotAvailableError("the user was removed from the room"));
      this.#joins.remove(room);
      this.#host.left(room.name, cause);
    } else if (room.phase === "listing") room.removeName(this.#session.fold(nick));
    else if (isNick(nick)) this.#host.membersChanged(room.name, { ...cause, removed: [nick] });
  }

  #onQuit({ source, params: [message = ""] }: IrcMessage): void {
    if (this.#session.isSelf(source) || !isNick(source)) return;
    for (const room of this.#joins.all()) room.removeName(this.#session.fold(source));
    if (this.#netsplits.quit(source, message)) return;
    this.#netsplits.report();
    this.#host.wentOffline([source], { actor: source, reason: Reason.Offline, message });
  }

  #onNick({ source, params: [nick = ""] }: IrcMessage): void {
    if (!isNick(source) || !isNick(nick)) return;
    // `IrcContacts` reports changes of the user's own nickname.
    if (this.#session.isSelf(source) || this.#session.isSelf(nick)) return;
    for (const room of this.#joins.all()) room.renameName(this.#session.fold(source), this.#session.fold(nick), nick);
    this.#host.renamed(source, nick);
  }

  #onTopic({ source, params: [name = "", text = ""] }: IrcMessage): void {
    this.#setSubject(name, text, source, this.#clock.date());
  }

  #onTopicAuthor(name: string, actor: string, time: string): void {
    const text = this.#joins.find(name)?.subject?.text ?? "";
    const [nick = ""] = actor.split("!", 1);
    const seconds = /^\d{1,12}$/.test(time) ? Number(time) : undefined;
    this.#setSubject(name, text, nick, seconds);
  }

  #setSubject(name: string, text: string, actor: string, timestampSeconds: number | undefined): void {
    const room = this.#joins.find(name);
    if (room === undefined) return;
    room.subject = { text, actor: isNick(actor) ? actor : "", timestampSeconds };
    if (room.phase === "joined") this.#host.subjectChanged(room.name, room.subject);
  }

  #onModes(name: string, modes: readonly string[]): void {
    this.#changeModes(name, (room) => room.setModes(parseModeChanges(this.#session.support.modes, modes)));
  }

  #onMode({ params: [name = "", ...modes] }: IrcMessage): void {
    this.#changeModes(name, (room) => {
      for (const change of parseModeChanges(this.#session.support.modes, modes)) this.#changeMode(room, change);
    });
  }

  #changeModes(name: string, change: (room: IrcRoom) => void): void {
    const room = this.#joins.find(name);
    if (room === undefined) return;
    change(room);
    if (room.phase !== "joined") return;
    this.#host.permissionsChanged(room.name, room.permissions);
    if (room.configuration !== undefined) this.#host.configurationChanged(room.name, room.configuration);
  }

  #changeMode(room: IrcRoom, change: ModeChange): void {
    const { memberModes, listModes } = this.#session.support.modes;
    if (listModes.includes(change.mode)) return;
    if (!memberModes.includes(change.mode)) room.changeMode(change);
    else if (this.#session.isSelf(change.parameter)) room.changeOwnMode(change);
  }

  #onInvite({ source, params: [nick = "", name = ""] }: IrcMessage): void {
    if (!this.#session.isSelf(nick) || !isNick(source)) return;
    if (!isChannel(name, this.#session.support.channelTypes) || this.#joins.find(name) !== undefined) return;
    this.#host.invited(this.#session.fold(name), source, "");
  }

  #onError({ command, params }: IrcMessage): void {
    if (TEXT_ERRORS.has(command)) return;
    // ERR_LINKCHANNEL also names the channel to which the user is forwarded. That name is ignored.
    const relevant = command === LINK_CHANNEL ? [...params.slice(0, 2), params.at(-1) ?? ""] : params;
    if (!this.#joins.rejected(command, relevant)) this.#commands.rejected(command, params);
  }

  #cause(actor: string, message = ""): MembersCause {
    return { actor: isNick(actor) ? actor : "", reason: Reason.None, message };
  }

  #ownCause(message: string): MembersCause {
    return this.#cause(this.#session.nick, message);
  }
}

/** Converts a text to one line, and cuts off the end if it is too long. */
function shorten(text: string): string {
  const line = text.replace(/[\0\r\n]+/g, " ");
  const bytes = Buffer.from(line);
  if (bytes.length <= MAX_TEXT_BYTES) return line;
  // The rest of a character that was cut in two becomes U+FFFD.
  return bytes
    .subarray(0, MAX_TEXT_BYTES)
    .toString()
    .replace(/\ufffd+$/, "");
}
