import { foldCase } from "../../../../../runtime/telepathy/protocols/irc/casemapping.ts";
import { formatIrcMessage, parseIrcMessage } from "../../../../../runtime/telepathy/protocols/irc/irc-message.ts";
import {
  IrcDispatcher,
  type IrcFeature,
  type IrcSession,
} from "../../../../../runtime/telepathy/protocols/irc/irc-session.ts";
import { DEFAULT_SUPPORT, type ServerSupport } from "../../../../../runtime/telepathy/protocols/irc/isupport.ts";

/** An IRC session whose server lines the test provides. */
export class ScriptedSession implements IrcSession {
  nick = "Tester";
  readonly support: ServerSupport;
  readonly #sent: string[] = [];

  constructor(support: Partial<ServerSupport> = {}) {
    this.support = { ...DEFAULT_SUPPORT, ...support };
  }

  fold(name: string): string {
    return foldCase(this.support.casemapping, name);
  }

  isSelf(nick: string): boolean {
    return this.fold(nick) === this.fold(this.nick);
  }

  send(command: string, ...params: readonly string[]): void {
    this.#sent.push(formatIrcMessage(command, params));
  }

  /** Returns the lines that were sent since the last call. */
  takeSent(): readonly string[] {
    return this.#sent.splice(0);
  }

  /** Passes lines of the server to a feature. */
  receive(feature: IrcFeature, ...lines: readonly string[]): void {
    const dispatcher = new IrcDispatcher([feature]);
    for (const line of lines) {
      const message = parseIrcMessage(line);
      if (message === undefined) throw new Error(`not a message: ${line}`);
      dispatcher.dispatch(message);
    }
  }
}
