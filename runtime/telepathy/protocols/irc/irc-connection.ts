import type { Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionHost, ProtocolConnection } from "../protocol.ts";
import { foldCase } from "./casemapping.ts";
import { IrcContacts } from "./irc-contacts.ts";
import { type IrcMessage, NUMERIC } from "./irc-message.ts";
import {
  connectionLossProblem,
  type IrcProblem,
  problemFromErrorMessage,
  problemFromReply,
  withoutSecret,
} from "./irc-problem.ts";
import { IrcDispatcher, type IrcFeature, type IrcHandlers, type IrcSession } from "./irc-session.ts";
import type { IrcSettings } from "./irc-settings.ts";
import { IrcSocket } from "./irc-socket.ts";
import { IrcText } from "./irc-text.ts";
import { applyIsupport, DEFAULT_SUPPORT, type ServerSupport } from "./isupport.ts";
import { isChannel, isNick } from "./name-syntax.ts";
import { type IrcOptions, openSocket, type PendingSocket } from "./open-socket.ts";
import { IrcRooms, type RoomClock } from "./rooms/irc-rooms.ts";
import { problemFromSocketError } from "./socket-errors.ts";

/** Milliseconds that a server has to accept or reject the registration of the user. */
const REGISTRATION_TIMEOUT_MS = 120_000;
/** Milliseconds after RPL_WELCOME that a server has to send RPL_ISUPPORT and the end of the welcome. */
const WELCOME_TIMEOUT_MS = 5_000;
/** Milliseconds that a server has to close the connection after QUIT. */
const QUIT_TIMEOUT_MS = 2_000;

