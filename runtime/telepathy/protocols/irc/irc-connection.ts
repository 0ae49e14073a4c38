import type { Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import openClient, { type IrcClient, type IrcMessage } from "slate-irc";
import { IRC_LIMITS } from "../../quotas.ts";
import type { ConnectionHost, ProtocolConnection } from "../protocol.ts";
import { foldCase } from "./casemapping.ts";
import {
  connectionLossProblem,
  type IrcProblem,
  problemFromErrorMessage,
  problemFromReply,
  withoutSecret,
} from "./irc-problem.ts";
import type { IrcSettings } from "./irc-settings.ts";
import { applyIsupport, DEFAULT_SUPPORT, type ServerSupport } from "./isupport.ts";
import { Keepalive } from "./keepalive.ts";
import { LineFilter } from "./line-filter.ts";
import { isChannel, isNick } from "./name-syntax.ts";
import { type IrcOptions, openSocket, type PendingSocket } from "./open-socket.ts";
import { problemFromSocketError } from "./socket-errors.ts";

/** Time that a server has to accept or reject the registration of the user. */
const REGISTRATION_TIMEOUT_MS = 120_000;
/** Time after RPL_WELCOME that a server has to send RPL_ISUPPORT and the end of the welcome. */
const WELCOME_TIMEOUT_MS = 5_000;
/** Time that a server has to close the connection after QUIT. */
const QUIT_TIMEOUT_MS = 2_000;

/** One connection to an IRC server. It does not reconnect. */
export class IrcConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact, HandleType.Room];
  readonly interestTokens: readonly string[] = [];
  readonly attributeInterfaces: readonly string[] = [];
  readonly #settings: IrcSettings;
  readonly #options: IrcOptions;
  readonly #host: ConnectionHost;
  #support: ServerSupport = DEFAULT_SUPPORT;
  #pendingSocket: PendingSocket | undefined;
  #client: IrcClient | undefined;
  #keepalive: Keepalive | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Runs after a change of the nickname was reported; further changes wait. */
  #nickTimer: NodeJS.Timeout | undefined;
  /** The user's nickname; empty before RPL_WELCOME. */
  #nick = "";
  #isConnected = false;
  #hasEnded = false;

  constructor(settings: IrcSettings, options: IrcOptions, host: ConnectionHost) {
    this.#settings = settings;
    this.#options = options;
    this.#host = host;
  }

  connect(): void {
    const pendingSocket = openSocket(this.#settings, this.#options);
    this.#pendingSocket = pendingSocket;
    const { socket } = pendingSocket;
    socket.on("error", (error) => this.#onSocketError(error));
    // The library has not processed the last lines yet.
    socket.on("close", () =>
      setImmediate(() => this.#end(connectionLossProblem("the server hung up", this.#isConnected))),
    );
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
    // IRC has no interest tokens.
  }

  stopReporting(): void {
    // IRC has no interest tokens.
  }

  #register({ socket }: PendingSocket): void {
    if (this.#hasEnded) return;
    const { nick, username, fullname, password, keepaliveSeconds } = this.#settings;
    const filter = new LineFilter(socket, () => this.#keepalive?.dataReceived());
    // Errors are handled where they originate, at the socket.
    filter.on("error", () => undefined);
    const client = openClient(filter);
    this.#client = client;
    client.on("data", (message: IrcMessage) => this.#onMessage(message));
    if (password !== "") client.pass(`:${password}`);
    client.nick(nick);
    client.user(username, fullname);
    this.#startTimer(REGISTRATION_TIMEOUT_MS, () =>
      this.#end(connectionLossProblem("the server does not let the user in", false)),
    );
    this.#keepalive = new Keepalive(keepaliveSeconds, {
      sendPing: () => client.write("PING :keepalive"),
      onTimeout: () => this.#end(connectionLossProblem("ping timeout", this.#isConnected)),
    });
  }

  #onMessage({ command, params, trailing, prefix }: IrcMessage): void {
    if (this.#hasEnded) return;
    switch (command) {
      case "RPL_WELCOME":
        this.#onWelcome(params.split(" ")[0] ?? "");
        return;
      case "RPL_ISUPPORT":
        // The normal form of a name must not change once handles exist.
        if (!this.#isConnected) this.#support = applyIsupport(this.#support, params);
        return;
      case "RPL_LUSERCLIENT":
      case "RPL_ENDOFMOTD":
      case "ERR_NOMOTD":
        this.#onWelcomeEnd();
        return;
      case "NICK":
        this.#onNickChange(prefix.split("!")[0] ?? "", trailing || params);
        return;
      case "ERROR":
        this.#end(problemFromErrorMessage(trailing || params, this.#isConnected));
        return;
      default:
        if (!this.#isConnected) this.#end(problemFromReply(command, trailing));
    }
  }

  /** Records the nickname under which the user is registered. RPL_ISUPPORT follows. */
  #onWelcome(nick: string): void {
    if (this.#nick !== "") return;
    this.#nick = isNick(nick) ? nick : this.#settings.nick;
    this.#startTimer(WELCOME_TIMEOUT_MS, () => this.#onWelcomeEnd());
  }

  #onWelcomeEnd(): void {
    if (this.#nick === "" || this.#isConnected) return;
    clearTimeout(this.#timer);
    this.#isConnected = true;
    this.#keepalive?.start();
    this.#host.connected(this.#nick);
  }

  #onNickChange(from: string, to: string): void {
    const { casemapping } = this.#support;
    const isSelf = this.#nick !== "" && foldCase(casemapping, from) === foldCase(casemapping, this.#nick);
    if (!isSelf || !isNick(to)) return;
    this.#nick = to;
    if (this.#isConnected && this.#nickTimer === undefined) this.#reportNick();
  }

  /** Reports the user's nickname, and reports it later if it has changed until then: each change costs a handle. */
  #reportNick(): void {
    const reported = this.#nick;
    this.#host.selfIdentifierChanged(reported);
    this.#nickTimer = setTimeout(() => {
      this.#nickTimer = undefined;
      if (this.#nick !== reported) this.#reportNick();
    }, IRC_LIMITS.nickChangeIntervalMs);
    this.#nickTimer.unref();
  }

  #quit(): void {
    const { quitMessage } = this.#settings;
    // The library would replace an empty message by its default.
    if (quitMessage === "") this.#client?.write("QUIT");
    else this.#client?.quit(quitMessage);
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
    clearTimeout(this.#nickTimer);
    this.#keepalive?.stop();
  }

  /** Starts the only timer of the connection; a timer that is running is cancelled. */
  #startTimer(milliseconds: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
    this.#timer.unref();
  }
}
