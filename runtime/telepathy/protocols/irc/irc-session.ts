import type { IrcMessage } from "./irc-message.ts";
import type { ServerSupport } from "./isupport.ts";

/**
 * Parts of an IRC connection that its features use: the user's nickname, the server's settings, and a function to
 * send.
 */
export interface IrcSession {
  /** Current nickname of the user; empty before RPL_WELCOME. */
  readonly nick: string;
  /** Settings of the server. They do not change after the connection is connected. */
  readonly support: ServerSupport;
  /** Returns the normal form of a nickname or channel name. */
  fold(name: string): string;
  /** Returns whether a nickname, in any spelling, is that of the user. */
  isSelf(nick: string): boolean;
  /**
   * Sends one message to the server.
   *
   * @param params - Parameters; only the last may be empty or contain spaces.
   * @throws TypeError if a parameter cannot be sent. The caller must validate it first.
   */
  send(command: string, ...params: readonly string[]): void;
}

/** Functions that process messages of the server, by command or numeric reply. They must not throw. */
export type IrcHandlers = Readonly<Record<string, (message: IrcMessage) => void>>;

/** A part of an IRC connection that processes some messages of the server, such as texts or presences. */
export interface IrcFeature {
  /**
   * Functions for messages that are received while the connection is connected. Several features may process the
   * same command.
   */
  readonly handlers: IrcHandlers;
  /** Called when the connection ends, to stop timers. */
  stop?(): void;
}

/** Calls the handlers of several features, in the order of the features. */
export class IrcDispatcher {
  readonly #handlers = new Map<string, ((message: IrcMessage) => void)[]>();

  constructor(features: readonly IrcFeature[]) {
    for (const { handlers } of features) {
      for (const [command, handler] of Object.entries(handlers)) {
        const others = this.#handlers.get(command);
        if (others === undefined) this.#handlers.set(command, [handler]);
        else others.push(handler);
      }
    }
  }

  /** Calls all handlers for the command of a message. */
  dispatch(message: IrcMessage): void {
    for (const handler of this.#handlers.get(message.command) ?? []) handler(message);
  }
}
