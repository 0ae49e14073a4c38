import type { IrcMessage } from "./irc-message.ts";
import type { ServerSupport } from "./isupport.ts";

/** What the features of one IRC connection share: the user, the server's settings, and sending. */
export interface IrcSession {
  /** The user's current nickname; empty before RPL_WELCOME. */
  readonly nick: string;
  /** Settings of the server; constant once connected. */
  readonly support: ServerSupport;
  /** Returns the normal form of a nickname or channel name. */
  fold(name: string): string;
  /** Returns whether a nickname is that of the user. */
  isSelf(nick: string): boolean;
  /**
   * Sends one message.
   *
   * @param params - Parameters; only the last may be empty or contain spaces.
   * @throws TypeError if a parameter cannot be sent: the caller must validate it first.
   */
  send(command: string, ...params: readonly string[]): void;
}

/** Functions that process messages of the server, by command or number. They must not throw. */
export type IrcHandlers = Readonly<Record<string, (message: IrcMessage) => void>>;

/** One capability of an IRC connection, such as text messages. */
export interface IrcFeature {
  /** Called once the connection is connected. Several features may process the same command. */
  readonly handlers: IrcHandlers;
  /** Called when the connection ends, to stop timers. */
  stop?(): void;
}

/** Combines the handlers of several features, which are called in the order of the features. */
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

  /** Calls the handlers of a message's command. */
  dispatch(message: IrcMessage): void {
    for (const handler of this.#handlers.get(message.command) ?? []) handler(message);
  }
}