const SYSTEM_CLOCK: RoomClock = {
  now: () => performance.now(),
  date: () => Math.floor(Date.now() / 1000),
  schedule(action, milliseconds) {
    const timer = setTimeout(action, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/**
 * One connection to an IRC server, without reconnection. Registers the user and ends the connection; `IrcFeature`
 * objects process all other messages of the server.
 */
export class IrcConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact, HandleType.Room];
  readonly interestTokens: readonly string[] = [Presence1.name];
  readonly attributeInterfaces: readonly string[] = [];
  readonly #settings: IrcSettings;
  readonly #options: IrcOptions;
  readonly #host: ConnectionHost;
  readonly text: IrcText;
  readonly rooms: IrcRooms;
  readonly presence: IrcContacts;
  readonly aliases: IrcContacts;
  readonly renaming: IrcContacts;
  readonly #features: readonly IrcFeature[];
  readonly #dispatcher: IrcDispatcher;
  /** Handlers of the messages that concern the registration and the connection itself. */
  readonly #handlers: IrcHandlers = {
    [NUMERIC.RPL_WELCOME]: ({ params: [nick = ""] }) => this.#onWelcome(nick),
    [NUMERIC.RPL_ISUPPORT]: ({ params }) => {
      // The normal form of a name must not change once handles exist.
      if (!this.#isConnected) this.#support = applyIsupport(this.#support, params);
    },
    [NUMERIC.RPL_LUSERCLIENT]: () => this.#onWelcomeEnd(),
    [NUMERIC.RPL_ENDOFMOTD]: () => this.#onWelcomeEnd(),
    [NUMERIC.ERR_NOMOTD]: () => this.#onWelcomeEnd(),
    NICK: ({ source, params: [nick = ""] }) => this.#onNickChange(source, nick),
    ERROR: ({ params }) => this.#end(problemFromErrorMessage(params.at(-1) ?? "", this.#isConnected)),
  };
  #support: ServerSupport = DEFAULT_SUPPORT;
  #pendingSocket: PendingSocket | undefined;
  #ircSocket: IrcSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The user's nickname; empty before RPL_WELCOME. */
  #nick = "";
  #isConnected = false;
  #hasEnded = false;

  constructor(settings: IrcSettings, options: IrcOptions, host: ConnectionHost) {
    this.#settings = settings;
    this.#options = options;
    this.#host = host;
    const session = this.#createSession();
    this.rooms = new IrcRooms(session, host.rooms, SYSTEM_CLOCK);
    this.text = new IrcText(session, host.text, this.rooms);
    const contacts = new IrcContacts(session, host);
    this.presence = contacts;
    this.aliases = contacts;
    this.renaming = contacts;
    // Changes of nicknames are reported before changes of members.
    this.#features = [...contacts.features, this.rooms, this.text];
    this.#dispatcher = new IrcDispatcher(this.#features);
  }

  connect(): void {
    const pendingSocket = openSocket(this.#settings, this.#options);
    this.#pendingSocket = pendingSocket;
    const { socket } = pendingSocket;
    socket.on("error", (error) => this.#onSocketError(error));
    socket.on("close", () => this.#end(connectionLossProblem("the server closed the connection", this.#isConnected)));
    pendingSocket.ready.then(
      () => this.#register(pendingSocket),
      (error: unknown) => this.#onSocketError(error),
    );
  }

  async disconnect(): Promise<void> {
    const { socket } = this.#pendingSocket ?? {};
    // QUIT is sent only by a registered user.
    const isRegistered = this.#isConnected && !this.#hasEnded;
    this.#stop();
    if (socket === undefined || socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    if (isRegistered) this.#quit();
    else socket.destroy();
    const timer = setTimeout(() => socket.destroy(), QUIT_TIMEOUT_MS);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }

  normalize(type: HandleType, identifier: string): string {
    const { casemapping, channelTypes } = this.#support;
    const isName = type === HandleType.Room ? isChannel(identifier, channelTypes) : isNick(identifier);
    if (isName) return foldCase(casemapping, identifier);
    const kind = type === HandleType.Room ? "channel" : "nickname";
    throw new InvalidHandleError(`${JSON.stringify(identifier.slice(0, 64))} is not a ${kind}`);
  }

  contactAttributes(): readonly Readonly<Record<string, Variant>>[] {
    return [];
  }

  startReporting(): void {
    this.presence.startReporting();
  }

  stopReporting(): void {
    this.presence.stopReporting();
  }

  #register({ socket }: PendingSocket): void {
    if (this.#hasEnded) return;
    const { nick, username, fullname, password, keepaliveSeconds } = this.#settings;
    const ircSocket = new IrcSocket(socket, keepaliveSeconds, {
      messageReceived: (message) => this.#onMessage(message),
      pingTimeout: () => this.#end(connectionLossProblem("the server did not answer a ping", this.#isConnected)),
    });
    this.#ircSocket = ircSocket;
    if (password !== "") ircSocket.send("PASS", password);
    ircSocket.send("NICK", nick);
    ircSocket.send("USER", username, "0", "*", fullname);
    this.#startTimer(REGISTRATION_TIMEOUT_MS, () =>
      this.#end(connectionLossProblem("the server did not accept the user in time", false)),
    );
  }

  /** Returns the part of this connection that its features use. */
  #createSession(): IrcSession {
    const connection = this;
    return {
      get nick() {
        return connection.#nick;
      },
      get support() {
        return connection.#support;
      },
      fold: (name) => foldCase(this.#support.casemapping, name),
      isSelf: (nick) => this.#isSelf(nick),
      send: (command, ...params) => this.#ircSocket?.send(command, ...params),
    };
  }

  #onMessage(message: IrcMessage): void {
    if (this.#hasEnded) return;
    const { command, params } = message;
    if (!this.#isConnected) this.#end(problemFromReply(command, params.at(-1) ?? ""));
    else this.#dispatcher.dispatch(message);
    if (Object.hasOwn(this.#handlers, command)) this.#handlers[command]?.(message);
  }

  /** Records the nickname that the server has registered. RPL_ISUPPORT follows. */
  #onWelcome(nick: string): void {
    if (this.#nick !== "") return;
    this.#nick = isNick(nick) ? nick : this.#settings.nick;
    this.#startTimer(WELCOME_TIMEOUT_MS, () => this.#onWelcomeEnd());
  }

  #onWelcomeEnd(): void {
    if (this.#nick === "" || this.#isConnected) return;
    clearTimeout(this.#timer);
    this.#isConnected = true;
    this.#ircSocket?.startKeepalive();
    this.#host.connected(this.#nick);
    this.renaming.connected();
  }

  #isSelf(nick: string): boolean {
    const { casemapping } = this.#support;
    return this.#nick !== "" && foldCase(casemapping, nick) === foldCase(casemapping, this.#nick);
  }

  #onNickChange(from: string, to: string): void {
    if (!this.#isSelf(from) || !isNick(to)) return;
    this.#nick = to;
    if (this.#isConnected) this.renaming.selfRenamed();
  }

  #quit(): void {
    const { quitMessage } = this.#settings;
    this.#ircSocket?.send("QUIT", ...(quitMessage === "" ? [] : [quitMessage]));
  }

  #onSocketError(error: unknown): void {
    this.#end(problemFromSocketError({ error, server: this.#settings.server, wasConnected: this.#isConnected }));
  }

  #end(problem: IrcProblem | undefined): void {
    if (problem === undefined || this.#hasEnded) return;
    this.#stop();
    this.#pendingSocket?.socket.destroy();
    this.#host.disconnected(problem.reason, withoutSecret(problem.failure, this.#settings.password));
  }

  #stop(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#ircSocket?.stop();
    for (const feature of this.#features) feature.stop?.();
  }

  /** Starts a timer. The connection has only one, so a timer that is running is cancelled. */
  #startTimer(milliseconds: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
    this.#timer.unref();
  }
}
