import type { Variant } from "@dbus-codegen-ts/runtime";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidHandleError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import openClient, { type IrcClient, type IrcMessage } from "slate-irc";
import type { ConnectionHost, ProtocolConnection } from "../protocol.ts";
import { fold } from "./casemapping.ts";
import { faultOfAnswer, faultOfError, faultOfSilence, type IrcError } from "./irc-problem.ts";
import type { IrcSettings } from "./irc-settings.ts";
import { DEFAULT_SUPPORT, type ServerSupport, supportWith } from "./isupport.ts";
import { Keepalive } from "./keepalive.ts";
import { LineGate } from "./line-filter.ts";
import { isChannel, isNick } from "./name-syntax.ts";
import { type Dialing, dial, type IrcOptions } from "./open-socket.ts";
import { faultOfSocket } from "./socket-errors.ts";

/** Milliseconds until a server has to let the user in, or refuse. */
const REGISTRATION = 120_000;
/** Milliseconds after the welcome in which a server has to say what it supports. */
const WELCOME = 5_000;
/** Milliseconds in which a server has to hang up after QUIT. */
const PARTING = 2_000;

/** One connection to an IRC server, from connecting to the end of it. It is not made again when it is lost. */
export class IrcConnection implements ProtocolConnection {
  readonly handleTypes = [HandleType.Contact, HandleType.Room];
  readonly interests: readonly string[] = [];
  readonly attributeInterfaces: readonly string[] = [];
  readonly #settings: IrcSettings;
  readonly #options: IrcOptions;
  readonly #host: ConnectionHost;
  #support: ServerSupport = DEFAULT_SUPPORT;
  #dialing: Dialing | undefined;
  #client: IrcClient | undefined;
  #keepalive: Keepalive | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nick = "";
  #isConnected = false;
  #isOver = false;

  constructor(settings: IrcSettings, options: IrcOptions, host: ConnectionHost) {
    this.#settings = settings;
    this.#options = options;
    this.#host = host;
  }

  connect(): void {
    const dialing = dial(this.#settings, this.#options);
    this.#dialing = dialing;
    const { socket } = dialing;
    socket.on("error", (error) => this.#failed(error));
    // Its last words are still on their way through the library.
    socket.on("close", () => setImmediate(() => this.#end(faultOfSilence("the server hung up", this.#isConnected))));
    dialing.ready.then(
      () => this.#register(dialing),
      (error: unknown) => this.#failed(error),
    );
  }

  async disconnect(): Promise<void> {
    const { socket } = this.#dialing ?? {};
    // Before it is in, there is nobody to say goodbye to.
    const isIn = this.#isConnected && !this.#isOver;
    this.#stop();
    if (socket === undefined || socket.destroyed) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    if (isIn) this.#quit();
    else socket.destroy();
    const timer = setTimeout(() => socket.destroy(), PARTING);
    timer.unref();
    await closed;
    clearTimeout(timer);
  }

  normalize(type: HandleType, identifier: string): string {
    const { casemapping, channelTypes } = this.#support;
    const isName = type === HandleType.Room ? isChannel(identifier, channelTypes) : isNick(identifier);
    if (isName) return fold(casemapping, identifier);
    const kind = type === HandleType.Room ? "channel" : "nickname";
    throw new InvalidHandleError(`${JSON.stringify(identifier.slice(0, 64))} is not a ${kind}`);
  }

  contactAttributes(): readonly Readonly<Record<string, Variant>>[] {
    return [];
  }

  interested(): void {
    // There is nothing to be interested in.
  }

  uninterested(): void {
    // There is nothing to be interested in.
  }

  #register({ socket }: Dialing): void {
    if (this.#isOver) return;
    const { nick, username, fullname, password, keepalive } = this.#settings;
    const gate = new LineGate(socket, () => this.#keepalive?.heard());
    // What fails is the socket, and that is listened to.
    gate.on("error", () => undefined);
    const client = openClient(gate);
    this.#client = client;
    client.on("data", (message: IrcMessage) => this.#take(message));
    if (password !== "") client.pass(`:${password}`);
    client.nick(nick);
    client.user(username, fullname);
    this.#after(REGISTRATION, () => this.#end(faultOfSilence("the server does not let the user in", false)));
    this.#keepalive = new Keepalive(keepalive, {
      ask: () => client.write("PING :keepalive"),
      lost: () => this.#end(faultOfSilence("ping timeout", this.#isConnected)),
    });
  }

  #take({ command, params, trailing, prefix }: IrcMessage): void {
    if (this.#isOver) return;
    switch (command) {
      case "RPL_WELCOME":
        this.#welcome(params.split(" ")[0] ?? "");
        return;
      case "RPL_ISUPPORT":
        // What names mean must not change any more.
        if (!this.#isConnected) this.#support = supportWith(this.#support, params);
        return;
      case "RPL_LUSERCLIENT":
      case "RPL_ENDOFMOTD":
      case "ERR_NOMOTD":
        this.#welcomed();
        return;
      case "NICK":
        this.#renamed(prefix.split("!")[0] ?? "", trailing || params);
        return;
      case "ERROR":
        this.#end(faultOfError(trailing || params, this.#isConnected));
        return;
      default:
        if (!this.#isConnected) this.#end(faultOfAnswer(command, trailing));
    }
  }

  /** The user is in, under this nickname; what the server supports comes next. */
  #welcome(nick: string): void {
    if (this.#nick !== "") return;
    this.#nick = isNick(nick) ? nick : this.#settings.nick;
    this.#after(WELCOME, () => this.#welcomed());
  }

  #welcomed(): void {
    if (this.#nick === "" || this.#isConnected) return;
    clearTimeout(this.#timer);
    this.#isConnected = true;
    this.#keepalive?.start();
    this.#host.connected(this.#nick);
  }

  #renamed(from: string, to: string): void {
    const { casemapping } = this.#support;
    if (this.#nick === "" || fold(casemapping, from) !== fold(casemapping, this.#nick) || !isNick(to)) return;
    this.#nick = to;
    if (this.#isConnected) this.#host.selfRenamed(to);
  }

  #quit(): void {
    const { quitMessage } = this.#settings;
    // The library has words of its own for somebody who has none.
    if (quitMessage === "") this.#client?.write("QUIT");
    else this.#client?.quit(quitMessage);
  }

  #failed(error: unknown): void {
    this.#end(faultOfSocket({ error, server: this.#settings.server, wasConnected: this.#isConnected }));
  }

  #end(end: IrcError | undefined): void {
    if (end === undefined || this.#isOver) return;
    this.#stop();
    this.#dialing?.socket.destroy();
    this.#host.disconnected(end.reason, end.fault);
  }

  #stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#keepalive?.stop();
  }

  #after(milliseconds: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, milliseconds);
    this.#timer.unref();
  }
}
